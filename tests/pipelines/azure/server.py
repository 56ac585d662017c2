"""The parts of Azure DevOps that the steps talk to, on a loopback port: pull requests, threads, runs and work items."""
import io
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote

from shared.server import Handler, Server

TOKEN = "system-access-token-for-tests"
BUILD_SERVICE, MALLORY = {"id": "b111d5e2"}, {"id": "0bad0bad"}
# The states of the type Issue in the process Basic.
STATES = [{"name": "To Do", "category": "Proposed"}, {"name": "Doing", "category": "InProgress"},
          {"name": "Done", "category": "Completed"}]


class AzureDevOps:
    def __init__(self):
        self.requests, self.builds, self.threads, self.items, self.log = [], [], {}, [], []
        self.next = 500
        # The folder of each artifact, by the number of its run.
        self.artifacts = {}

    def number(self):
        self.next += 1
        return self.next

    def start(self):
        self.url = f"{Server(Api, self).address}/contoso/"

    def answer(self, method, path, query, body):
        def match(pattern):
            found = re.fullmatch(pattern, path)
            return [int(part) for part in found.groups()] if found else None

        if path == "connectionData":
            return {"authenticatedUser": BUILD_SERVICE}
        if path == "git/repositories/R/pullrequestquery" and method == "POST":
            answer = {}
            for one in body["queries"]:
                assert one["type"] == "lastMergeCommit"
                for commit in one["items"]:
                    found = [request for request in self.requests if request["lastMergeCommit"]["commitId"] == commit]
                    if found:
                        answer[commit] = found
            return {"results": [answer] if answer else []}
        if path == "build/builds":
            found = [build for build in self.builds[::-1] if build["sourceBranch"] == query["branchName"]
                     and build["reason"].lower() in query["reasonFilter"].lower().split(",")]
            return {"value": found[:int(query["$top"])]}
        if parts := match(r"build/builds/(\d+)/artifacts"):
            folders = sorted(self.artifacts[parts[0]].iterdir())
            return {"value": [{"name": folder.name, "resource": {"downloadUrl": f"{self.url}archives/{parts[0]}/{folder.name}"}}
                              for folder in folders]}
        if parts := match(r"git/repositories/R/pullRequests/(\d+)/threads"):
            threads = self.threads.setdefault(parts[0], [])
            if method == "POST":
                comments = [{"id": 1, "author": BUILD_SERVICE, **comment} for comment in body["comments"]]
                threads.append({"id": self.number(), "status": body["status"], "comments": comments})
            return threads[-1] if method == "POST" else {"value": threads}
        if (parts := match(r"git/repositories/R/pullRequests/(\d+)/threads/(\d+)/comments/(\d+)")) and method == "PATCH":
            thread = next(thread for thread in self.threads[parts[0]] if thread["id"] == parts[1])
            comment = next(comment for comment in thread["comments"] if comment["id"] == parts[2])
            assert comment["author"] == BUILD_SERVICE, "somebody else's comment"
            comment["content"] = body["content"]
            return comment
        return self.work_items(method, path, query, body)

    def archive(self, run, name):
        """An artifact as a ZIP file, in which its own folder is the first."""
        content, folder = io.BytesIO(), self.artifacts[int(run)] / name
        with zipfile.ZipFile(content, "w") as archive:
            for file in (file for file in folder.rglob("*") if file.is_file()):
                archive.write(file, Path(name, file.relative_to(folder)))
        return content.getvalue()

    def work_items(self, method, path, query, body):
        if path == "wit/workitemtypes/Issue/states":
            return {"value": STATES}
        if path == "wit/wiql":
            tag = re.search(r"CONTAINS '([a-z-]+)'", body["query"])[1]
            return {"workItems": [{"id": item["id"]} for item in self.items if item["fields"]["System.Tags"] == tag]}
        if path == "wit/workitems" and method == "GET":
            ids = query["ids"].split(",")
            assert len(ids) <= 200
            return {"value": [item for item in self.items if str(item["id"]) in ids]}
        fields = {change["path"].removeprefix("/fields/"): change["value"] for change in body}
        if path == "wit/workitems/$Issue" and method == "POST":
            self.items.append({"id": self.number(), "fields": {"System.State": "To Do", **fields}})
            return self.items[-1]
        if (found := re.fullmatch(r"wit/workitems/(\d+)", path)) and method == "PATCH":
            item = next(item for item in self.items if item["id"] == int(found[1]))
            item["fields"].update(fields)
            return item
        return None


class Api(Handler):
    def answer(self):
        path, query, body = self.parts()
        azure, path = self.server.service, re.sub(r"^/contoso/(Sign%20in/)?_apis/", "", path)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            # The service answers a request without a valid token with its sign-in page.
            return self.reply(203, None)
        if found := re.fullmatch(r"/contoso/archives/(\d+)/([a-z0-9-]+)", path):
            return self.reply(200, azure.archive(*found.groups()), {"Content-Type": "application/zip"})
        if self.command != "GET" and path != "wit/wiql" and not path.endswith("pullrequestquery"):
            azure.log.append(f"{self.command} {path}")
            if path.startswith("wit/"):
                assert self.headers["Content-Type"] == "application/json-patch+json"
        content = azure.answer(self.command, unquote(path), query, body) if query["api-version"] == "7.1" else None
        return self.reply(404 if content is None else 200, content)
