"""Pull requests from forks: planned against the published snapshot, without credentials; what they write is only text."""


DRIFT, PLAN = ".github/workflows/drift.yml", ".github/workflows/plan.yml"
OPTIONS = {"private": False}
HOSTILE = """
name: Plan
on: pull_request
jobs:
  plan:
    runs-on: ubuntu-24.04
    steps:
      - name: Look around
        run: |
          echo "secrets: [${{ secrets.SSPRCTL_PLAN_REFRESH_TOKEN }}${{ secrets.SSPRCTL_APPLY_REFRESH_TOKEN }}] variables: [$AZURE_CLIENT_ID]"
          echo "tokens: [$ACTIONS_ID_TOKEN_REQUEST_URL]"
          mkdir out
          echo NUMBER > out/pull-request
          printf '<!-- ssprctl:plan -->\\n@contoso/admins **approved**, see [the plan](https://example.com)\\n```\\n</details>\\n' > out/result.md
      - uses: actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02
        with:
          name: ssprctl-plan-fork
          path: out
"""


def play(world, say):
    """A fork's pull request, then two of somebody who changes the workflow."""
    repository = world.repository
    key = world.folder / "snapshot-key"
    world.ssprctl("snapshot", "keygen", str(key))
    repository.secrets["SSPRCTL_SNAPSHOT_KEY"] = key.read_text().strip()
    repository.variables["SSPRCTL_SNAPSHOT_PUBLIC_KEY"] = key.with_name("snapshot-key.pub").read_text().strip()
    world.first[DRIFT] = world.first[DRIFT].replace("snapshot: false", "snapshot: true")
    world.start_repository()
    say.heading("The schedule publishes a snapshot.")
    world.scheduled(DRIFT)
    world.work()

    say.heading("Mallory's fork proposes a change: planned without credentials, and commented by another workflow.")
    fork = world.hub.fork(repository, "mallory")
    pull = world.open("reconfirm", world.policy(registration="reconfirmAfterDays: 90"), "Ask every 90 days", fork, "Mallory")
    world.work()
    say.comments(repository, pull.number)

    say.heading("A fork changes the workflow and names another pull request: nothing is written there.")
    written = repository.issues[pull.number].comments[0].body
    other = world.open("bad", {PLAN: HOSTILE.replace("NUMBER", str(pull.number))}, "Tidy up", fork, "Mallory")
    world.work()
    assert [comment.body for comment in repository.issues[pull.number].comments] == [written]
    assert not repository.issues[other.number].comments

    say.heading("It names itself: its text is shown as text.")
    other = world.open("worse", {PLAN: HOSTILE.replace("NUMBER", str(other.number + 1))}, "Tidy up again", fork, "Mallory")
    world.work()
    say.comments(repository, other.number)
