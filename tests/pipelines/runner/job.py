"""Runs of workflows, and their jobs with everything that GitHub decides about a job before its first step."""

import dataclasses
from dataclasses import dataclass, field

from github.model import LEVELS
from runner.expressions import Evaluator

ALL = (
    "actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues", "packages", "pages",
    "pull-requests", "security-events", "statuses",
)
RESTRICTED = {"contents": "read", "packages": "read"}


class StartupFailure(Exception):
    """A workflow that GitHub does not start."""


@dataclass
class Run:
    """One run of a workflow."""

    id: int
    number: int
    workflow_id: int
    path: str
    name: str
    document: dict
    event: object
    head_repository: str
    head_branch: str
    head_sha: str
    created: str
    pull_requests: list = field(default_factory=list)
    status: str = "queued"
    conclusion: str | None = None
    jobs: list = field(default_factory=list)
    group: str | None = None
    inputs: dict = field(default_factory=dict)


@dataclass(eq=False)
class Job:
    """One job of a run; of a called workflow, with what its caller passes."""

    key: str
    caller: str | None
    title: str
    definition: dict
    document: dict
    origin: tuple | None
    permissions: dict
    inputs: dict = field(default_factory=dict)
    secrets: dict = field(default_factory=dict)
    inherits: bool = False
    caller_condition: str | None = None
    caller_needs: list = field(default_factory=list)
    needs: list = field(default_factory=list)
    matrix: dict = field(default_factory=dict)
    status: str = "queued"
    conclusion: str | None = None
    outputs: dict = field(default_factory=dict)
    environment: str | None = None
    approved: bool = False
    log: list = field(default_factory=list)
    sign_ins: list = field(default_factory=list)

    def ancestors(self):
        """The jobs that this one needs, directly or not."""
        for other in self.needs:
            yield other
            yield from other.ancestors()

    def status_of_needs(self):
        """What the needed jobs ended with, for the functions of status: the worst of it."""
        ended = {other.conclusion for other in self.ancestors()}
        return next((one for one in ("cancelled", "failure", "skipped") if one in ended), "success")

    def status_of_caller(self):
        """What the jobs ended with that the calling job needs. Skipped jobs of a called workflow do not count."""
        ended = {other.conclusion for other in self.caller_needs}
        return next((one for one in ("cancelled", "failure") if one in ended), "success")

    def needs_context(self):
        """The context `needs`; the jobs of a matrix count as one."""
        context = {}
        for other in self.needs:
            held = context.setdefault(other.key, {"result": other.conclusion, "outputs": {}})
            held["outputs"] |= other.outputs
            if other.conclusion in ("failure", "cancelled"):
                held["result"] = other.conclusion
        return context

    def spread(self, combinations, jobs):
        """Makes one job for each combination of a matrix; those that need this job need all of them."""
        if not combinations:
            self.status, self.conclusion = "completed", "skipped"
            return
        title, at = self.title, jobs.index(self)
        copies = [dataclasses.replace(self, needs=list(self.needs), outputs={}, log=[], sign_ins=[]) for _ in combinations[1:]]
        for job, combination in zip([self, *copies], combinations):
            job.matrix = combination
            job.title = f"{title} ({', '.join(str(value) for value in combination.values())})"
        for other in jobs:
            if self in other.needs:
                other.needs += copies
        jobs[at + 1:at + 1] = copies


def permissions_of(*layers):
    """The permissions of the innermost layer that has any: a mapping, `read-all`, `write-all`, or GitHub's restricted default."""
    for layer in layers:
        if layer is None:
            continue
        if layer in ("read-all", "write-all"):
            return {name: layer.split("-")[0] for name in ALL if name != "id-token" or layer == "write-all"}
        unknown = set(layer) - set(ALL)
        if unknown:
            raise StartupFailure(f"unknown permissions: {', '.join(sorted(unknown))}")
        return dict(layer)
    return dict(RESTRICTED)


def capped(permissions):
    """What is left of permissions for the pull request of a fork: reading, and no OIDC token."""
    return {name: "read" for name, level in permissions.items() if name != "id-token" and level != "none"}


def exceeding(asked, allowed):
    """What a nested job asks for and its caller does not have."""
    return [name for name, level in asked.items() if LEVELS[level] > LEVELS[allowed.get(name, "none")]]


def called_permissions(title, document, definition, allowed):
    """The permissions of a job in a called workflow, which cannot be more than those of the calling job."""
    asked = definition.get("permissions", document.get("permissions"))
    if asked is None:
        return allowed
    asked = permissions_of(asked)
    over = exceeding(asked, allowed)
    if over:
        wanted = ", ".join(f"{name}: {asked[name]}" for name in over)
        held = ", ".join(f"{name}: {allowed.get(name, 'none')}" for name in over)
        raise StartupFailure(f"the nested job '{title}' is requesting '{wanted}', but is only allowed '{held}'")
    return asked


def passed_inputs(document, given, evaluator):
    """The inputs of a called workflow: what is passed, and defaults. Names and types are checked, as GitHub does."""
    declared = (document["on"].get("workflow_call") or {}).get("inputs") or {}
    unknown = set(given) - set(declared)
    if unknown:
        raise StartupFailure(f"the called workflow has no input {', '.join(sorted(unknown))}")
    values = {}
    for name, about in declared.items():
        empty = {"boolean": False, "number": 0}.get(about["type"], "")
        value = evaluator.template(given[name]) if name in given else about.get("default", empty)
        if about.get("required") and name not in given:
            raise StartupFailure(f"the input {name} is required")
        if about["type"] == "boolean" and not isinstance(value, bool):
            value = {"true": True, "false": False}.get(value, value)
        fits = {"boolean": bool, "number": (int, float), "string": (str, int, float, bool, type(None))}[about["type"]]
        if not isinstance(value, fits):
            raise StartupFailure(f"the input {name} is no {about['type']}: {value!r}")
        values[name] = "" if value is None else str(value) if about["type"] == "string" else value
    return values


def passed_secrets(document, given, available, evaluator):
    """The secrets of a called workflow: those that the caller names, or all of them with `inherit`."""
    declared = (document["on"].get("workflow_call") or {}).get("secrets") or {}
    if given == "inherit":
        return dict(available)
    unknown = set(given or {}) - set(declared)
    if unknown:
        raise StartupFailure(f"the called workflow has no secret {', '.join(sorted(unknown))}")
    for name, about in declared.items():
        if (about or {}).get("required") and name not in (given or {}):
            raise StartupFailure(f"the secret {name} is required")
    return {name: evaluator.template(value) or "" for name, value in (given or {}).items()}


def combinations(strategy, contexts):
    """The matrix of a job: one mapping for each job that it becomes."""
    matrix = Evaluator(contexts).template(strategy["matrix"])
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    found = [{}]
    for name, values in axes.items():
        found = [{**one, name: value} for one in found for value in values]
    found = [one for one in found if one and not any(less.items() <= one.items() for less in matrix.get("exclude") or [])]
    for extra in matrix.get("include") or []:
        fits = [one for one in found if axes and all(extra[name] == one[name] for name in axes if name in extra)]
        for one in fits:
            one.update(extra)
        if not fits:
            found.append(dict(extra))
    return found
