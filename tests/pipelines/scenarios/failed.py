"""An apply that fails on the way, and its repair."""

FAULTS = """
version: 1
faults:
  - { method: PUT, path: PasswordResetPolicies, times: 1, fault: { error: { status: 400 } } }
"""


def play(world, say):
    """Lets the service refuse the write, and starts the workflow again by hand."""
    world.start_repository()
    pull = world.open("reconfirm", world.policy(registration="reconfirmAfterDays: 90"), "Ask every 90 days")
    world.service.work()

    say.heading("The merge queue validates it.")
    world.start_serving(FAULTS)
    world.merge_by_queue(pull)

    say.heading("It is merged, and the service refuses the write.")
    world.work()
    say.comments(world.repository, pull.number)
    assert world.show("registration.reconfirmAfterDays") == 180

    say.heading("The workflow is started by hand: what was reviewed is planned again, compared, and applied.")
    world.dispatch(".github/workflows/apply.yml")
    world.work()
    say.comments(world.repository, pull.number)
    assert world.show("registration.reconfirmAfterDays") == 90
