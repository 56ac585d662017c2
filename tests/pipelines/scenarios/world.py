"""What every scenario has: a hub, the action's repository on it, a policy repository as `ssprctl init` writes it, and the
embedded tenants, served on loopback as the sign-in service, the portal and Microsoft Graph.

Sign-in is by what the workflows use: OIDC tokens of the hub, which the tenant's applications trust as federated credentials,
and a person's refresh token out of the repository's or the environment's secrets.
"""

import base64
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from github.hub import Hub, files_of, random_secret
from github.model import Environment
from github.rest import pull_json, repository_json
from runner.act import Machine
from runner.service import Service
from runner.workflow import Event
from scenarios.sign_in import SignIn
from shared.tenants import adapt_tests

ROOT = Path(__file__).resolve().parents[3]
BASELINE = "policies/baseline.yaml"
POLICY = "policies/contoso.yaml"
TENANT = "contoso.onmicrosoft.com"
OTHER = "fabrikam.onmicrosoft.com"
PLAN_CLIENT = "55bc0001-0a99-4000-8000-000000000002"
APPLY_CLIENT = "55bc0001-0a99-4000-8000-000000000001"
ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"


def callers(text, inputs, in_order=False):
    """A workflow of a policy repository with several jobs in place of its one: `inputs` are more inputs of each by its name.
    In order, each needs the one before it."""
    head, job = re.match(r"(.*\njobs:\n)(.*)", text, re.DOTALL).groups()
    jobs, before = "", ""
    for name, more in inputs.items():
        needs = f"    needs: {before}\n" if in_order and before else ""
        renamed = re.sub(r"^  \w+:\n    name: \w+\n", f"  {name}:\n    name: {name.title()}\n{needs}", job)
        jobs += renamed.replace("    with:\n", "    with:\n" + "".join(f"      {key}: {value}\n" for key, value in more.items()))
        before = name
    return head + jobs


class World:
    """One world for one scenario."""

    def __init__(self, folder, programs, say, *, private=True, portal=True, fleet=0, mutation=None):
        """`portal` is whether the policies have settings of the portal; `fleet` is the number of more tenants."""
        self.folder = folder
        self.binary = programs["ssprctl"]
        self.say = say
        self.mutation = mutation
        self.state = folder / "tenants"
        self.process, self.port = None, 0
        self.withdrawn = {}
        self.hub = Hub(folder / "hub")
        self.secrets_of = {person: random_secret() for person in ("global.reader", "policy.admin")}
        self.serve(fleet)
        self.sign_in = SignIn(self.port, TENANT, {secret: person for person, secret in self.secrets_of.items()}, bool(fleet))
        self.action(programs["archive"])
        machine = Machine(self.hub, folder, programs["act"], self.path(programs["gh"]), self.machine_variables(), self.sign_in.take)
        self.service = Service(self.hub, machine)
        self.policies(private, portal)

    # The tenants.

    def ssprctl(self, *arguments, code=0, cwd=None):
        """Runs the program as a person on a laptop: against the embedded tenants, without the pipelines."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "SSPRCTL_STATE": str(self.state), "NO_COLOR": "1"}
        run = subprocess.run([self.binary, *arguments], env=environment, cwd=cwd, capture_output=True, text=True)
        if run.returncode != code:
            raise AssertionError(f"ssprctl {' '.join(arguments)} ended with {run.returncode}: {run.stdout}{run.stderr}")
        return run.stdout

    def serve(self, fleet):
        """Serves the embedded tenants, and lets their applications trust the hub's OIDC tokens."""
        self.ssprctl("sandbox", "reset", *(["--fleet", str(fleet)] if fleet else []))
        file = self.state / "sandbox" / f"{TENANT}.json"
        tenant = json.loads(file.read_text())
        for app in tenant["apps"]:
            app["federated"] = self.federated(app["clientId"])
        file.write_text(json.dumps(tenant))
        self.start_serving()

    def federated(self, client):
        """What an application trusts: tokens of the hub for the jobs that are to sign in as it."""
        subjects = {PLAN_CLIENT: ["pull_request", "ref:refs/heads/main"], APPLY_CLIENT: ["environment:ssprctl"]}
        return [
            {"issuer": ISSUER, "subject": f"repo:contoso/policies:{subject}", "audience": AUDIENCE, "key": self.hub.keys.public_key()}
            for subject in subjects[client]
        ]

    def consent(self, *tenants):
        """The tenants consent to the two applications of the first tenant, as customers of a service provider do. There is no
        home tenant then: each tenant is asked for a token by its own name."""
        for name in tenants:
            file = self.state / "sandbox" / f"{name}.json"
            tenant = json.loads(file.read_text())
            tenant |= self.withdrawn.pop(name, {})
            for app, client in zip(tenant["apps"], (APPLY_CLIENT, PLAN_CLIENT)):
                app.update(clientId=client, federated=self.federated(client))
            file.write_text(json.dumps(tenant))
        self.repository.variables.pop("SSPRCTL_TENANT_ID", None)

    def withdraw(self, name):
        """A tenant takes its consent to the applications back, and removes every account."""
        file = self.state / "sandbox" / f"{name}.json"
        tenant = json.loads(file.read_text())
        self.withdrawn[name] = {part: tenant[part] for part in ("apps", "accounts")}
        tenant |= {"apps": [], "accounts": []}
        file.write_text(json.dumps(tenant))

    def start_serving(self, faults=None):
        """Starts to serve the tenants; again on the same port, with or without faults (`ssprctl schema faults`)."""
        if self.process:
            self.process.terminate()
            self.process.wait()
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "SSPRCTL_STATE": str(self.state)}
        command = [self.binary, "sandbox", "serve", "--port", str(self.port)]
        if faults:
            (self.folder / "faults.yaml").write_text(faults)
            command += ["--faults", str(self.folder / "faults.yaml")]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        printed = "".join(self.process.stdout.readline() for _ in range(3))
        self.port = int(re.search(r"SSPRCTL_LOGIN_URL=http://127.0.0.1:(\d+)", printed)[1])

    def change(self, setting, who="alice"):
        """Changes a setting in the portal, as a person would."""
        self.ssprctl("sandbox", "set", setting, "--tenant", TENANT, "--as", f"{who}@{TENANT}")

    def in_line(self):
        """Applies the policies of main from a laptop, so that a scenario can begin with a tenant that is as its policy says."""
        folder = self.folder / "laptop"
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["git", "clone", "--quiet", self.repository.git.path, folder], check=True)
        self.ssprctl("apply", "--sandbox", "--auto-approve", cwd=folder)

    def show(self, setting):
        """The value of a setting in the tenant."""
        shown = json.loads(self.ssprctl("show", "--sandbox", "--tenant", TENANT, "--format", "json"))
        return next(one["value"] for one in shown["settings"] if one["setting"] == setting)

    # The repositories.

    def mutated(self, repository, files):
        """The files of a repository with the change of the mutation in them, if it is about that repository."""
        mutation = self.mutation
        if mutation and mutation.repository == repository:
            if mutation.old not in files[mutation.path]:
                raise AssertionError(f"the mutation `{mutation.name}` has no place in {mutation.path} any more")
            files[mutation.path] = files[mutation.path].replace(mutation.old, mutation.new)
        return files

    def action(self, archive):
        """The repository of the action: a copy of ours as it is now, with one release."""
        self.actions = self.hub.create("contoso/ssprctl")
        files = {}
        for path in [ROOT / "action.yml", ROOT / "Cargo.toml", *sorted((ROOT / ".github").rglob("*"))]:
            if path.is_file():
                files[str(path.relative_to(ROOT))] = path.read_text()
        files = self.mutated("contoso/ssprctl", files)
        tag = "v" + re.search(r'^version = "(.+)"$', files["Cargo.toml"], re.MULTILINE)[1]
        self.action_commit = self.actions.git.commit_files(files, f"Release {tag}", branch="main")
        archive = Path(archive).read_bytes()
        name = f"ssprctl-{tag}-{platform.machine()}-unknown-linux-musl.tar.gz"
        sums = f"{hashlib.sha256(archive).hexdigest()}  {name}\n"
        self.hub.release(self.actions, tag, {name: archive, "SHA256SUMS": sums.encode()})

    def policies(self, private, portal):
        """The policy repository, with the variables and secrets that its README lists."""
        folder = self.folder / "init"
        self.ssprctl(
            "init", str(folder), "--action", f"contoso/ssprctl@{self.action_commit}", "--repository", "contoso/policies",
            "--reviewer", "@contoso/identity", "--portal", str(portal).lower(),
        )
        files = {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}
        # The hub has a release, so nothing is built, as the comment of that line says.
        files = {path: re.sub(r"^ +version: source #.*\n", "", text, flags=re.MULTILINE) for path, text in files.items()}
        # Phones end on a day of the calendar, and the findings about methods would change on that day.
        files[BASELINE] = re.sub(r"methods:\n(?:  .*\n)+\n", "", files[BASELINE])
        adapt_tests(files)
        self.repository = self.hub.create("contoso/policies", private=private)
        self.repository.variables = {"SSPRCTL_TENANT_ID": TENANT, "SSPRCTL_PLAN_CLIENT_ID": PLAN_CLIENT}
        self.repository.secrets = {"SSPRCTL_HEARTBEAT_URL": f"https://health.contoso.com/{random_secret()}"}
        protected = {"SSPRCTL_CACHE_KEY": base64.b64encode(os.urandom(32)).decode()}
        if portal:
            self.repository.secrets["SSPRCTL_PLAN_REFRESH_TOKEN"] = self.secrets_of["global.reader"]
            protected["SSPRCTL_APPLY_REFRESH_TOKEN"] = self.secrets_of["policy.admin"]
        self.repository.environments["ssprctl"] = Environment(protected, {"SSPRCTL_APPLY_CLIENT_ID": APPLY_CLIENT}, branches=("main",))
        self.first = self.mutated("contoso/policies", files)

    # The machine.

    def path(self, gh):
        """The runner's path: the real programs behind what machine/ has of the same name."""
        folder = self.folder / "bin"
        folder.mkdir()
        for program in sorted((Path(__file__).parent.parent / "machine").iterdir()):
            shutil.copy(program, folder)
        (folder / "gh-real").symlink_to(gh)
        return f"{folder}:{os.path.dirname(shutil.which('node'))}:/usr/local/bin:/usr/bin:/bin"

    def machine_variables(self):
        """The variables that lead the program to the embedded tenants."""
        tenants = f"http://127.0.0.1:{self.port}"
        return {
            "SSPRCTL_LOGIN_URL": self.sign_in.address, "SSPRCTL_GRAPH_URL": tenants, "SSPRCTL_PORTAL_URL": tenants, "NO_COLOR": "1",
        }

    # What people do.

    def push(self, files, message, branch="main", repository=None, author="Alice"):
        """Commits to a branch and pushes: pull requests of the branch are updated, or `push` happens."""
        repository = repository or self.repository
        before = repository.git.head(branch)
        start = before or (repository.git.head("main") if branch != "main" else None)
        commit = repository.git.commit_files(files, message, start, branch, author)
        pulls = [pull for pull in self.repository.pulls.values() if pull.branch == branch and pull.head_repository == repository.name]
        pulls = [pull for pull in pulls if self.repository.issues[pull.number].state == "open"]
        self.happened("push", repository, before=before, commit=commit, branch=branch)
        for pull in pulls:
            self.repository.refresh(pull)
            self.pull_event(pull, "synchronize")
        return commit

    def happened(self, name, repository, *, before, commit, branch):
        """Starts the workflows for a push."""
        payload = {"ref": f"refs/heads/{branch}", "before": before or "0" * 40, "after": commit, "repository": repository_json(repository)}
        event = Event(
            name, payload, sha=commit, ref=f"refs/heads/{branch}", base_branch=branch, changed=repository.git.changed(before, commit),
        )
        if repository is self.repository:
            self.service.happen(repository, event)

    def pull_event(self, pull, action, actor="alice"):
        """Starts the workflows for a pull request."""
        repository = self.repository
        payload = {"action": action, "number": pull.number, "pull_request": pull_json(pull, repository), "repository": repository_json(repository)}
        event = Event(
            "pull_request", payload, sha=pull.merge, ref=f"refs/pull/{pull.number}/merge", base_branch=pull.base, actor=actor,
            changed=repository.git.changed(pull.base_sha, pull.merge), fork=pull.head_repository != repository.name,
        )
        self.service.happen(repository, event)

    def work(self):
        """Runs what is to be run, and reports every run with its artifacts."""
        finished = self.service.work()
        for run in finished:
            self.say.run(run)
            self.say.artifacts(self.repository, run)
        for run in self.repository.runs.values():
            if run.status == "waiting":
                self.say(f"== {run.name}: waits for approval of {', '.join(job.title for job in run.jobs if job.status == 'waiting')}")
        return finished

    def approve(self):
        """Agrees to every job that waits for it."""
        for run in self.repository.runs.values():
            for job in run.jobs:
                job.approved |= job.status == "waiting"

    def start_repository(self):
        """The first commit is there already, and no workflow has run."""
        self.repository.git.commit_files(self.first, "Start with what the tenant has", branch="main")

    def start_with_tenants(self, folders):
        """The same with one policy for each of these tenants, in these folders, and the tenants are as their policies say."""
        self.consent(*(name for name in folders if name != TENANT))
        self.first |= self.tenants(folders, "false")
        self.start_repository()
        for name in folders:
            self.ssprctl("sandbox", "set", "scope.administrators=false", "--tenant", name)

    def tenants(self, folders, administrators):
        """The files of a repository that has, instead of those of `init`, one policy for each tenant, in these folders."""
        policy = "version: 1\ntenant: {}\nscope:\n  administrators: {}\n"
        files = {f"{folder}/{name.split('.')[0]}.yaml": policy.format(name, administrators) for name, folder in folders.items()}
        return {BASELINE: None, POLICY: None, "tests/people.yaml": None} | files

    def policy(self, **settings):
        """The tenant's policy with more settings, as texts of YAML by their section."""
        text = self.repository.git.show("main", POLICY)
        return {POLICY: text + "".join(f"\n{section}:\n  {line}\n" for section, line in settings.items())}

    def dispatch(self, path, **inputs):
        """Starts a workflow by hand."""
        return self.service.dispatch(self.repository, path, "main", inputs)

    def open(self, branch, files, title, repository=None, author="Alice"):
        """Pushes a branch and opens a pull request of it."""
        repository = repository or self.repository
        start = repository.git.head("main")
        repository.git.commit_files(files, title, start, branch, author)
        pull = self.repository.open_pull(branch, title, head_repository=repository.name, login=author.lower())
        self.pull_event(pull, "opened", author.lower())
        return pull

    def merge(self, pull, how="squash"):
        """Merges a pull request: squash, merge or rebase. A deleted branch does not matter to anything here."""
        git, repository = self.repository.git, self.repository
        before = git.head("main")
        repository.refresh(pull)
        title = f"{repository.issues[pull.number].title} (#{pull.number})"
        commit = git.rebase(before, pull.head) if how == "rebase" else getattr(git, how)(before, pull.head, title)
        self.merged(pull, before, commit)

    def merged(self, pull, before, commit):
        """A pull request has been merged as this commit: main moves there, and `push` happens."""
        repository = self.repository
        repository.git("update-ref", "refs/heads/main", commit)
        pull.merged_as = commit
        repository.issues[pull.number].state = "closed"
        for other in repository.pulls.values():
            if repository.issues[other.number].state == "open":
                repository.refresh(other)
        self.happened("push", repository, before=before, commit=commit, branch="main")
        self.pull_event(pull, "closed")

    def merge_by_queue(self, pull):
        """Lets the merge queue try a pull request, and merges it when the workflows of the queue are done."""
        base = self.repository.git.head("main")
        commit, runs = self.try_group(pull)
        self.work()
        assert runs and all(run.conclusion == "success" for run in runs)
        self.merged(pull, base, commit)

    def try_group(self, *pulls):
        """Lets the merge queue try pull requests together: the commit of the group, and the runs of the workflows for it."""
        git, repository = self.repository.git, self.repository
        base = commit = git.head("main")
        for pull in pulls:
            repository.refresh(pull)
            commit = git.merge(commit, pull.head, f"Merge pull request #{pull.number}")
        ref = f"refs/heads/gh-readonly-queue/main/pr-{pulls[-1].number}-{base}"
        git("update-ref", ref, commit)
        group = {"head_sha": commit, "head_ref": ref, "base_sha": base, "base_ref": "refs/heads/main"}
        payload = {"action": "checks_requested", "merge_group": group, "repository": repository_json(repository)}
        return commit, self.service.happen(repository, Event("merge_group", payload, sha=commit, ref=ref, base_branch="main"))

    def scheduled(self, path):
        """Lets the schedule of a workflow come."""
        repository = self.repository
        sha = repository.git.head("main")
        from runner import workflow

        document = workflow.read(repository.git.show(sha, path))
        event = Event("schedule", {"schedule": "17 */6 * * *", "repository": repository_json(repository)}, sha=sha, ref="refs/heads/main")
        return self.service.start(repository, event, path, document)

    def wrong(self):
        """What must not have happened: calls to what the hub does not know, and secrets where others can read them."""
        found = [f"a mistake: {text}" for text in self.hub.mistakes]
        secrets = {*self.repository.secrets.values(), *self.sign_in.issued}
        for environment in self.repository.environments.values():
            secrets |= {*environment.secrets.values()}
        places = {"what was printed": "\n".join(self.say.lines)}
        for artifact in self.repository.artifacts.values():
            places |= {f"{name} of the artifact {artifact.name}": text for name, text in files_of(artifact).items()}
        for cache in self.repository.caches:
            places[f"the cache {cache['key']}"] = cache["data"].decode(errors="replace")
        for issue in self.repository.issues.values():
            places[f"issue {issue.number}"] = "\n".join([issue.body, *(comment.body for comment in issue.comments)])
        return found + [f"a secret is in {place}" for place, text in places.items() if any(secret in text for secret in secrets)]

    def close(self):
        """Ends what this world started."""
        self.process.terminate()
        self.process.wait()
        self.sign_in.close()
        self.hub.close()
