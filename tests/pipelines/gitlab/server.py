"""The parts of GitLab that the jobs talk to, on a loopback port: merge requests, pipelines, artifacts, notes and issues."""
import re

from shared.server import Handler, Server

TOKEN = "glpat-for-tests"
PROJECT = 7
BOT, MALLORY = {"id": 40, "username": "project_7_bot"}, {"id": 99, "username": "mallory"}


class GitLab:
    """What the project holds. Lists are in the order of the ids."""

    def __init__(self):
        self.requests, self.pipelines, self.jobs, self.artifacts = {}, [], [], {}
        self.notes, self.issues, self.log = {}, [], []
        self.heartbeat, self.calls, self.next = "/check-for-tests", 0, 1000

    def number(self):
        self.next += 1
        return self.next

    def start(self):
        self.url, self.storage, self.monitor = (Server(kind, self).address for kind in (Api, Storage, Monitor))

    def answer(self, method, path, query, body):
        """The status and the content of an answer; a list is cut into pages by the caller."""
        def match(pattern):
            found = re.fullmatch(pattern, path)
            return [int(part) if part and part.isdigit() else part for part in found.groups()] if found else None

        if path == "/user":
            return 200, BOT
        if parts := match(r"/repository/commits/([0-9a-f]{40})/merge_requests"):
            commit = str(parts[0])
            return 200, [request for request in self.requests.values()
                         if commit in (request["sha"], request["merge_commit_sha"], request["squash_commit_sha"])]
        if parts := match(r"/merge_requests/(\d+)/pipelines"):
            return 200, [pipeline for pipeline in self.pipelines if pipeline["request"] == parts[0]][::-1]
        if path == "/pipelines":
            return 200, [pipeline for pipeline in self.pipelines[::-1]
                         if pipeline["ref"] == query["ref"] and pipeline["source"] == query["source"]]
        if parts := match(r"/pipelines/(\d+)/jobs"):
            return 200, [job for job in self.jobs if job["pipeline"] == parts[0]][::-1]
        if parts := match(r"/jobs/(\d+)/artifacts/([a-z./]+)"):
            there = tuple(parts) in self.artifacts
            return (302, f"{self.storage}/{parts[0]}/{parts[1]}") if there else (404, {"message": "404 Not Found"})
        if parts := match(r"/merge_requests/(\d+)/notes"):
            notes = self.notes.setdefault(parts[0], [])
            if method == "POST":
                notes.append({"id": self.number(), "author": BOT, "body": body["body"]})
                return 201, notes[-1]
            return 200, notes
        if (parts := match(r"/merge_requests/(\d+)/notes/(\d+)")) and method == "PUT":
            note = next(note for note in self.notes[parts[0]] if note["id"] == parts[1])
            if note["author"] != BOT:
                return 403, {"message": "403 Forbidden"}
            note["body"] = body["body"]
            return 200, note
        if path == "/issues":
            if method == "POST":
                self.issues.append({"iid": len(self.issues) + 1, "author": BOT, "title": body["title"], "state": "opened",
                                    "labels": body["labels"].split(","), "description": body["description"], "notes": []})
                return 201, self.issues[-1]
            return 200, [issue for issue in self.issues
                         if issue["state"] == query["state"] and query["labels"] in issue["labels"]]
        if (parts := match(r"/issues/(\d+)(/notes)?")) and method in ("PUT", "POST"):
            issue = self.issues[parts[0] - 1]
            if parts[1]:
                issue["notes"].append(body["body"])
            elif body.get("state_event") == "close":
                issue["state"] = "closed"
            else:
                issue["description"] = body["description"]
            return 200, issue
        return 404, {"message": "404 Not Found"}


class Api(Handler):
    def answer(self):
        path, query, body = self.parts()
        if self.headers.get("PRIVATE-TOKEN") != TOKEN:
            return self.reply(401, {"message": "401 Unauthorized"})
        gitlab, path = self.server.service, path.removeprefix("/api/v4").removeprefix(f"/projects/{PROJECT}")
        if self.command != "GET":
            gitlab.log.append(f"{self.command} {path}")
        status, content = gitlab.answer(self.command, path, query, body)
        if status == 302:
            return self.reply(status, headers={"Location": content})
        if not isinstance(content, list):
            return self.reply(status, content)
        size, page = min(int(query.get("per_page", 20)), 100), int(query.get("page", 1))
        following = str(page + 1) if page * size < len(content) else ""
        return self.reply(status, content[(page - 1) * size:page * size], {"X-Next-Page": following})


class Storage(Handler):
    """Where artifacts lie: another host, which must not be sent the token."""

    def answer(self):
        job, _, file = self.path[1:].partition("/")
        text = self.server.service.artifacts.get((int(job), file))
        refused = text is None or "PRIVATE-TOKEN" in self.headers
        self.reply(400 if refused else 200, b"" if refused else text)


class Monitor(Handler):
    """What expects a sign of life at one address."""

    def answer(self):
        known = self.path == self.server.service.heartbeat
        self.server.service.calls += known
        self.reply(200 if known else 404)
