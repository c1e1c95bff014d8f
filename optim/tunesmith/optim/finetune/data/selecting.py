"""Which of the turns a student is taught: no contradictions, not too much of one input, nothing twice."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from tunesmith.optim.finetune.data.rendering import StudentTurn
from tunesmith.optim.finetune.rows import Row
from tunesmith.optim.rollouts import digest
from tunesmith.optim.statistics import EXAMPLES_PER_LABEL

T = TypeVar("T")

_Trace = tuple[int, int, int]
"""Example, teacher and sample."""


class Chosen(Struct, frozen=True):
    """The turns that stay, in their order."""

    turns: list[StudentTurn]
    left_out: int
    """How many do not."""


def closed_predictors(turns: Sequence[StudentTurn]) -> set[str]:
    """Predictors whose answers are labels, truth values or numbers: by their types, or because few texts answer many
    prompts."""
    by_predictor: dict[str, list[StudentTurn]] = defaultdict(list)
    for turn in turns:
        by_predictor[turn.answer.predictor].append(turn)
    return {name for name, own in by_predictor.items() if own[0].is_closed or _are_labels(own)}


def settle_contradictions(turns: Sequence[StudentTurn]) -> Chosen:
    """One answer a prompt where two different ones cannot both be right; free text may differ.

    The best score wins, then the most frequent answer, then the first teacher's.
    """
    closed = closed_predictors(turns)
    winners: dict[str, str] = {}
    for prompt, same in _grouped(turns, lambda turn: turn.prompt).items():
        if same[0].answer.predictor in closed:
            winners[prompt] = _winner(same)
    kept = [turn for turn in turns if winners.get(turn.prompt, turn.decision) == turn.decision]
    return Chosen(kept, len(turns) - len(kept))


def keep_few_traces(turns: Sequence[StudentTurn], most: int) -> Chosen:
    """At most `most` traces an input, whole ones, so that no loop loses its end: different answers first, then the
    better score, then the shorter.

    With one turn a predictor in each trace, these are at most `most` rows a predictor and input.
    """
    kept: set[_Trace] = set()
    for of_input in _grouped(turns, lambda turn: turn.answer.source).values():
        traces = sorted(_grouped(of_input, _trace_of).values(), key=_preference)
        firsts: list[list[StudentTurn]] = []
        others: list[list[StudentTurn]] = []
        known = set[str]()
        for trace in traces:
            answers = digest([[turn.answer.predictor, turn.decision] for turn in trace])
            (others if answers in known else firsts).append(trace)
            known.add(answers)
        # Of traces that teach the same answers, the shortest reasoning alone is a task beside them.
        distinct = _first_of_each([*firsts, *others], lambda trace: digest([turn.answer.target for turn in trace]))
        kept |= {_trace_of(trace[0]) for trace in distinct[:most]}
    chosen = [turn for turn in turns if _trace_of(turn) in kept]
    return Chosen(chosen, len(turns) - len(chosen))


def distinct_rows(turns: Iterable[StudentTurn]) -> tuple[list[Row], int]:
    """The turns' rows, the same prompt with the same target once; and how many were repeated."""
    rows = [row for turn in turns for row in turn.rows]
    distinct = _first_of_each(rows, row_key)
    return distinct, len(rows) - len(distinct)


def row_key(row: Row) -> str:
    """Equal where prompt and target are."""
    return digest(prompt_key(row), row.target)


def prompt_key(row: Row) -> str:
    """Equal where predictor, purpose and messages are."""
    return digest(row.predictor, row.purpose, [[message.role, message.content] for message in row.messages])


def _are_labels(turns: Sequence[StudentTurn]) -> bool:
    prompts = len({turn.prompt for turn in turns})
    return len({turn.decision for turn in turns}) * EXAMPLES_PER_LABEL <= prompts


def _winner(same: Sequence[StudentTurn]) -> str:
    counts = Counter(turn.decision for turn in same)

    def strength(decision: str) -> tuple[float, int, int]:
        own = [turn.answer for turn in same if turn.decision == decision]
        return max(row.score for row in own), counts[decision], -min(row.teacher for row in own)

    return max(sorted(counts), key=strength)


def _trace_of(turn: StudentTurn) -> _Trace:
    return turn.answer.example, turn.answer.teacher, turn.answer.sample


def _preference(trace: Sequence[StudentTurn]) -> tuple[float, int, _Trace]:
    length = sum(len(row.target) for turn in trace for row in turn.rows)
    return -trace[0].answer.score, length, _trace_of(trace[0])


def _grouped(turns: Iterable[StudentTurn], key: Callable[[StudentTurn], T]) -> dict[T, list[StudentTurn]]:
    groups: dict[T, list[StudentTurn]] = {}
    for turn in turns:
        groups.setdefault(key(turn), []).append(turn)
    return groups


def _first_of_each(items: Iterable[T], key: Callable[[T], str]) -> list[T]:
    found: dict[str, T] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())
