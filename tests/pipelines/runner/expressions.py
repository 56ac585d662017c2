"""GitHub's expressions (`${{ … }}`), as far as workflows use them outside of steps.

`act` evaluates what is inside a step. Conditions of jobs, concurrency groups, environments, and what a caller passes to a
reusable workflow are evaluated here, because each needs contexts that act does not have. A name that no context holds is
null, as on GitHub; a function that is not known is an error.
"""

import json
import re

TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|(?P<op>\|\||&&|==|!=|<=|>=|[<>!()\[\],.*])|(?P<name>[A-Za-z_][\w-]*))"
)


class ExpressionError(Exception):
    """An expression that cannot be read."""


def text_of(value):
    """A value as GitHub writes it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (dict, list)):
        return "Object" if isinstance(value, dict) else "Array"
    return str(value)


def truth(value):
    """Whether a value counts as true: not null, false, 0 or the empty text."""
    return value not in (None, False, 0, "")


def number_of(value):
    """A value as a number, for comparisons of different types; not a number where it is none."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value or 0)
    except (TypeError, ValueError):
        return float("nan")


def equal(left, right):
    """GitHub's loose equality: texts without regard to case, other pairs of types as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    if type(left) is type(right):
        return left == right
    return number_of(left) == number_of(right)


def look_up(value, key):
    """A property or an element; null where there is none. Keys are compared without regard to case."""
    if isinstance(value, list) and isinstance(key, (int, float)):
        return value[int(key)] if 0 <= int(key) < len(value) else None
    if isinstance(value, dict):
        wanted = text_of(key).lower()
        return next((found for name, found in value.items() if str(name).lower() == wanted), None)
    return None


class Evaluator:
    """Evaluates expressions in the contexts of one job."""

    def __init__(self, contexts, status="success"):
        """`status` is what the needed jobs ended with: success, failure or cancelled."""
        self.contexts = contexts
        self.status = status
        self.status_was_asked = False

    def value(self, source):
        """The value of one expression, without its braces."""
        self.tokens = self.split(source)
        self.at = 0
        value = self.either()
        if self.at != len(self.tokens):
            raise ExpressionError(f"cannot read `{source}` from its part {self.at}")
        return value

    def template(self, node):
        """A document with every expression in it replaced; the value of a text that is one expression alone has the type of that expression."""
        if isinstance(node, dict):
            return {key: self.template(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self.template(value) for value in node]
        if not isinstance(node, str):
            return node
        whole = re.fullmatch(r"\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*", node, re.DOTALL)
        if whole:
            return self.value(whole[1])
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: text_of(self.value(found[1])), node, flags=re.DOTALL)

    def condition(self, source):
        """Whether a job or a step with this `if` runs. Without a status function, success is required as well."""
        self.status_was_asked = False
        text = str("true" if source is None else source).strip()
        value = self.template(text) if "${{" in text else self.value(text)
        return truth(value) and (self.status_was_asked or self.status == "success")

    @staticmethod
    def split(source):
        """The tokens of an expression, as pairs of a kind and a text."""
        tokens, at, source = [], 0, source.strip()
        while at < len(source):
            found = TOKEN.match(source, at)
            if not found:
                raise ExpressionError(f"cannot read `{source}` from `{source[at:]}`")
            tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        return tokens

    def take(self, *texts):
        """Takes the next token if it is one of these operators."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "op" and self.tokens[self.at][1] in texts:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def expect(self, text):
        """Takes this operator, which has to come next."""
        if not self.take(text):
            raise ExpressionError(f"expected `{text}`")

    def either(self):
        """`a || b`: the first that is true, else the last."""
        value = self.both()
        while self.take("||"):
            other = self.both()
            value = value if truth(value) else other
        return value

    def both(self):
        """`a && b`: the first that is false, else the last."""
        value = self.compared()
        while self.take("&&"):
            other = self.compared()
            value = other if truth(value) else value
        return value

    def compared(self):
        """`a == b` and the other comparisons."""
        value = self.negated()
        while operator := self.take("==", "!=", "<", "<=", ">", ">="):
            other = self.negated()
            if operator in ("==", "!="):
                value = equal(value, other) == (operator == "==")
            else:
                left, right = number_of(value), number_of(other)
                value = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
        return value

    def negated(self):
        """`!a`."""
        return not truth(self.negated()) if self.take("!") else self.path()

    def path(self):
        """A value and what is read of it, `a.b[0].*.c`."""
        value = self.single()
        while True:
            if self.take("."):
                if self.take("*"):
                    found = list(value.values()) if isinstance(value, dict) else list(value or [])
                    value = Spread(found)
                    continue
                key = self.tokens[self.at][1]
                self.at += 1
                value = Spread([look_up(v, key) for v in value]) if isinstance(value, Spread) else look_up(value, key)
            elif self.take("["):
                key = self.either()
                self.expect("]")
                value = look_up(value, key)
            else:
                return value

    def single(self):
        """A literal, a context, a call, or an expression in brackets."""
        if self.take("("):
            value = self.either()
            self.expect(")")
            return value
        if self.at >= len(self.tokens):
            raise ExpressionError("an expression ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if text in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[text]
        if kind == "name" and self.take("("):
            arguments = []
            while not self.take(")"):
                arguments.append(self.either())
                self.take(",")
            return self.call(text.lower(), arguments)
        if kind != "name" or text not in self.contexts:
            raise ExpressionError(f"`{text}` is no context here")
        return self.contexts[text]

    def call(self, name, arguments):
        """A function of GitHub's."""
        if name in ("success", "failure", "cancelled", "always"):
            self.status_was_asked = True
            return name == "always" or name == self.status
        if name == "contains":
            held, wanted = arguments
            if isinstance(held, (list, tuple)):
                return any(equal(value, wanted) for value in held)
            return text_of(wanted).lower() in text_of(held).lower()
        if name == "startswith":
            return text_of(arguments[0]).lower().startswith(text_of(arguments[1]).lower())
        if name == "endswith":
            return text_of(arguments[0]).lower().endswith(text_of(arguments[1]).lower())
        if name == "format":
            return re.sub(r"\{(\d+)\}", lambda found: text_of(arguments[int(found[1]) + 1]), arguments[0])
        if name == "join":
            return (arguments[1] if len(arguments) > 1 else ",").join(text_of(value) for value in arguments[0] or [])
        if name == "tojson":
            return json.dumps(arguments[0], indent=2)
        if name == "fromjson":
            return json.loads(arguments[0])
        raise ExpressionError(f"the function {name} is not known here")


class Spread(list):
    """What `.*` makes of a list: a name after it is looked up in every element."""
