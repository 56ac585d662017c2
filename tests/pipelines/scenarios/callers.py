"""Two callers in one repository, each with its `instance`: comments, artifacts, caches and issues of one are not the other's.

The environment has no key for journals, and there is no portal, so no person signs in.
"""

import io
import tarfile

from scenarios.world import OTHER, TENANT, callers

WORKFLOWS = {name: f".github/workflows/{name}.yml" for name in ("plan", "apply", "drift")}
OPTIONS = {"portal": False}
FOLDERS = {TENANT: "europe", OTHER: "america"}
INPUTS = {name: {"instance": name, "paths": f"{name}/"} for name in FOLDERS.values()}


def files_of_cache(cache):
    """The files in a cache, without the folders."""
    with tarfile.open(fileobj=io.BytesIO(cache["data"])) as archive:
        return [member.name for member in archive.getmembers() if member.isfile()]


def play(world, say):
    """One pull request for both, its apply, and drift of one."""
    repository = world.repository
    del repository.environments["ssprctl"].secrets["SSPRCTL_CACHE_KEY"]
    world.first |= {path: callers(world.first[path], INPUTS) for path in WORKFLOWS.values()}
    world.start_with_tenants(FOLDERS)

    say.heading("A pull request touches both parts: each has its comment.")
    pull = world.open("administrators", world.tenants(FOLDERS, "true"), "Let administrators reset")
    world.work()
    say.comments(repository, pull.number)

    say.heading("It is merged: both are applied, and their journals are lost, because there is no key.")
    world.merge(pull)
    world.work()
    say.comments(repository, pull.number)

    say.heading("Somebody changes one tenant: its issue has the label of its caller, and the other caller leaves it alone.")
    world.ssprctl("sandbox", "set", "scope.administrators=false", "--tenant", OTHER, "--as", f"alice@{OTHER}")
    world.scheduled(WORKFLOWS["drift"])
    world.work()
    say.issues(repository)
    say.heading("What is stored")
    for cache in repository.caches:
        say(f"-- cache {cache['key']}: {' '.join(files_of_cache(cache))}")
    names = sorted({artifact.name for artifact in repository.artifacts.values()})
    say("\n".join(f"-- artifact {name}" for name in names))
