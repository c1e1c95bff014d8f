"""The data a student is trained on, from the traces its teachers left."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from tunesmith.optim.finetune.data.collect import Collected, PassingTrace
from tunesmith.optim.finetune.data.rendering import StudentTurn, render_rows
from tunesmith.optim.finetune.data.selecting import (
    closed_predictors,
    distinct_rows,
    keep_few_traces,
    prompt_key,
    settle_contradictions,
)
from tunesmith.optim.finetune.data.splitting import DEV_SHARE, Split
from tunesmith.optim.finetune.errors import NoSharedPredictor, NothingToTrain
from tunesmith.optim.finetune.rows import Row
from tunesmith.protocol import RationaleMode

TRACES_PER_INPUT = 4
"""An input that was answered often would else outweigh the others."""
LABELS_SHOWN = 12

CONTRADICTED = "contradicted by a better or more frequent answer"
BEYOND_FEW = f"beyond the best {TRACES_PER_INPUT} different traces of an input"
REPEATED = "repeated"
IN_BOTH = "of development prompts that are trained on too"


class Dataset(Struct, frozen=True, kw_only=True):
    """What one student, or several, are trained on."""

    train: list[Row]
    dev: list[Row]
    """Answers only, one a prompt, none of a prompt or an input that is trained on. May be empty where there is
    little data."""
    counts: dict[str, int]
    """What was left out, by reason."""
    lines: list[str]
    """What it holds, for a reader: rows a predictor, and the answers that are labels."""
    warnings: list[str]


def build_dataset(
    student: Any,
    collected: Collected,
    split: Split,
    *,
    adapter: Any,
    rationale: RationaleMode = "joint",
    exclude_demos: bool = False,
) -> Dataset:
    """Training and development rows in the student's own prompts, of the examples that `split` has taught.

    A function of its arguments alone: traces are in a fixed order, and nothing is drawn. Raises `NoSharedPredictor`
    where no trace has a predictor of the student, `NothingToTrain` where no turn makes a row.
    """
    places = set(split.taught_places)
    traces = [trace for trace in collected.traces if trace.example in places]
    rendered = render_rows(student, traces, adapter, rationale=rationale, exclude_demos=exclude_demos)
    _check_predictors(student, traces, rendered.turns)
    agreed = settle_contradictions(rendered.turns)
    train_turns, dev_turns, warnings = _sides(agreed.turns, split)
    few = keep_few_traces(train_turns, TRACES_PER_INPUT)
    train, repeated = distinct_rows(few.turns)
    dev, in_both = _development_rows(dev_turns, train)
    if not train:
        raise NothingToTrain(rendered.refused)
    left_out = {CONTRADICTED: agreed.left_out, BEYOND_FEW: few.left_out, REPEATED: repeated, IN_BOTH: in_both}
    return Dataset(
        train=train,
        dev=dev,
        counts={**rendered.refused, **{reason: count for reason, count in left_out.items() if count}},
        lines=_lines(train, few.turns),
        warnings=[*warnings, *_warnings(student, train, dev), *_one_sided(few.turns)],
    )


def _check_predictors(student: Any, traces: Sequence[PassingTrace], turns: Sequence[StudentTurn]) -> None:
    students = [name for name, _ in student.named_predictors()]
    teachers = sorted({name for trace in traces for name, _, _ in trace.turns})
    if not turns and teachers and not set(teachers) & set(students):
        raise NoSharedPredictor(teachers, students)


def _sides(turns: Sequence[StudentTurn], split: Split) -> tuple[list[StudentTurn], list[StudentTurn], list[str]]:
    """Turns to train on and to choose by, as the split says; anew by input where a side it wanted has none."""
    dev_places = set(split.dev_places)
    train = [turn for turn in turns if turn.answer.example not in dev_places]
    dev = [turn for turn in turns if turn.answer.example in dev_places]
    sources = sorted({turn.answer.source for turn in turns})
    if (train and dev) or not dev_places or len(sources) < 2:
        return train or dev, dev if train else [], []
    # Fingerprints are in no order that has to do with the data.
    chosen = set(sources[: max(1, round(len(sources) * DEV_SHARE))])
    empty = "development" if train else "training"
    return (
        [turn for turn in turns if turn.answer.source not in chosen],
        [turn for turn in turns if turn.answer.source in chosen],
        [f"No trace of the {empty} examples passed: {len(chosen)} of the others' inputs choose the best step."],
    )


def _development_rows(turns: Sequence[StudentTurn], train: Sequence[Row]) -> tuple[list[Row], int]:
    """The best answer to each prompt that is not trained on; and how many prompts are."""
    trained = {prompt_key(row) for row in train}
    answers: dict[str, Row] = {}
    for turn in keep_few_traces(turns, 1).turns:
        answers.setdefault(prompt_key(turn.answer), turn.answer)
    rows = [row for key, row in answers.items() if key not in trained]
    return rows, len(answers) - len(rows)


def _lines(rows: Sequence[Row], turns: Sequence[StudentTurn]) -> list[str]:
    """Of the training rows, a line a predictor."""
    closed = closed_predictors(turns)
    lines = []
    for name in dict.fromkeys(row.predictor for row in rows):
        own = [row for row in rows if row.predictor == name]
        line = f"`{name}`: {len(own)} rows"
        if reasoning := sum(row.purpose == "rationale" for row in own):
            line += f", {reasoning} of them teach its reasoning"
        if name in closed:
            line += f"; answers: {_histogram(turn for turn in turns if turn.answer.predictor == name)}"
        lines.append(line)
    return lines


def _histogram(turns: Iterable[StudentTurn]) -> str:
    """How many prompts each answer is given to."""
    counts = Counter(decision for _, decision in {(turn.prompt, turn.decision) for turn in turns})
    by_count = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{label} {count}" for label, count in by_count[:LABELS_SHOWN])
    more = len(by_count) - LABELS_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _warnings(student: Any, train: Sequence[Row], dev: Sequence[Row]) -> list[str]:
    warnings = []
    if untaught := {name for name, _ in student.named_predictors()} - {row.predictor for row in train}:
        warnings.append(f"No row teaches {', '.join(f'`{name}`' for name in sorted(untaught))}.")
    if not dev:
        warnings.append("There are no development rows: no step of the training can be told from another.")
    return warnings


def _one_sided(turns: Sequence[StudentTurn]) -> list[str]:
    """A teacher that always says the same is right now and then, and teaches nothing by it."""
    warnings = []
    for name in sorted(closed_predictors(turns)):
        own = [turn for turn in turns if turn.answer.predictor == name]
        decisions = {turn.decision for turn in own}
        if len(decisions) == 1 and len({turn.prompt for turn in own}) > 1:
            warnings.append(
                f"Every row of `{name}` answers {decisions.pop()!r:.60}: its student will say nothing else."
            )
    return warnings
