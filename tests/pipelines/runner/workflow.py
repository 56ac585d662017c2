"""Workflow files: reading them, and whether an event starts them."""

import re

import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2's plain words: `on` is a text, not a truth value."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:bool"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False|TRUE|FALSE)$"), list("tTfF"))


def read(text):
    """The document of a workflow or an action."""
    return yaml.load(text, Loader)  # noqa: S506 - the loader is a safe one


def triggers(workflow):
    """What starts a workflow: the settings of each event by its name."""
    on = workflow["on"]
    if isinstance(on, str):
        return {on: {}}
    if isinstance(on, list):
        return {name: {} for name in on}
    return {name: settings or {} for name, settings in on.items()}


def matches(pattern, text):
    """Whether a pattern of branches or paths matches: `*` is within a segment, `**` is over segments."""
    expression = ""
    for part in re.split(r"(\*\*/?|\*|\?)", pattern):
        expression += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return re.fullmatch(expression, text) is not None


def any_matches(patterns, text):
    """Whether a list of patterns matches a text; a later `!` pattern takes it out again."""
    found = False
    for pattern in patterns:
        if matches(pattern.removeprefix("!"), text):
            found = not pattern.startswith("!")
    return found


DEFAULT_TYPES = {"pull_request": ["opened", "synchronize", "reopened"], "merge_group": ["checks_requested"]}


def starts(workflow, event):
    """Whether an event starts a workflow."""
    settings = triggers(workflow).get(event.name)
    if settings is None:
        return False
    if event.name == "schedule":
        return True
    types = settings.get("types", DEFAULT_TYPES.get(event.name))
    types = [types] if isinstance(types, str) else types
    if types and event.payload.get("action") and event.payload["action"] not in types:
        return False
    if event.name == "workflow_run":
        names = settings.get("workflows", [])
        if event.payload["workflow_run"]["name"] not in names:
            return False
        return any_matches(settings.get("branches", ["**"]), event.payload["workflow_run"]["head_branch"])
    branch = event.base_branch
    if branch is not None:
        if "branches" in settings and not any_matches(settings["branches"], branch):
            return False
        if "branches-ignore" in settings and any_matches(settings["branches-ignore"], branch):
            return False
        if event.name == "push" and "tags" in settings and "branches" not in settings:
            return False
    if event.changed is not None:
        if "paths" in settings and not any(any_matches(settings["paths"], path) for path in event.changed):
            return False
        ignored = settings.get("paths-ignore")
        if ignored and all(any_matches(ignored, path) for path in event.changed):
            return False
    return True


class Event:
    """What happened, as workflows get it from GitHub."""

    def __init__(self, name, payload, *, sha, ref, base_branch=None, changed=None, actor="alice", fork=False, files_at=None):
        """`changed` are the paths that `paths` filters see; `files_at` is the commit whose workflow files count."""
        self.name = name
        self.payload = payload
        self.sha = sha
        self.ref = ref
        self.base_branch = base_branch
        self.changed = changed
        self.actor = actor
        self.fork = fork
        self.files_at = files_at or sha
