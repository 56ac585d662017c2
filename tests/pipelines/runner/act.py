"""One job in `act`, on this machine, without containers.

`act` runs the steps: shells, composite and JavaScript actions, conditions and expressions of steps, outputs, masks. It does
not know, or does otherwise, what follows, so it is given one job at a time and the modules around this one do it:

- environments (their secrets, variables, reviewers and branches), `permissions`, `concurrency`, the token of a job, OIDC;
- artifacts, caches and code scanning: the actions in actions/ replace the real ones, and call the hub;
- `github.workflow` of a called workflow, which is the caller's name; `$/` in `uses`, which is newer than act: it is
  rewritten to the reference of its own repository, in copies;
- what a job needs of others: they become jobs that only set the outputs.
"""

import json
import re
import subprocess
from pathlib import Path

REPLACED = {
    "actions/checkout": "checkout", "actions/upload-artifact": "upload-artifact",
    "actions/download-artifact": "download-artifact", "actions/cache": "cache", "github/codeql-action": "codeql-action",
}
ACTIONS = Path(__file__).parent.parent / "actions"


class Machine:
    """What a runner's machine has: programs on its path, and variables."""

    def __init__(self, hub, folder, act, path, variables, sign_ins):
        """`sign_ins` returns who has signed in to the tenants since its last call."""
        self.hub = hub
        self.folder = folder
        self.act = act
        self.path = path
        self.variables = variables
        self.sign_ins = sign_ins

    def environment(self, home):
        """The variables that every step sees: GitHub's hosts are behind the hub's proxy and its authority."""
        proxy = f"http://127.0.0.1:{self.hub.server.port}"
        authority = str(self.hub.keys.authority)
        return {
            "PATH": self.path, "HOME": str(home), "LANG": "C.UTF-8", "HTTPS_PROXY": proxy, "https_proxy": proxy,
            "NO_PROXY": "127.0.0.1", "SSL_CERT_FILE": authority, "CURL_CA_BUNDLE": authority, "GIT_SSL_CAINFO": authority,
            "NODE_EXTRA_CA_CERTS": authority, "GH_NO_UPDATE_NOTIFIER": "1", "GH_PROMPT_DISABLED": "1", "GH_TELEMETRY": "false", "DO_NOT_TRACK": "1",
            "GIT_CONFIG_NOSYSTEM": "1", "ACT_DISABLE_VERSION_CHECK": "1", "HUB_ACTIONS": str(ACTIONS), **self.variables,
        }

    def exported(self, name, reference):
        """A copy of an action's repository at a commit, with `$/` rewritten."""
        folder = self.folder / "exports" / f"{name.replace('/', '+')}@{reference}"
        if not folder.exists():
            folder.mkdir(parents=True)
            git = self.hub.repositories[name].git.path
            archive = subprocess.run(["git", "archive", reference], cwd=git, check=True, capture_output=True)
            subprocess.run(["tar", "--extract", "--directory", folder], input=archive.stdout, check=True)
            for file in folder.rglob("action.yml"):
                file.write_text(re.sub(r"(uses:\s*)\$/(\S+)", rf"\1{name}/\2@{reference}", file.read_text()))
        return folder

    def sources(self, steps):
        """The `--local-repository` of every action that steps use, directly or through other actions."""
        found, todo = {}, [step["uses"] for step in steps if "uses" in step]
        while todo:
            uses = todo.pop()
            if uses.startswith("./") or uses in found:
                continue
            path, _, reference = uses.partition("@")
            name = "/".join(path.split("/")[:2])
            if name in REPLACED:
                found[uses] = (f"{name}@{reference}", ACTIONS / REPLACED[name])
            elif name in self.hub.repositories:
                folder = self.exported(name, reference)
                found[uses] = (f"{name}@{reference}", folder)
                action = folder / path.removeprefix(name).strip("/") / "action.yml"
                todo += re.findall(r"^\s*-?\s*uses:\s*(\S+)", action.read_text(), re.MULTILINE)
            else:
                self.hub.mistake(f"an action that actions/ does not replace: {uses}")
        return sorted(set(found.values()))


def own_reference(steps, origin):
    """Steps with `$/` rewritten to the repository and the commit that they come from."""
    if origin is None:
        return steps
    name, reference = origin
    rewritten = [dict(step) for step in steps]
    for step in rewritten:
        if str(step.get("uses", "")).startswith("$/"):
            step["uses"] = f"{name}/{step['uses'][2:]}@{reference}"
    return rewritten


def with_results(node, needs):
    """A document in which `needs.JOB.result` is what the job ended with: the jobs that replace others all succeed."""
    if isinstance(node, dict):
        return {key: with_results(value, needs) for key, value in node.items()}
    if isinstance(node, list):
        return [with_results(value, needs) for value in node]
    if not isinstance(node, str):
        return node
    return re.sub(r"\bneeds\.([\w-]+)\.result\b", lambda found: f"'{needs[found[1]]['result']}'", node)


def one_job(job, folder):
    """The workflow that act gets: the job, what it needs as jobs that set outputs, and a step that writes its outputs down."""
    outputs = folder / "outputs"
    outputs.mkdir()
    values = {f"HUB_OUTPUT_{index}": value for index, value in enumerate((job.definition.get("outputs") or {}).values())}
    lines = [f"printf '%s' \"$HUB_OUTPUT_{index}\" > '{outputs}/{name}'" for index, name in enumerate(job.definition.get("outputs") or {})]
    steps = with_results(own_reference(job.definition["steps"], job.origin), job.needs_context())
    if lines:
        steps = [*steps, {"name": "hub: outputs", "if": "always()", "shell": "bash", "env": values, "run": "\n".join(lines)}]
    copied = ("runs-on", "env", "defaults", "timeout-minutes", "continue-on-error")
    definition = {key: job.definition[key] for key in copied if key in job.definition}
    needs = job.needs_context()
    definition |= {"name": job.key, "if": "always()", "needs": list(needs), "steps": steps}
    if job.matrix:
        definition["strategy"] = {"matrix": {"include": [job.matrix]}}
    jobs = {}
    for key, other in needs.items():
        fixed = {name: value.replace("${{", "${ {") for name, value in other["outputs"].items()}
        jobs[key] = {"runs-on": "ubuntu-24.04", "outputs": fixed, "steps": [{"run": "true"}]}
    jobs[job.key] = definition
    document = {"on": {"workflow_call": {
        "inputs": {name: {"type": "boolean" if isinstance(value, bool) else "string"} for name, value in job.inputs.items()},
        "secrets": {name: {} for name in job.secrets},
    }}, "jobs": jobs}
    document |= {key: job.document[key] for key in ("env", "defaults") if key in job.document}
    return document, steps


def point_git(workspace, repository, event):
    """Makes a folder of git with the event's branch and commit, from which act reads what `github.sha` and `github.ref` are."""
    subprocess.run(["git", "init", "--quiet", workspace], check=True)
    (workspace / ".git" / "objects" / "info" / "alternates").write_text(f"{repository.git.path}/objects\n")
    branch = event.ref if event.ref.startswith("refs/heads/") else "refs/heads/merge"
    for arguments in (["remote", "add", "origin", f"https://github.com/{repository.name}"], ["symbolic-ref", "HEAD", branch],
                      ["update-ref", branch, event.sha]):
        subprocess.run(["git", *arguments], cwd=workspace, check=True)


def run(machine, repository, run_record, job, *, secrets, variables, extra):
    """Runs a job: sets its conclusion, its outputs and its log. `extra` are variables of this job, such as its tokens."""
    folder = machine.folder / "jobs" / f"{run_record.id}-{job.caller or ''}-{job.key}-{len(list(machine.folder.glob('jobs/*')))}"
    workspace = folder / "repository"
    (workspace / ".github" / "workflows").mkdir(parents=True)
    home, logs = folder / "home", folder / "logs"
    home.mkdir()
    logs.mkdir()
    document, steps = one_job(job, folder)
    (workspace / ".github" / "workflows" / "called.yml").write_text(json.dumps(document))
    names = {name: f"HUB_SECRET_{index}" for index, name in enumerate(job.secrets)}
    passed = {name: f"${{{{ secrets.{names[name]} }}}}" for name in job.secrets}
    caller = {"uses": "./.github/workflows/called.yml", "with": job.inputs, "secrets": passed}
    event = run_record.event
    (workspace / ".github" / "workflows" / "caller.yml").write_text(json.dumps({"on": [event.name], "jobs": {"hub": caller}}))
    point_git(workspace, repository, event)
    (folder / "event.json").write_text(json.dumps(event.payload))
    lines = {names[name]: value for name, value in job.secrets.items()} | {"GITHUB_TOKEN": secrets["GITHUB_TOKEN"]}
    (folder / "secrets").write_text("".join(f"{name}={json.dumps(value)}\n" for name, value in lines.items()))
    (folder / "variables").write_text("".join(f"{name}={json.dumps(value)}\n" for name, value in variables.items()))
    given = {
        "GITHUB_REPOSITORY": repository.name, "GITHUB_REPOSITORY_OWNER": repository.name.split("/")[0], "GITHUB_SHA": event.sha,
        "GITHUB_REF": event.ref, "GITHUB_REF_NAME": re.sub(r"^refs/(heads|tags|pull)/", "", event.ref), "GITHUB_ACTOR": event.actor,
        "GITHUB_RUN_ID": str(run_record.id), "GITHUB_RUN_NUMBER": str(run_record.number), "GITHUB_WORKFLOW": run_record.name,
        "HUB_LOGS": str(logs), "GITHUB_REF_TYPE": "branch", "GITHUB_WORKFLOW_REF": f"{repository.name}/{run_record.path}@{event.ref}", **extra,
    }
    command = [
        machine.act, event.name, "--workflows", ".github/workflows/caller.yml", "--eventpath", str(folder / "event.json"),
        "--platform", "ubuntu-24.04=-self-hosted", "--no-skip-checkout", "--no-cache-server", "--json", "--actor", event.actor,
        "--action-cache-path", str(folder / "act"), "--secret-file", str(folder / "secrets"), "--var-file", str(folder / "variables"),
        "--env-file", str(folder / "none"), "--concurrent-jobs", "1",
    ]
    for reference, local in machine.sources(steps):
        command += ["--local-repository", f"{reference}={local}"]
    for name, value in given.items():
        command += ["--env", f"{name}={value}"]
    done = subprocess.run(command, cwd=workspace, env=machine.environment(home), capture_output=True, text=True, timeout=600)
    (folder / "act.log").write_text(done.stdout + done.stderr)
    masked = [value for value in [*job.secrets.values(), *secrets.values()] if value]
    read_log(job, done.stdout, logs, masked)
    job.sign_ins = machine.sign_ins()
    if job.conclusion is None:
        job.conclusion = "failure"
        job.log.append(("act", "failed", [done.stderr.strip()]))
    job.outputs = {path.name: path.read_text() for path in sorted((folder / "outputs").iterdir())}
    return folder


def printed_by(step, logs, masked):
    """What the shells of a step printed (machine/bash), with secrets masked as GitHub does; None where it has none."""
    files = [file for file in logs.glob("*.sh") if file.name == f"{step}.sh" or file.name.startswith(f"{step}-composite-")]
    if not files:
        return None
    files.sort(key=lambda file: file.stat().st_ctime_ns)
    text = "".join(part.read_text(errors="replace") for file in files for part in (file, file.with_name(f"{file.name}.error")))
    for secret in masked:
        text = text.replace(secret, "***")
    return text.splitlines()


def read_log(job, text, logs, masked):
    """The steps of the job: name and how it ended from act's log, and what it printed."""
    steps, summaries = {}, {}
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if entry.get("jobID") != job.key:
            continue
        if "jobResult" in entry:
            job.conclusion = entry["jobResult"]
        if entry.get("stage") not in ("Main", "Post") or not entry.get("stepID"):
            continue
        key = (entry["stage"], entry["stepID"][0])
        name, result, printed = steps.get(key, (entry["step"], "skipped", []))
        message, outer = entry.get("msg", "").rstrip("\n"), len(entry["stepID"]) == 1
        if entry.get("raw_output"):
            printed.append(message)
        elif entry.get("command") == "summary" and outer and "Summary - " in message:
            summaries[key] = message.split("Summary - ", 1)[1]
        if outer and "stepResult" in entry:
            result = entry["stepResult"]
        steps[key] = (name, result, printed)
    for (stage, step), (name, result, printed) in steps.items():
        if name == "hub: outputs" or (stage == "Post" and not printed):
            continue
        if stage == "Main":
            own = printed_by(step, logs, masked)
            printed = printed if own is None else own
        summary = summaries.get((stage, step), "")
        # What is a comment as well is shown there.
        if summary and not summary.startswith("<!-- ssprctl:"):
            printed = printed + [f"| {line}" for line in summary.split("\n")]
        job.log.append((name if stage == "Main" else f"{stage} {name}", result, printed))
