"""Answers of the hub, and those that are errors."""

import json


class Refused(Exception):
    """An answer that is an error: its status and GitHub's message."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Answer:
    """An answer: JSON, bytes, or nothing."""

    def __init__(self, status=200, value=None, headers=None, data=None, kind="application/json; charset=utf-8"):
        self.status = status
        self.headers = {"Content-Type": kind, **(headers or {})}
        self.data = data if data is not None else b"" if value is None else json.dumps(value).encode()
