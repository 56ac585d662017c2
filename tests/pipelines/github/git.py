"""The bare repositories: commits, branches, merges, and git's own protocol over HTTP."""

import os
import subprocess

NOBODY = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Alice",
    "GIT_AUTHOR_EMAIL": "alice@contoso.com",
    "GIT_COMMITTER_NAME": "Alice",
    "GIT_COMMITTER_EMAIL": "alice@contoso.com",
}


class MergeConflict(Exception):
    """Two commits that cannot be merged without a person."""


class Git:
    """One bare repository."""

    def __init__(self, path):
        self.path = path
        self.seconds = 0
        if not path.exists():
            path.mkdir(parents=True)
            self("init", "--quiet", "--bare", "--initial-branch=main", ".")
            self("config", "http.receivepack", "true")
            self("config", "uploadpack.allowAnySHA1InWant", "true")

    def __call__(self, *arguments, **options):
        """Runs git and returns what it writes, as text without the last line's end, unless `whole` is set."""
        whole = options.pop("whole", False)
        # Each commit is a minute younger than the one before, so that an order by time is the order in which they were made.
        self.seconds += 60
        date = f"@{1795800000 + self.seconds} +0000"
        environment = {**os.environ, **NOBODY, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        environment.update(options.pop("env", {}))
        run = subprocess.run(["git", *arguments], cwd=self.path, env=environment, capture_output=True, **options)
        if run.returncode:
            raise subprocess.CalledProcessError(run.returncode, run.args, run.stdout, run.stderr.decode(errors="replace"))
        text = run.stdout.decode(errors="replace")
        return text if whole else text.rstrip("\n")

    def commit_files(self, files, message, parent=None, branch=None, author="Alice"):
        """Commits texts (None removes a file) on a parent, moves a branch there if one is named, and returns the commit."""
        index = {"GIT_INDEX_FILE": str(self.path / "index-of-the-hub")}
        self("read-tree", "--empty", env=index)
        if parent:
            self("read-tree", parent, env=index)
        for path, text in files.items():
            if text is None:
                self("rm", "--cached", "--quiet", "--ignore-unmatch", path, env={**index, "GIT_WORK_TREE": str(self.path)})
                continue
            blob = self("hash-object", "-w", "--stdin", input=text.encode())
            mode = "100755" if text.startswith("#!") else "100644"
            self("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", env=index)
        tree = self("write-tree", env=index)
        who = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": f"{author.lower()}@contoso.com"}
        commit = self("commit-tree", tree, *(["-p", parent] if parent else []), "-m", message, env=who)
        if branch:
            self("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def head(self, branch):
        """The commit of a branch, or None."""
        try:
            return self("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
        except subprocess.CalledProcessError:
            return None

    def show(self, commit, path):
        """The text of a file, or None."""
        try:
            return self("show", f"{commit}:{path}", whole=True)
        except subprocess.CalledProcessError:
            return None

    def files(self, commit, folder):
        """The paths below a folder."""
        return self("ls-tree", "-r", "--name-only", commit, "--", f"{folder}/").splitlines()

    def changed(self, base, head):
        """The paths that differ between two commits; all of them when there is no base."""
        if base is None:
            return self("ls-tree", "-r", "--name-only", head).splitlines()
        return self("diff", "--name-only", "--no-renames", base, head).splitlines()

    def merge_tree(self, base, head):
        """The tree of a merge."""
        try:
            return self("merge-tree", "--write-tree", base, head).splitlines()[0]
        except subprocess.CalledProcessError as failed:
            raise MergeConflict(failed.stdout.decode(errors="replace")) from failed

    def merge(self, base, head, message):
        """A merge commit of two commits, base first."""
        return self("commit-tree", self.merge_tree(base, head), "-p", base, "-p", head, "-m", message)

    def squash(self, base, head, message):
        """One commit on the base with everything that the head brings."""
        return self("commit-tree", self.merge_tree(base, head), "-p", base, "-m", message)

    def rebase(self, base, head):
        """The head's commits anew on the base."""
        for commit in self("rev-list", "--reverse", f"{base}..{head}").splitlines():
            base = self.squash(base, commit, self("log", "-1", "--format=%B", commit))
        return base


def serve(root, repository, service, request):
    """Answers one request of git's protocol by `git http-backend`: status, headers and body."""
    environment = {
        "PATH": os.environ["PATH"],
        **NOBODY,
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repository}.git/{service}",
        "REQUEST_METHOD": request.command,
        "QUERY_STRING": request.query_text,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "HTTP_GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "REMOTE_USER": "x-access-token",
        "REMOTE_ADDR": "127.0.0.1",
    }
    answer = subprocess.run(["git", "http-backend"], input=request.body, env=environment, capture_output=True)
    if answer.returncode and not answer.stdout:
        raise OSError(answer.stderr.decode(errors="replace"))
    head, _, body = answer.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200 OK").split(" ")[0])
    return status, headers, body
