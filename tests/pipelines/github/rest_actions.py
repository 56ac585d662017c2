"""The API of workflow runs, artifacts, releases, attestations and code scanning."""

import base64
import gzip

from github.answers import Answer, Refused
from github.rest import blob, held, page, route, run_json


def chosen(repository, request):
    """The runs that a request asks for, newest first."""
    wanted = request.query
    runs = [run_json(run, repository) for run in reversed(repository.runs.values())]
    checks = {
        "branch": lambda run: run["head_branch"] == wanted["branch"],
        "head_sha": lambda run: run["head_sha"] == wanted["head_sha"],
        "event": lambda run: run["event"] == wanted["event"],
        "status": lambda run: wanted["status"] in (run["status"], run["conclusion"]),
        "actor": lambda run: run["actor"]["login"] == wanted["actor"],
    }
    unknown = set(wanted) - set(checks) - {"per_page", "page", "exclude_pull_requests", "created"}
    if unknown:
        raise Refused(422, f"this hub does not know the filters {', '.join(sorted(unknown))}")
    return [run for run in runs if all(check(run) for key, check in checks.items() if wanted.get(key))]


@route("GET", "/actions/runs", "actions")
def list_runs(repository, request):
    """Runs of all workflows."""
    return page(request, chosen(repository, request), "workflow_runs")


def workflow_json(repository, name):
    """A workflow by its file or its number."""
    files = {path: index for index, path in enumerate(repository.git.files(repository.default_branch, ".github/workflows"), 1)}
    for path, index in files.items():
        if name in (path.rpartition("/")[2], path, str(index)):
            title = repository.hub.workflow_name(repository, path)
            return {"id": index, "name": title, "path": path, "state": "active"}
    raise Refused(404, "Not Found")


@route("GET", "/actions/workflows/{name}", "actions")
def read_workflow(repository, _, name):
    """A workflow."""
    return Answer(value=workflow_json(repository, name))


@route("GET", "/actions/workflows", "actions")
def list_workflows(repository, request):
    """All workflows of the default branch."""
    files = repository.git.files(repository.default_branch, ".github/workflows")
    return page(request, [workflow_json(repository, path) for path in files], "workflows")


@route("GET", "/actions/workflows/{name}/runs", "actions")
def list_workflow_runs(repository, request, name):
    """Runs of one workflow."""
    path = workflow_json(repository, name)["path"]
    return page(request, [run for run in chosen(repository, request) if run["path"] == path], "workflow_runs")


@route("POST", "/actions/workflows/{name}/dispatches", "actions", "write")
def dispatch(repository, request, name):
    """Starts a workflow. Of the events that a job's token causes, GitHub lets this one start a run."""
    sent = request.json()
    repository.hub.dispatches.append((repository, workflow_json(repository, name)["path"], sent["ref"], sent.get("inputs") or {}))
    return Answer(204)


@route("GET", "/actions/runs/{id}", "actions")
def read_run(repository, _, id):  # noqa: A002 - the name is in the pattern
    """A run."""
    return Answer(value=run_json(held(repository.runs, id), repository))


@route("GET", "/actions/runs/{id}/jobs", "actions")
def list_jobs(repository, request, id):  # noqa: A002
    """The jobs of a run."""
    run = held(repository.runs, id)
    jobs = [{"id": index, "name": job.title, "status": job.status, "conclusion": job.conclusion} for index, job in enumerate(run.jobs, 1)]
    return page(request, jobs, "jobs")


def artifact_json(repository, artifact):
    """An artifact as the API shows one."""
    run = repository.runs[artifact.run]
    return {
        "id": artifact.id, "name": artifact.name, "size_in_bytes": len(artifact.data), "expired": False,
        "archive_download_url": f"https://api.github.com/repos/{repository.name}/actions/artifacts/{artifact.id}/zip",
        "created_at": run.created, "workflow_run": {"id": run.id, "head_sha": run.head_sha, "head_branch": run.head_branch},
    }


@route("GET", "/actions/runs/{id}/artifacts", "actions")
def list_run_artifacts(repository, request, id):  # noqa: A002
    """The artifacts of a run."""
    run = held(repository.runs, id)
    mine = [artifact_json(repository, one) for one in repository.artifacts.values() if one.run == run.id]
    return page(request, [one for one in mine if request.query.get("name") in (None, one["name"])], "artifacts")


@route("GET", "/actions/artifacts", "actions")
def list_artifacts(repository, request):
    """The artifacts of the repository, newest first."""
    shown = [artifact_json(repository, one) for one in reversed(repository.artifacts.values())]
    return page(request, [one for one in shown if request.query.get("name") in (None, one["name"])], "artifacts")


@route("GET", "/actions/artifacts/{id}/zip", "actions")
def download_artifact(repository, _, id):  # noqa: A002
    """The archive of an artifact, behind a signed address."""
    return blob(repository, held(repository.artifacts, id).data)


def release_json(repository, release):
    """A release as the API shows one."""
    base = f"https://api.github.com/repos/{repository.name}/releases"
    assets = [
        {"id": release.id * 100 + index, "name": name, "url": f"{base}/assets/{release.id * 100 + index}", "size": len(data),
         "state": "uploaded", "browser_download_url": f"https://github.com/{repository.name}/releases/download/{release.tag}/{name}"}
        for index, (name, data) in enumerate(release.assets.items(), 1)
    ]
    return {"id": release.id, "tag_name": release.tag, "name": release.tag, "draft": False, "prerelease": False,
            "assets": assets, "url": f"{base}/{release.id}"}


@route("GET", "/releases/tags/{tag}", "contents")
def read_release(repository, _, tag):
    """A release by its tag."""
    return Answer(value=release_json(repository, held(repository.releases, tag)))


@route("GET", "/releases/latest", "contents")
def latest_release(repository, _):
    """The newest release."""
    if not repository.releases:
        raise Refused(404, "Not Found")
    return Answer(value=release_json(repository, list(repository.releases.values())[-1]))


@route("GET", "/releases/assets/{id}", "contents")
def download_asset(repository, request, id):  # noqa: A002
    """A file of a release."""
    for release in repository.releases.values():
        for index, data in enumerate(release.assets.values(), 1):
            if int(id) == release.id * 100 + index:
                return blob(repository, data)
    raise Refused(404, "Not Found")


@route("GET", "/attestations/{digest}", "attestations")
def read_attestations(repository, _, digest):
    """Who signed a file. GitHub's answer has the signed bundles; here it has what the signature would say."""
    found = [release for release in repository.releases.values() if digest in release.digests()]
    if not found:
        raise Refused(404, "Not Found")
    return Answer(value={"attestations": [{"signer": one.signer, "source": f"refs/tags/{one.tag}"} for one in found]})


@route("POST", "/code-scanning/sarifs", "security-events", "write")
def upload_sarif(repository, request):
    """Findings for code scanning, which a private repository has to buy."""
    if not repository.code_scanning:
        raise Refused(403, "Advanced Security must be enabled for this repository to use code scanning.")
    sent = request.json()
    repository.sarif.append(gzip.decompress(base64.b64decode(sent["sarif"])).decode())
    return Answer(202, {"id": "1"})
