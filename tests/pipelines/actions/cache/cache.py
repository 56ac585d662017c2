"""Restores and saves files under a key. GitHub's rules about whose caches a run sees are the hub's."""

import io
import os
import re
import sys
import tarfile

sys.path.insert(0, os.environ["HUB_ACTIONS"])
import service  # noqa: E402 - the path is known only now

os.environ["ACTIONS_RUNTIME_TOKEN"] = os.environ["HUB_RUNTIME_TOKEN"]


def given(name):
    """An input; for actions in JavaScript, the runner leaves the dash in the variable's name."""
    return os.environ.get(f"INPUT_{name.upper()}", "")


paths, key = [line.strip() for line in given("path").splitlines() if line.strip()], given("key")
# A runner of GitHub's has the same folders in every job; a cache is found by its paths.
path = re.sub(r"^/\S+/act/[0-9a-f]+/tmp\b", "<temp>", "\n".join(paths), flags=re.MULTILINE)
hit = os.path.join(os.environ["HOME"], "hub-cache-hit-" + key.replace("/", "-"))
if sys.argv[1] == "restore":
    status, headers, body = service.call("caches", key=key, restore=given("restore-keys"), path=path)
    if status == 200:
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            for member in archive.getmembers():
                member.name = os.path.join(paths[int(member.name.split("/")[0])], *member.name.split("/")[1:]).lstrip("/")
                archive.extract(member, "/" if paths[0].startswith("/") else ".")
        print(f"Cache restored from key: {headers['X-Key']}")
        service.output("cache-matched-key", headers["X-Key"])
        if headers["X-Key"] == key:
            open(hit, "w", encoding="utf-8").close()
    else:
        print(f"Cache not found for input keys: {key}")
        if given("fail-on-cache-miss") == "true":
            service.failed("no cache was found")
    service.output("cache-hit", str(os.path.exists(hit)).lower() if status == 200 else "")
    service.output("cache-primary-key", key)
elif not os.path.exists(hit):
    found = [(index, path) for index, path in enumerate(paths) if os.path.exists(path)]
    if not found:
        print("::warning::Path Validation Error: Path(s) specified in the action for caching do(es) not exist")
        sys.exit(0)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for index, file in found:
            archive.add(file, str(index))
    status, _, body = service.call("caches", data.getvalue(), key=key, path=path)
    print(f"Cache saved with key: {key}" if status == 201 else f"::warning::Failed to save: {body.decode()}")
