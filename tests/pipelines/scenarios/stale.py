"""A tenant that is changed between the review and the apply."""


def play(world, say):
    """Changes the tenant after the review, and repairs the failed apply by hand."""
    world.start_repository()
    pull = world.open("reconfirm", world.policy(registration="reconfirmAfterDays: 90"), "Ask every 90 days")
    world.service.work()

    say.heading("Alice changes the same setting in the portal; the merge applies nothing.")
    world.change("registration.reconfirmAfterDays=120")
    world.merge(pull)
    world.work()
    say.comments(world.repository, pull.number)
    assert world.show("registration.reconfirmAfterDays") == 120

    say.heading("By hand, with everything planned anew, the change of the portal is overwritten.")
    world.dispatch(".github/workflows/apply.yml", all="true")
    world.work()
    say.comments(world.repository, pull.number)
    assert world.show("registration.reconfirmAfterDays") == 90
