"""The sign-in service of the embedded tenants, with refresh tokens that live on after their use, as the real service's do.

A repository's secret holds one refresh token, which every job uses anew. The embedded service takes each of its own once; so
the secrets hold texts of this module, and a request with one is passed on with a new refresh token of the same person.
"""

import base64
import http.client
import json
import urllib.parse

from shared.server import Handler, Server

CLIENT = "1950a258-227b-4e31-a9cf-717495945fc2"
SCOPE = "https://graph.microsoft.com/.default offline_access"


class Proxy(Handler):
    """Passes requests on."""

    def answer(self):
        """Passes a request on, and its answer back."""
        service, body = self.server, self.read_body()
        form = dict(urllib.parse.parse_qsl(body.decode()))
        tenant = self.path.split("/")[1]
        person = service.people.get(form.get("refresh_token"))
        if person is None and service.many_tenants:
            person = service.rotated.get(form.get("refresh_token"))
        if person:
            form["refresh_token"] = service.token(person, tenant if service.many_tenants else service.tenant)
            body = urllib.parse.urlencode(form).encode()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        status, headers, answer = service.ask(self.command, self.path, body, headers)
        service.note(form, person, status, answer)
        left_out = ("content-length", "transfer-encoding", "connection", "date")
        self.reply(status, answer, [(name, value) for name, value in headers if name.lower() not in left_out])


class SignIn(Server):
    """Serves on loopback in front of the embedded service at `to`; `people` has the person of each text in the secrets. With many
    tenants, a person is one whom each of them has invited, as a partner has it: a refresh token is good for all of them."""

    def __init__(self, to, tenant, people, many_tenants=False):
        self.to, self.tenant, self.people, self.many_tenants = to, tenant, people, many_tenants
        self.seen, self.issued, self.rotated = [], set(), {}
        super().__init__(Proxy)

    def ask(self, method, path, body, headers):
        """One request to the embedded service: status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.to)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def note(self, form, person, status, answer):
        """Notes who has signed in, and every token that was issued, so that scenarios can show and search for them."""
        if "grant_type" not in form:
            return
        # A run that asks for two services uses the new refresh token for the second, or the old one, whichever comes first.
        person = person or self.rotated.get(form.get("refresh_token"))
        who = f"as {person}"
        if form["grant_type"] == "client_credentials":
            who = f"as the application {form['client_id'][-4:]}"
            if "client_assertion" in form:
                claims = form["client_assertion"].split(".")[1]
                subject = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]
                who += f", by OIDC for {subject}"
        self.seen.append(who if status == 200 else f"{who}: refused")
        if status == 200:
            tokens = json.loads(answer)
            self.rotated[tokens.get("refresh_token")] = person
            self.issued |= {tokens[name] for name in ("access_token", "refresh_token") if name in tokens}

    def take(self):
        """Who has signed in since the last call, each once."""
        seen, self.seen = sorted(set(self.seen)), []
        return seen

    def token(self, person, tenant):
        """A new refresh token of a person in a tenant."""
        form = {
            "grant_type": "password", "client_id": CLIENT, "username": f"{person}@{tenant}", "password": "Sandbox-1",
            "scope": SCOPE,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, _, body = self.ask("POST", f"/{tenant}/oauth2/v2.0/token", urllib.parse.urlencode(form).encode(), headers)
        return json.loads(body).get("refresh_token", "refused")
