"""The GraphQL API: a small reader of the language, and the objects that `gh` asks for.

A field that no object here has is an error and counts as a mistake, so a new question of `gh` is noticed.
"""

import json
import re

from github import graphql_objects
from github.answers import Answer

TOKEN = re.compile(r'[\s,]*(?:#[^\n]*\n[\s,]*)*(?P<token>\.\.\.|[{}()\[\]:!=$@|]|"""(?:.|\n)*?"""|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|\w+)')


class Reader:
    """Reads a document into operations and fragments."""

    def __init__(self, text, variables):
        self.tokens = TOKEN.findall(text)
        self.at = 0
        self.variables = variables
        self.fragments = {}
        self.operation = None

    def peek(self):
        """The next token, or the empty text."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted):
        """Takes the next token; with texts given, only one of these."""
        if self.at >= len(self.tokens) or (wanted and self.tokens[self.at] not in wanted):
            return None
        self.at += 1
        return self.tokens[self.at - 1]

    def document(self):
        """The selection of the operation, and its kind."""
        kind, chosen = "query", None
        while self.peek():
            if self.peek() == "{":
                chosen = self.selection()
            elif self.take("fragment"):
                name = self.take()
                self.take("on"), self.take()
                self.fragments[name] = self.selection()
            else:
                kind = self.take()
                while self.peek() != "{":
                    if self.take("("):
                        self.skip_definitions()
                    else:
                        self.take()
                chosen = self.selection()
        return kind, chosen

    def skip_definitions(self):
        """Definitions of variables; a default counts where no value was sent."""
        name = None
        while not self.take(")"):
            if self.take("$"):
                name = self.take()
            elif self.take("="):
                self.variables.setdefault(name, self.value())
            else:
                self.take()

    def value(self):
        """A value of an argument."""
        if self.take("$"):
            return self.variables.get(self.take())
        if self.take("["):
            values = []
            while not self.take("]"):
                values.append(self.value())
            return values
        if self.take("{"):
            return self.named("}")
        text = self.take()
        if text.startswith('"'):
            return json.loads(text)
        if re.fullmatch(r"-?\d+", text):
            return int(text)
        return {"true": True, "false": False, "null": None}.get(text, text)

    def named(self, end):
        """Names with values, up to a bracket."""
        found = {}
        while not self.take(end):
            name = self.take()
            self.take(":")
            found[name] = self.value()
        return found

    def selection(self):
        """What is asked of an object: fields as (key, name, arguments, selection), and fragments as (None, type, selection)."""
        fields = []
        self.take("{")
        while not self.take("}"):
            if self.take("..."):
                if self.take("on"):
                    kind = self.take()
                    fields.append((None, kind, self.selection()))
                else:
                    fields.append((None, "...", self.take()))
                continue
            key = name = self.take()
            if self.take(":"):
                name = self.take()
            arguments = self.named(")") if self.take("(") else {}
            while self.take("@"):
                self.take()
                if self.take("("):
                    self.named(")")
            fields.append((key, name, arguments, self.selection() if self.peek() == "{" else None))
        return fields


def shown(value, selection, reader, hub):
    """An object as it was asked for."""
    if isinstance(value, list):
        return [shown(one, selection, reader, hub) for one in value]
    if selection is None or value is None:
        return value
    found = {}
    for field in selection:
        if field[0] is None:
            _, kind, inner = field
            if kind == "...":
                found.update(shown(value, reader.fragments[inner], reader, hub))
            elif kind in (value.get("__typename"), "Node", "Actor", "RepositoryOwner"):
                found.update(shown(value, inner, reader, hub))
            continue
        key, name, arguments, inner = field
        if name not in value:
            hub.mistake(f"GraphQL: {value.get('__typename')} has no {name} here")
            continue
        held = value[name]
        found[key] = shown(held(arguments) if callable(held) else held, inner, reader, hub)
    return found


def answer(hub, token, sent):
    """Answers a query or a mutation."""
    reader = Reader(sent["query"], dict(sent.get("variables") or {}))
    kind, selection = reader.document()
    root = graphql_objects.mutations(hub, token) if kind == "mutation" else graphql_objects.queries(hub, token)
    try:
        return Answer(value={"data": shown(root, selection, reader, hub)})
    except graphql_objects.Forbidden as denied:
        hub.denied.append(f"GraphQL needs {denied}")
        error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": []}
        return Answer(value={"data": None, "errors": [error]})
