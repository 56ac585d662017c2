"""The API of issues, labels and comments. A comment on a pull request takes `issues` or `pull-requests`, as on GitHub."""

from github.answers import Answer, Refused
from github.rest import comment_json, held, issue_json, page, route


def commentable(repository, request, number, level):
    """The issue or pull request of a number, if the token may do this with its comments."""
    issue = held(repository.issues, number)
    token = repository.hub.tokens[request.secret()]
    permissions = ["issues", "pull-requests"] if issue.number in repository.pulls else ["issues"]
    if not any(token.allows(permission, level) for permission in permissions) or token.repository != repository.name:
        repository.hub.denied.append(f"{request.command} {request.path_text} needs {' or '.join(permissions)}: {level}")
        raise Refused(403, "Resource not accessible by integration")
    return issue


def checked_body(sent):
    """The text of a comment or an issue, within GitHub's limit."""
    if len(sent.get("body") or "") > 65536:
        raise Refused(422, "Validation Failed: body is too long (maximum is 65536 characters)")
    return sent.get("body") or ""


@route("GET", "/issues/{number}/comments")
def list_comments(repository, request, number):
    """The comments, oldest first."""
    issue = commentable(repository, request, number, "read")
    return page(request, [comment_json(comment) for comment in issue.comments])


@route("POST", "/issues/{number}/comments")
def create_comment(repository, request, number):
    """A new comment."""
    issue = commentable(repository, request, number, "write")
    comment = repository.comment(issue.number, repository.hub.tokens[request.secret()].login, checked_body(request.json()))
    return Answer(201, comment_json(comment))


@route("PATCH", "/issues/comments/{id}")
def edit_comment(repository, request, id):  # noqa: A002 - the name is in the pattern
    """A changed comment, which has to be the token's own."""
    pairs = ((issue, comment) for issue in repository.issues.values() for comment in issue.comments)
    issue, comment = next((pair for pair in pairs if pair[1].id == int(id)), (None, None))
    if comment is None:
        raise Refused(404, "Not Found")
    commentable(repository, request, issue.number, "write")
    if comment.login != repository.hub.tokens[request.secret()].login:
        raise Refused(403, "You cannot edit somebody else's comment")
    comment.body = checked_body(request.json())
    comment.edits += 1
    return Answer(value=comment_json(comment))


@route("GET", "/issues", "issues")
def list_issues(repository, request):
    """Issues, and pull requests as well, by state, labels and author; newest first."""
    state, labels = request.query.get("state", "open"), [one for one in request.query.get("labels", "").split(",") if one]
    creator = request.query.get("creator")
    shown = [issue for issue in repository.issues.values() if state in ("all", issue.state) and set(labels) <= set(issue.labels)]
    shown = [issue for issue in shown if creator in (None, issue.login)]
    return page(request, [issue_json(issue, repository) for issue in reversed(shown)])


@route("GET", "/issues/{number}", "issues")
def read_issue(repository, _, number):
    """One issue."""
    return Answer(value=issue_json(held(repository.issues, number), repository))


@route("POST", "/issues", "issues", "write")
def create_issue(repository, request):
    """A new issue; labels that are not there are made."""
    sent = request.json()
    for label in sent.get("labels", []):
        repository.labels.setdefault(label, "")
    issue = repository.new_issue(sent["title"], checked_body(sent), "github-actions[bot]", sent.get("labels", []))
    return Answer(201, issue_json(issue, repository))


@route("PATCH", "/issues/{number}", "issues", "write")
def edit_issue(repository, request, number):
    """A changed issue."""
    issue = held(repository.issues, number)
    sent = request.json()
    issue.title = sent.get("title", issue.title)
    issue.body = checked_body(sent) if "body" in sent else issue.body
    issue.state = sent.get("state", issue.state)
    issue.state_reason = sent.get("state_reason", issue.state_reason)
    issue.labels = sent.get("labels", issue.labels)
    issue.edits += 1
    return Answer(value=issue_json(issue, repository))


@route("GET", "/labels", "issues")
def list_labels(repository, request):
    """The labels of the repository."""
    return page(request, [{"name": name, "description": text, "color": "D93F0B"} for name, text in repository.labels.items()])


@route("GET", "/labels/{name}", "issues")
def read_label(repository, _, name):
    """One label."""
    return Answer(value={"name": name, "description": held(repository.labels, name), "color": "D93F0B"})


@route("POST", "/labels", "issues", "write")
def create_label(repository, request):
    """A new label."""
    sent = request.json()
    if sent["name"] in repository.labels:
        raise Refused(422, "Validation Failed: already_exists")
    repository.labels[sent["name"]] = sent.get("description") or ""
    return Answer(201, {"name": sent["name"], "description": sent.get("description"), "color": sent.get("color")})


@route("POST", "/issues/{number}/labels", "issues", "write")
def add_labels(repository, request, number):
    """Labels for an issue or a pull request."""
    issue = held(repository.issues, number)
    issue.labels += [label for label in request.json()["labels"] if label not in issue.labels]
    return Answer(value=[{"name": label} for label in issue.labels])
