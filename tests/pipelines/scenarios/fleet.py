"""300 tenants of a service provider: a change of what all share, in rings of one tenant, 20 % and the rest; one tenant that
somebody changes meanwhile, and one that takes its consent back. A partner's account reads and writes the portal of each.
"""

import re

DRIFT = ".github/workflows/drift.yml"
NAMES = [f"tenant-{number:04}.onmicrosoft.com" for number in range(1, 301)]
OPTIONS = {"fleet": len(NAMES)}
# The first is in the ring early, the second in the ring rest.
MOVED, BROKEN = NAMES[24], NAMES[296]
BASELINE = "baselines/standard.yaml"
SHARED = "version: 1\nregistration:\n  reconfirmAfterDays: {}\nnotifications:\n  users: true\n"
RINGS = """version: 1
limits:
  perRing: 250
rings:
  - name: canary
    tenants: [tenant-0001.*]
  - name: early
    percent: 20
"""
NAME = r"`?tenant-\d{4}\.onmicrosoft\.com`?(?: \(`[^`]*`\))?"


def shortened(text):
    """The text without the middle of long lists of tenants, in one line or one a line."""
    text = re.sub(rf"({NAME}, {NAME}), (?:{NAME}, )+({NAME})", r"\1, …, \2", text)
    line = r"[ |]*tenant-\d{4}\.onmicrosoft\.com +policies/\d{4}\.yaml\n"
    return re.sub(rf"({line})(?:{line})+({line})", r"\1     …\n\2", text)


def play(world, say):
    """The change from its pull request to the issue of the one tenant that drifted."""
    say.rewrite = shortened
    world.consent(*NAMES)
    repository = world.repository
    files = {f"policies/{name[7:11]}.yaml": f"version: 1\ntenant: {name}\nextends: [../{BASELINE}]\n" for name in NAMES}
    world.first |= world.tenants({}, "") | files | {BASELINE: SHARED.format("180"), "ssprctl.yaml": RINGS}
    world.start_repository()

    say.heading("300 tenants are as their baseline says: no issue.")
    world.scheduled(DRIFT)
    world.work()

    say.heading("The baseline changes: one comment.")
    pull = world.open("reconfirm", {BASELINE: SHARED.format("90")}, "Ask every 90 days")
    world.work()
    say.comments(repository, pull.number)

    say.heading("Before the merge, somebody changes one tenant, and another takes its consent back: the others are applied.")
    world.ssprctl("sandbox", "set", "registration.reconfirmAfterDays=60", "--tenant", MOVED, "--as", f"alice@{MOVED}")
    world.withdraw(BROKEN)
    world.merge(pull)
    world.work()
    say.comments(repository, pull.number)

    say.heading("The next comparison.")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)
