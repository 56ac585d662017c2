"""The sign of life: after each comparison, and after none that failed. A monitor that is gone stops nothing else."""

DRIFT = ".github/workflows/drift.yml"
OPTIONS = {"portal": False}


def play(world, say):
    """Compares with a monitor, without the tenant, and without the monitor."""
    world.first |= world.tenants({"contoso.onmicrosoft.com": "policies"}, "true")
    world.first[DRIFT] = world.first[DRIFT].replace("snapshot: false", "snapshot: true")
    world.start_repository()
    hub = world.hub
    say.heading("The tenant is compared: the monitor is called.")
    world.scheduled(DRIFT)
    world.work()
    say(f"-- calls of the monitor: {len(hub.heartbeats)}")
    assert len(set(hub.heartbeats)) == 1

    say.heading("The tenant cannot be read: the monitor is not called, and raises the alarm in its time.")
    world.withdraw("contoso.onmicrosoft.com")
    world.scheduled(DRIFT)
    world.work()
    say(f"-- calls of the monitor: {len(hub.heartbeats)}")

    say.heading("The monitor does not know the address: the run fails, with its issue and its snapshot.")
    world.consent("contoso.onmicrosoft.com")
    world.change("scope.administrators=false")
    hub.monitor_is_gone = True
    world.scheduled(DRIFT)
    world.work()
    say.issues(world.repository)
