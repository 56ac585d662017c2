"""The embedded tenants on a loopback port, and an issuer of identity tokens that their sign-in service trusts."""
import base64
import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

TENANT = "contoso.onmicrosoft.com"
OTHER = "adatum.onmicrosoft.com"
# They have the applications of the first one, too.
OTHERS = (OTHER, "fabrikam.onmicrosoft.com", "northwind.onmicrosoft.com")
AUDIENCE = "api://AzureADTokenExchange"
# The applications of every embedded tenant: the first may write, the second only reads.
WRITES, READS = "55bc0001-0a99-4000-8000-000000000001", "55bc0001-0a99-4000-8000-000000000002"
NAMES = {WRITES: "writes", READS: "reads"}

BASELINE = """version: 1
registration:
  requiredAtSignIn: true
  reconfirmAfterDays: 180
notifications:
  users: true
  administrators: true
"""


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """Signs identity tokens with a key that exists for one run."""

    def __init__(self, folder, url):
        self.url, self.key = url, folder / "issuer.pem"
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        der = subprocess.run(["openssl", "rsa", "-in", self.key, "-RSAPublicKey_out", "-outform", "DER"], check=True,
                             capture_output=True).stdout
        self.public = base64.b64encode(der).decode()

    def token(self, subject, audience):
        now = int(time.time())
        claims = {"iss": self.url, "sub": subject, "aud": audience, "nbf": now - 10, "exp": now + 3600}
        text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True,
                                   capture_output=True).stdout
        return f"{text}.{base64url(signature)}"


class Tenants:
    """`ssprctl sandbox serve` in a folder of its own."""

    def __init__(self, program, folder):
        self.program, self.state = str(program), folder / "tenants"
        self.server = subprocess.Popen([self.program, "sandbox", "serve", "--port", "0", "--state", self.state],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = next(line for line in self.server.stdout if "SSPRCTL_LOGIN_URL" in line).strip().split("=")[1]

    def stop(self):
        self.server.terminate()
        self.server.wait()

    def trust(self, issuer, client, subject):
        """Lets an application accept tokens of an issuer for a subject. The other tenants know the application."""
        states = {name: json.loads(self.file(name).read_text()) for name in (TENANT, *OTHERS)}
        apps = states[TENANT]["apps"]
        app = next(app for app in apps if app["clientId"] == client)
        app.setdefault("federated", []).append(
            {"issuer": issuer.url, "subject": subject, "audience": AUDIENCE, "key": issuer.public})
        shared = {app["clientId"] for app in apps}
        for name in OTHERS:
            states[name]["apps"] = [app for app in states[name]["apps"] if app["clientId"] not in shared] + apps
        for name, state in states.items():
            self.file(name).write_text(json.dumps(state))

    def file(self, tenant):
        return self.state / "sandbox" / f"{tenant}.json"

    def withdraw(self, tenant):
        """A tenant removes the applications; returned is what `consent` takes."""
        state = json.loads(self.file(tenant).read_text())
        apps, state["apps"] = state["apps"], []
        self.file(tenant).write_text(json.dumps(state))
        return apps

    def consent(self, tenant, apps):
        """A tenant has the applications again."""
        state = json.loads(self.file(tenant).read_text())
        self.file(tenant).write_text(json.dumps(state | {"apps": apps}))

    def refresh_token(self, person):
        """What `ssprctl login` would put into the vault. Each pipeline gets a new one: the tenants take each once."""
        form = urllib.parse.urlencode({
            "grant_type": "password", "client_id": "1950a258-227b-4e31-a9cf-717495945fc2", "password": "Sandbox-1",
            "username": f"{person}@{TENANT}", "scope": "https://graph.microsoft.com/.default offline_access"})
        with urllib.request.urlopen(f"{self.url}/{TENANT}/oauth2/v2.0/token", form.encode()) as response:
            return json.load(response)["refresh_token"]

    def change(self, setting, value, tenant=TENANT):
        """What somebody does in the portal."""
        subprocess.run([self.program, "sandbox", "set", f"{setting}={value}", "--as", f"alice@{tenant}", "--tenant",
                        tenant, "--state", self.state], check=True, capture_output=True)


def adapt_tests(files):
    """Adapts the tests of `init` to a baseline without methods: those of dates and of methods go."""
    del files["tests/dates.yaml"], files["tests/plan.yaml"]
    tenant = "tenant:\n  methods: [mobileAppNotification, mobileAppCode, email]\n"
    people = files["tests/people.yaml"]
    files["tests/people.yaml"] = people.replace("date: 2026-12-01\n", f"date: 2026-12-01\n{tenant}")


def repository(program, folder, pipeline):
    """A policy repository as `ssprctl init` writes it, with its first commit."""
    subprocess.run([program, "init", folder, "--ci", pipeline, "--tenant", TENANT], check=True, capture_output=True)
    # What is found about methods depends on the day.
    Path(folder, "policies/baseline.yaml").write_text(BASELINE)
    tests = {f"tests/{path.name}": path.read_text() for path in Path(folder, "tests").iterdir()}
    adapt_tests(tests)
    shutil.rmtree(Path(folder, "tests"))
    for name, text in tests.items():
        Path(folder, name).parent.mkdir(exist_ok=True)
        Path(folder, name).write_text(text)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "Start")
    return Path(folder)


def git(folder, *arguments):
    settings = ["-c", "user.name=Ada", "-c", "user.email=ada@contoso.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


def commit(folder, message):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")
