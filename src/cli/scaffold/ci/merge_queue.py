#!/usr/bin/env python3
"""The queue of merges: what is merged and not applied yet, and whether a plan has nothing but what was reviewed.

merge_queue.py policies FILE       writes the digest of the policies that are checked out
merge_queue.py apply QUEUE FOLDER  applies the queue as far as it was reviewed, or the plan in QUEUE that somebody has read,
                                   and writes what the next run has to know of it into FOLDER

It sends no request itself and needs no package: Python 3.9 or newer, git and ssprctl.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MARKER = "<!-- ssprctl:apply -->\n### ssprctl apply\n\n"


class QueueError(Exception):
    """Why there is no queue to apply."""


def git(*arguments):
    done = subprocess.run(["git", *arguments], check=True, capture_output=True)
    return done.stdout.decode(errors="surrogateescape")


def is_policy(path):
    return path.endswith((".yaml", ".yml")) and not any(part.startswith(".") for part in path.split("/"))


def policies():
    """The digest of the policies of the checked-out commit, with their paths."""
    entries = [line for line in git("ls-tree", "-r", "-z", "HEAD").split("\0") if is_policy(line.partition("\t")[2])]
    return hashlib.sha256("\0".join(entries).encode(errors="surrogateescape")).hexdigest()


def load(file, command=None):
    """The JSON of a file; None where there is none, or where it is the result of another command than `command`. Invalid
    policies make each command write a result of `validate`, from which nothing follows for any tenant."""
    try:
        document = json.loads(Path(file).read_text())
    except (OSError, ValueError):
        return None
    return document if command is None or document.get("command") == command else None


def write_json(file, document):
    Path(file).write_text(json.dumps(document, indent=1) + "\n")


def write_comment(folder, number, text):
    comments = Path(folder, "comments")
    comments.mkdir(parents=True, exist_ok=True)
    Path(comments, f"{number}.md").write_text(MARKER + text)


def comments(folders):
    """The files with comments by the numbers of their requests. The last folder that has one for a request decides: the queue
    has one where there was nothing to apply."""
    return {file.stem: file for folder in folders for file in sorted(Path(folder, "comments").glob("*.md"))}


def state_of_plan(folder, number, source):
    """Whether the reviewed plan of a request, which was fetched into a folder, changes a tenant: `changes`, `nothing`, or why
    it is no plan. `source` names the job or the run that made it."""
    result = load(Path(folder, "result.json"), "plan")
    if result is None:
        return f"what {source} left is no plan"
    print(f"the plan of !{number}, made by {source}")
    return "changes" if any(tenant["changes"] for tenant in result["tenants"]) else "nothing"


def merges_since(since, commit):
    """The commits after `since` that change a policy. What changes none has nothing to apply."""
    for merge in git("rev-list", "--first-parent", "--reverse", f"{since}..{commit}").split():
        changed = git("diff-tree", "-r", "-z", "--name-only", "--no-commit-id", f"{merge}^", merge)
        if any(map(is_policy, changed.split("\0"))):
            yield merge


def write_queue(folder, commit, before, record, merge_of, fetch):
    """Writes the queue into a folder: record.json, and the reviewed plans in reviewed/NUMBER/. Returns what record.json has:

    - `commit`: the commit whose merges, and those before it, are applied or in `waiting` or `blocked`.
    - `waiting`: the requests that are merged and not applied, in the order of their merges. Each has its `number`; its
      `head`, which is the last commit of its branch; in Azure DevOps `fork`, whether it came from a fork; and `tried`, which
      is true where an earlier `apply` had its plan and did not apply all of it, and else is absent.
    - `unreviewed`: the commits that no merged request brought, until somebody plans and applies everything.
    - `blocked`: sentences that say which commits and requests cannot be applied, and why. Only the queue has them: the record
      that `apply` leaves has none.

    `record` is the record.json that an earlier run left, or None. The queue begins after its `commit`, or after `before` where
    there is none. `merge_of(commit)` returns an entry of `waiting` for the request that was merged with that commit, or None.
    `fetch(merge, folder)` brings the plan that was reviewed for it, and returns `changes`, `nothing`, or why there is no such
    plan."""
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    record = record or {"waiting": []}
    since = record.get("commit") or before
    if subprocess.run(["git", "merge-base", "--is-ancestor", since, commit], capture_output=True, check=False).returncode:
        raise QueueError(f"a later run has gone on to {since}, which is not behind this commit; start a new run on its branch")
    waiting, unreviewed = list(record["waiting"]), list(record.get("unreviewed", []))
    for merge_commit in merges_since(since, commit):
        merge = merge_of(merge_commit)
        if merge is None:
            unreviewed.append(merge_commit)
        elif merge["number"] not in [known["number"] for known in waiting]:
            waiting.append(merge)
    blocked = [f"nobody has reviewed a plan for commit {pushed}, because no merged request brought it" for pushed in unreviewed]
    remaining = []
    for merge in waiting:
        number = merge["number"]
        plan_folder = Path(folder, "reviewed", str(number))
        plan_folder.mkdir(parents=True)
        state = fetch(merge, plan_folder)
        if state == "nothing":
            continue
        if state != "changes":
            shutil.rmtree(plan_folder)
            blocked.append(f"!{number} is merged and is not applied: {state}")
            write_comment(folder, number, f"**!{number} is merged and is not applied: {state}.**\n")
        remaining.append(merge)
    record = {"commit": commit, "waiting": remaining, "unreviewed": unreviewed, "blocked": blocked}
    write_json(Path(folder, "record.json"), record)
    return record


def report_queue(folder, record, by_hand):
    """Prints what waits in the queue of a folder. Where nothing of it can be applied, raises a QueueError with the reasons and
    with `by_hand`, which says how somebody applies what the branch says."""
    numbers = [merge["number"] for merge in record["waiting"]]
    print(f"merged and not applied: {', '.join(f'!{number}' for number in numbers) or 'nothing'}")
    if record["blocked"] and not any(Path(folder, "reviewed", str(number)).exists() for number in numbers):
        raise QueueError("; ".join([*record["blocked"], by_hand]))


def same_name(tenants, name):
    return [tenant for tenant in tenants if tenant["tenant"].lower() == name.lower()]


def find_not_reviewed(plan, reviewed):
    """What a plan has that none of the reviewed plans showed, which are in the order of their merges: the names of exceptions,
    and for each tenant that the plan changes its settings and the codes of its findings.

    A change was reviewed if the last of them that changes this setting of this tenant sets the same value, and one of them
    begins at the value that it begins at. A finding was reviewed if one of them has it with the same severity and text, an exception if one of them has
    it with the same value and day."""
    def exceptions(result):
        extent = ("kind", "name", "path", "value", "percent", "expires", "says")
        return [[exception.get(key) for key in extent] for exception in result.get("exceptions", [])]

    def findings(tenant):
        return [[finding["code"], finding["severity"], finding["message"]] for finding in tenant["findings"]]

    known = [exception for result in reviewed for exception in exceptions(result)]
    tenants = {}
    for tenant in plan["tenants"]:
        reviews = [review for result in reviewed for review in same_name(result["tenants"], tenant["tenant"])]
        not_reviewed = []
        for change in tenant["changes"]:
            same = [other for review in reviews for other in review["changes"] if other["setting"] == change["setting"]]
            if (not same or same[-1]["after"] != change["after"]
                    or all(other["before"] != change["before"] for other in same)):
                not_reviewed.append(change["setting"])
        seen = [finding for review in reviews for finding in findings(review)]
        not_reviewed += sorted({finding[0] for finding in findings(tenant) if finding not in seen})
        if tenant["changes"]:
            tenants[tenant["tenant"]] = {"path": tenant["path"], "not_reviewed": not_reviewed}
    return {"exceptions": [exception[1] for exception in exceptions(plan) if exception not in known], "tenants": tenants}


def ssprctl(command, folder, *arguments):
    """Runs one command, which writes its result into a folder; returns its exit code."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    also = ["--also", f"markdown={folder}/result.md", "--also", f"json={folder}/result.json"]
    print(f"ssprctl {command}", flush=True)
    return subprocess.run(["ssprctl", command, *also, *arguments], check=False).returncode


def plan_again(reviewed, folder):
    """Plans the tenants that the reviewed plans change, also one whose policy is by now as it was before them all. Returns the
    saved review of those of which everything was reviewed, or None, the plan, and what was not reviewed in it."""
    files = set(git("ls-files", "-z").split("\0"))
    paths = {tenant["path"] for result in reviewed for tenant in result["tenants"] if tenant["changes"]}
    if not paths & files:
        return None, None, None
    review = Path(folder, "again", "review.json")
    # A tenant that cannot be read is not in the review, and waits.
    ssprctl("plan", review.parent, "--out", str(review), "--", *sorted(paths & files))
    plan = load(review.with_name("result.json"), "plan")
    if plan is None or not review.exists():
        return None, plan, None
    not_reviewed = find_not_reviewed(plan, reviewed)
    for name in not_reviewed["exceptions"]:
        print(f"error: nobody has reviewed the exception {name}", flush=True)
    for name, tenant in not_reviewed["tenants"].items():
        if tenant["not_reviewed"]:
            names = ", ".join(tenant["not_reviewed"])
            print(f"error: {name} is held back, because nobody has reviewed this: {names}", flush=True)
    paths = [tenant["path"] for tenant in not_reviewed["tenants"].values() if not tenant["not_reviewed"]]
    if not_reviewed["exceptions"] or not paths:
        return None, plan, not_reviewed
    if len(paths) < len(not_reviewed["tenants"]):
        review = Path(folder, "part", "review.json")
        ssprctl("plan", review.parent, "--out", str(review), "--", *paths)
        part = load(review.with_name("result.json"), "plan")
        # The tenants may have changed between the two.
        again = None if part is None else find_not_reviewed(part, reviewed)
        if again is None or again["exceptions"] or any(tenant["not_reviewed"] for tenant in again["tenants"].values()):
            return None, plan, not_reviewed
    return (review if review.exists() else None), plan, not_reviewed


def state_of(name, applied, plan, not_reviewed):
    """`applied`, or what prevents that a tenant has what was reviewed."""
    done = same_name(applied["tenants"], name) if applied else []
    new = same_name(plan["tenants"], name) if plan else []
    if done:
        ending = done[0].get("ending") or "failed"
        return "applied" if ending in ("applied", "matched") else ending
    if plan and not new:
        return "its policy is no longer where it was"
    if new and new[0].get("complete") and not new[0]["changes"]:
        return "applied"
    held_back = [tenant["not_reviewed"] for other, tenant in (not_reviewed or {"tenants": {}})["tenants"].items()
                 if other.lower() == name.lower() and tenant["not_reviewed"]]
    return f"not as reviewed ({', '.join(held_back[0])})" if held_back else "not applied"


def write_outcome(folder, record, reviewed, applied, plan, not_reviewed):
    """Writes what still waits and a comment for each request; returns the requests that still wait."""
    waiting = []
    for merge in record["waiting"]:
        number, result = merge["number"], reviewed.get(merge["number"])
        if result is None:
            waiting.append(merge)
            continue
        states = [(tenant["tenant"], state_of(tenant["tenant"], applied, plan, not_reviewed))
                  for tenant in result["tenants"] if tenant["changes"]]
        remaining = [f"- `{re.sub('[^A-Za-z0-9.-]', '', name)}`: {state}" for name, state in states if state != "applied"]
        if remaining:
            waiting.append({**merge, "tried": True})
            text = f"**!{number} is not applied, or not everywhere.** It waits for the next merge; the README says how to " \
                   "apply it before that. What is left:\n\n" + "\n".join(remaining) + "\n"
        else:
            text = f"**!{number} is applied.**\n"
        shown = Path(folder, "result.md")
        if applied and shown.exists():
            text += "\n" + shown.read_text().removeprefix(MARKER)
        write_comment(folder, number, text)
    outcome = {"commit": record["commit"], "waiting": waiting, "unreviewed": record["unreviewed"]}
    write_json(Path(folder, "record.json"), outcome)
    return [f"!{merge['number']}" for merge in waiting]


def apply(queue, folder):
    """Applies the queue, or the plan of everything that somebody has read, and returns the exit code."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    whole_plan = Path(queue, "review.json")
    if whole_plan.exists():
        code = ssprctl("apply", folder, "--plan", str(whole_plan), "--auto-approve")
        if code == 0:
            commit = git("rev-parse", "HEAD").strip()
            write_json(Path(folder, "record.json"), {"commit": commit, "waiting": [], "unreviewed": []})
        return code
    record = load(Path(queue, "record.json"))
    if record is None:
        raise QueueError(f"there is no queue in {queue}: the job that writes it failed before that")
    numbers = [merge["number"] for merge in record["waiting"]]
    plan_folders = {number: Path(queue, "reviewed", str(number)) for number in numbers}
    results = {number: load(plan_folder / "result.json", "plan") for number, plan_folder in plan_folders.items()}
    reviewed = {number: result for number, result in results.items() if result}
    review = plan = not_reviewed = None
    if reviewed:
        # Where one request waits, its policies are those of this commit and its apply has not started, it is applied exactly as
        # it was reviewed.
        alone = plan_folders[numbers[0]] if len(numbers) == 1 and not record["waiting"][0].get("tried") else None
        if alone and Path(alone, "policies").read_text().strip() == policies():
            review = alone / "review.json"
        else:
            review, plan, not_reviewed = plan_again(list(reviewed.values()), folder)
    code = ssprctl("apply", folder, "--plan", str(review), "--auto-approve") if review else 0
    applied = load(Path(folder, "result.json"), "apply")
    remaining = write_outcome(folder, record, reviewed, applied, plan, not_reviewed)
    for reason in record["blocked"]:
        print(f"error: {reason}", flush=True)
    if remaining:
        print(f"error: not applied, or not everywhere: {', '.join(remaining)}; the comments name what is left", flush=True)
    return code or int(bool(remaining or record["blocked"]))


def main():
    command, *arguments = sys.argv[1:] or ["help"]
    try:
        if command == "policies" and len(arguments) == 1:
            Path(arguments[0]).write_text(policies() + "\n")
        elif command == "apply" and len(arguments) == 2:
            # A refresh token can be used once. The one that comes in its place is for the next command, and goes with this
            # folder, under a key that nothing else has.
            with tempfile.TemporaryDirectory() as sign_in:
                os.environ["SSPRCTL_CACHE"] = str(Path(sign_in, "tokens"))
                os.environ["SSPRCTL_CACHE_KEY"] = base64.b64encode(os.urandom(32)).decode()
                code = apply(*arguments)
            sys.exit(code)
        else:
            sys.exit(__doc__)
    except QueueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
