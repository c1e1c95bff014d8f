"""Filling the pool: a program teaches training examples until enough are accepted; as improved, it teaches the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos.pool import DemoPool
from tunesmith.optim.rollouts import ErrorTally, Judge, ProgressTeller, Run, Teacher, spots
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
    retries: int = 0
    """Further lessons on an example whose model could not be reached."""
    most_tried: int | None = None
    """Examples tried in all rounds together, at most; None: no bound."""


class Gathered(Struct, frozen=True, kw_only=True):
    pool: DemoPool
    tried: int
    """Examples taught, those of every round together."""


def gather_pool(
    run: Run,
    program: Any,
    trainset: Sequence[Any],
    *,
    predictors: Iterable[str],
    wanted: int,
    lessons: Lessons,
    improve: Callable[[DemoPool], Any],
    errors: ErrorTally,
    threads: int | None = None,
) -> Gathered:
    """Teach until `wanted` examples are accepted, a round adds nothing, or the run stops.

    `improve` makes of the pool the program that teaches the next round. Raises the first error where every example
    of the first round failed, or where there were too many.
    """
    pool = DemoPool(predictors)
    tried = 0
    for number in range(1, lessons.rounds + 1):
        before = len(pool)
        left = None if lessons.most_tried is None else lessons.most_tried - tried
        tried += _teach_round(run, program, trainset, pool, wanted, lessons, errors, threads, number, left)
        is_full = len(pool) >= min(wanted, len(trainset))
        if run.stopped or is_full or len(pool) == before or number == lessons.rounds:
            break
        program = improve(pool)
    return Gathered(pool=pool, tried=tried)


def _teach_round(
    run: Run,
    program: Any,
    trainset: Sequence[Any],
    pool: DemoPool,
    wanted: int,
    lessons: Lessons,
    errors: ErrorTally,
    threads: int | None,
    number: int,
    left: int | None,
) -> int:
    """How many examples were tried."""
    teacher = Teacher(
        run,
        program,
        name=f"teacher {number}",
        judge=lessons.judge,
        settings=lessons.settings,
        attempts=lessons.attempts,
        threads=threads,
        errors=errors,
        retries=lessons.retries,
    )
    unsolved = [spot for spot in spots(trainset) if spot.index not in pool][:left]
    label = label_field(trainset)
    progress = ProgressTeller(run, "bootstrapping", len(unsolved))
    before, tried, raised = len(pool), 0, 0
    while tried < len(unsolved) and len(pool) < wanted and run.stopped is None:
        batch = unsolved[tried : tried + max(SMALLEST_BATCH, wanted - len(pool))]
        for lesson in teacher.teach(batch):
            raised += lesson.raised
            if lesson.accepted:
                example_label = trainset[lesson.index][label] if label else None
                pool.add(lesson.index, lesson.trace, score=lesson.score, label=example_label)
        tried += len(batch)
        progress.tell(tried, f"{len(pool)} accepted")
    if number == 1 and tried and raised == tried and run.stopped is None:
        errors.raise_first("every training example failed")
    run.emit(RoundEnded(round=number, tried=tried, accepted=len(pool) - before, pool=len(pool)))
    return tried
