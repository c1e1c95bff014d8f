"""Calls of the command line as texts: what was typed, the exit code, and what came on both streams."""

import json
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from golden.events import steady_lines, steady_records
from golden.machine import Machine
from golden.normalise import Normaliser

HARDWARE = [
    (re.compile(r"\$[\d.]+"), "$<usd>"),
    (re.compile(r"[\d.,]+ [kMGT]?B\b"), "<memory>"),
    (re.compile(r"this CPU \(.*?\)"), "this CPU (<processor>)"),
    (re.compile(r"  (?:yes|no)  "), "  <fits>  "),
    (re.compile(r'("\w+": )(?:-?\d+\.[\de+-]+|\d{7,})'), r'\1"<number>"'),
    (re.compile(r"(?<=\S) {2,}"), "  "),
]
"""What an estimate of a training says of this machine."""


def transcript(machine: Machine, names: Normaliser, root: Path, calls: Iterable[str]) -> str:
    """One call after another, all in `root`."""
    told = []
    for words in calls:
        done = machine.call(*shlex.split(words), root=root)
        out, err = _readable(names, done.stdout), names.text(steady_lines(done.stderr))
        parts = [f"$ tunesmith {names.text(words)}".rstrip(), f"exit code {done.returncode}"]
        parts += [f"-- stdout\n{out.rstrip()}"] if out else []
        parts += [f"-- stderr\n{err.rstrip()}"] if err else []
        told.append("\n".join(parts) + "\n")
    return "\n".join(told)


def without_hardware(text: str) -> str:
    for pattern, name in HARDWARE:
        text = pattern.sub(name, text)
    return text


def _readable(names: Normaliser, out: str) -> str:
    """JSON lines laid out, other text as it is."""
    documents = _documents(out)
    if documents is None:
        return names.text(out)
    events = [one for one in documents if _is_event(one)]
    before, after = documents[: documents.index(events[0])] if events else documents, []
    if events:
        after = documents[documents.index(events[-1]) + 1 :]
    return "".join(names.json(with_steady_events(one)) for one in [*before, *steady_records(events), *after])


def _documents(out: str) -> list[Any] | None:
    try:
        return [json.loads(line) for line in out.splitlines()] if out.startswith("{") else None
    except ValueError:
        return None


def _is_event(document: Any) -> bool:
    return isinstance(document, dict) and set(document) == {"seq", "time", "event"}


def with_steady_events(document: Any) -> Any:
    """A run's details hold its events, too."""
    if isinstance(document, dict) and isinstance(document.get("events"), list):
        return document | {"events": steady_records(document["events"])}
    return document
