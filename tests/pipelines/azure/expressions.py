"""The expressions of Azure Pipelines that the scaffold uses: conditions, and variables that are set when a job starts.

Comparisons ignore the case of texts, and a variable that is not there is an empty text, as the documentation says.
"""
import re

TOKENS = re.compile(r"\s*(?:(?P<name>[A-Za-z_][\w.]*)|'(?P<text>(?:[^']|'')*)'|(?P<mark>[()\[\],]))")


def tokens(text):
    place, text = 0, text.strip()
    while place < len(text):
        found = TOKENS.match(text, place)
        if not found:
            raise ValueError(f"not understood: {text[place:]}")
        place = found.end()
        if found["text"] is not None:
            yield "text", found["text"].replace("''", "'")
        else:
            yield ("name", found["name"]) if found["name"] else ("mark", found["mark"])


class Expression:
    """Evaluates one expression for given variables, dependencies and results of what went before."""

    def __init__(self, variables, dependencies=None, results=()):
        self.variables = {name.lower(): value for name, value in variables.items()}
        self.dependencies, self.results = dependencies or {}, list(results)

    def value(self, text):
        self.rest = list(tokens(text))
        value = self.operand()
        if self.rest:
            raise ValueError(f"more than one expression: {text}")
        return value

    def take(self, expected=None):
        token = self.rest.pop(0)
        if expected and token != ("mark", expected):
            raise ValueError(f"{expected} expected instead of {token}")
        return token

    def operand(self):
        kind, word = self.take()
        if kind == "text":
            return word
        if kind == "mark":
            raise ValueError(f"{word} at the beginning of a value")
        if self.rest[:1] == [("mark", "(")]:
            return self.call(word.lower())
        return self.look_up(word)

    def look_up(self, word):
        if word == "variables":
            return self.variables.get(self.index().lower(), "")
        first, *path = word.split(".")
        if first != "dependencies":
            raise ValueError(f"{word} is neither a function, `variables` nor `dependencies`")
        value = self.dependencies
        for name in path:
            value = value[name]
        if self.rest[:1] == [("mark", "[")]:
            return value.get(self.index(), "")
        return value

    def index(self):
        self.take("[")
        _, name = self.take()
        self.take("]")
        return name

    def call(self, function):
        self.take("(")
        values = []
        while self.rest[0] != ("mark", ")"):
            values.append(self.operand())
            if self.rest[0] == ("mark", ","):
                self.take()
        self.take(")")
        same = [value.lower() if isinstance(value, str) else value for value in values]
        if function == "eq":
            return same[0] == same[1]
        if function == "ne":
            return same[0] != same[1]
        if function == "in":
            return same[0] in same[1:]
        if function == "and":
            return all(values)
        if function == "or":
            return any(values)
        if function == "not":
            return not values[0]
        if function == "always":
            return True
        if function == "succeeded":
            # Of a stage or a job: every one that it depends on. One that was skipped did not succeed.
            return all(result in ("Succeeded", "SucceededWithIssues") for result in self.results)
        if function == "failed":
            return "Failed" in self.results
        raise ValueError(f"{function} is not known here")
