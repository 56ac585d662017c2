"""docs/gitops.md, played: the commands of its blocks in order, on the laptop of an administrator who has nothing yet.

What they set up is then used: laptop/az, which replaces the Azure CLI, records applications, permissions and federated
credentials, the embedded tenant gets exactly these, and the workflows run with the variables and secrets that the script of
`init` has set.
"""

import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from github.model import Person
from scenarios.world import AUDIENCE, ISSUER, ROOT, TENANT

LAPTOP = Path(__file__).resolve().parent.parent / "laptop"
# What Microsoft's list of permissions (microsoft-graph-devx-content, 2026-08-07) calls these application permissions of Graph.
ROLES = {
    "498476ce-e0fe-48b0-b801-37ba7e2685c6": "Organization.Read.All",
    "246dd0d5-5bd0-4def-940b-0421030a5b68": "Policy.Read.All",
    "8e3bc81b-d2f3-4b7b-838c-32c88218d2f0": "Policy.Read.AuthenticationMethod",
    "07d67222-3a10-4d3b-9ddc-b8aa43198a00": "Group.ReadBasic.All",
    "8222c640-cae5-4860-8d11-b32cfad95e03": "GroupMember.ReadBasic.All",
    "e2f98668-2877-4f38-a2f4-8202e0717aa1": "LicenseAssignment.Read.All",
    "b0afded3-3588-46d8-8b3d-9842eff778da": "AuditLog.Read.All",
    "fb221be6-99f2-473f-bd32-01c6a0e9ca3b": "Policy.ReadWrite.Authorization",
    "29c18626-4985-4dcd-85c0-193eef327366": "Policy.ReadWrite.AuthenticationMethod",
}
ADMINISTRATOR = "admin"


def blocks():
    """The blocks of commands of the page, by the headings that they are under."""
    heading, found = None, []
    for part in re.finditer(r"^## ([^\n]*)$|^```sh\n(.*?)^```$", (ROOT / "docs" / "gitops.md").read_text(), re.MULTILINE | re.DOTALL):
        heading = part[1] or heading
        if part[2]:
            found.append((heading, part[2]))
    return found


class Laptop:
    """A shell that goes on in the folder where the block before ended."""

    def __init__(self, world):
        self.world = world
        self.folder = world.folder / "laptop"
        self.home, self.state, self.here = self.folder / "home", self.folder / "az.json", self.folder
        self.home.mkdir(parents=True)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "ssprctl").symlink_to(world.binary)
        (programs / "gh").symlink_to((world.folder / "bin" / "gh-real").resolve())
        (programs / "az").write_text(f'#!/bin/sh\nexec {sys.executable} {LAPTOP / "az"} "$@"\n')
        (programs / "az").chmod(0o755)
        tenant = json.loads((world.state / "sandbox" / f"{TENANT}.json").read_text())
        self.state.write_text(json.dumps({
            "tenantId": tenant["id"], "domains": [domain["name"] if isinstance(domain, dict) else domain for domain in tenant["domains"]],
            "user": f"{ADMINISTRATOR}@{TENANT}", "apps": [], "roles": list(ROLES), "last": 0,
        }))
        person = Person("contoso/policies", {}, 0, login="alice")
        world.hub.tokens[person.value] = person
        self.variables = world.service.machine.environment(self.home) | {
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "AZ_STATE": str(self.state), "GH_TOKEN": person.value,
            "SSPRCTL_STATE": str(self.folder / "state"), "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@contoso.com",
            "GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@contoso.com", "GIT_AUTHOR_DATE": "@1795800000 +0000",
            "GIT_COMMITTER_DATE": "@1795800000 +0000",
        }
        self.run("gh auth setup-git")

    def run(self, commands, code=0, people=()):
        """Runs commands; a wrong exit code is a mistake. People sign in one after the other, where a code is shown for that.
        Returns what is printed."""
        where = self.folder / "where"
        text = f"exec 2>&1 < /dev/null\nset -e\n{commands}\npwd > {where}\n"
        process = subprocess.Popen(["bash", "-c", text], cwd=self.here, env=self.variables, stdout=subprocess.PIPE, text=True)
        lines, people = [], list(people)
        for line in process.stdout:
            shown = re.search(r"open the page (\S+) and enter the code (\w+) to", line)
            if shown:
                sign_in(shown[1], shown[2], people.pop(0))
                line = line.replace(shown[2], "<code>")
            lines.append(re.sub(r"^\[(\S+(?: \(root-commit\))?) [0-9a-f]{7,}\]", r"[\1 <commit>]", line))
        if process.wait() != code:
            raise AssertionError(f"{commands}\nended with {process.returncode}:\n{''.join(lines)}")
        if where.exists():
            self.here = Path(where.read_text().strip())
        return "".join(lines)


def sign_in(page, code, person):
    """A person of the tenant types a code into the page of the sign-in service."""
    form = {"user_code": code, "username": f"{person}@{TENANT}", "password": "Sandbox-1"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(page, urllib.parse.urlencode(form).encode())) as answer:
        assert "Done." in answer.read().decode()


def trusted(world, laptop):
    """Gives the embedded tenant the applications that laptop/az has recorded, and serves it again."""
    world.process.terminate()
    world.process.wait()
    file = world.state / "sandbox" / f"{TENANT}.json"
    tenant = json.loads(file.read_text())
    for app in json.loads(laptop.state.read_text())["apps"]:
        federated = [{"issuer": one["issuer"], "subject": one["subject"], "audience": one["audiences"][0], "key": world.hub.keys.public_key()}
                     for one in app["federated"]]
        assert all(one["issuer"] == ISSUER and one["audience"] == AUDIENCE for one in federated), federated
        tenant["apps"].append({
            "clientId": app["appId"], "objectId": app["principal"], "displayName": app["displayName"], "secret": "unused",
            "graphRoles": [ROLES[role] for role in app["granted"]], "federated": federated,
        })
    file.write_text(json.dumps(tenant))
    world.start_serving()
    # The real service takes a refresh token again for 90 days, and so does this one in front of the embedded service.
    repository = world.hub.repositories["contoso/policies"]
    world.sign_in.people[repository.secrets["SSPRCTL_PLAN_REFRESH_TOKEN"]] = "global.reader"
    world.sign_in.people[repository.environments["ssprctl"].secrets["SSPRCTL_APPLY_REFRESH_TOKEN"]] = "policy.admin"


def pushed(world, branch="main"):
    """The repository after a push from the laptop, which starts workflows."""
    world.repository = world.hub.repositories["contoso/policies"]
    commit = world.repository.git.head(branch)
    world.happened("push", world.repository, before=None, commit=commit, branch=branch)


def play(world, say):
    """Plays the page, and goes on where it says what happens."""
    del world.hub.repositories["contoso/policies"]
    # The findings about phones change with the days of Microsoft's calendar.
    world.change("methods.allowed=mobileAppCode,email")
    laptop = Laptop(world)
    for heading, commands in blocks():
        say.heading(heading)
        commands = commands.replace("contoso/ssprctl@COMMIT", f"contoso/ssprctl@{world.action_commit}")
        say("\n".join(f"$ {line}" for line in commands.rstrip().split("\n")))
        say(laptop.run(commands, people=["global.reader", "policy.admin"]))
        if "ssprctl init" in commands:
            # The hub has a release, so nothing is built, as the page says.
            laptop.run("sed --in-place '/^ *version: source #/d' .github/workflows/*.yml")
        if "repo create" in commands:
            pushed(world)
            for run in world.service.work():
                say(f"== {run.name} ({run.event.name}): {run.conclusion or run.status}")
        if "setup --run" in commands:
            world.repository = world.hub.repositories["contoso/policies"]
            again(world, laptop, say)
            trusted(world, laptop)
        if "pr create" in commands:
            change(world, say)


def again(world, laptop, say):
    """The script once more, which changes nothing; where it has to stop: with a sign-in of another tenant, and with an
    environment of other rules; and what is set."""
    before = laptop.state.read_text()
    say.heading("The script again: nothing is changed")
    say(laptop.run("sh setup --run"))
    assert json.loads(laptop.state.read_text()) == json.loads(before)
    say.heading("In another tenant: the step is named")
    say(laptop.run("sed 's/^TENANT=.*/TENANT=fabrikam.com/' setup | sh -s -- --run", code=1))
    say.heading("Somebody has removed the reviewers: the rules of the environment are not overwritten")
    environment = world.repository.environments["ssprctl"]
    reviewers, environment.reviewers = environment.reviewers, []
    say(laptop.run("sh setup --run", code=1))
    assert not environment.reviewers
    environment.reviewers = reviewers
    settings = {"variables": world.repository.variables, "environment": {
        name: [one.variables, list(one.secrets), one.branches, one.reviewers, one.prevent_self_review] for name, one in world.repository.environments.items()}}
    say.heading("What is set on the hub")
    say(json.dumps(settings | {"secrets": list(world.repository.secrets), "rules": world.repository.rulesets}, indent=1))


def change(world, say):
    """The pull request that the page opens: it is planned, merged, waits for the reviewers, and is applied."""
    repository = world.repository
    pull = next(iter(repository.pulls.values()))
    world.pull_event(pull, "opened")
    runs = world.service.work()
    for run in runs:
        say(f"== {run.name}: {run.conclusion or run.status}")
        if run.conclusion == "failure":
            say.run(run)
    say.comments(repository, pull.number)
    required = repository.rulesets[0]["rules"][-1]["parameters"]["required_status_checks"][0]["context"]
    assert required in [job.title for run in runs for job in run.jobs], f"no check is called {required}"
    world.merge(pull)
    finished = world.service.work()
    for run in finished:
        say.run(run)
    for _, run in world.service.queue:
        names = [one["reviewer"].get("slug", one["reviewer"].get("login")) for one in repository.environments["ssprctl"].reviewers]
        say(f"== {run.name} waits for {', '.join(names)}, who agree")
        for job in run.jobs:
            job.approved = True
    for run in world.service.work():
        say.run(run)
    comment = repository.issues[pull.number].comments[-1]
    say("\n".join(f"   > {line}".rstrip() for line in comment.body.split("\n")))
    say(f"the tenant has registration.reconfirmAfterDays={world.show('registration.reconfirmAfterDays')}")
