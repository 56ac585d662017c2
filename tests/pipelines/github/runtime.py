"""What GitHub gives to the runner of a job in addition to its API: artifacts, caches and OIDC tokens.

The actions in actions/ call this with the job's runtime token. The protocol is a small one of our own; GitHub's rules about
who sees what are its rules:

- an artifact belongs to its run, and its name is taken once;
- a cache belongs to the ref of its run. A run sees those of its own ref and of the default branch, so what main saves
  reaches every pull request, and what a pull request saves reaches that pull request alone;
- an OIDC token names the event or the environment for which it was made, and is given to jobs with `id-token: write` only.
"""

import hashlib

from github.answers import Answer, Refused

BYTES = "application/octet-stream"


def answer(hub, request):
    """Artifacts and caches, and the files behind signed addresses."""
    if request.host == "objects.githubusercontent.com":
        data = hub.blobs.get(request.path_text.strip("/"))
        if data is None:
            raise Refused(404, "no such file")
        return Answer(data=data, kind=BYTES)
    job = hub.jobs.get(request.secret())
    if job is None:
        raise Refused(401, "no job has this runtime token")
    match request.path_text.strip("/").split("/", 1):
        case ["artifacts"]:
            return artifact(hub, job, request)
        case ["caches"]:
            return cache(hub, job, request)
        case ["names"]:
            names = sorted(found.name for found in hub.repositories[job.repository].artifacts.values() if found.run == job.run)
            return Answer(value=names)
    raise Refused(404, "no such service")


def artifact(hub, job, request):
    """Saves or reads an artifact of the job's own run."""
    repository = hub.repositories[job.repository]
    name = request.query["name"]
    mine = (found for found in repository.artifacts.values() if found.run == job.run and found.name == name)
    found = next(mine, None)
    if request.command == "GET":
        if found is None:
            raise Refused(404, f"Artifact not found for name: {name}")
        return Answer(data=found.data, kind=BYTES)
    if found is not None:
        if request.query.get("overwrite") != "true":
            raise Refused(409, "an artifact with this name already exists on the workflow run")
        del repository.artifacts[found.id]
    hub.add_artifact(repository, job.run, name, request.body, int(request.query["days"]))
    return Answer(201, {})


def cache(hub, job, request):
    """Restores or saves a cache, in the scope of the job's ref."""
    repository = hub.repositories[job.repository]
    version = hashlib.sha256(request.query["path"].encode()).hexdigest()
    scopes = [job.ref, f"refs/heads/{repository.default_branch}"]
    if request.command == "GET":
        seen = [one for one in repository.caches if one["version"] == version and one["ref"] in scopes]
        for key in [request.query["key"], *filter(None, request.query.get("restore", "").split("\n"))]:
            exact = key == request.query["key"]
            for scope in scopes:
                fits = [one for one in seen if one["ref"] == scope and (one["key"] == key if exact else one["key"].startswith(key))]
                if fits:
                    return Answer(headers={"X-Key": fits[-1]["key"]}, data=fits[-1]["data"], kind=BYTES)
        return Answer(204)
    if any(one["key"] == request.query["key"] and one["ref"] == job.ref for one in repository.caches):
        raise Refused(409, "a cache with this key already exists")
    repository.caches.append({"key": request.query["key"], "ref": job.ref, "version": version, "data": request.body})
    return Answer(201, {})


def id_token(hub, request):
    """An OIDC token for the job that asks."""
    job = hub.jobs.get(request.secret())
    if job is None or not job.token.allows("id-token", "write"):
        raise Refused(403, "the job may not request an OIDC token")
    audience = request.query.get("audience", f"https://github.com/{job.repository.split('/')[0]}")
    return Answer(value={"value": hub.keys.id_token(job.subject, audience), "count": 1})
