"""Merges that come faster than they are applied."""

from scenarios.world import BASELINE, POLICY


def play(world, say):
    """Merges three pull requests while the first waits for approval, then two of the same base."""
    world.start_repository()
    world.in_line()
    repository = world.repository
    repository.environments["ssprctl"].reviewers = True
    policy, baseline = (repository.git.show("main", path) for path in (POLICY, BASELINE))
    changes = {
        "reconfirm": {BASELINE: baseline.replace("reconfirmAfterDays: 180", "reconfirmAfterDays: 90")},
        "notify": {POLICY: policy.replace("version: 1", "notifications:\n  users: false\nversion: 1")},
        "link": {POLICY: policy.replace("/password", "/reset")},
    }
    pulls = [world.open(branch, files, f"Change {branch}") for branch, files in changes.items()]
    world.service.work()

    say.heading("Three pull requests of one base are merged quickly: one run waits, and of those behind it the newest stays.")
    for pull in pulls:
        world.merge(pull)
    world.work()
    say.heading("The first is approved.")
    world.approve()
    world.work()
    say.heading("The last is approved: it applies what it and the cancelled one brought.")
    world.approve()
    world.work()
    for pull in pulls:
        say(f"# pull request {pull.number}")
        say.comments(repository, pull.number)
    assert world.show("registration.reconfirmAfterDays") == 90
    assert world.show("notifications.users") is False
    assert world.show("helpdesk.link") == "https://help.contoso.com/reset"
