"""A tenant that left: its policy is removed while its issue is open. Two tenants, and Microsoft Graph alone."""

import json

from scenarios.world import APPLY_CLIENT, PLAN_CLIENT

DRIFT = ".github/workflows/drift.yml"
OTHER = "fabrikam.onmicrosoft.com"


def play(world, say):
    """Lets two tenants drift, and removes the policy of one."""
    # One application that both tenants have consented to, as a service provider has it.
    home, file = (world.state / "sandbox" / f"{name}.onmicrosoft.com.json" for name in ("contoso", "fabrikam"))
    tenant, apps = json.loads(file.read_text()), json.loads(home.read_text())["apps"]
    for app, client, own in zip(tenant["apps"], (APPLY_CLIENT, PLAN_CLIENT), apps):
        app.update(clientId=client, federated=own["federated"])
    file.write_text(json.dumps(tenant))
    repository = world.repository
    del repository.variables["SSPRCTL_TENANT_ID"], repository.secrets["SSPRCTL_PLAN_REFRESH_TOKEN"]
    text = world.first[DRIFT].replace("    with:\n", "    with:\n      arguments: --surfaces=graph\n")
    policy = "version: 1\ntenant: {}\nscope:\n  administrators: true\n"
    files = {DRIFT: text, "policies/baseline.yaml": None}
    files |= {f"policies/{name.split('.')[0]}.yaml": policy.format(name) for name in ("contoso.onmicrosoft.com", OTHER)}
    world.start_repository()
    repository.git.commit_files(files, "Two tenants", repository.git.head("main"), "main")

    say.heading("Both drift: two issues.")
    for name in ("contoso.onmicrosoft.com", OTHER):
        world.ssprctl("sandbox", "set", "scope.administrators=false", "--tenant", name, "--as", f"alice@{name}")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)

    say.heading("The policy of one is removed: its issue is closed, and says why; the other stays.")
    repository.git.commit_files({"policies/fabrikam.yaml": None}, "Fabrikam has left", repository.git.head("main"), "main")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)
