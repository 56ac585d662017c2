#!/usr/bin/env python3
"""What the jobs of .gitlab-ci.yml ask of GitLab. It needs Python 3.9 or newer and SSPRCTL_GITLAB_TOKEN.

gitlab.py queue FOLDER             finds what is merged and not applied, and fetches the plans that were reviewed for it
gitlab.py comment FILE             writes FILE as a comment on the merge request, or edits the comment of an earlier run
gitlab.py comments FOLDER...       the same for each merge request that has a file comments/NUMBER.md in one of the folders
gitlab.py issues RESULT FOLDER     opens, updates and closes an issue for each tenant, and for each common drift
"""
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import drift_issues
import merge_queue

SERVER = os.environ["CI_API_V4_URL"]
PROJECT = f"{SERVER}/projects/{os.environ['CI_PROJECT_ID']}"
TOKEN = os.environ.get("SSPRCTL_GITLAB_TOKEN", "")
LABEL = "ssprctl-drift"


def fail(reason):
    sys.exit(f"error: {reason}")


def call(method, url, body=None, may_lack=False):
    """Sends one request, and returns the headers and the bytes of the response; with `may_lack`, None for what is not there."""
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
    # Artifacts may be redirected to another host, which must not see the token.
    request.add_unredirected_header("PRIVATE-TOKEN", TOKEN)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.headers, response.read()
    except urllib.error.HTTPError as error:
        if may_lack and error.code == 404:
            return None
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
    """The result of a comparison. Another one, such as that of invalid policies, compared no tenant."""
    result = json.loads(read(file))
    if result["command"] != "drift" or not result["tenants"]:
        fail("no tenant was compared, so the issues stay as they are")
    return result


def pages(path):
    """All entries of a list, whatever the number of its pages."""
    page, entries = "1", []
    while page:
        headers, text = call("GET", f"{PROJECT}{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
        entries += json.loads(text)
        page = headers.get("X-Next-Page")
    return entries


def merged(commit):
    """The merge request that brought a commit into the default branch, or None. GitLab may record the merge after it started
    this job."""
    for attempt in range(5):
        if attempt:
            time.sleep(float(os.environ.get("SSPRCTL_PAUSE", "3")))
        found = [request for request in pages(f"/repository/commits/{commit}/merge_requests")
                 if request["state"] == "merged" and request["target_branch"] == os.environ["CI_DEFAULT_BRANCH"]]
        if found:
            request = max(found, key=lambda request: request["merged_at"])
            return {"number": request["iid"], "head": request["sha"]}
    return None


def fetch(merge, folder):
    """Brings the plan that was reviewed for a merge request. Returns `changes`, `nothing`, or why there is no such plan."""
    number = merge["number"]
    pipelines = [pipeline for pipeline in pages(f"/merge_requests/{number}/pipelines")
                 if pipeline["source"] == "merge_request_event"]
    if not pipelines:
        return "it has no pipeline, so nobody has reviewed a plan"
    last = max(pipelines, key=lambda pipeline: pipeline["id"])
    if str(last["project_id"]) != os.environ["CI_PROJECT_ID"]:
        return "its pipeline ran in the fork, whose plans are not trusted"
    if last["ref"].endswith("/head") and last["sha"] != merge["head"]:
        return "its last pipeline is not of its last commit"
    plan = next((job for job in pages(f"/pipelines/{last['id']}/jobs") if job["name"] == "plan"), None)
    if plan is None or plan["status"] != "success":
        return "its plan did not succeed in its last pipeline"
    for name in ("review.json", "result.json", "policies"):
        file = call("GET", f"{PROJECT}/jobs/{plan['id']}/artifacts/plan/{name}", may_lack=True)
        if file is None:
            return f"job {plan['id']} left no whole plan, or it has expired"
        Path(folder, name).write_bytes(file[1])
    return merge_queue.state_of_plan(folder, number, f"job {plan['id']} of pipeline {last['id']}")


def last_record():
    """What the last pipeline of the default branch left: what its job `apply` recorded, or else the queue that it began with."""
    this, branch = int(os.environ["CI_PIPELINE_ID"]), urllib.parse.quote(os.environ["CI_DEFAULT_BRANCH"], safe="")
    earlier = []
    for source in ("push", "web"):
        # The newest hundred.
        earlier += json.loads(call("GET", f"{PROJECT}/pipelines?ref={branch}&source={source}&per_page=100")[1])
    for pipeline in sorted(earlier, key=lambda pipeline: pipeline["id"], reverse=True):
        # A tag may have the name of the branch, and anybody's text.
        jobs = {job["name"]: job["id"] for job in pages(f"/pipelines/{pipeline['id']}/jobs") if not job["tag"]}
        for name, file in (("apply", "applied/record.json"), ("queue", "queue/record.json")):
            # The queue of this very pipeline, whose job is tried again, says nothing new.
            if name not in jobs or (name == "queue" and pipeline["id"] == this):
                continue
            found = call("GET", f"{PROJECT}/jobs/{jobs[name]}/artifacts/{file}", may_lack=True)
            if found is not None:
                return json.loads(found[1])
    return None


def queue(folder):
    commit, before = os.environ["CI_COMMIT_SHA"], os.environ["CI_COMMIT_BEFORE_SHA"]
    try:
        record = merge_queue.write_queue(folder, commit, before, last_record(), merged, fetch)
        merge_queue.report_queue(
            folder, record, "start a pipeline for the branch, read its plan and start its job apply")
    except merge_queue.QueueError as error:
        fail(error)


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
    result = compared(result)
    user = json.loads(call("GET", f"{SERVER}/user")[1])["id"]
    opened = [issue for issue in pages(f"/issues?state=opened&labels={LABEL}") if issue["author"]["id"] == user]
    numbers = {issue["title"]: issue["iid"] for issue in opened}
    texts = {issue["title"]: issue["description"] or "" for issue in opened}
    for step in drift_issues.steps(result, texts):
        title = step.title
        if step.do == "leave":
            print(f"left {title} as it is: {step.text}")
        elif step.do == "close":
            number, see = numbers[title], "".join(f" #{numbers[other]}" for other in step.see)
            note = f"{step.text}{see}: {os.environ['CI_PIPELINE_URL']}"
            call("POST", f"{PROJECT}/issues/{number}/notes", {"body": note})
            call("PUT", f"{PROJECT}/issues/{number}", {"state_event": "close"})
            print(f"closed {title}")
        else:
            body = {"description": read(Path(folder, step.file)) + step.text}
            if title in numbers:
                call("PUT", f"{PROJECT}/issues/{numbers[title]}", body)
                print(f"updated {title}")
            else:
                created = json.loads(call("POST", f"{PROJECT}/issues", {"title": title, "labels": LABEL, **body})[1])
                numbers[title] = created["iid"]
                print(f"opened {title}")


def main():
    command, *arguments = sys.argv[1:] or ["help"]
    if command == "queue" and len(arguments) == 1:
        queue(*arguments)
    elif command == "comment" and len(arguments) == 1:
        comment(arguments[0], os.environ.get("CI_MERGE_REQUEST_IID", ""))
    elif command == "comments" and arguments:
        for number, file in merge_queue.comments(arguments).items():
            comment(file, number)
    elif command == "issues" and len(arguments) == 2:
        issues(*arguments)
    else:
        sys.exit(__doc__)


main()
