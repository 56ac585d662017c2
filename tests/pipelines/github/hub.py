"""The hub: GitHub, as small as our workflows need it. It holds everything, and its server answers for it."""

import io
import secrets
import threading
import zipfile

from github import rest_actions, rest_issues, rest_settings  # noqa: F401 - their routes register themselves
from github.keys import Keys
from github.model import Artifact, Release, Repository
from github.server import Server
from runner import workflow

HOSTS = {
    "api.github.com", "github.com", "health.contoso.com", "objects.githubusercontent.com",
    "results.actions.githubusercontent.com", "oidc.actions.githubusercontent.com",
}


class Hub:
    """All repositories, tokens and jobs, and what went wrong."""

    def __init__(self, folder):
        self.folder = folder
        self.git_root = folder / "git"
        self.lock = threading.RLock()
        self.keys = Keys(folder / "keys")
        self.repositories = {}
        self.tokens = {}
        self.jobs = {}
        self.blobs = {}
        self.mistakes = []
        self.denied = []
        self.refusals = []
        self.heartbeats, self.monitor_is_gone = [], False
        self.dispatches = []
        self.last_id = 1000
        self.server = Server(self)

    def knows_host(self, host):
        """Whether a host is one that is served here."""
        return host in HOSTS

    def mistake(self, text):
        """Notes something that must not happen: a call to an address that is not here, or to another host."""
        self.mistakes.append(text)

    @staticmethod
    def reviewers():
        """The people and the teams that may review: their kind, and how the API shows them."""
        return [
            ("User", {"id": 7001, "login": "alice", "type": "User", "path": "/users/alice"}),
            ("Team", {"id": 8001, "slug": "identity", "name": "Identity", "path": "/orgs/contoso/teams/identity"}),
        ]

    def next_id(self):
        """A number that nothing else has."""
        self.last_id += 1
        return self.last_id

    def create(self, name, **options):
        """A new repository."""
        self.repositories[name] = Repository(self, name, **options)
        return self.repositories[name]

    def fork(self, repository, owner):
        """A fork, with the branches of today."""
        fork = self.create(f"{owner}/{repository.name.split('/')[1]}", private=repository.private, parent=repository)
        fork.git("fetch", "--quiet", str(repository.git.path), "refs/heads/*:refs/heads/*")
        return fork

    def release(self, repository, tag, files):
        """A release whose files the release workflow of its repository has signed."""
        signer = f"{repository.name}/.github/workflows/release.yml"
        repository.releases[tag] = Release(self.next_id(), tag, files, signer)

    def add_artifact(self, repository, run, name, data, days):
        """Stores an artifact of a run."""
        artifact = Artifact(self.next_id(), run, name, data, days)
        repository.artifacts[artifact.id] = artifact
        return artifact

    def workflow_name(self, repository, path):
        """The name of a workflow on the default branch."""
        return workflow.read(repository.git.show(repository.default_branch, path)).get("name", path)

    def pushed_by_a_job(self, repository):
        """Brings pull requests up to date after a push; GitHub starts no workflow for a push by a job's token."""
        for pull in repository.pulls.values():
            if repository.issues[pull.number].state == "open" and not pull.merged_as:
                repository.refresh(pull)

    def close(self):
        """Stops serving."""
        self.server.close()


def files_of(artifact):
    """The files of an artifact as texts by their names."""
    with zipfile.ZipFile(io.BytesIO(artifact.data)) as archive:
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


def random_secret():
    """A secret that nothing else has, so that it can be searched for."""
    return f"secret-{secrets.token_hex(12)}"
