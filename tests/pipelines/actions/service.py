"""What these actions share: inputs, and calls to the hub's services for the runner."""

import os
import sys
import urllib.error
import urllib.parse
import urllib.request

SERVICE = "https://results.actions.githubusercontent.com"


def given(name):
    """An input of the action."""
    return os.environ.get(f"INPUT_{name.upper().replace('-', '_')}", "")


def failed(text):
    """Ends the step with an error."""
    print(f"::error::{text}")
    sys.exit(1)


def call(route, data=None, base=SERVICE, token=None, method=None, **query):
    """Calls the hub: status, headers and body. An error is returned as well, not raised."""
    address = f"{base}/{route}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
    request = urllib.request.Request(address, data, method=method or ("GET" if data is None else "POST"))
    request.add_header("Authorization", f"Bearer {token or os.environ['ACTIONS_RUNTIME_TOKEN']}")
    request.add_header("Content-Type", "application/octet-stream")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def output(name, value):
    """Sets an output of the step."""
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.write(f"{name}={value}\n")
