"""The sign-in service of the embedded tenants, with refresh tokens that live on after their use, as the real service's do.

A repository's secret holds one refresh token, which every job uses anew. The embedded service takes each of its own once; so
the secrets hold texts of this module, and a request with one is passed on with a new refresh token of the same person.
"""

import http.client
import json
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLIENT = "1950a258-227b-4e31-a9cf-717495945fc2"
SCOPE = "https://graph.microsoft.com/.default offline_access"


class Handler(BaseHTTPRequestHandler):
    """Passes requests on."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Logs nothing."""

    def do_GET(self):  # noqa: N802 - the name is the library's
        """Passes a request on, and its answer back."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = dict(urllib.parse.parse_qsl(body.decode()))
        person = self.server.people.get(form.get("refresh_token"))
        if person:
            form["refresh_token"] = self.server.token(person)
            body = urllib.parse.urlencode(form).encode()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        status, headers, answer = self.server.ask(self.command, self.path, body, headers)
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET


class SignIn(ThreadingHTTPServer):
    """Serves on loopback in front of the embedded service at `port`; `people` has the person of each text in the secrets."""

    daemon_threads = True

    def __init__(self, port, tenant, people):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port, self.tenant, self.people = port, tenant, people
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def ask(self, method, path, body, headers):
        """One request to the embedded service: status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def token(self, person):
        """A new refresh token of a person."""
        form = {
            "grant_type": "password", "client_id": CLIENT, "username": f"{person}@{self.tenant}", "password": "Sandbox-1",
            "scope": SCOPE,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, _, body = self.ask("POST", f"/{self.tenant}/oauth2/v2.0/token", urllib.parse.urlencode(form).encode(), headers)
        return json.loads(body)["refresh_token"]
