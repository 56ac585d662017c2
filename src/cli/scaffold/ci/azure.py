#!/usr/bin/env python3
"""What the steps of azure-pipelines.yml ask of Azure DevOps. It needs Python 3.9 or newer and SYSTEM_ACCESSTOKEN.

azure.py queue FOLDER               finds what is completed and not applied, and fetches the plans that were reviewed for it;
                                    in a run that somebody started, fetches the plan of that run
azure.py comment FILE               writes FILE as a comment on the pull request, or edits the comment of an earlier run
azure.py comments FOLDER...         the same for each pull request that has a file comments/NUMBER.md in one of the folders
azure.py workitems RESULT FOLDER    creates, updates and closes a work item for each tenant, and for each common drift
"""
import html
import io
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

import drift_issues
import merge_queue

COLLECTION = os.environ["SYSTEM_COLLECTIONURI"].rstrip("/")
PROJECT = f"{COLLECTION}/{urllib.parse.quote(os.environ['SYSTEM_TEAMPROJECT'])}/_apis"
REPOSITORY = f"{PROJECT}/git/repositories/{os.environ['BUILD_REPOSITORY_ID']}"
RUN = os.environ["BUILD_BUILDID"]
TOKEN = os.environ.get("SYSTEM_ACCESSTOKEN", "")
# The type of the work items: `Issue` in the processes Basic, Agile and CMMI, `Impediment` in Scrum.
TYPE = os.environ.get("WORKITEMTYPE", "Issue")
TAG = "ssprctl-drift"


def fail(reason):
    sys.exit(f"##vso[task.logissue type=error]{reason}")


def call(method, url, body=None, kind="application/json"):
    """Sends one request of the API, and returns the document of the response."""
    return json.loads(send(method, f"{url}{'&' if '?' in url else '?'}api-version=7.1", body, kind))


def send(method, url, body=None, kind="application/json"):
    """Sends one request, and returns the bytes of the response."""
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
    request.add_unredirected_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", kind)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            if response.status == 203:
                fail("Azure DevOps does not accept the token: map SYSTEM_ACCESSTOKEN in this step")
            return response.read()
    except urllib.error.HTTPError as error:
        hint = "; the README says which permissions the build service needs" if error.code in (401, 403) else ""
        return fail(f"Azure DevOps answers {error.code} to {method} {url.split('?')[0]}{hint}")
    except OSError as error:
        return fail(f"Azure DevOps cannot be reached: {error}")


def read(file):
    """A file that an earlier step wrote."""
    try:
        return Path(file).read_text()
    except OSError:
        return fail(f"{file} is not there: the step that writes it failed before that")


def compared(file):
    """The result of a comparison. Another one, such as that of invalid policies, compared no tenant."""
    result = json.loads(read(file))
    if result["command"] != "drift" or not result["tenants"]:
        fail("no tenant was compared, so the work items stay as they are")
    return result


def artifacts(run):
    """Where the artifacts of a run can be downloaded, by their names."""
    listed = call("GET", f"{PROJECT}/build/builds/{run}/artifacts")["value"]
    return {artifact["name"]: artifact["resource"]["downloadUrl"] for artifact in listed}


def files_of(url, *names):
    """The bytes of some files of an artifact; None for those that it does not have."""
    with zipfile.ZipFile(io.BytesIO(send("GET", url))) as archive:
        # The first folder in the archive is the artifact.
        found = {entry.partition("/")[2]: entry for entry in archive.namelist()}
        return [archive.read(found[name]) if name in found else None for name in names]


def completed(commit):
    """The pull request whose completion made a commit, or None. It may be recorded after this run was started."""
    query = {"queries": [{"type": "lastMergeCommit", "items": [commit]}]}
    for attempt in range(5):
        if attempt:
            time.sleep(float(os.environ.get("SSPRCTL_PAUSE", "3")))
        results = call("POST", f"{REPOSITORY}/pullrequestquery", query)["results"]
        found = [request for result in results for request in result.get(commit, [])
                 if request["status"] == "completed" and request["targetRefName"] == os.environ["BUILD_SOURCEBRANCH"]]
        if found:
            request = max(found, key=lambda request: request["pullRequestId"])
            return {"number": request["pullRequestId"], "head": request["lastMergeSourceCommit"]["commitId"],
                    "fork": bool(request.get("forkSource"))}
    return None


def fetch(merge, folder):
    """Brings the plan that was reviewed for a pull request. Returns `changes`, `nothing`, or why there is no such plan."""
    number = merge["number"]
    if merge["fork"]:
        return "it came from a fork, for which nothing is planned"
    builds = call("GET", f"{PROJECT}/build/builds?definitions={os.environ['SYSTEM_DEFINITIONID']}"
                         f"&branchName=refs/pull/{number}/merge&reasonFilter=pullRequest"
                         "&queryOrder=queueTimeDescending&$top=1")["value"]
    if not builds or builds[0].get("result") != "succeeded":
        return "its last run did not succeed, so there is no reviewed plan"
    run = builds[0]["id"]
    if builds[0].get("triggerInfo", {}).get("pr.sourceSha") != merge["head"]:
        return "its last run is not of its last commit"
    url = artifacts(run).get("plan")
    files = files_of(url, "review.json", "result.json", "policies") if url else [None]
    if None in files:
        return f"run {run} left no whole plan, or it has expired"
    for name, content in zip(("review.json", "result.json", "policies"), files):
        Path(folder, name).write_bytes(content)
    return merge_queue.state_of_plan(folder, number, f"run {run}")


def last_record():
    """What the last run of main left: what its stage `apply` recorded, or else the queue that it began with."""
    builds = call("GET", f"{PROJECT}/build/builds?definitions={os.environ['SYSTEM_DEFINITIONID']}"
                         f"&branchName={os.environ['BUILD_SOURCEBRANCH']}&reasonFilter=individualCI,batchedCI,manual"
                         "&queryOrder=queueTimeDescending&$top=100")["value"]
    for build in sorted(builds, key=lambda build: build["id"], reverse=True):
        left = artifacts(build["id"])
        # The queue of this very run, whose stage is tried again, says nothing new.
        for kind in ("applied", "queue") if str(build["id"]) != RUN else ("applied",):
            attempts = [int(found[1]) for name in left if (found := re.fullmatch(rf"{kind}-(\d+)", name))]
            for attempt in sorted(attempts, reverse=True):
                [record] = files_of(left[f"{kind}-{attempt}"], "record.json")
                if record is not None:
                    return json.loads(record)
    return None


def queue(folder):
    if os.environ["BUILD_REASON"] == "Manual":
        [review] = files_of(artifacts(RUN)["plan"], "review.json")
        Path(folder).mkdir(parents=True)
        Path(folder, "review.json").write_bytes(review)
        return print("the plan of this run, which somebody reads before approving the environment")
    commit = os.environ["BUILD_SOURCEVERSION"]
    try:
        record = merge_queue.write_queue(folder, commit, f"{commit}^", last_record(), completed, fetch)
        merge_queue.report_queue(
            folder, record, "run this pipeline by hand: it plans again, and applies that plan once it is approved")
    except merge_queue.QueueError as error:
        fail(error)
    return None


def comment(file, number):
    text = read(file)
    marker = text.split("\n", 1)[0]
    if not re.fullmatch(r"[1-9][0-9]*", number):
        fail("the pull request is no number")
    if not re.fullmatch(r"<!-- ssprctl:[a-z-]+ -->", marker):
        fail(f"{file} does not begin with a marker of ssprctl")
    # Only a comment of this token's own identity is edited, whoever else may have written the marker.
    identity = call("GET", f"{COLLECTION}/_apis/connectionData")["authenticatedUser"]["id"]
    threads = f"{REPOSITORY}/pullRequests/{number}/threads"
    for thread in call("GET", threads)["value"]:
        first = next(iter(thread["comments"]), None)
        if (first and not thread.get("isDeleted") and first["author"]["id"] == identity
                and first.get("content", "").split("\n", 1)[0].rstrip("\r") == marker):
            call("PATCH", f"{threads}/{thread['id']}/comments/{first['id']}", {"content": text})
            return print(f"edited the comment on pull request {number}")
    # A closed thread does not wait for an answer, as a policy on unresolved comments would.
    call("POST", threads, {"status": "closed", "comments": [{"content": text, "commentType": "text"}]})
    return print(f"commented on pull request {number}")


def opened(done):
    """The numbers and the texts of the work items of this pipeline that are not done, by their titles."""
    query = {"query": f"SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "
                      f"AND [System.Tags] CONTAINS '{TAG}' AND [System.CreatedBy] = @me"}
    ids = [str(item["id"]) for item in call("POST", f"{PROJECT}/wit/wiql", query)["workItems"]]
    numbers, texts = {}, {}
    # One request answers 200 work items at most.
    for start in range(0, len(ids), 200):
        fields = "fields=System.Title,System.State,System.Description"
        for item in call("GET", f"{PROJECT}/wit/workitems?ids={','.join(ids[start:start + 200])}&{fields}")["value"]:
            if item["fields"]["System.State"] not in done:
                title = item["fields"]["System.Title"]
                # The text is between tags, and its own signs of HTML are escaped.
                text = re.sub(r"<br */?>", "\n", item["fields"].get("System.Description", ""))
                numbers[title], texts[title] = item["id"], html.unescape(re.sub(r"<[^>]*>", "", text))
    return numbers, texts


def edit(url, method, **fields):
    patch = [{"op": "add", "path": f"/fields/System.{name}", "value": value} for name, value in fields.items()]
    return call(method, url, patch, "application/json-patch+json")


def workitems(result, folder):
    result = compared(result)
    kind = urllib.parse.quote(TYPE)
    states = call("GET", f"{PROJECT}/wit/workitemtypes/{kind}/states")["value"]
    done = [state["name"] for state in states if state["category"] in ("Completed", "Removed")]
    numbers, texts = opened(done)
    link = f"{COLLECTION}/{os.environ['SYSTEM_TEAMPROJECT']}/_build/results?buildId={RUN}"
    for step in drift_issues.steps(result, texts):
        title = step.title
        if step.do == "leave":
            print(f"left {title} as it is: {step.text}")
        elif step.do == "close":
            see = "".join(f" #{numbers[other]}" for other in step.see)
            edit(f"{PROJECT}/wit/workitems/{numbers[title]}", "PATCH", State=done[0], History=f"{step.text}{see}: {link}")
            print(f"closed {title}")
        else:
            # The description of a work item is HTML; the text is shown as it is.
            text = f"<pre>{html.escape(read(Path(folder, step.file)) + step.text)}</pre>"
            if title in numbers:
                edit(f"{PROJECT}/wit/workitems/{numbers[title]}", "PATCH", Description=text)
                print(f"updated {title}")
            else:
                numbers[title] = edit(f"{PROJECT}/wit/workitems/${kind}", "POST", Title=title, Tags=TAG, Description=text)["id"]
                print(f"created {title}")


def main():
    command, *arguments = sys.argv[1:] or ["help"]
    if command == "queue" and len(arguments) == 1:
        queue(*arguments)
    elif command == "comment" and len(arguments) == 1:
        comment(arguments[0], os.environ["SYSTEM_PULLREQUEST_PULLREQUESTID"])
    elif command == "comments" and arguments:
        for number, file in merge_queue.comments(arguments).items():
            comment(file, number)
    elif command == "workitems" and len(arguments) == 2:
        workitems(*arguments)
    else:
        sys.exit(__doc__)


main()
