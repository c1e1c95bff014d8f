"""From what was observed to what is compared: times, ids, places and versions get names, all else stays."""

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from golden.machine import Machine

RUN_ID = re.compile(r"\b\d{8}-\d{6}-[2-9a-z]{4}\b")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
PATTERNS = [
    (re.compile(r"\b\d{4}-\d\d-\d\d(?: \d\d:\d\d)?\b"), "<date>"),
    (re.compile(r"\bjust now\b|\b\d+ (?:min|h|days?) ago\b"), "<age>"),
    (re.compile(r"\(\d+ bytes\)"), "(<size>)"),
    (re.compile(r"\b[\d.,]+ (?:ms|s|min|h)\b(?: \d+ (?:s|min)\b)?"), "<time>"),
    (re.compile(r"\bprocess \d+"), "process <pid>"),
    (re.compile(r"^(process +)\d+", re.MULTILINE), r"\1<pid>"),
    (re.compile(r"(127\.0\.0\.1):\d+"), r"\1:<port>"),
    (re.compile(r"/\d+-(<version>-\d+\.sock)"), r"/<user>-\1"),
    (re.compile(r'"(seconds|created)": [\d.e-]+'), r'"\1": "<\1>"'),
    (re.compile(r"#token=[\w-]+"), "#token=<token>"),
]
LONG_FRACTION = re.compile(r"-?\d+\.\d{7,}(?:e-?\d+)?")
TIMES = frozenset({"seconds", "created", "time", "pid", "stopped", "wait", "wall", "started"})
"""Names of fields whose numbers differ from run to run."""
DIGITS = 6
"""Significant ones of a fraction: the last ones depend on the processor."""


class Normaliser:
    """Runs are numbered in order of appearance, so ask in one fixed order."""

    def __init__(self, machine: Machine) -> None:
        self._places = {
            **{str(path): name for path, name in ((machine.runtime, "$RUNTIME"), (machine.place, "$PLACE"))},
            str(Path(sys.executable).parent): "$BIN",
            version("tunesmith"): "<version>",
            version("dspy"): "<dspy>",
            "{}.{}.{}".format(*sys.version_info): "<python>",
            "python{}.{}".format(*sys.version_info): "python<python>",
        }
        self._runs: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    def text(self, text: str) -> str:
        for found, name in self._places.items():
            text = text.replace(found, name)
        text = RUN_ID.sub(lambda match: self._numbered(self._runs, match, "RUN"), text)
        text = UUID.sub(lambda match: self._numbered(self._tokens, match, "TOKEN"), text)
        for pattern, name in PATTERNS:
            text = pattern.sub(name, text)
        return LONG_FRACTION.sub(lambda match: str(_rounded(float(match[0]))), text)

    def value(self, value: Any, key: str | None = None) -> Any:
        """Of decoded JSON."""
        match value:
            case bool() | None:
                return value
            case int() | float() if key in TIMES:
                return f"<{key}>"
            case float():
                return _rounded(value)
            case str():
                return self.text(value)
            case list():
                return [self.value(item) for item in value]
            case dict():
                return {self.text(name): self.value(item, name) for name, item in value.items()}
        return value

    def json(self, value: Any) -> str:
        """A readable text; the order of keys is part of it."""
        return json.dumps(self.value(value), indent=1, ensure_ascii=False) + "\n"

    @staticmethod
    def _numbered(known: dict[str, str], match: "re.Match[str]", name: str) -> str:
        return known.setdefault(match[0], f"{name}{len(known) + 1}")


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
