"""What the hub holds: repositories with their pull requests, issues, runs, artifacts, caches and environments."""

import hashlib
import secrets
from dataclasses import dataclass, field

from github.git import Git

BOT = "github-actions[bot]"
LEVELS = {"none": 0, "read": 1, "write": 2}


@dataclass
class Token:
    """The token of one job. It may do what the `permissions` of the job allow, in its own repository."""

    repository: str
    permissions: dict
    run: int
    value: str = field(default_factory=lambda: f"ghs_{secrets.token_hex(18)}")
    login: str = BOT

    def allows(self, permission, level):
        """Whether a call that needs this permission is allowed."""
        return LEVELS[self.permissions.get(permission, "none")] >= LEVELS[level]


class Person(Token):
    """The token of somebody who may do everything in a repository."""

    def allows(self, permission, level):
        """Everything is allowed."""
        return True


@dataclass
class Comment:
    """A comment on an issue or a pull request."""

    id: int
    login: str
    body: str
    edits: int = 0


@dataclass
class Issue:
    """An issue. A pull request is one, too: its comments are here, under the same number."""

    number: int
    title: str
    body: str
    login: str
    state: str = "open"
    state_reason: str | None = None
    labels: list = field(default_factory=list)
    comments: list = field(default_factory=list)
    edits: int = 0


@dataclass
class PullRequest:
    """A pull request: a branch of this repository or of a fork, for a branch of this one."""

    number: int
    head_repository: str
    branch: str
    head: str
    base: str
    base_sha: str
    login: str
    merged_as: str | None = None
    merge: str | None = None


@dataclass
class Artifact:
    """Files that a run has stored, as a zip archive."""

    id: int
    run: int
    name: str
    data: bytes
    days: int


@dataclass
class Environment:
    """A protected environment: its secrets and variables reach jobs that name it, and nobody else."""

    secrets: dict = field(default_factory=dict)
    variables: dict = field(default_factory=dict)
    reviewers: bool | list = False
    prevent_self_review: bool = False
    branches: tuple = ("*",)
    policy: dict | None = None


@dataclass
class Release:
    """A release with its files."""

    id: int
    tag: str
    assets: dict
    signer: str

    def digests(self):
        """The digests of the files, as attestations name them."""
        return [f"sha256:{hashlib.sha256(data).hexdigest()}" for data in self.assets.values()]


class Repository:
    """One repository on the hub."""

    def __init__(self, hub, name, private=False, parent=None):
        self.hub = hub
        self.name = name
        self.id = 5002 + len(hub.repositories)
        self.private = private
        self.parent = parent
        self.code_scanning = not private
        self.default_branch = "main"
        self.git = Git(hub.git_root / f"{name}.git")
        self.secrets = {}
        self.variables = {}
        self.environments = {}
        self.labels = {"bug": "Something is wrong"}
        self.issues = {}
        self.pulls = {}
        self.runs = {}
        self.artifacts = {}
        self.caches = []
        self.releases = {}
        self.sarif = []
        self.rulesets = []
        self.subject = f"repo:{name}"
        self.last_number = 0

    def next_number(self):
        """The next number of an issue or a pull request."""
        self.last_number += 1
        return self.last_number

    def new_issue(self, title, body, login, labels=()):
        """Opens an issue."""
        issue = Issue(self.next_number(), title, body, login, labels=list(labels))
        self.issues[issue.number] = issue
        return issue

    def comment(self, number, login, body):
        """Writes a comment."""
        comment = Comment(self.hub.next_id(), login, body)
        self.issues[number].comments.append(comment)
        return comment

    def open_pull(self, branch, title, body="", login="alice", head_repository=None, base="main"):
        """Opens a pull request of a branch, of this repository or a fork."""
        head_repository = head_repository or self.name
        head = self.hub.repositories[head_repository].git.head(branch)
        issue = self.new_issue(title, body, login)
        pull = PullRequest(issue.number, head_repository, branch, head, base, self.git.head(base), login)
        self.pulls[pull.number] = pull
        self.refresh(pull)
        return pull

    def refresh(self, pull):
        """Fetches the head of a pull request and merges it for tests, as GitHub does after every push."""
        if self.issues[pull.number].state != "open":
            return
        other = self.hub.repositories[pull.head_repository]
        pull.head = other.git.head(pull.branch)
        pull.base_sha = self.git.head(pull.base)
        if other is not self:
            self.git("fetch", "--quiet", str(other.git.path), pull.head)
        self.git("update-ref", f"refs/pull/{pull.number}/head", pull.head)
        pull.merge = self.git.merge(pull.base_sha, pull.head, f"Merge {pull.head} into {pull.base_sha}")
        self.git("update-ref", f"refs/pull/{pull.number}/merge", pull.merge)

    def pull_of_branch(self, branch):
        """The open pull request of a branch of this repository, if there is one."""
        mine = (pull for pull in self.pulls.values() if pull.branch == branch and pull.head_repository == self.name)
        return next((pull for pull in mine if self.issues[pull.number].state == "open"), None)
