"""A recorded score matrix: what every setting of every predictor scored on every example, as a small file.

Gzipped JSON, rewritten whole and swapped in, so that a reader never sees half of one. It holds instructions, names of
demo sets, places in the task's pool and scores, and no text of a data set.
"""

import gzip
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "matrices"


class RecordedStage(msgspec.Struct, frozen=True):
    predictor: str
    instructions: tuple[str, ...]
    """The first is the program's own."""
    demo_sets: dict[str, tuple[int, ...]]
    """Name → places in the pool. The first is empty."""
    scores: tuple[tuple[str, ...], ...]
    """[instruction][demo set] → one character an example, 1 right and 0 wrong; empty where not recorded yet."""


class Recording(msgspec.Struct, frozen=True):
    task: str
    model: str
    adapter: str
    device: str
    date: str
    """Of the last arm."""
    examples: tuple[int, ...]
    """Places in the pool."""
    stages: tuple[RecordedStage, ...]


def path_of(task: str) -> Path:
    return FOLDER / f"{task}.json.gz"


def read(path: Path) -> Recording:
    return msgspec.json.decode(gzip.decompress(path.read_bytes()), type=Recording)


def write(recording: Recording, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    # No time stamp: the same recording is the same file.
    part.write_bytes(gzip.compress(msgspec.json.encode(recording), mtime=0))
    part.replace(path)
