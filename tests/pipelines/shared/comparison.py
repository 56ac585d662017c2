"""Compares plans with reviewed ones by the script for GitLab and Azure DevOps and by the filter of GitHub's action, which have
to agree: python3 comparison.py. It needs jq."""
import json
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "src/cli/scaffold/ci"))
sys.dont_write_bytecode = True

from merge_queue import find_not_reviewed  # noqa: E402 - the path comes first

CASES = 500
FILTER = ROOT / ".github/actions/covered/covered.jq"


def plan(random):
    """A plan of up to three tenants with few values, so that many of them occur in several plans."""
    def rarely():
        return random.random() < 0.1

    def tenant(name):
        settings = random.sample(["a", "b"], random.randint(1, 2))
        changes = [{"setting": one, "before": int(rarely()), "after": 2 + rarely()} for one in settings]
        findings = [{"code": "rule", "severity": "error" if rarely() else "warning", "message": f"{rarely()}"}] * rarely()
        shown = name.upper() if rarely() else name
        changes = [] if rarely() else changes
        return {"tenant": shown, "path": f"policies/{name}.yaml", "changes": changes, "findings": findings}

    names = random.sample(["one", "two", "three"], random.randint(1, 3))
    waived = [{"kind": "waiver", "name": random.choice("pq"), "path": "p.yaml"}] * rarely()
    return {"tenants": [tenant(name) for name in names], "exceptions": waived}


def main():
    source = random.Random(20261128)
    cases = [{"plan": plan(source), "reviewed": [plan(source) for _ in range(source.randint(1, 3))]} for _ in range(CASES)]
    program = f"[.[] | .plan as $plan | .reviewed as $reviewed | ({FILTER.read_text()})]"
    done = subprocess.run(["jq", program], input=json.dumps(cases), capture_output=True, text=True, check=True)
    reviewed = 0
    for case, other in zip(cases, json.loads(done.stdout), strict=True):
        own = find_not_reviewed(case["plan"], case["reviewed"])
        tenants = own["tenants"].values()
        paths = [] if own["exceptions"] else [tenant["path"] for tenant in tenants if not tenant["not_reviewed"]]
        not_reviewed = [sorted(tenant["not_reviewed"]) for tenant in tenants if tenant["not_reviewed"]]
        others = [sorted(tenant["settings"] + tenant["findings"]) for tenant in other["uncovered"]]
        exceptions = [one["name"] for one in other["exceptions"]]
        assert (paths, not_reviewed, own["exceptions"]) == (other["paths"], others, exceptions), json.dumps(case)
        reviewed += bool(paths)
    assert CASES // 10 < reviewed < CASES * 9 // 10, f"{reviewed} of {CASES} have a tenant of which everything was reviewed"
    print(f"{CASES} plans compared with what was reviewed, by both: {reviewed} have a tenant that goes on")


if __name__ == "__main__":
    main()
