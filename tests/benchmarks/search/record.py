"""`make record-search [TASKS]`: score every instruction × demo set of the tasks with the embedded model, once.

A matrix is kept after every arm (one instruction with one demo set, over all examples): a stopped recorder goes on
where it was, and does nothing where all is there. Arms run one after the other so that an arm's examples share their
prompt's beginning; every task gets its first instructions before any gets the rest, so that all are usable early.
"""

import argparse
import datetime
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

import dspy
import msgspec

from benchmarks.search.device import device
from benchmarks.search.recording import RecordedStage, Recording, path_of, read, write
from benchmarks.search.tasks import NAMES, DataMissing, Stage, Task, load
from tunesmith.optim.adapters import ConstrainedAdapter
from tunesmith.optim.local_lms import resolve_lm

MODEL = "local/smollm2-135m"
MAX_TOKENS = 32


class BriefAdapter(ConstrainedAdapter):
    """Without the reminder of the format after every message: the grammar sees to that, and it would be three
    quarters of what the model reads anew for each example."""

    def user_message_output_requirements(self, signature: type[dspy.Signature]) -> None:
        return None


class Arm(NamedTuple):
    stage: int
    instruction: int
    demos: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"of {', '.join(NAMES)}; all where none is named")
    parser.add_argument("--folder", type=Path, help="where the matrices are kept; beside this file by default")
    options = parser.parse_args()
    tasks = []
    for name in options.tasks or NAMES:
        try:
            tasks.append(load(name))
        except DataMissing as missing:
            print(missing, file=sys.stderr)
            if options.tasks:
                return 1
    dspy.configure(lm=resolve_lm(MODEL, cache=False, max_tokens=MAX_TOKENS), adapter=BriefAdapter())
    for is_first in (True, False):
        for task in tasks:
            path = path_of(task.name) if options.folder is None else options.folder / f"{task.name}.json.gz"
            record(task, path, task.first if is_first else None)
    return 0


def record(task: Task, path: Path, until: int | None) -> None:
    """Record what is missing of the first `until` instructions (all: None), and keep it at `path`."""
    recording = started(task, path)
    arms = list(missing(recording, until))
    for number, arm in enumerate(arms, 1):
        began = time.monotonic()
        scores = score(task, arm)
        recording = with_scores(recording, arm, scores)
        write(recording, path)
        stage = task.stages[arm.stage]
        rate = len(scores) / (time.monotonic() - began)
        print(
            f"{datetime.datetime.now():%H:%M:%S} {task.name} {number}/{len(arms)}: {stage.predictor}, "
            f"instruction {arm.instruction}, {arm.demos}: {scores.count('1') / len(scores):.0%} ({rate:.1f} calls/s)",
            flush=True,
        )


def started(task: Task, path: Path) -> Recording:
    """What is on disk; an empty recording where nothing is."""
    empty = Recording(
        task=task.name,
        model=MODEL,
        adapter="ConstrainedAdapter without the format reminder",
        device=device(),
        date="",
        examples=task.examples,
        stages=tuple(
            RecordedStage(
                stage.predictor,
                stage.instructions,
                dict(stage.demo_sets),
                tuple(("",) * len(stage.demo_sets) for _ in stage.instructions),
            )
            for stage in task.stages
        ),
    )
    if not path.exists():
        return empty
    kept = read(path)
    if (kept.examples, described(kept)) != (empty.examples, described(empty)):
        raise SystemExit(f"{path} was recorded with other instructions, demos or examples. Delete it to record anew.")
    return kept


def described(recording: Recording) -> Any:
    return [(stage.predictor, stage.instructions, stage.demo_sets) for stage in recording.stages]


def missing(recording: Recording, until: int | None) -> Iterator[Arm]:
    for place, stage in enumerate(recording.stages):
        for instruction, row in enumerate(stage.scores[:until]):
            for demos, scores in zip(stage.demo_sets, row, strict=True):
                if not scores:
                    yield Arm(place, instruction, demos)


def score(task: Task, arm: Arm) -> str:
    """One character an example: 1 right, 0 wrong or no answer."""
    stage = task.stages[arm.stage]
    predictor = dspy.Predict(stage.signature.with_instructions(stage.instructions[arm.instruction]))
    fields = (*stage.signature.input_fields, *stage.signature.output_fields)
    predictor.demos = [
        dspy.Example({field: task.rows[place][field] for field in fields}) for place in stage.demo_sets[arm.demos]
    ]
    return "".join("1" if right(predictor, stage, task.rows[place]) else "0" for place in task.examples)


def right(predictor: Any, stage: Stage, row: Any) -> bool:
    (question,), (answer,) = stage.signature.input_fields, stage.signature.output_fields
    try:
        prediction = predictor(**{question: row[question]})
    except dspy.utils.exceptions.AdapterParseError:
        return False
    return bool(prediction[answer] == row[answer])


def with_scores(recording: Recording, arm: Arm, scores: str) -> Recording:
    stages = list(recording.stages)
    stage = stages[arm.stage]
    rows = [list(row) for row in stage.scores]
    rows[arm.instruction][list(stage.demo_sets).index(arm.demos)] = scores
    stages[arm.stage] = msgspec.structs.replace(stage, scores=tuple(map(tuple, rows)))
    today = datetime.date.today().isoformat()
    return msgspec.structs.replace(recording, stages=tuple(stages), date=today, device=device())


if __name__ == "__main__":
    sys.exit(main())
