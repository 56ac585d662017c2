"""What the apply and the drift workflow know of each other: a change that waits for its apply, and one that somebody took back."""

DRIFT = ".github/workflows/drift.yml"


def play(world, say):
    """Compares before the apply of a merged change, and after somebody has taken the applied change back."""
    world.start_repository()
    world.in_line()
    repository = world.repository
    repository.environments["ssprctl"].reviewers = True
    world.scheduled(DRIFT)
    world.service.work()

    say.heading("A change is merged and waits for the reviewers: it is pending, and there is no issue.")
    pull = world.open("reconfirm", world.policy(registration="reconfirmAfterDays: 90"), "Ask every 90 days")
    world.merge(pull)
    world.service.work()
    world.scheduled(DRIFT)
    world.work()
    assert len(repository.issues) == 1

    say.heading("It is applied, and Alice takes it back in the portal before the next comparison: that is drift.")
    world.approve()
    world.work()
    world.change("registration.reconfirmAfterDays=180")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)
