"""Fetches artifacts: of this run by the runtime token, of another run by a token that may read Actions."""

import fnmatch
import io
import json
import zipfile
from pathlib import Path

import service

run, token = service.given("run-id"), service.given("github-token")
api = f"repos/{service.given('repository')}/actions"


def checked(status, what, body):
    """Ends the step when a call failed."""
    if status >= 300:
        service.failed(f"Unable to download artifact(s): {what} ({status}) {body.decode()}")
    return body


def of_api(path):
    """An answer of the API."""
    status, _, body = service.call(path, base="https://api.github.com", token=token)
    return checked(status, path, body)


if run and token:
    held = {one["name"]: one["id"] for one in json.loads(of_api(f"{api}/runs/{run}/artifacts"))["artifacts"]}
    fetch = lambda name: of_api(f"{api}/artifacts/{held[name]}/zip")  # noqa: E731
else:
    status, _, body = service.call("names")
    held = json.loads(checked(status, "names", body))
    fetch = lambda name: checked(*[service.call("artifacts", name=name)[at] for at in (0, 1, 2)])  # noqa: E731

name, pattern = service.given("name"), service.given("pattern")
names = [name] if name else [one for one in held if fnmatch.fnmatch(one, pattern or "*")]
if name and name not in held:
    service.failed(f"Unable to download artifact(s): Artifact not found for name: {name}")
for one in names:
    folder = Path(service.given("path"))
    if not name and service.given("merge-multiple") != "true":
        folder /= one
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(fetch(one))) as archive:
        archive.extractall(folder)
        print(f"downloaded the artifact {one}: {' '.join(sorted(archive.namelist()))}")
