"""Uploads findings to code scanning by the token that was given."""

import base64
import gzip
import json
import os
from pathlib import Path

import service

if not Path(service.given("sarif_file")).is_file():
    service.failed(f"Path does not exist: {service.given('sarif_file')}")
text = Path(service.given("sarif_file")).read_bytes()
json.loads(text)
sent = {"commit_sha": os.environ["GITHUB_SHA"], "ref": os.environ["GITHUB_REF"], "sarif": base64.b64encode(gzip.compress(text)).decode()}
path = f"repos/{os.environ['GITHUB_REPOSITORY']}/code-scanning/sarifs"
status, _, body = service.call(path, json.dumps(sent).encode(), base="https://api.github.com", token=service.given("token"))
if status != 202:
    service.failed(json.loads(body)["message"])
print("Successfully uploaded results")
