"""An apply and a comparison of one ring each, by two calls of the same workflows: the second apply begins after the first."""

from scenarios.world import OTHER, TENANT, callers

APPLY, DRIFT = (f".github/workflows/{name}.yml" for name in ("apply", "drift"))
OPTIONS = {"portal": False}
RINGS = f"version: 1\nrings:\n  - name: canary\n    tenants: [{TENANT}]\n"
INPUTS = {"canary": {"ring": "canary"}, "rest": {"ring": "rest"}}


def play(world, say):
    """One pull request, which is planned once and applied ring by ring, until a ring is stopped."""
    repository = world.repository
    tenants = {TENANT: "policies", OTHER: "policies"}
    world.first |= {path: callers(world.first[path], INPUTS, in_order=True) for path in (APPLY, DRIFT)}
    world.first["ssprctl.yaml"] = RINGS
    world.start_with_tenants(tenants)

    say.heading("A pull request is planned for both rings at once.")
    pull = world.open("administrators", world.tenants(tenants, "true"), "Let administrators reset")
    world.work()
    say.comments(repository, pull.number)

    say.heading("It is merged when the tenant of the ring canary trusts the applications no more: the rest is not begun.")
    world.withdraw(TENANT)
    world.merge(pull)
    world.work()
    say.comments(repository, pull.number)

    say.heading("It trusts them again: by hand, the ring canary is applied from the plan of both, then the rest.")
    world.consent(TENANT)
    world.dispatch(APPLY)
    world.work()
    say.comments(repository, pull.number)

    say.heading("Somebody changes the tenant of the ring rest: the comparison of the other ring does not see it.")
    world.ssprctl("sandbox", "set", "scope.administrators=false", "--tenant", OTHER, "--as", f"alice@{OTHER}")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)
