"""Stores files as an artifact of the run. Their names begin below the folder that all of them have in common."""

import glob
import io
import os
import zipfile

import service


def found(pattern):
    """The files that a line of `path` means: a file, a folder with everything in it, or a pattern."""
    for path in sorted(glob.glob(pattern, recursive=True, include_hidden=True)):
        if os.path.isfile(path):
            yield os.path.abspath(path)
        else:
            for folder, folders, files in os.walk(path):
                folders.sort()
                yield from (os.path.abspath(os.path.join(folder, name)) for name in sorted(files))


lines = [line.strip() for line in service.given("path").splitlines() if line.strip()]
without = {path for line in lines if line.startswith("!") for path in found(line[1:])}
lines = [line for line in lines if not line.startswith("!")]
files = [path for line in lines for path in found(line) if path not in without]
roots = [line if os.path.isdir(line) else os.path.dirname(os.path.abspath(line)) for line in lines]
root = os.path.commonpath([os.path.abspath(path) for path in roots])
names = {os.path.relpath(path, root): path for path in files}
if service.given("include-hidden-files") != "true":
    names = {name: path for name, path in names.items() if not any(part.startswith(".") for part in name.split("/"))}
if not names:
    text = f"No files were found with the provided path: {' '.join(lines)}. No artifacts will be uploaded."
    match service.given("if-no-files-found"):
        case "error":
            service.failed(text)
        case "warn":
            print(f"::warning::{text}")
else:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, path in sorted(names.items()):
            writer.write(path, name)
    name = service.given("name")
    query = {"name": name, "days": service.given("retention-days"), "overwrite": service.given("overwrite")}
    status, _, body = service.call("artifacts", archive.getvalue(), **query)
    if status != 201:
        service.failed(f"Failed to CreateArtifact: ({status}) {body.decode()}")
    print(f"uploaded the artifact {name}: {' '.join(sorted(names))}")
