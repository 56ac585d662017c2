"""Keys and certificates, made by openssl for one run: an authority, a certificate of the hosts, and the key of OIDC."""

import base64
import json
import subprocess
import time

from nacl.public import PrivateKey

HOSTS = [
    "github.com",
    "api.github.com",
    "uploads.github.com",
    "objects.githubusercontent.com",
    "*.actions.githubusercontent.com",
    "health.contoso.com",
]


def openssl(*arguments, **options):
    """Runs openssl and returns what it writes."""
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, **options).stdout


class Keys:
    """The files `authority.pem`, `host.pem`, `host.key` and `oidc.key` in a folder."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.authority = folder / "authority.pem"
        self.host = folder / "host.pem"
        self.host_key = folder / "host.key"
        self.oidc_key = folder / "oidc.key"
        new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "2"]
        openssl(
            *new, "-subj", "/CN=Authority of the pipeline tests", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign", "-keyout", folder / "authority.key", "-out", self.authority,
        )
        names = ",".join(f"DNS:{host}" for host in HOSTS)
        openssl(
            *new, "-subj", "/CN=github.com", "-addext", f"subjectAltName={names}",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth",
            "-CA", self.authority, "-CAkey", folder / "authority.key", "-keyout", self.host_key, "-out", self.host,
        )
        self.box = PrivateKey.generate()
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.oidc_key)

    def public_key(self):
        """The public key of OIDC as PKCS #1 in base64, the form in which an embedded tenant trusts an issuer."""
        der = openssl("rsa", "-in", self.oidc_key, "-RSAPublicKey_out", "-outform", "DER")
        return base64.b64encode(der).decode()

    def id_token(self, subject, audience):
        """A signed token of GitHub's issuer for five minutes (RFC 7519)."""
        now = int(time.time())
        claims = {
            "iss": "https://token.actions.githubusercontent.com", "sub": subject, "aud": audience,
            "iat": now, "nbf": now - 5, "exp": now + 300,
        }
        text = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT", "kid": "1"}, claims))
        signature = openssl("dgst", "-sha256", "-sign", self.oidc_key, input=text.encode())
        return f"{text}.{encoded(signature)}"


def encoded(data):
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
