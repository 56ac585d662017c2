"""The REST API, as far as workflows of ours call it. A route that is not here is answered with 404 and counts as a mistake.

Every route names the permission that a job's token needs. GitHub lets any token read a public repository; here the permission
is needed all the same, so that a workflow which lacks one is noticed before it is used in a private repository.
"""

import re
import secrets

from github.answers import Answer, Refused

PAGE = 30


def user(login):
    """A user as the API shows one."""
    return {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}


def comment_json(comment):
    """A comment as the API shows one."""
    return {"id": comment.id, "user": user(comment.login), "body": comment.body}


def issue_json(issue, repository):
    """An issue as the API shows one."""
    shown = {
        "number": issue.number, "title": issue.title, "body": issue.body, "state": issue.state, "user": user(issue.login),
        "labels": [{"name": label} for label in issue.labels], "comments": len(issue.comments),
        "html_url": f"https://github.com/{repository.name}/issues/{issue.number}", "state_reason": issue.state_reason,
    }
    return shown | ({"pull_request": {}} if issue.number in repository.pulls else {})


def pull_json(pull, repository):
    """A pull request as the API shows one."""
    hub, issue = repository.hub, repository.issues[pull.number]
    return {
        "number": pull.number, "title": issue.title, "body": issue.body, "state": issue.state, "user": user(pull.login),
        "draft": False, "labels": [{"name": label} for label in issue.labels],
        "html_url": f"https://github.com/{repository.name}/pull/{pull.number}",
        "head": {"ref": pull.branch, "sha": pull.head, "label": f"{pull.head_repository.split('/')[0]}:{pull.branch}",
                 "repo": repository_json(hub.repositories[pull.head_repository])},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repository_json(repository)},
        "merged": pull.merged_as is not None, "merged_at": "2026-11-22T12:00:00Z" if pull.merged_as else None,
        "merge_commit_sha": pull.merged_as or pull.merge, "mergeable": True,
    }


def repository_json(repository):
    """A repository as the API shows one."""
    return {
        "full_name": repository.name, "name": repository.name.split("/")[1], "owner": user(repository.name.split("/")[0]),
        "private": repository.private, "fork": repository.parent is not None, "default_branch": repository.default_branch,
        "html_url": f"https://github.com/{repository.name}", "id": repository.id, "visibility": "private" if repository.private else "public",
    }


def run_json(run, repository):
    """A workflow run as the API shows one."""
    hub = repository.hub
    return {
        "id": run.id, "name": run.name, "path": run.path, "event": run.event.name, "status": run.status,
        "conclusion": run.conclusion, "head_branch": run.head_branch, "head_sha": run.head_sha, "run_number": run.number,
        "run_attempt": 1, "workflow_id": run.workflow_id, "actor": user(run.event.actor), "display_title": run.name,
        "html_url": f"https://github.com/{repository.name}/actions/runs/{run.id}", "created_at": run.created,
        "updated_at": run.created, "run_started_at": run.created, "repository": repository_json(repository),
        "head_repository": repository_json(hub.repositories[run.head_repository]),
        "pull_requests": [{"number": number} for number in run.pull_requests],
    }


def page(request, values, wrap=None):
    """One page of a list, with the Link header that leads to the next."""
    size, number = min(int(request.query.get("per_page", PAGE)), 100), int(request.query.get("page", 1))
    part = values[(number - 1) * size:number * size]
    headers = {}
    if number * size < len(values):
        rest = "&".join(f"{key}={value}" for key, value in {**request.query, "page": number + 1}.items())
        headers["Link"] = f'<https://api.github.com{request.path_text}?{rest}>; rel="next"'
    return Answer(value=part if wrap is None else {"total_count": len(values), wrap: part}, headers=headers)


ROUTES = []


def route(method, pattern, permission=None, level="read"):
    """Registers a route below /repos/OWNER/NAME with the permission that it needs."""
    expression = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))

    def register(function):
        ROUTES.append((method, expression, permission, level, function))
        return function

    return register


def answer(hub, token, request):
    """Answers one request to the API."""
    from github import rest_settings

    found = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", request.path_text)
    repository = hub.repositories.get(found[1]) if found else None
    if by_id := re.fullmatch(r"/repositories/(\d+)(/.*)?", request.path_text):
        found, repository = by_id, next((one for one in hub.repositories.values() if one.id == int(by_id[1])), None)
    if repository is None:
        if request.path_text == "/":
            return Answer(value={})
        known = rest_settings.outside(hub, request)
        if known is not None:
            return known
        hub.mistake(f"no such address: {request.command} {request.path_text}")
        raise Refused(404, "Not Found")
    own = token.repository == repository.name
    if repository.private and not own:
        raise Refused(404, "Not Found")
    for method, expression, permission, level, function in ROUTES:
        matched = expression.fullmatch(found[2] or "")
        if method != request.command or not matched:
            continue
        if permission and not (own and token.allows(permission, level)) and not (level == "read" and not own):
            hub.denied.append(f"{request.command} {request.path_text} needs {permission}: {level}")
            raise Refused(403, "Resource not accessible by integration")
        return function(repository, request, **matched.groupdict())
    hub.mistake(f"no such address: {request.command} {request.path_text}")
    raise Refused(404, "Not Found")


def held(values, key):
    """One of a table, or 404."""
    found = values.get(int(key) if str(key).isdigit() else key)
    if found is None:
        raise Refused(404, "Not Found")
    return found


@route("GET", "")
def read_repository(repository, _):
    """The repository itself; every token may."""
    return Answer(value=repository_json(repository))


@route("GET", "/pulls/{number}", "pull-requests")
def read_pull(repository, _, number):
    """A pull request."""
    return Answer(value=pull_json(held(repository.pulls, number), repository))


@route("GET", "/pulls", "pull-requests")
def list_pulls(repository, request):
    """Pull requests, by state, head and base."""
    state, head, base = (request.query.get(key) for key in ("state", "head", "base"))
    shown = [pull_json(pull, repository) for pull in repository.pulls.values()]
    shown = [one for one in shown if state == "all" or one["state"] == (state or "open")]
    return page(request, [one for one in shown if head in (None, one["head"]["label"]) and base in (None, one["base"]["ref"])])


@route("POST", "/pulls", "pull-requests", "write")
def create_pull(repository, request):
    """A new pull request. GitHub starts no workflow for one that a job's token opens."""
    sent = request.json()
    pull = repository.open_pull(sent["head"].split(":")[-1], sent["title"], sent.get("body") or "", "github-actions[bot]", base=sent["base"])
    return Answer(201, pull_json(pull, repository))


@route("PATCH", "/pulls/{number}", "pull-requests", "write")
def edit_pull(repository, request, number):
    """A changed pull request."""
    pull = held(repository.pulls, number)
    issue = repository.issues[pull.number]
    sent = request.json()
    issue.title, issue.body, issue.state = (sent.get(key, getattr(issue, key)) for key in ("title", "body", "state"))
    return Answer(value=pull_json(pull, repository))


@route("GET", "/pulls/{number}/files", "pull-requests")
def pull_files(repository, request, number):
    """The files that a pull request changes."""
    pull = held(repository.pulls, number)
    base = repository.git("merge-base", pull.base_sha, pull.head)
    return page(request, [{"filename": path, "status": "modified"} for path in repository.git.changed(base, pull.head)])


@route("GET", "/commits/{sha}/pulls", "pull-requests")
def pulls_of_commit(repository, request, sha):
    """The pull requests that brought a commit, or whose head it is."""
    shown = [pull for pull in repository.pulls.values() if sha in (pull.merged_as, pull.head)]
    return page(request, [pull_json(pull, repository) for pull in shown])


@route("GET", "/commits/{sha}", "contents")
def read_commit(repository, _, sha):
    """A commit with its parents."""
    sha = repository.git("rev-parse", "--verify", f"{sha}^{{commit}}")
    parents = repository.git("rev-list", "--parents", "-n", "1", sha).split()[1:]
    return Answer(value={"sha": sha, "parents": [{"sha": parent} for parent in parents],
                     "commit": {"message": repository.git("log", "-1", "--format=%B", sha)}})


@route("GET", "/commits", "contents")
def list_commits(repository, request):
    """The commits of a branch, newest first."""
    start = request.query.get("sha", repository.default_branch)
    paths = ["--", request.query["path"]] if "path" in request.query else []
    shown = repository.git("rev-list", start, *paths).splitlines()
    return page(request, [{"sha": sha, "commit": {"message": repository.git("log", "-1", "--format=%B", sha)}} for sha in shown])


@route("GET", "/branches/{name}", "contents")
def read_branch(repository, _, name):
    """A branch with its commit."""
    sha = repository.git.head(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    return Answer(value={"name": name, "commit": {"sha": sha}})


def blob(repository, data):
    """A signed address of a file, which needs no token."""
    key = secrets.token_hex(16)
    repository.hub.blobs[key] = data
    return Answer(302, headers={"Location": f"https://objects.githubusercontent.com/{key}"})
