"""The text of a run, compared with the text of an earlier one. SSPRCTL_BLESS=1 writes it anew."""
import difflib
import os
import re
import sys

PATTERNS = (
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|Z)?", "TIME"),
    (r"\b[0-9a-f]{40}\b|(?<=brought )[0-9a-f]{8}\b|(?<=commit )[0-9a-f]{7}\b", "COMMIT"),
    (r"\b\d{8}T\d{9}Z-[0-9a-f]{8}\b", "RUN"),
    (r"in sync, \d+ warnings?", "in sync, N warnings"),
    (r"(?<=Trace ID: )[0-9a-f-]{36}|(?<=Correlation ID: )[0-9a-f-]{36}|(?<=request: )[0-9a-f-]{36}", "ID"),
    (r"http://127\.0\.0\.1:\d+", "SERVER"),
    (r"\b\d+(\.\d+)? (s|ms)\b", "N s"),
)


class Golden:
    def __init__(self, file, replaced=()):
        self.file, self.replaced, self.lines = file, replaced, []

    def output(self, text):
        """What a job printed, without findings."""
        text = re.sub(r"^ *warning\[.*?(\n\s*\n|\Z)", "", text, flags=re.M | re.S)
        self.say("\n".join(f"    {line}" for line in text.splitlines()))

    def say(self, text=""):
        for line in str(text).splitlines():
            for value, name in self.replaced:
                line = line.replace(value, name)
            for pattern, name in PATTERNS:
                line = re.sub(pattern, name, line)
            self.lines.append(line.rstrip())

    def check(self):
        text = "\n".join(self.lines) + "\n"
        if os.environ.get("SSPRCTL_BLESS"):
            self.file.write_text(text)
            return
        expected = self.file.read_text() if self.file.exists() else ""
        difference = list(difflib.unified_diff(expected.splitlines(), text.splitlines(), "expected", "seen", lineterm=""))
        if difference:
            print("\n".join(difference))
            sys.exit(f"{self.file.name} is not what this run printed; SSPRCTL_BLESS=1 writes it anew")
