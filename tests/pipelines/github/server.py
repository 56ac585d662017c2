"""The hub's network: a proxy on loopback that answers for GitHub's hosts itself, over TLS.

Programs reach it by HTTPS_PROXY, so `gh`, `git`, `curl` and the actions in actions/ use GitHub's real names and addresses.
A connection to any other host is refused and counts as a mistake of what was run.
"""

import base64
import json
import ssl
from urllib.parse import parse_qsl, unquote, urlsplit

import shared.server
from github import git, graphql, rest, runtime
from github.answers import Answer, Refused


class Handler(shared.server.Handler):
    """One connection. After CONNECT it goes on as a connection to that host."""

    host = None

    def do_CONNECT(self):  # noqa: N802 - the name is the library's
        """Answers for one of GitHub's hosts, or refuses."""
        self.host = self.path.rpartition(":")[0]
        if not self.server.service.knows_host(self.host):
            self.server.service.mistake(f"a connection to {self.host}")
            self.send_error(403)
            self.close_connection = True
            return
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.close_connection = False
        while not self.close_connection:
            self.handle_one_request()

    def answer(self):
        """Answers one request."""
        hub = self.server.service
        parts = urlsplit(self.path)
        self.body = self.read_body()
        self.path_text = unquote(parts.path)
        self.query_text = parts.query
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        try:
            with hub.lock:
                answer = self.route(hub)
        except Refused as refused:
            hub.refusals.append(f"{self.command} {self.path_text}: {refused.status} {refused}")
            answer = Answer(refused.status, {"message": str(refused), "documentation_url": "", "status": str(refused.status)})
        except Exception as error:  # noqa: BLE001 - a mistake of the hub's own must end a scenario, not a thread
            hub.mistake(f"{self.command} {self.host}{self.path_text}: {type(error).__name__} {error}")
            answer = Answer(500, {"message": str(error)})
        self.reply(answer.status, answer.data, answer.headers)

    def json(self):
        """The body as JSON."""
        return json.loads(self.body or b"{}")

    def secret(self):
        """What a request is signed in with."""
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            return base64.b64decode(value).decode().partition(":")[2]
        return value

    def route(self, hub):
        """Finds who answers for the host."""
        if self.host == "api.github.com":
            token = hub.tokens.get(self.secret())
            if token is None:
                raise Refused(401, "Bad credentials")
            if self.path_text == "/graphql":
                return graphql.answer(hub, token, self.json())
            return rest.answer(hub, token, self)
        if self.host == "github.com":
            return self.repository(hub)
        if self.host == "health.contoso.com":
            if hub.monitor_is_gone:
                raise Refused(404, "no check has this address")
            hub.heartbeats.append(self.path_text)
            return Answer(200)
        if self.host in ("objects.githubusercontent.com", "results.actions.githubusercontent.com"):
            return runtime.answer(hub, self)
        if self.host == "oidc.actions.githubusercontent.com":
            return runtime.id_token(hub, self)
        raise Refused(404, f"nothing is served at {self.host}")

    def repository(self, hub):
        """A repository by git's protocol. A job's token reads by `contents: read` and pushes by `contents: write`."""
        owner, name, service = self.path_text.strip("/").split("/", 2)
        full = f"{owner}/{name.removesuffix('.git')}"
        repository = hub.repositories.get(full)
        token = hub.tokens.get(self.secret())
        push = "git-receive-pack" in service or self.query.get("service") == "git-receive-pack"
        if repository is None:
            raise Refused(404, "Repository not found.")
        mine = token is not None and token.repository == full
        if push or repository.private:
            if token is None:
                return Answer(401, {"message": "sign in"}, {"WWW-Authenticate": 'Basic realm="GitHub"'})
            if not mine or not token.allows("contents", "write" if push else "read"):
                raise Refused(403, "Permission to the repository denied to github-actions[bot].")
        status, headers, data = git.serve(hub.git_root, full, service, self)
        kind = headers.pop("Content-Type", "text/plain")
        if push and service == "git-receive-pack":
            hub.pushed_by_a_job(repository)
        return Answer(status, headers=headers, data=data, kind=kind)


class Server(shared.server.Server):
    """The proxy, with the certificate of the hub."""

    def __init__(self, hub):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(hub.keys.host, hub.keys.host_key)
        super().__init__(Handler, hub)
