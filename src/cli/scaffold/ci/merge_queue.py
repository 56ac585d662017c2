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


def merges_since(since, commit):
    """The commits after `since` that change a policy. What changes none has nothing to apply."""
    for one in git("rev-list", "--first-parent", "--reverse", f"{since}..{commit}").split():
        changed = git("diff-tree", "-r", "-z", "--name-only", "--no-commit-id", f"{one}^", one)
        if any(map(is_policy, changed.split("\0"))):
            yield one


def write(folder, commit, before, record, merge_of, fetch):
    """Writes the queue into a folder: record.json, and the reviewed plans in reviewed/NUMBER/. Returns what cannot be applied
    and why.

    `record` is what an earlier run left, and `before` the commit before this one's where none did. `merge_of(commit)` is the
    request that was merged with that commit, with its number, or None. `fetch(merge, folder)` brings the plan that was reviewed
    for it, and returns `changes`, `nothing`, or why there is no such plan."""
    shutil.rmtree(folder, ignore_errors=True)
    Path(folder).mkdir(parents=True)
    record = record or {"waiting": []}
    since = record.get("commit") or before
    if subprocess.run(["git", "merge-base", "--is-ancestor", since, commit], capture_output=True, check=False).returncode:
        raise QueueError(f"a later run has gone on to {since}, which is not behind this commit; start a new run on its branch")
    waiting, blocked = list(record["waiting"]), []
    for one in merges_since(since, commit):
        merge = merge_of(one)
        if merge is None:
            blocked.append(f"nobody has reviewed a plan for commit {one}, because no merged request brought it")
        elif merge["number"] not in [known["number"] for known in waiting]:
            waiting.append(merge)
    left = []
    for merge in waiting:
        number = merge["number"]
        place = Path(folder, "reviewed", str(number))
        place.mkdir(parents=True)
        state = fetch(merge, place)
        if state == "nothing":
            continue
        if state != "changes":
            shutil.rmtree(place)
            blocked.append(f"!{number} is merged and is not applied: {state}")
            write_comment(folder, number, f"**!{number} is merged and is not applied: {state}.**\n")
        left.append(merge)
    base = record.get("base", since) if record["waiting"] else since
    write_json(Path(folder, "record.json"), {"commit": commit, "base": base, "waiting": left, "blocked": blocked})
    return blocked


def same_name(tenants, name):
    return [tenant for tenant in tenants if tenant["tenant"].lower() == name.lower()]


def not_reviewed(plan, reviewed):
    """What a plan has that none of the reviewed plans showed, which are in the order of their merges.

    A change was reviewed if the last of them that changes this setting of this tenant sets the same value, and one of them
    begins at the value that it begins at. A finding was reviewed if one of them has it with the same severity and text."""
    def exceptions(result):
        return [[one.get(key) for key in ("kind", "name", "path")] for one in result.get("exceptions", [])]

    def findings(tenant):
        return [[one["code"], one["severity"], one["message"]] for one in tenant["findings"]]

    known = [one for result in reviewed for one in exceptions(result)]
    tenants = {}
    for tenant in plan["tenants"]:
        before = [one for result in reviewed for one in same_name(result["tenants"], tenant["tenant"])]
        news = []
        for change in tenant["changes"]:
            same = [one for old in before for one in old["changes"] if one["setting"] == change["setting"]]
            if not same or same[-1]["after"] != change["after"] or all(one["before"] != change["before"] for one in same):
                news.append(change["setting"])
        seen = [one for old in before for one in findings(old)]
        news += sorted({one[0] for one in findings(tenant) if one not in seen})
        if tenant["changes"]:
            tenants[tenant["tenant"]] = {"path": tenant["path"], "news": news}
    return {"exceptions": [one[1] for one in exceptions(plan) if one not in known], "tenants": tenants}


def ssprctl(command, folder, *arguments):
    """Runs one command, which writes its result into a folder; returns its exit code."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    also = ["--also", f"markdown={folder}/result.md", "--also", f"json={folder}/result.json"]
    print(f"ssprctl {command}", flush=True)
    return subprocess.run(["ssprctl", command, *also, *arguments], check=False).returncode


def plan_again(base, reviewed, folder):
    """Plans what has changed since the oldest merge in the queue. Returns the saved review of those tenants of which everything
    was reviewed, or None, the plan, and what was not reviewed in it."""
    review = Path(folder, "again", "review.json")
    # A tenant that cannot be read is not in the review, and waits.
    ssprctl("plan", review.parent, "--changed-since", base, "--out", str(review))
    plan = load(review.with_name("result.json"), "plan")
    if plan is None or not review.exists():
        return None, plan, None
    news = not_reviewed(plan, reviewed)
    for name in news["exceptions"]:
        print(f"error: nobody has reviewed the exception {name}", flush=True)
    for name, tenant in news["tenants"].items():
        if tenant["news"]:
            print(f"error: {name} is held back, because nobody has reviewed this: {', '.join(tenant['news'])}", flush=True)
    paths = [tenant["path"] for tenant in news["tenants"].values() if not tenant["news"]]
    if news["exceptions"] or not paths:
        return None, plan, news
    if len(paths) < len(news["tenants"]):
        review = Path(folder, "part", "review.json")
        ssprctl("plan", review.parent, "--out", str(review), "--", *paths)
        part = load(review.with_name("result.json"), "plan")
        # The tenants may have changed between the two.
        again = None if part is None else not_reviewed(part, reviewed)
        if again is None or again["exceptions"] or any(tenant["news"] for tenant in again["tenants"].values()):
            return None, plan, news
    return (review if review.exists() else None), plan, news


def state_of(name, applied, plan, news):
    """`applied`, or what prevents that a tenant has what was reviewed."""
    done = same_name(applied["tenants"], name) if applied else []
    new = same_name(plan["tenants"], name) if plan else []
    if done:
        ending = done[0].get("ending") or "failed"
        return "applied" if ending in ("applied", "matched") else ending
    if plan and not new or new and new[0].get("complete") and not new[0]["changes"]:
        return "applied"
    held_back = [tenant["news"] for other, tenant in (news or {"tenants": {}})["tenants"].items()
                 if other.lower() == name.lower() and tenant["news"]]
    return f"not as reviewed ({', '.join(held_back[0])})" if held_back else "not applied"


def write_outcome(folder, record, reviewed, applied, plan, news):
    """Writes what still waits and a comment for each request; returns the requests that still wait."""
    waiting = []
    for merge in record["waiting"]:
        number, result = merge["number"], reviewed.get(merge["number"])
        if result is None:
            waiting.append({**merge, "tried": True})
            continue
        states = [(tenant["tenant"], state_of(tenant["tenant"], applied, plan, news))
                  for tenant in result["tenants"] if tenant["changes"]]
        left = [f"- `{re.sub('[^A-Za-z0-9.-]', '', name)}`: {state}" for name, state in states if state != "applied"]
        if left:
            waiting.append({**merge, "tried": True})
            text = f"**!{number} is not applied, or not everywhere.** It waits for the next merge; the README says how to " \
                   "apply it before that. What is left:\n\n" + "\n".join(left) + "\n"
        else:
            text = f"**!{number} is applied.**\n"
        shown = Path(folder, "result.md")
        if applied and shown.exists():
            text += "\n" + "\n".join(shown.read_text().split("\n")[3:])
        write_comment(folder, number, text)
    base = record["base"] if waiting else record["commit"]
    write_json(Path(folder, "record.json"), {"commit": record["commit"], "base": base, "waiting": waiting})
    return [f"!{merge['number']}" for merge in waiting]


def apply(queue, folder):
    """Applies the queue, or the plan of everything that somebody has read, and returns the exit code."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    everything = Path(queue, "review.json")
    if everything.exists():
        code = ssprctl("apply", folder, "--plan", str(everything), "--auto-approve")
        if code == 0:
            commit = git("rev-parse", "HEAD").strip()
            write_json(Path(folder, "record.json"), {"commit": commit, "base": commit, "waiting": []})
        return code
    record = load(Path(queue, "record.json"))
    if record is None:
        raise QueueError(f"there is no queue in {queue}: the job that writes it failed before that")
    numbers = [merge["number"] for merge in record["waiting"]]
    places = {number: Path(queue, "reviewed", str(number)) for number in numbers}
    reviewed = {number: result for number, place in places.items() if (result := load(place / "result.json", "plan"))}
    review = plan = news = None
    if reviewed:
        # One request with the policies of this commit that no run has begun to apply is applied exactly as it was reviewed.
        alone = places[numbers[0]] if len(numbers) == 1 and not record["waiting"][0].get("tried") else None
        if alone and Path(alone, "policies").read_text().strip() == policies():
            review = alone / "review.json"
        else:
            review, plan, news = plan_again(record["base"], list(reviewed.values()), folder)
    code = ssprctl("apply", folder, "--plan", str(review), "--auto-approve") if review else 0
    left = write_outcome(folder, record, reviewed, load(Path(folder, "result.json"), "apply"), plan, news)
    for reason in record["blocked"]:
        print(f"error: {reason}", flush=True)
    if left:
        print(f"error: not applied, or not everywhere: {', '.join(left)}; the comments name what is left", flush=True)
    return code or int(bool(left or record["blocked"]))


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
