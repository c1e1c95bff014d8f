"""Writes the golden set anew: what tunesmith does on scripted models, as texts to compare with.

`python tests/golden/record.py` rewrites `tests/golden/recorded`. Look at what `git diff` says of it.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from golden import command_line, declarations, library, session
from golden.machine import Machine
from golden.normalise import Normaliser

PROCESSORS = 2
RECORDED = Path(__file__).parent / "recorded"

SECTIONS: dict[str, Callable[[Machine, Normaliser], Iterator[tuple[str, str]]]] = {
    "session": session.record_session,
    "finetuning": command_line.record_finetuning,
    "tuning": command_line.record_tuning,
    "search": command_line.record_search,
    "library": library.record_library,
    "mistakes": command_line.record_mistakes,
    "applying": command_line.record_applying,
    "reading": command_line.record_reading,
    "help": command_line.record_help,
    "daemon": command_line.record_daemon,
    "types": declarations.record_types,
}
"""The longest first. Each yields paths in its folder, and their texts."""


def record(sections: Iterable[str], folder: Path, place: Path) -> dict[str, Future[None]]:
    """Two sections at a time, each on a machine of its own in `place`."""
    with ThreadPoolExecutor(PROCESSORS) as pool:
        return {section: pool.submit(record_one, section, folder, place / section) for section in sections}


def record_one(section: str, folder: Path, place: Path) -> None:
    shutil.rmtree(folder / section, ignore_errors=True)
    with Machine(place) as machine:
        for path, text in SECTIONS[section](machine, Normaliser(machine)):
            file = folder / section / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Records the golden set.")
    parser.add_argument("section", nargs="*", help="by default all")
    parser.add_argument("--into", type=Path, default=RECORDED, help="the folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for recorded in record(options.section or SECTIONS, options.into, Path(place)).values():
            recorded.result()


if __name__ == "__main__":
    main()
