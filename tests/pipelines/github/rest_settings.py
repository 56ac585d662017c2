"""The API of what an administrator sets: variables, secrets, environments and rules."""

import base64

from nacl.public import SealedBox

from github.answers import Answer, Refused
from github.model import Environment
from github.rest import page, route


def held_by(repository, environment):
    """The repository, or one of its environments."""
    if environment is None:
        return repository
    if environment not in repository.environments:
        raise Refused(404, "Not Found")
    return repository.environments[environment]


def settings(pattern):
    """Registers a route for the repository and for its environments."""
    def register(method, rest, level):
        def both(function):
            route(method, f"/actions/{pattern}{rest}", "administration", level)(
                lambda repository, request, **names: function(repository, request, repository, **names))
            route(method, f"/environments/{{environment}}/{pattern}{rest}", "administration", level)(
                lambda repository, request, environment, **names: function(
                    repository, request, held_by(repository, environment), **names))
            return function
        return both
    return register


variables, sealed = settings("variables"), settings("secrets")


@variables("GET", "", "read")
def list_variables(_, request, holder):
    """Variables with their values."""
    shown = [{"name": name, "value": value, "updated_at": "2026-11-22T12:00:00Z"} for name, value in holder.variables.items()]
    return page(request, shown, "variables")


@variables("POST", "", "write")
def create_variable(_, request, holder):
    """A new variable."""
    sent = request.json()
    if sent["name"] in holder.variables:
        raise Refused(409, "Already exists - Variable already exists")
    holder.variables[sent["name"]] = sent["value"]
    return Answer(201, {})


@variables("PATCH", "/{name}", "write")
def change_variable(_, request, holder, name):
    """Another value."""
    holder.variables[name] = request.json()["value"]
    return Answer(204)


@sealed("GET", "", "read")
def list_secrets(_, request, holder):
    """The names of secrets; nobody gets their values back."""
    return page(request, [{"name": name, "updated_at": "2026-11-22T12:00:00Z"} for name in holder.secrets], "secrets")


@sealed("GET", "/public-key", "read")
def read_key(repository, _, __):
    """The key under which a client seals a secret (libsodium's sealed box)."""
    return Answer(value={"key_id": "1", "key": base64.b64encode(bytes(repository.hub.keys.box.public_key)).decode()})


@sealed("PUT", "/{name}", "write")
def set_secret(repository, request, holder, name):
    """A secret that was sealed with that key."""
    opened = SealedBox(repository.hub.keys.box).decrypt(base64.b64decode(request.json()["encrypted_value"]))
    fresh = name not in holder.secrets
    holder.secrets[name] = opened.decode()
    return Answer(201 if fresh else 204, {} if fresh else None)


def environment_json(name, environment):
    """An environment as the API shows one."""
    rules = [{"id": 1, "type": "required_reviewers", "prevent_self_review": environment.prevent_self_review, "reviewers": environment.reviewers}]
    return {
        "id": 1, "name": name, "protection_rules": (rules if environment.reviewers else []) + [{"id": 2, "type": "branch_policy"}],
        "deployment_branch_policy": environment.policy,
    }


@route("GET", "/environments", "administration")
def list_environments(repository, request):
    """All environments."""
    return page(request, [environment_json(*one) for one in repository.environments.items()], "environments")


@route("PUT", "/environments/{name}", "administration", "write")
def set_environment(repository, request, name):
    """Makes an environment, or replaces its rules: what is not sent is off afterwards."""
    sent = request.json()
    environment = repository.environments.setdefault(name, Environment(branches=()))
    if set(sent) - {"wait_timer", "prevent_self_review", "reviewers", "deployment_branch_policy"}:
        raise Refused(422, "Invalid request. No subschema in \"anyOf\" matched.")
    known = {(kind, account["id"]): account for kind, account in repository.hub.reviewers()}
    for one in sent.get("reviewers") or []:
        if (one["type"], one["id"]) not in known:
            raise Refused(422, "Failed to create the environment protection rule. Please ensure the reviewers have access.")
    environment.reviewers = [
        {"type": one["type"], "reviewer": known[one["type"], one["id"]]} for one in sent.get("reviewers") or []
    ]
    environment.prevent_self_review = sent.get("prevent_self_review", False)
    environment.policy = sent.get("deployment_branch_policy")
    # Rules of its own for branches begin with none, and without them every branch may use it.
    if environment.policy is None or environment.branches == ("*",):
        environment.branches = ("*",) if environment.policy is None else ()
    return Answer(value=environment_json(name, environment))


@route("GET", "/environments/{name}/deployment-branch-policies", "administration")
def list_branches(repository, request, name):
    """The branches that may use an environment."""
    shown = [{"id": index, "name": branch} for index, branch in enumerate(held_by(repository, name).branches, 1)]
    return page(request, shown, "branch_policies")


@route("POST", "/environments/{name}/deployment-branch-policies", "administration", "write")
def add_branch(repository, request, name):
    """One branch more. It is an error where the environment does not have rules of its own for branches."""
    environment = held_by(repository, name)
    if not (environment.policy or {}).get("custom_branch_policies"):
        raise Refused(404, "Not Found")
    environment.branches = (*environment.branches, request.json()["name"])
    return Answer(value={"id": len(environment.branches), "name": request.json()["name"]})


@route("GET", "/rulesets", "administration")
def list_rulesets(repository, request):
    """The rules of branches, without their details, as GitHub lists them."""
    shown = [{"id": index, "name": rules["name"], "enforcement": rules["enforcement"]} for index, rules in enumerate(repository.rulesets, 1)]
    return page(request, shown)


@route("POST", "/rulesets", "administration", "write")
def add_ruleset(repository, request):
    """New rules of branches."""
    sent = request.json()
    kinds = {rule["type"] for rule in sent["rules"]}
    if sent["target"] != "branch" or kinds - {"deletion", "non_fast_forward", "pull_request", "required_status_checks"}:
        raise Refused(422, "Validation Failed")
    repository.rulesets.append(sent)
    return Answer(201, {"id": len(repository.rulesets), **sent})


@route("GET", "/actions/oidc/customization/sub", "administration")
def read_subject(repository, _):
    """How the subject of this repository's tokens begins."""
    return Answer(value={"use_default": True, "use_immutable_subject": "@" in repository.subject, "sub_claim_prefix": repository.subject})


def outside(hub, request):
    """What is not below a repository: users and teams. None if it is not here either."""
    path = request.path_text
    for kind, account in hub.reviewers():
        if path == account["path"]:
            return Answer(value=account)
    if path == "/user":
        return Answer(value={"login": "alice", "id": 1, "type": "User"})
    if path == "/users/contoso":
        return Answer(value={"login": "contoso", "id": 5001, "type": "Organization", "node_id": "contoso"})
    return None
