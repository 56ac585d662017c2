#!/usr/bin/env python3
"""What the steps of azure-pipelines.yml ask of Azure DevOps. It needs Python 3.9 or newer and SYSTEM_ACCESSTOKEN.

azure.py reviewed                   finds the run whose plan was reviewed, for this commit
azure.py comment FILE [NUMBER]      writes FILE as a comment on the pull request, or edits the comment of an earlier run
azure.py workitems RESULT FOLDER    creates, updates and closes a work item for each tenant
"""
import html
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

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
    """Sends one request, and returns the document of the response."""
    url += f"{'&' if '?' in url else '?'}api-version=7.1"
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), method=method)
    request.add_unredirected_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", kind)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            if response.status == 203:
                fail("Azure DevOps does not accept the token: map SYSTEM_ACCESSTOKEN in this step")
            return json.load(response)
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
    """The tenants of a comparison by their names. Another result, such as that of invalid policies, compared none."""
    result = json.loads(read(file))
    if result["command"] != "drift" or not result["tenants"]:
        fail("no tenant was compared, so the work items stay as they are")
    return {tenant["tenant"]: tenant for tenant in result["tenants"]}


def output(name, value):
    print(f"##vso[task.setvariable variable={name};isOutput=true]{value}")


def completed(commit):
    """The pull request whose completion made a commit of main. It may be recorded after this run was started."""
    query = {"queries": [{"type": "lastMergeCommit", "items": [commit]}]}
    for attempt in range(5):
        if attempt:
            time.sleep(float(os.environ.get("SSPRCTL_PAUSE", "3")))
        results = call("POST", f"{REPOSITORY}/pullrequestquery", query)["results"]
        found = [request for result in results for request in result.get(commit, [])
                 if request["status"] == "completed" and request["targetRefName"] == os.environ["BUILD_SOURCEBRANCH"]]
        if found:
            return max(found, key=lambda request: request["pullRequestId"])
    return fail(f"no pull request brought {commit[:8]} into main, so nobody has reviewed a plan; open one")


def reviewed():
    if os.environ["BUILD_REASON"] == "Manual":
        print("the plan of this run, which somebody reads before approving the environment")
        output("run", RUN)
        return output("pullRequest", "")
    request = completed(os.environ["BUILD_SOURCEVERSION"])
    number = request["pullRequestId"]
    again = "run this pipeline by hand: it plans again, and applies that plan once it is approved"
    if request.get("forkSource"):
        fail(f"pull request {number} came from a fork, for which nothing is planned; {again}")
    builds = call("GET", f"{PROJECT}/build/builds?definitions={os.environ['SYSTEM_DEFINITIONID']}"
                         f"&branchName=refs/pull/{number}/merge&reasonFilter=pullRequest"
                         "&queryOrder=queueTimeDescending&$top=1")["value"]
    if not builds or builds[0].get("result") != "succeeded":
        fail(f"the last run for pull request {number} did not succeed, so there is no reviewed plan; {again}")
    source = builds[0].get("triggerInfo", {}).get("pr.sourceSha")
    if source != request["lastMergeSourceCommit"]["commitId"]:
        fail(f"the last run for pull request {number} is not of its last commit; {again}")
    print(f"the plan of pull request {number}, made by run {builds[0]['id']}")
    output("run", builds[0]["id"])
    return output("pullRequest", number)


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
    """The work items of this pipeline that are not done, by their titles."""
    query = {"query": f"SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "
                      f"AND [System.Tags] CONTAINS '{TAG}' AND [System.CreatedBy] = @me"}
    ids = [str(item["id"]) for item in call("POST", f"{PROJECT}/wit/wiql", query)["workItems"]]
    found = {}
    # One request answers 200 work items at most.
    for start in range(0, len(ids), 200):
        fields = "fields=System.Title,System.State"
        for item in call("GET", f"{PROJECT}/wit/workitems?ids={','.join(ids[start:start + 200])}&{fields}")["value"]:
            if item["fields"]["System.State"] not in done:
                found[item["fields"]["System.Title"]] = item["id"]
    return found


def edit(url, method, **fields):
    patch = [{"op": "add", "path": f"/fields/System.{name}", "value": value} for name, value in fields.items()]
    return call(method, url, patch, "application/json-patch+json")


def workitems(result, folder):
    tenants = compared(result)
    kind = urllib.parse.quote(TYPE)
    states = call("GET", f"{PROJECT}/wit/workitemtypes/{kind}/states")["value"]
    done = [state["name"] for state in states if state["category"] in ("Completed", "Removed")]
    items = opened(done)

    def close(title, reason):
        link = f"{COLLECTION}/{os.environ['SYSTEM_TEAMPROJECT']}/_build/results?buildId={RUN}"
        edit(f"{PROJECT}/wit/workitems/{items[title]}", "PATCH", State=done[0], History=f"{reason}: {link}")
        print(f"closed {title}")

    for name, tenant in tenants.items():
        title = f"Drift: {name}"
        if tenant["settings"]:
            # The description of a work item is HTML; the text is shown as it is.
            text = f"<pre>{html.escape(read(Path(folder, f'{name}.md')))}</pre>"
            if title in items:
                edit(f"{PROJECT}/wit/workitems/{items[title]}", "PATCH", Description=text)
                print(f"updated {title}")
            else:
                edit(f"{PROJECT}/wit/workitems/${kind}", "POST", Title=title, Tags=TAG, Description=text)
                print(f"created {title}")
        elif not tenant["complete"]:
            print(f"left {title} as it is: not everything could be compared")
        elif title in items:
            close(title, "There is no drift any more")
    for title in items:
        if title.startswith("Drift: ") and title[len("Drift: "):] not in tenants:
            close(title, "No policy is for this tenant any more")


def main():
    command, *arguments = sys.argv[1:] or ["help"]
    if command == "reviewed" and not arguments:
        reviewed()
    elif command == "comment" and len(arguments) in (1, 2):
        comment(arguments[0], arguments[1] if len(arguments) > 1 else os.environ["SYSTEM_PULLREQUEST_PULLREQUESTID"])
    elif command == "workitems" and len(arguments) == 2:
        workitems(*arguments)
    else:
        sys.exit(__doc__)


main()
