"""The first push, and one that goes past every review."""


def play(world, say):
    """Pushes what `init` wrote, and then a change without a pull request."""
    say.heading("The first push: nothing was reviewed, so nothing is applied.")
    world.push(world.first, "Start with what the tenant has")
    world.work()

    say.heading("A push to main that no pull request brought is refused.")
    world.push(world.policy(registration="reconfirmAfterDays: 90"), "Past the review")
    world.work()
    assert world.show("registration.reconfirmAfterDays") == 180
