"""The program with demos: the teacher where none is given, and what a student has to beat."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tunesmith.optim.demos import POOL_FACTOR, DemoPool, Lessons, compose, gather_pool, prepare_teacher
from tunesmith.optim.finetune.data import PassingTrace
from tunesmith.optim.rollouts import ErrorTally, Judge, Run
from tunesmith.optim.statistics import label_field


def bootstrap_teacher(
    run: Run,
    student: Any,
    examples: Sequence[Any],
    judge: Judge,
    settings: Mapping[str, Any],
    *,
    demos: int,
    seed: int,
    errors: ErrorTally,
    threads: int | None,
) -> Any:
    """The student with up to `demos` bootstrapped demos a predictor, as `BootstrapFewShot` finds them."""
    names = [name for name, _ in student.named_predictors()]
    composed = _composer(student, examples, demos, seed)
    pool = gather_pool(
        run,
        prepare_teacher(student, None, examples, max_labeled=demos, seed=seed),
        examples,
        predictors=names,
        wanted=POOL_FACTOR * demos,
        lessons=Lessons(judge=judge, settings=settings),
        improve=composed,
        errors=errors,
        threads=threads,
    ).pool
    return composed(pool)


def compose_few_shot(
    student: Any,
    traces: Sequence[PassingTrace],
    examples: Sequence[Any],
    *,
    only: Sequence[int],
    demos: int,
    seed: int,
) -> Any:
    """The student with demos chosen from its teachers' traces, one an example, and from the labels of `examples` at
    the places `only`: those it is judged on must not be among them."""
    names = [name for name, _ in student.named_predictors()]
    pool = DemoPool(names)
    taught = [examples[place] for place in only]
    numbers = {place: number for number, place in enumerate(only)}
    label = label_field(taught)
    for trace in traces:
        if (number := numbers[trace.example]) not in pool:
            example_label = taught[number].get(label) if label else None
            pool.add(number, trace.turns, score=trace.score, label=example_label)
    return _composer(student, taught, demos, seed)(pool)


def _composer(student: Any, examples: Sequence[Any], demos: int, seed: int) -> Callable[[DemoPool], Any]:
    def composed(pool: DemoPool) -> Any:
        return compose(
            student, pool, examples, max_bootstrapped=demos, max_labeled=demos, embedder=None, seed=seed
        ).program

    return composed
