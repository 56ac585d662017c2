"""What a scenario prints: each run with its jobs and steps, and what people see of it, without what differs from day to day."""

import re

from github.hub import files_of
from github.model import BOT

RULES = [
    (r"/\S*?/(hostexecutor|act/actions|act/workflow)", r"<\1>"),
    (r"\b[0-9a-f]{40}\b|(?<=\bcommit )[0-9a-f]{7}\b", "<commit>"),
    (r"\b[0-9a-f]{64}\b", "<digest>"),
    (r"sha256-[A-Za-z0-9+/=_-]{20,}", "<digest>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<id>"),
    (r"\b20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z", "<time>"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d( UTC|:\d\d)?", "<time>"),
    (r"Timestamp: 20[\d-]*…", "Timestamp: <time>…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
    (r"\b20\d{6}T\d{6,9}Z?(-\w+)?", "<run>"),
    (r"-[0-9a-f]{16}\b", "-<hash>"),
    (r"\b\d+(\.\d+)? ?ms\b", "<n> ms"),
]


class Report:
    """Collects the lines of a scenario."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.lines = []
        self.shown = {}
        self.rewrite = None

    def __call__(self, text=""):
        """Adds lines."""
        self.lines += str(text).split("\n")

    def text(self):
        """Everything, normalised."""
        text = "\n".join(line.rstrip() for line in self.lines).replace(self.folder, "<world>")
        short = {"h": "", "t": "<temp>", "a": "<act>"}
        place = r"<world>/jobs/[^/\s]+/act/[0-9a-f]+/(hostexecutor/?|tmp|act)"
        text = re.sub(place, lambda found: short[found[1][0]], text)
        text = re.sub(r"(<temp>/ssprctl-[a-z]+)\.\w+", r"\1", text)
        for pattern, replacement in RULES:
            text = re.sub(pattern, replacement, text)
        text = re.sub(r"\bruns/\d+", "runs/<run>", text)
        text = re.sub(r"\b(ssprctl-drift[\w-]*/)1\d{3}-1\b", r"\1<run>", text)
        text = re.sub(r"(less than a minute|\d+ minutes?) old", "<age> old", text)
        text = self.rewrite(text) if self.rewrite else text
        return text.strip("\n") + "\n"

    def heading(self, text):
        """A part of the scenario."""
        self(f"\n# {text}\n")

    def run(self, run, numbers=None):
        """A run: how it ended, and what each step printed."""
        pull = run.event.payload.get("pull_request")
        what = f"{run.event.name} of pull request {pull['number']}" if pull else run.event.name
        self(f"== {run.name} ({what}): {run.conclusion or run.status}")
        if run.conclusion == "skipped":
            return
        for job in run.jobs:
            self(f"-- {job.title}: {job.conclusion or job.status}")
            for who in job.sign_ins:
                self(f"   signed in {who}")
            for name, result, printed in job.log:
                self(f"   [{result}] {re.sub(r'@[0-9a-f]{40}', '', name)}")
                for line in printed:
                    self(f"     {line}" if line else "")

    def comments(self, repository, number):
        """The comments that workflows wrote on an issue or a pull request."""
        for comment in (comment for comment in repository.issues[number].comments if comment.login == BOT):
            edits = f", edited {comment.edits} times" if comment.edits else ""
            if self.shown.get(comment.id) == comment.edits:
                self(f"-- comment of {comment.login}{edits}: as above, {comment.body.split(chr(10))[0]}")
                continue
            self.shown[comment.id] = comment.edits
            self(f"-- comment of {comment.login}{edits}")
            self("\n".join(f"   > {line}".rstrip() for line in comment.body.split("\n")))

    def issues(self, repository):
        """The issues that are no pull requests."""
        for issue in repository.issues.values():
            if issue.number not in repository.pulls:
                self(f"-- issue: {issue.title} [{', '.join(issue.labels)}] {issue.state}")
                self("\n".join(f"   > {line}".rstrip() for line in issue.body.split("\n")))
                self.comments(repository, issue.number)

    def artifacts(self, repository, run):
        """The artifacts of a run, with the names of their files."""
        for artifact in repository.artifacts.values():
            if artifact.run == run.id:
                self(f"-- artifact {artifact.name} ({artifact.days} days): {' '.join(files_of(artifact))}")
