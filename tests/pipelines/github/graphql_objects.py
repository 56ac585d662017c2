"""The objects of the GraphQL API. A value that takes arguments is a function of them."""

import re


class Forbidden(Exception):
    """What a token is not allowed."""


def connection(nodes, kind, arguments=None):
    """One page of a list, by a cursor that is the index of the next."""
    start, count = int((arguments or {}).get("after") or 0), (arguments or {}).get("first") or 100
    part = nodes[start:start + count]
    more = start + count < len(nodes)
    end = str(start + len(part)) if part else None
    return {
        "__typename": f"{kind}Connection", "nodes": part, "totalCount": len(nodes),
        "edges": [{"__typename": f"{kind}Edge", "node": node} for node in part],
        "pageInfo": {"__typename": "PageInfo", "hasNextPage": more, "endCursor": end},
    }


def author(login):
    """Who wrote something. A bot has no name, and its login there lacks the `[bot]` that REST has."""
    if login.endswith("[bot]"):
        return {"__typename": "Bot", "login": login.removesuffix("[bot]")}
    return {"__typename": "User", "login": login, "id": "U_1", "name": login}


class Objects:
    """The objects of one request, each allowed by the permissions of its token."""

    def __init__(self, hub, token):
        self.hub = hub
        self.token = token

    def need(self, repository, permission, level="read"):
        """Ends the request unless the token allows this."""
        if self.token.repository != repository.name or not self.token.allows(permission, level):
            raise Forbidden(f"{permission}: {level}")

    def found(self, arguments):
        """The repository that a query names."""
        return self.hub.repositories[f"{arguments['owner']}/{arguments['name']}"]

    def repository(self, repository):
        """A repository."""
        owner, name = repository.name.split("/")

        def issue(arguments):
            self.need(repository, "issues")
            held = repository.issues[arguments["number"]]
            if held.number in repository.pulls:
                self.need(repository, "pull-requests")
                return self.pull(repository, repository.pulls[held.number])
            return self.issue(repository, held)

        def issues(arguments):
            self.need(repository, "issues")
            states = [state.lower() for state in arguments.get("states") or ["OPEN", "CLOSED"]]
            labels = set(arguments.get("labels") or (arguments.get("filterBy") or {}).get("labels") or [])
            held = [one for one in reversed(repository.issues.values()) if one.number not in repository.pulls]
            held = [one for one in held if one.state in states and labels <= set(one.labels)]
            return connection([self.issue(repository, one) for one in held], "Issue", arguments)

        def labels(arguments):
            self.need(repository, "issues")
            query = (arguments.get("query") or "").lower()
            held = [name for name in repository.labels if query in name.lower()]
            return connection([self.label(repository, name) for name in held], "Label", arguments)

        def pulls(arguments):
            self.need(repository, "pull-requests")
            states = [state.lower() for state in arguments.get("states") or arguments.get("state") or ["OPEN"]]
            head, base = arguments.get("headRefName"), arguments.get("baseRefName")
            held = [self.pull(repository, pull) for pull in reversed(repository.pulls.values())]
            held = [one for one in held if one["state"].lower() in states]
            held = [one for one in held if head in (None, one["headRefName"]) and base in (None, one["baseRefName"])]
            return connection(held, "PullRequest", arguments)

        def pull(arguments):
            self.need(repository, "pull-requests")
            return self.pull(repository, repository.pulls[arguments["number"]])

        return {
            "__typename": "Repository", "id": f"R_{repository.name}", "databaseId": repository.id, "name": name, "nameWithOwner": repository.name,
            "owner": {"__typename": "Organization", "login": owner, "id": f"O_{owner}"}, "isPrivate": repository.private,
            "hasIssuesEnabled": True, "hasWikiEnabled": False, "viewerPermission": "WRITE", "isFork": False, "parent": None,
            "isArchived": False, "mergeCommitAllowed": True, "rebaseMergeAllowed": True, "squashMergeAllowed": True,
            "defaultBranchRef": {"__typename": "Ref", "name": repository.default_branch}, "url": f"https://github.com/{repository.name}",
            "sshUrl": f"git@github.com:{repository.name}.git",
            "description": "", "issue": issue, "issueOrPullRequest": issue, "issues": issues, "labels": labels, "pullRequests": pulls,
            "pullRequest": pull, "issueTemplates": [], "pullRequestTemplates": [], "milestones": connection([], "Milestone"),
            "assignableUsers": lambda arguments: connection([], "User", arguments), "autoMergeAllowed": False,
            "object": lambda _: None, "release": None, "ref": lambda _: None, "projects": lambda a: connection([], "Project", a),
            "projectsV2": lambda a: connection([], "ProjectV2", a),
        }

    @staticmethod
    def label(repository, name):
        """A label."""
        return {"__typename": "Label", "id": f"L_{name}", "name": name, "color": "D93F0B", "description": repository.labels[name],
                "isDefault": False, "createdAt": "2026-11-22T12:00:00Z", "url": ""}

    def common(self, repository, issue):
        """What issues and pull requests have in common."""
        kind = "PullRequest" if issue.number in repository.pulls else "Issue"
        path = "pull" if kind == "PullRequest" else "issues"
        comments = [{"__typename": "IssueComment", "body": one.body, "author": {"__typename": "Bot", "login": one.login}} for one in issue.comments]
        return {
            "__typename": kind, "id": f"{kind}_{repository.name}_{issue.number}", "number": issue.number, "title": issue.title,
            "body": issue.body, "state": issue.state.upper(), "url": f"https://github.com/{repository.name}/{path}/{issue.number}",
            "author": author(issue.login), "isPinned": False,
            "labels": lambda a: connection([self.label(repository, name) for name in issue.labels], "Label", a),
            "comments": lambda a: connection(comments, "IssueComment", a), "updatedAt": "2026-11-22T12:00:00Z",
            "createdAt": "2026-11-22T12:00:00Z", "stateReason": issue.state_reason, "milestone": None,
            "assignees": lambda a: connection([], "User", a), "assignedActors": lambda a: connection([], "User", a),
            "projectCards": lambda a: connection([], "ProjectCard", a), "projectItems": lambda a: connection([], "ProjectV2Item", a),
        }

    issue = common

    def pull(self, repository, pull):
        """A pull request."""
        owner, name = pull.head_repository.split("/")
        state = "MERGED" if pull.merged_as else repository.issues[pull.number].state.upper()
        return self.common(repository, repository.issues[pull.number]) | {
            "state": state, "headRefName": pull.branch, "baseRefName": pull.base, "headRefOid": pull.head, "isDraft": False,
            "isCrossRepository": pull.head_repository != repository.name, "baseRefOid": pull.base_sha,
            "headRepositoryOwner": {"__typename": "Organization", "id": f"O_{owner}", "login": owner, "name": owner},
            "headRepository": {"__typename": "Repository", "id": f"R_{pull.head_repository}", "name": name},
        }

    def node(self, id):  # noqa: A002 - the API's own word
        """The repository and the issue of an id."""
        kind, name, number = id.split("_")
        repository = self.hub.repositories[name]
        self.need(repository, "pull-requests" if kind == "PullRequest" else "issues", "write")
        return repository, repository.issues[int(number)]

    def shown(self, repository, issue):
        """An issue or a pull request."""
        held = repository.pulls.get(issue.number)
        return self.pull(repository, held) if held else self.issue(repository, issue)


def searched(objects, arguments):
    """Issues by a search; of GitHub's qualifiers those that `gh issue list` sends, and no others."""
    found = dict(word.split(":", 1) for word in re.findall(r'(?:[^\s"]|"[^"]*")+', arguments["query"]) if ":" in word)
    unknown = set(found) - {"repo", "label", "state", "is", "type", "sort"}
    if unknown:
        raise KeyError(f"qualifiers that are not known: {', '.join(sorted(unknown))}")
    repository = objects.hub.repositories[found["repo"]]
    objects.need(repository, "issues")
    label, state = found.get("label", "").strip('"'), found.get("state", "")
    held = [issue for issue in reversed(repository.issues.values()) if issue.number not in repository.pulls]
    held = [issue for issue in held if state in ("", issue.state) and (not label or label in issue.labels)]
    held = connection([objects.issue(repository, issue) for issue in held], "SearchResultItem", arguments)
    return held | {"issueCount": held["totalCount"]}


def queries(hub, token):
    """The root of queries."""
    objects = Objects(hub, token)
    return {
        "__typename": "Query",
        "search": lambda arguments: searched(objects, arguments),
        "repository": lambda arguments: objects.repository(objects.found(arguments)),
        "viewer": {"__typename": "User", "login": token.login, "id": "U_1", "name": token.login},
        "__type": lambda arguments: {"__typename": "__Type", "name": arguments["name"], "fields": [], "inputFields": [], "enumValues": []},
    }


def mutations(hub, token):
    """The root of mutations."""
    objects = Objects(hub, token)

    def create_repository(arguments):
        sent = arguments["input"]
        repository = hub.create(f"{sent['ownerId']}/{sent['name']}", private=sent["visibility"] == "PRIVATE")
        repository.subject = f"repo:{sent['ownerId']}@5001/{sent['name']}@{repository.id}"
        return {"__typename": "Payload", "repository": objects.repository(repository)}

    def create_issue(arguments):
        sent = arguments["input"]
        repository = hub.repositories[sent["repositoryId"].removeprefix("R_")]
        objects.need(repository, "issues", "write")
        labels = [label.removeprefix("L_") for label in sent.get("labelIds") or []]
        issue = repository.new_issue(sent["title"], sent.get("body") or "", token.login, labels)
        return {"__typename": "CreateIssuePayload", "issue": objects.issue(repository, issue)}

    def update(arguments):
        sent = arguments["input"]
        repository, issue = objects.node(sent.get("id") or sent["pullRequestId"])
        issue.title, issue.body = sent.get("title") or issue.title, sent.get("body") if sent.get("body") is not None else issue.body
        issue.edits += 1
        return {"__typename": "Payload", "issue": objects.shown(repository, issue), "pullRequest": objects.shown(repository, issue)}

    def state(new):
        def change(arguments):
            sent = arguments["input"]
            repository, issue = objects.node(sent.get("issueId") or sent["pullRequestId"])
            issue.state, issue.state_reason = new, (sent.get("stateReason") or "").lower() or None
            return {"__typename": "Payload", "issue": objects.shown(repository, issue), "pullRequest": objects.shown(repository, issue)}

        return change

    def add_comment(arguments):
        repository, issue = objects.node(arguments["input"]["subjectId"])
        repository.comment(issue.number, token.login, arguments["input"]["body"])
        address = {"__typename": "IssueComment", "url": f"https://github.com/{repository.name}/issues/{issue.number}"}
        return {"__typename": "Payload", "commentEdge": {"__typename": "Edge", "node": address}}

    def create_pull(arguments):
        sent = arguments["input"]
        repository = hub.repositories[sent["repositoryId"].removeprefix("R_")]
        objects.need(repository, "pull-requests", "write")
        branch = sent["headRefName"].rpartition(":")[2]
        pull = repository.open_pull(branch, sent["title"], sent.get("body") or "", token.login, base=sent["baseRefName"])
        return {"__typename": "Payload", "pullRequest": objects.pull(repository, pull)}

    def add_labels(arguments):
        repository, issue = objects.node(arguments["input"]["labelableId"])
        issue.labels += [one.removeprefix("L_") for one in arguments["input"]["labelIds"]]
        return {"__typename": "Payload", "clientMutationId": None}

    return {
        "__typename": "Mutation", "createRepository": create_repository, "createIssue": create_issue, "updateIssue": update, "closeIssue": state("closed"),
        "reopenIssue": state("open"), "addComment": add_comment, "createPullRequest": create_pull, "updatePullRequest": update,
        "closePullRequest": state("closed"), "reopenPullRequest": state("open"), "addLabelsToLabelable": add_labels,
    }
