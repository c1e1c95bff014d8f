"""`make bench-search`: searches replayed on recorded and simulated score matrices, without an LM.

For every seed a recorded task draws the examples that are searched on and keeps the others as the truth; a simulated
one draws a task whose truth is known. Results of a seed are kept as they finish, for the sources they were made with,
so a stopped replay goes on where it was, and a change of our search leaves the peers' as they are. `--share 1/4` does
every fourth seed, for several machines or evenings.
"""

import argparse
import datetime
import hashlib
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import msgspec

import tunesmith.optim.search
import tunesmith.optim.statistics
from benchmarks.search.contest import SIDES, Outcome, Side, hold
from benchmarks.search.device import device
from benchmarks.search.recorded import is_usable
from benchmarks.search.recording import FOLDER, read
from benchmarks.search.report import markdown

HERE = Path(__file__).parent
KEPT = HERE.parent / "results" / "local" / "search"
RESULTS = HERE / "results.md"
SIMULATED = (
    *(
        f"{shape} {size}"
        for shape in ("L P1 6x6 V100", "L P2 6x6 V100", "M P1 12x12 V300", "M P2 12x12 V300")
        for size in ("small", "med", "large")
    ),
    "L P1 6x6 V100 med bad",
    "L P1 6x6 V100 null",
    "L P1 6x6 V100 med inter1.5",
    "L P2 6x6 V100 med inter1.5",
)
QUICK = ("L P1 6x6 V100 med", "L P1 6x6 V100 large", "L P1 6x6 V100 med bad")
"""With the recorded tasks: what a 20-seed run takes by default."""


HEAD = """\
# Searches replayed

{date}, {device}, up to {seeds} seeds; written by `make bench-search`, which calls no LM.

Gains are true ones, in points of 100 above the program as it stands: on examples the search never saw (recorded tasks),
or as the generator gives them (simulated tasks; `simulated.py` says how). Calls are program calls; 100 % is what dspy
3.4.1's MIPROv2 spends in its light (L) or medium (M) mode. With fewer calls MIPROv2 and random search get the
`num_trials` that fits. A call repeated is paid again: MIPROv2 repeats some, which a cache would save it; ours repeats
none. Intervals are 95 %, paired by seed; open means missed, but within the interval.

"""


class Kept(msgspec.Struct, frozen=True):
    """One line of a file: what one side did on one seed."""

    seed: int
    outcomes: tuple[Outcome, ...]


Job = tuple[str, Side, int]
"""Setting, side, seed."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", nargs="*", help="recorded tasks and simulated settings; all where none is named")
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--share", default="1/1", metavar="K/N", help="only seeds K, K + N, K + 2N, …")
    options = parser.parse_args()
    part, parts = (int(number) for number in options.share.split("/"))
    settings = options.settings or [*recorded_settings(), *SIMULATED]
    replay(settings, range(part - 1, options.seeds, parts), options.processes)
    texts = []
    for setting in settings:
        outcomes = {seed: kept for seed, kept in kept_outcomes(setting).items() if seed < options.seeds}
        if len(outcomes) > 1:
            texts.append(markdown(setting, outcomes))
            print(texts[-1], flush=True)
    if not options.settings and parts == 1:
        RESULTS.write_text(results_page(texts, options.seeds), encoding="utf-8")
    return 0


def recorded_settings() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz") if is_usable(read(path)))


def replay(settings: Sequence[str], seeds: Sequence[int], processes: int) -> None:
    """Run and keep what is not kept yet."""
    KEPT.mkdir(parents=True, exist_ok=True)
    jobs: list[Job] = []
    for setting in settings:
        for side in SIDES:
            drop_torn_line(path_of(setting, side))
            jobs += [(setting, side, seed) for seed in sorted(set(seeds) - set(read_kept(setting, side)))]
    for (setting, side, _), kept in finished(jobs, processes):
        with path_of(setting, side).open("ab") as file:
            file.write(msgspec.json.encode(kept) + b"\n")


def finished(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, Kept]]:
    """In the order in which they finish."""
    if not jobs:
        return
    # The matrices are small: threads of the linear algebra would only wait for each other.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    # Spawned: numpy reads the variables when it is loaded.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(run, jobs)


def run(job: Job) -> tuple[Job, Kept]:
    setting, side, seed = job
    return job, Kept(seed, tuple(hold(setting, seed, side)))


def kept_outcomes(setting: str) -> dict[int, tuple[Outcome, ...]]:
    """By seed, of those that both sides have done."""
    own, theirs = (read_kept(setting, side) for side in SIDES)
    return {seed: own[seed] + theirs[seed] for seed in own.keys() & theirs.keys()}


def read_kept(setting: str, side: Side) -> dict[int, tuple[Outcome, ...]]:
    path = path_of(setting, side)
    if not path.exists():
        return {}
    kept = [msgspec.json.decode(text, type=Kept) for text in path.read_bytes().splitlines()]
    return {one.seed: one.outcomes for one in kept}


def drop_torn_line(path: Path) -> None:
    """What a kill left of a line that was being written; its seed is run again."""
    if path.exists():
        text = path.read_bytes()
        path.write_bytes(text[: text.rfind(b"\n") + 1])


def path_of(setting: str, side: Side) -> Path:
    return KEPT / f"{setting.replace(' ', '_')}-{side}-{fingerprint(setting, side)}.jsonl"


@cache
def fingerprint(setting: str, side: Side) -> str:
    """Of everything the outcomes follow from: the side's searches, the simulation or the recording.

    Taken once, as the sources are loaded once.
    """
    packages = (tunesmith.optim.search, tunesmith.optim.statistics) if side == "ours" else ()
    sources = sorted(path for package in packages for path in Path(package.__path__[0]).glob("*.py"))
    own = [HERE / f"{name}.py" for name in ("peers", "contest", "oracle", "recorded", "simulated")]
    recording = FOLDER / f"{setting}.json.gz"
    digest = hashlib.sha256()
    for path in (*sources, *own, *([recording] if recording.exists() else [])):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def results_page(texts: Sequence[str], seeds: int) -> str:
    return HEAD.format(date=datetime.date.today(), device=device(), seeds=seeds) + "\n".join(texts)


if __name__ == "__main__":
    sys.exit(main())
