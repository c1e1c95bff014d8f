"""Filling the pool: a program teaches training examples until enough are accepted; as improved, it teaches the rest."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos.pool import DemoPool
from tunesmith.optim.dspy_types import Example, Program
from tunesmith.optim.rollouts import Executor, Judge, PlacedExample, ProgressReporter, Run, Teacher, place_examples
from tunesmith.optim.statistics import label_field
from tunesmith.protocol import RoundEnded

POOL_FACTOR = 4
"""Accepted examples gathered for each demo wanted: enough to choose from, and the bound on calls beside dspy's."""
SMALLEST_BATCH = 8
"""Examples taught before the pool is looked at again. Fixed, so that the thread count changes no decision; at most
one less than this many examples are taught beyond need."""


class Lessons(Struct, frozen=True, kw_only=True):
    """How a program is made to teach."""

    judge: Judge
    rounds: int = 1
    """How often a program teaches: first the one given, then as improved so far, for the examples not yet solved."""
    attempts: int = 1
    """On each example, every one but the first sampled afresh."""
    settings: Mapping[str, Any] = {}
    """dspy settings to teach under."""
    most_tried: int | None = None
    """Examples tried in all rounds together, at most; None: no bound."""


class Gathered(Struct, frozen=True, kw_only=True):
    """What teaching gave."""

    pool: DemoPool
    tried: int
    """Examples taught, those of every round together."""


def gather_pool(
    executor: Executor,
    program: Program,
    trainset: Sequence[Example],
    *,
    wanted: int,
    lessons: Lessons,
    improve: Callable[[DemoPool], Program],
) -> Gathered:
    """Teach until `wanted` examples are accepted, a round adds nothing, or the run stops.

    `program`: the teacher. `improve` makes of the pool the program that teaches the next round. Raises the first error
    where every example of the first round failed, or where there were too many.
    """
    run = executor.run
    pool = DemoPool(name for name, _ in program.named_predictors())
    placed = place_examples(trainset, "train")
    tried = 0
    for number in range(1, lessons.rounds + 1):
        before = len(pool)
        left = None if lessons.most_tried is None else lessons.most_tried - tried
        teacher = Teacher(
            executor,
            program,
            name=f"teacher {number}",
            judge=lessons.judge,
            settings=lessons.settings,
            attempts=lessons.attempts,
        )
        unsolved = [example for example in placed if example.index not in pool][:left]
        taught, raised = _teach_round(run, teacher, unsolved, pool, wanted, label_field(trainset))
        if number == 1 and taught and raised == taught and run.stopped is None:
            executor.errors.raise_first("every training example failed")
        run.emit(RoundEnded(round=number, tried=taught, accepted=len(pool) - before, pool=len(pool)))
        tried += taught
        is_full = len(pool) >= min(wanted, len(trainset))
        if run.stopped or is_full or len(pool) == before or number == lessons.rounds:
            break
        program = improve(pool)
    return Gathered(pool=pool, tried=tried)


def _teach_round(
    run: Run, teacher: Teacher, unsolved: Sequence[PlacedExample], pool: DemoPool, wanted: int, label: str | None
) -> tuple[int, int]:
    """How many examples were tried, and on how many of them every attempt raised."""
    progress = ProgressReporter(run, "bootstrapping", len(unsolved))
    tried, raised = 0, 0
    while tried < len(unsolved) and len(pool) < wanted and run.stopped is None:
        batch = unsolved[tried : tried + max(SMALLEST_BATCH, wanted - len(pool))]
        for example, lesson in zip(batch, teacher.teach(batch), strict=True):
            raised += lesson.raised
            if lesson.accepted:
                pool.add(
                    lesson.index,
                    lesson.trace,
                    score=lesson.score,
                    label=example.example[label] if label else None,
                )
        tried += len(batch)
        progress.report(tried, f"{len(pool)} accepted")
    return tried, raised
