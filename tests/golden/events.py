"""A run's events without what depends on the clock: progress is told a few times a second at most, and what user code
prints is told when its pipe is read."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

PROGRESS = re.compile(r"(?P<phase>.+) (?P<done>\d+)/(?P<total>\d+)(?:  .*)?")
PRINTED = re.compile(r"(?:stdout|stderr)\| ")


def steady_records(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records of `{"seq", "time", "event"}`, numbered anew."""
    kept, printed, phase = [], [], None
    for record in records:
        event = record["event"]
        if event["kind"] == "printed":
            printed.append(record)
            continue
        if event["kind"] == "progress":
            is_news = event["phase"] != phase or event["done"] == event["total"]
            phase = event["phase"]
            if not is_news:
                continue
        kept.append(record)
    return [record | {"seq": number} for number, record in enumerate([*kept, *printed], start=1)]


def steady_lines(text: str) -> str:
    """The same for lines of text."""
    lines = text.splitlines()
    printed = [line for line in lines if PRINTED.match(line)]
    return "".join(f"{line}\n" for line in [*_without_middles(lines), *printed])


def _without_middles(lines: Iterable[str]) -> Iterator[str]:
    phase = None
    for line in lines:
        if PRINTED.match(line):
            continue
        told = PROGRESS.fullmatch(line)
        if told is not None:
            is_news = told["phase"] != phase or told["done"] == told["total"]
            phase = told["phase"]
            if not is_news:
                continue
        yield line


def is_middle(line: str) -> bool:
    """Progress that may be told or not."""
    told = PROGRESS.match(line)
    return told is not None and told["done"] != told["total"]
