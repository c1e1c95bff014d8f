"""Nothing that is recorded has changed. `python tests/golden/record.py` records anew what was meant to."""

import difflib
from collections.abc import Mapping
from concurrent.futures import Future
from importlib.metadata import version
from pathlib import Path

import pytest

from golden.declarations import SEPARATOR
from golden.record import RECORDED, SECTIONS, record

MOST_LINES = 200
"""Of a difference; the rest is told by its number."""
NEWEST = (3, 4)
"""The dspy that was recorded with: prompts and artifacts differ from version to version."""

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        tuple(map(int, version("dspy").split(".")[:2])) < NEWEST,
        reason="recorded with dspy 3.4, which words prompts anew",
    ),
]


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("now")


@pytest.fixture(scope="module")
def recording(now: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, "Future[None]"]:
    return record(SECTIONS, now, tmp_path_factory.mktemp("machines"))


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "types"])
def test_behaviour(section: str, recording: Mapping[str, "Future[None]"], now: Path) -> None:
    recording[section].result()
    before, after = read(RECORDED / section), read(now / section)
    assert before, "nothing is recorded"
    told = [line for path in sorted(before.keys() | after.keys()) for line in compare(path, before, after)]
    if told:
        pytest.fail(f"{section} has changed\n" + "\n".join(shorten(told)), pytrace=False)


def test_types(recording: Mapping[str, "Future[None]"], now: Path) -> None:
    """Further declarations are welcome; those there are stay."""
    recording["types"].result()
    before, after = read(RECORDED / "types"), read(now / "types")
    assert before, "nothing is recorded"
    for path, text in before.items():
        there = set(after[path].strip("\n").split(SEPARATOR))
        gone = [one for one in text.strip("\n").split(SEPARATOR) if one not in there]
        if gone:
            pytest.fail(f"{path}: not there any more, or not as it was\n{SEPARATOR.join(gone)}", pytrace=False)


def read(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def compare(path: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    if path not in after:
        return [f"{path} is not written any more"]
    if path not in before:
        return [f"{path} is new"]
    lines = before[path].splitlines(), after[path].splitlines()
    return list(difflib.unified_diff(*lines, f"recorded/{path}", f"now/{path}", lineterm="", n=2))


def shorten(lines: list[str]) -> list[str]:
    rest = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"… {rest} further lines"] if rest > 0 else lines
