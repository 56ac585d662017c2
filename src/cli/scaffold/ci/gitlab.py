#!/usr/bin/env python3
"""What the jobs of .gitlab-ci.yml ask of GitLab. It needs Python 3.9 or newer and SSPRCTL_GITLAB_TOKEN.

gitlab.py reviewed FILE            fetches the plan of the merge request that brought this commit
gitlab.py comment FILE [NUMBER]    writes FILE as a comment on the merge request, or edits the comment of an earlier run
gitlab.py issues RESULT FOLDER     opens, updates and closes an issue for each tenant
"""
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SERVER = os.environ["CI_API_V4_URL"]
PROJECT = f"{SERVER}/projects/{os.environ['CI_PROJECT_ID']}"
TOKEN = os.environ.get("SSPRCTL_GITLAB_TOKEN", "")
LABEL = "ssprctl-drift"


def fail(reason):
    sys.exit(f"error: {reason}")


def call(method, url, body=None):
    """Sends one request, and returns the headers and the bytes of the response."""
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
    # Artifacts may be redirected to another host, which must not see the token.
    request.add_unredirected_header("PRIVATE-TOKEN", TOKEN)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.headers, response.read()
    except urllib.error.HTTPError as error:
        hint = "; SSPRCTL_GITLAB_TOKEN needs the scope api" if error.code in (401, 403) else ""
        fail(f"GitLab answers {error.code} to {method} {url.split('?')[0]}{hint}")
    except OSError as error:
        fail(f"GitLab cannot be reached: {error}")


def read(file):
    """A file that an earlier job wrote."""
    try:
        return Path(file).read_text()
    except OSError:
        return fail(f"{file} is not there: the job that writes it failed before that")


def compared(file):
    """The tenants of a comparison by their names. Another result, such as that of invalid policies, compared none."""
    result = json.loads(read(file))
    if result["command"] != "drift" or not result["tenants"]:
        fail("no tenant was compared, so the issues stay as they are")
    return {tenant["tenant"]: tenant for tenant in result["tenants"]}


def pages(path):
    """All entries of a list, whatever the number of its pages."""
    page, entries = "1", []
    while page:
        headers, text = call("GET", f"{PROJECT}{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
        entries += json.loads(text)
        page = headers.get("X-Next-Page")
    return entries


def merged(commit, branch):
    """The merge request that brought a commit into a branch. GitLab may record the merge after it started this job."""
    for attempt in range(5):
        if attempt:
            time.sleep(float(os.environ.get("SSPRCTL_PAUSE", "3")))
        found = [request for request in pages(f"/repository/commits/{commit}/merge_requests")
                 if request["state"] == "merged" and request["target_branch"] == branch
                 and commit in (request["merge_commit_sha"], request["squash_commit_sha"], request["sha"])]
        if found:
            return max(found, key=lambda request: request["merged_at"])
    return fail(f"no merge request brought {commit[:8]} into {branch}, so nobody has reviewed a plan; open one")


def reviewed(file):
    request = merged(os.environ["CI_COMMIT_SHA"], os.environ["CI_DEFAULT_BRANCH"])
    number = request["iid"]
    again = f"run the pipeline of merge request !{number} again, read its plan, and retry this job"
    pipelines = [pipeline for pipeline in pages(f"/merge_requests/{number}/pipelines")
                 if pipeline["source"] == "merge_request_event"]
    if not pipelines:
        fail(f"merge request !{number} has no pipeline, so nobody has reviewed a plan; {again}")
    last = max(pipelines, key=lambda pipeline: pipeline["id"])
    if str(last["project_id"]) != os.environ["CI_PROJECT_ID"]:
        fail(f"the pipeline of merge request !{number} ran in the fork, whose plans are not trusted; open the merge "
             "request again from a branch of this project")
    if last["ref"].endswith("/head") and last["sha"] != request["sha"]:
        fail(f"the last pipeline of merge request !{number} is not of its last commit; {again}")
    plan = next((job for job in pages(f"/pipelines/{last['id']}/jobs") if job["name"] == "plan"), None)
    if plan is None or plan["status"] != "success":
        fail(f"the plan of merge request !{number} did not succeed in its last pipeline; {again}")
    Path(file).write_bytes(call("GET", f"{PROJECT}/jobs/{plan['id']}/artifacts/review.json")[1])
    Path("merge-request").write_text(f"{number}\n")
    print(f"the plan of merge request !{number}, made by job {plan['id']} of pipeline {last['id']}")


def comment(file, number):
    number, text = str(number), read(file)
    marker = text.split("\n", 1)[0]
    if not re.fullmatch(r"[1-9][0-9]*", number):
        fail("the merge request is no number")
    if not re.fullmatch(r"<!-- ssprctl:[a-z-]+ -->", marker):
        fail(f"{file} does not begin with a marker of ssprctl")
    # Only a comment of this token's own user is edited, whoever else may have written the marker.
    user = json.loads(call("GET", f"{SERVER}/user")[1])["id"]
    notes = f"/merge_requests/{number}/notes"
    for note in pages(f"{notes}?order_by=created_at&sort=asc"):
        if note["author"]["id"] == user and note["body"].split("\n", 1)[0].rstrip("\r") == marker:
            call("PUT", f"{PROJECT}{notes}/{note['id']}", {"body": text})
            return print(f"edited the comment on !{number}")
    call("POST", f"{PROJECT}{notes}", {"body": text})
    return print(f"commented on !{number}")


def issues(result, folder):
    tenants = compared(result)
    user = json.loads(call("GET", f"{SERVER}/user")[1])["id"]
    opened = {issue["title"]: issue["iid"] for issue in pages(f"/issues?state=opened&labels={LABEL}")
              if issue["author"]["id"] == user}

    def close(title, reason):
        number = opened[title]
        call("POST", f"{PROJECT}/issues/{number}/notes", {"body": f"{reason}: {os.environ['CI_PIPELINE_URL']}"})
        call("PUT", f"{PROJECT}/issues/{number}", {"state_event": "close"})
        print(f"closed {title}")

    for name, tenant in tenants.items():
        title = f"Drift: {name}"
        if tenant["settings"]:
            body = {"description": read(Path(folder, f"{name}.md"))}
            if title in opened:
                call("PUT", f"{PROJECT}/issues/{opened[title]}", body)
                print(f"updated {title}")
            else:
                call("POST", f"{PROJECT}/issues", {"title": title, "labels": LABEL, **body})
                print(f"opened {title}")
        elif not tenant["complete"]:
            print(f"left {title} as it is: not everything could be compared")
        elif title in opened:
            close(title, "There is no drift any more")
    for title in opened:
        if title.startswith("Drift: ") and title[len("Drift: "):] not in tenants:
            close(title, "No policy is for this tenant any more")


def main():
    command, *arguments = sys.argv[1:] or ["help"]
    if command == "reviewed" and len(arguments) == 1:
        reviewed(*arguments)
    elif command == "comment" and len(arguments) in (1, 2):
        comment(arguments[0], arguments[1] if len(arguments) > 1 else os.environ.get("CI_MERGE_REQUEST_IID", ""))
    elif command == "issues" and len(arguments) == 2:
        issues(*arguments)
    else:
        sys.exit(__doc__)


main()
