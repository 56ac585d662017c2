"""The schedule: an issue for a tenant that drifted, a proposal that accepts the drift, and the issue closed."""

DRIFT = ".github/workflows/drift.yml"


def play(world, say):
    """Lets the tenant drift, be accepted, and be in sync again."""
    world.start_repository()
    repository = world.repository
    world.in_line()
    say.heading("The tenant is as its policy says: no issue, and a sign of life.")
    world.scheduled(DRIFT)
    world.work()
    say(f"-- calls of the heartbeat: {len(world.hub.heartbeats)}")
    say.issues(repository)

    say.heading("Alice changes a setting in the portal: an issue.")
    world.change("registration.reconfirmAfterDays=90")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)

    say.heading("Bob changes another one: the same issue.")
    world.change("notifications.users=false", "bob")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)

    say.heading("With `accept`, the drift is proposed as a pull request, and the next run leaves it as it is.")
    text = repository.git.show("main", DRIFT).replace("accept: false", "accept: true")
    repository.git.commit_files({DRIFT: text}, "Propose drift", repository.git.head("main"), "main")
    for _ in range(2):
        world.scheduled(DRIFT)
        world.work()
    pulls = list(repository.pulls.values())
    assert len(pulls) == 1
    say(f"-- pull request of {pulls[0].login}: {repository.issues[pulls[0].number].title}")
    say(repository.git("diff", pulls[0].base_sha, pulls[0].head))

    say.heading("A person reopens it, which plans it; it is merged, and there is nothing to apply.")
    world.pull_event(pulls[0], "reopened")
    world.work()
    world.merge(pulls[0])
    world.work()

    say.heading("The next run closes the issue.")
    world.scheduled(DRIFT)
    world.work()
    say.issues(repository)
