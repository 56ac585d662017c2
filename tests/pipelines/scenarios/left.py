"""A tenant that left: its policy is removed while its issue is open. Two tenants, and Microsoft Graph alone."""

from scenarios.world import OTHER, TENANT

DRIFT = ".github/workflows/drift.yml"
OPTIONS = {"portal": False}


def play(world, say):
    """Lets two tenants drift, and removes the policy of one."""
    world.consent(OTHER)
    repository = world.repository
    world.first |= world.tenants({TENANT: "policies", OTHER: "policies"}, "true")
    world.start_repository()

    say.heading("Both drift: two issues.")
    for name in (TENANT, OTHER):
        world.ssprctl("sandbox", "set", "scope.administrators=false", "--tenant", name, "--as", f"alice@{name}")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)

    say.heading("The policy of one is removed: its issue is closed, and says why; the other stays.")
    repository.git.commit_files({"policies/fabrikam.yaml": None}, "Fabrikam has left", repository.git.head("main"), "main")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)
