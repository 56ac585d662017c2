"""The merge queue: two changes that are valid alone and not together."""

from scenarios.world import BASELINE, OTHER, POLICY, TENANT

OPTIONS = {"portal": False}
SHARED = "version: 1\nscope:\n  administrators: true\n"
TEXT = "version: 1\ntenant: {}\nextends: [{}]\n"


def play(world, say):
    """Lets one pull request rename the baseline, and another one extend it."""
    world.consent(OTHER)
    world.first |= {BASELINE: SHARED, POLICY: TEXT.format(TENANT, "baseline.yaml")}
    del world.first["tests/people.yaml"]
    world.start_repository()
    renamed = {BASELINE: None, "policies/common.yaml": SHARED, POLICY: TEXT.format(TENANT, "common.yaml")}
    added = {"policies/fabrikam.yaml": TEXT.format(OTHER, "baseline.yaml")}
    first = world.open("rename", renamed, "Rename the baseline")
    second = world.open("add", added, "Add Fabrikam")
    planned = world.service.work()
    assert [run.conclusion for run in planned if run.name == "Plan"] == ["success", "success"]

    say.heading("Each in a group of its own is valid, without a credential.")
    world.try_group(first)
    world.try_group(second)
    world.work()

    say.heading("In one group they are not: the second names a file that the first has renamed.")
    world.try_group(first, second)
    world.work()
