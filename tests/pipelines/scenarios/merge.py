"""A reviewed change in a private repository, from its pull request to the tenant."""


def play(world, say):
    """Merges a pull request by squashing it, with an environment that somebody has to agree to."""
    world.start_repository()
    world.repository.environments["ssprctl"].reviewers = True
    say.heading("The repository has no code scanning: the upload is refused, and nothing fails.")
    pull = world.open("reconfirm", world.policy(registration="reconfirmAfterDays: 90"), "Ask every 90 days")
    world.work()

    say.heading("It is merged: the apply waits for the reviewers of the environment.")
    world.merge(pull)
    world.work()
    assert world.show("registration.reconfirmAfterDays") == 180

    say.heading("They agree: exactly what was reviewed is applied, and the pull request says so.")
    world.approve()
    world.work()
    say.comments(world.repository, pull.number)
    assert world.show("registration.reconfirmAfterDays") == 90
