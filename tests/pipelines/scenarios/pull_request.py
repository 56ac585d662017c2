"""A pull request of the repository itself: one comment, whatever becomes of it, and a plan that is saved for the apply."""

OPTIONS = {"private": False}


def play(world, say):
    """Opens a pull request, breaks it, and repairs it."""
    world.start_repository()
    say.heading("A pull request is opened: it is planned, and the plan is a comment.")
    rules = {"ssprctl.yaml": 'version: 1\nrules:\n  no-helpdesk-link: "off"\n'}
    pull = world.open("reconfirm", world.policy(registration="reconfirmAfterDays: 90") | rules, "Ask every 90 days")
    # Somebody else has the marker first, and so many have commented that ours is on the second page.
    for number in range(120):
        world.repository.comment(pull.number, "mallory", "<!-- ssprctl:plan -->\nall is well" if number == 0 else f"{number} more")
    world.work()
    say.comments(world.repository, pull.number)

    say.heading("A push makes the policy invalid: the same comment says so, and the check fails.")
    world.push(world.policy(registration="reconfirmAfterDays: 9000"), "A typing mistake", "reconfirm")
    world.work()
    say.comments(world.repository, pull.number)

    say.heading("Two pushes in a row repair it: the first run is cancelled.")
    world.push(world.policy(registration="reconfirmAfterDays: 91"), "Nearly", "reconfirm")
    world.push(world.policy(registration="reconfirmAfterDays: 90"), "As it was meant", "reconfirm")
    world.work()
    say.comments(world.repository, pull.number)
    assert len(world.repository.issues[pull.number].comments) == 121

    say.heading("A push expects of the policy what it does not do: the plan is as it was, and the required check fails.")
    people = world.first["tests/people.yaml"].replace("canReset: true", "canReset: false")
    world.push({"tests/people.yaml": people}, "Expect that nobody can reset", "reconfirm")
    world.work()
