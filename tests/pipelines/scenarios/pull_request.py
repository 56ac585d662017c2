"""A pull request of the repository itself: one plan, one comment, kept for the apply."""


OPTIONS = {"private": False}


def play(world, say):
    """Opens a pull request, and pushes to it once more."""
    repository = world.repository
    repository.git.commit_files(world.first, "Start with what the tenant has", branch="main")
    policy = repository.git.show("main", "policies/contoso.yaml")
    say.heading("A pull request is opened: it is planned, and the plan is a comment.")
    pull = world.open("reconfirm", {"policies/contoso.yaml": policy + "\nregistration:\n  reconfirmAfterDays: 90\n"}, "Ask every 90 days")
    for run in world.service.work():
        say.run(run)
        say.artifacts(repository, run)
    say.comments(repository, pull.number)
