"""The two deciders about issues of drift, that of the action for GitHub and that which `ssprctl init` writes, decide alike."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "src/cli/scaffold/ci"))

import drift_issues  # noqa: E402 - the path comes first

KEY, OTHER = "scope-administrators-95c7621a", "methods-required-999767e0"
TITLE = drift_issues.title_of(KEY)
LISTED = "- `a.com` (`a.yaml`)\n- `b.com` (`b.yaml`)\n- `c.com` (`c.yaml`)\n"
ACTION = {"open-common": "write", "update-common": "write", "leave-common": "leave", "close-common": "close", "drifted": "write",
          "common": "close", "clean": "close", "unknown": "leave", "pending": "leave", "gone": "close"}


def tenant(name, *keys, complete=True):
    return {"tenant": name, "complete": complete, "settings": [{"key": key} for key in keys]}


def result(*tenants, common=()):
    shared = [{"key": KEY, "setting": "scope.administrators", "tenants": list(common)}]
    return {"command": "drift", "tenants": list(tenants), **({"common": shared} if common else {})}


THREE = [tenant(name, KEY) for name in ("a.com", "b.com", "c.com")]
IN_SYNC = [tenant(name) for name in ("a.com", "b.com", "c.com")]
# What is compared, the texts of the open issues by their titles, and what is done: `write`, `close` or `leave` an issue, or write
# one that still lists tenants which were not compared.
CASES = {
    "it opens, and the issue of a tenant without any other drift is closed": (
        result(*THREE, common=["a.com", "b.com", "c.com"]), {"Drift: a.com": ""},
        [("write", TITLE), ("close", "Drift: a.com")]),
    "a tenant with drift of its own has its own issue, too": (
        result(*THREE[:2], tenant("c.com", KEY, OTHER), common=["a.com", "b.com", "c.com"]), {},
        [("write", TITLE), ("write", "Drift: c.com")]),
    "and so has one of which not everything is known": (
        result(*THREE[:2], tenant("c.com", KEY, complete=False), common=["a.com", "b.com", "c.com"]), {},
        [("write", TITLE), ("write", "Drift: c.com")]),
    "it stays where a tenant that it lists was not compared, for those that it lists alone": (
        result(*THREE[:2], tenant("c.com", complete=False), tenant("d.com", KEY)), {TITLE: LISTED},
        [("leave", TITLE), ("write", "Drift: d.com")]),
    "a tenant that was not compared stays listed where others join": (
        result(*THREE[:2], tenant("c.com", complete=False), tenant("d.com", KEY), common=["a.com", "b.com", "d.com"]), {TITLE: LISTED},
        [("write", TITLE, "c.com")]),
    "one that was compared and has it no more does not": (
        result(*THREE[:2], tenant("c.com"), tenant("d.com", KEY), common=["a.com", "b.com", "d.com"]), {TITLE: LISTED},
        [("write", TITLE)]),
    "it is closed where fewer than three have the drift, who have their own issues before": (
        result(*THREE[:2], tenant("c.com")), {TITLE: LISTED},
        [("write", "Drift: a.com"), ("write", "Drift: b.com"), ("close", TITLE)]),
    "it is closed where none has it, also where a tenant has left": (
        result(*IN_SYNC[:2]), {TITLE: LISTED}, [("close", TITLE)]),
    "it stays where it does not list all and one was not compared": (
        result(*IN_SYNC, tenant("d.com", complete=False)), {TITLE: LISTED + "- and 9 more\n"}, [("leave", TITLE)]),
    "an issue stays where the policy alone changed and is not applied": (
        result({**tenant("a.com"), "pending": [{}]}), {"Drift: a.com": ""}, [("leave", "Drift: a.com")]),
    "a common one stays where it lists nobody": (result(*IN_SYNC, tenant("d.com", complete=False)), {TITLE: "edited"}, [("leave", TITLE)]),
    "a tenant that left has no issue any more": (result(*IN_SYNC), {"Drift: d.com": ""}, [("close", "Drift: d.com")]),
    "results of earlier versions have no keys": (
        {"tenants": [{"tenant": "a.com", "complete": True, "settings": [{}]}]}, {TITLE: LISTED},
        [("write", "Drift: a.com"), ("close", TITLE)]),
}


def by_action(document, opened):
    """What the action for GitHub does."""
    issues = [{"number": number, "title": title, "body": text} for number, (title, text) in enumerate(opened.items(), 1)]
    program = "$issues[0] as $issues | " + (ROOT / ".github/actions/issues/plan.jq").read_text()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(issues, file)
        file.flush()
        done = subprocess.run(["jq", "--raw-output", "--slurpfile", "issues", file.name, "--argjson", "whole", "true", program],
                              input=json.dumps(document), capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    # Nothing is open that could be closed.
    return [(ACTION[what], title, *(more.split() if what == "update-common" else [])) for what, number, title, _, more in lines
            if ACTION[what] == "write" or number != "0"]


def main():
    for name, (document, opened, expected) in CASES.items():
        by_script = [(step.do, step.title, *(drift_issues.listed(step.text))) for step in drift_issues.steps(document, opened)
                     if step.do == "write" or step.title in opened]
        for decided in (by_script, by_action(document, opened)):
            assert decided == expected, f"{name}: {decided}"
    appended = drift_issues.missing_text(["c.com"])
    assert drift_issues.listed(LISTED + appended) == ["a.com", "b.com", "c.com", "c.com"], appended
    print(f"{len(CASES)} cases are decided alike")


main()
