"""The same drift in three tenants: one issue in place of three, until each of them was compared and it is gone. Microsoft Graph
alone."""

DRIFT = ".github/workflows/drift.yml"
NAMES = [f"tenant-{number:04}.onmicrosoft.com" for number in range(1, 5)]
OPTIONS = {"portal": False, "fleet": len(NAMES)}


def play(world, say):
    """Lets the drift spread, and puts it back while one of the tenants cannot be read."""
    world.consent(*NAMES)
    repository = world.repository
    world.first |= world.tenants(dict.fromkeys(NAMES, "policies"), "true")
    world.start_repository()

    def turn(value, *names):
        for name in names:
            world.ssprctl("sandbox", "set", f"scope.administrators={value}", "--tenant", name, "--as", f"alice@{name}")

    def compare(heading):
        say.heading(heading)
        world.scheduled(DRIFT)
        world.work()
        say.issues(repository)

    turn("true", *NAMES)
    compare("Four tenants are as their policies say: no issue.")
    turn("false", *NAMES[:2])
    compare("Two drift: an issue each.")
    turn("false", NAMES[2])
    compare("A third one drifts in the same way: one issue for the three, to which those of two lead.")
    turn("true", *NAMES[:2])
    world.withdraw(NAMES[2])
    compare("Two are put back, and the third cannot be read: the issue stays.")
    world.consent(NAMES[2])
    turn("true", NAMES[2])
    compare("The third was put back, too: the issue is closed.")
