"""What a program gets wrong, clustered by kind, with examples."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct

from tunesmith.optim.demos import as_text
from tunesmith.optim.dspy_types import Example
from tunesmith.optim.proposer.data_patterns import is_missing
from tunesmith.optim.proposer.error_texts import answer_of_error, feedback_groups, gist_of_error, shorten
from tunesmith.protocol import Rollout

ErrorKind = Literal[
    "not parsed",
    "raised",
    "tool failure",
    "missing field",
    "wrong label",
    "not a label",
    "extra text",
    "too long",
    "wrong value",
    "feedback",
    "partly right",
    "unexplained",
]
EXAMPLES_SHOWN = 3
TOO_LONG_FACTOR = 3
"""An answer is too long if it has so many times the expected characters,"""
TOO_LONG_CHARACTERS = 40
"""and at least this many more."""
MOST_CLUSTERS = 40


class ErrorExample(Struct, frozen=True, kw_only=True):
    """One failure. Values are shortened."""

    index: int
    """In the data set."""
    inputs: dict[str, str]
    expected: dict[str, str]
    got: dict[str, str]
    score: float
    feedback: str | None


class ErrorCluster(Struct, frozen=True, kw_only=True):
    """Failures of one kind."""

    kind: ErrorKind
    what: str
    """One line for people, that stands alone."""
    count: int
    share: float
    """Of the rollouts judged. A rollout may be in several clusters: one a wrong field."""
    partly: int
    """How many of them scored at least half."""
    field: str | None = None
    """The output field in question."""
    predictor: str | None = None
    """The predictor in question, where that is known."""
    pair: tuple[str, str] | None = None
    """(expected, got) of a wrong label."""
    examples: list[ErrorExample]


class ErrorDigest(Struct, frozen=True, kw_only=True):
    """What a program gets wrong."""

    judged: int
    """Rollouts with a score."""
    failed: int
    """Of them, below the best score there is: 1, or the best one seen where scores go beyond."""
    partly: int
    """Of the failed, with at least half of it."""
    missing: int
    """Rollouts that could not be had, which say nothing of the program."""
    clusters: list[ErrorCluster]
    """Largest first."""

    def confusions(self) -> list[tuple[str, str]]:
        """Label pairs (expected, got), the most frequent first."""
        return [cluster.pair for cluster in self.clusters if cluster.pair is not None]

    def about(self, fields: Sequence[str], predictor: str | None = None) -> list[ErrorCluster]:
        """The clusters that concern a predictor with these outputs; those of no known place concern every one."""
        return [
            cluster
            for cluster in self.clusters
            if (cluster.predictor is not None and cluster.predictor == predictor)
            or (cluster.predictor is None and (cluster.field is None or cluster.field in fields))
        ]


class _Cause(Struct, frozen=True):
    """Why one rollout failed. Equal causes make a cluster."""

    kind: ErrorKind
    what: str
    field: str | None = None
    predictor: str | None = None
    pair: tuple[str, str] | None = None


def digest_errors(rollouts: Sequence[Rollout], examples: Sequence[Example], *, label: str | None = None) -> ErrorDigest:
    """Rollouts of one program over `examples` (their `index` points there).

    A wrong field is seen by comparing the prediction with the example's field of the same name. `label`: the field
    that holds a class.
    """
    judged = [rollout for rollout in rollouts if rollout.score is not None]
    top = _top_score([rollout.score or 0.0 for rollout in judged])
    failures = [rollout for rollout in judged if (rollout.score or 0.0) < top]
    compared = _compared_fields(judged, examples)
    labels = {_as_compared(example[label]): as_text({"": example[label]}) for example in examples} if label else {}

    members: dict[_Cause, list[Rollout]] = {}
    for rollout in failures:
        causes = list(_causes(rollout, examples[rollout.index], compared, label, labels))
        if not causes and rollout.feedback is None:
            half = (rollout.score or 0.0) >= top / 2
            causes = [
                _Cause("partly right", "partly right, for a reason the metric does not tell")
                if half
                else _Cause("unexplained", "a low score for a reason the metric does not tell")
            ]
        for cause in causes:
            members.setdefault(cause, []).append(rollout)
    for words, group in feedback_groups(failures):
        members[_Cause("feedback", f"the metric says: “{words}”")] = group

    clusters = [_cluster(cause, group, examples, compared, top, len(judged)) for cause, group in members.items()]
    clusters.sort(key=lambda cluster: -cluster.count)
    return ErrorDigest(
        judged=len(judged),
        failed=len(failures),
        partly=sum((rollout.score or 0.0) >= top / 2 for rollout in failures),
        missing=len(rollouts) - len(judged),
        clusters=clusters[:MOST_CLUSTERS],
    )


def _top_score(scores: Sequence[float]) -> float:
    """1 for shares; a metric on another scale tells its best only by what it gave."""
    return max(1.0, *scores) if scores else 1.0


def _compared_fields(rollouts: Sequence[Rollout], examples: Sequence[Example]) -> list[str]:
    """Expected fields that some prediction has: names of their own say nothing of each other."""
    predicted = {name for rollout in rollouts for name in rollout.prediction}
    names = dict.fromkeys(name for rollout in rollouts for name in examples[rollout.index].labels().keys())  # noqa: SIM118
    return [name for name in names if name in predicted]


def _causes(
    rollout: Rollout, example: Example, compared: Sequence[str], label: str | None, labels: dict[str, str]
) -> Iterator[_Cause]:
    for step in rollout.steps:
        if step.kind != "predictor" and step.error is not None:
            yield _Cause("tool failure", f"{step.kind} {step.name} failed: {gist_of_error(step.error)}")
    if rollout.status == "unparsed":
        yield _unreadable(rollout)
        return
    for name in compared:
        if is_missing(example.get(name)):
            continue
        if is_missing(rollout.prediction.get(name)):
            yield _Cause("missing field", f"{name} is missing or empty", name)
            continue
        expected, got = _as_compared(example[name]), _as_compared(rollout.prediction[name])
        if expected != got:
            yield _wrong(name, expected, got, labels if name == label else None)


def _unreadable(rollout: Rollout) -> _Cause:
    error = rollout.error or ""
    predictor = next((s.name for s in rollout.steps if s.kind == "predictor" and s.error is not None), None)
    gist = gist_of_error(error)
    where = f" of {predictor}" if predictor not in (None, "self") else ""
    if "ParseError" in error.split(":")[0]:
        return _Cause("not parsed", f"the answer{where} could not be read: {gist}", predictor=predictor)
    return _Cause("raised", f"the program stopped{where and ' at' + where[3:]}: {gist}", predictor=predictor)


def _wrong(name: str, expected: str, got: str, labels: dict[str, str] | None) -> _Cause:
    if labels is not None:
        if got in labels:
            pair = (labels[expected], labels[got])
            return _Cause("wrong label", f"{name}: {pair[0]} was taken for {pair[1]}", name, pair=pair)
        named = [one for one in labels if one in got]
        if expected in named and len(named) == 1:
            return _Cause("extra text", f"{name}: the right label, with words around it", name)
        return _Cause("not a label", f"{name}: an answer that is none of the labels", name)
    if expected in got:
        return _Cause("extra text", f"{name}: the right value, with text around it", name)
    if len(got) > max(TOO_LONG_FACTOR * len(expected), len(expected) + TOO_LONG_CHARACTERS):
        return _Cause("too long", f"{name}: far longer than expected", name)
    return _Cause("wrong value", f"{name}: a wrong value", name)


def _as_compared(value: Any) -> str:
    """Case, edge whitespace and a closing full stop make no other answer."""
    return as_text({"": value}).strip().rstrip(".").casefold()


def _cluster(
    cause: _Cause,
    group: Sequence[Rollout],
    examples: Sequence[Example],
    compared: Sequence[str],
    top: float,
    judged: int,
) -> ErrorCluster:
    return ErrorCluster(
        kind=cause.kind,
        what=cause.what,
        count=len(group),
        share=len(group) / judged,
        partly=sum((rollout.score or 0.0) >= top / 2 for rollout in group),
        field=cause.field,
        predictor=cause.predictor,
        pair=cause.pair,
        examples=[_example(rollout, examples[rollout.index], compared) for rollout in group[:EXAMPLES_SHOWN]],
    )


def _example(rollout: Rollout, example: Example, compared: Sequence[str]) -> ErrorExample:
    expected = dict(example.labels().items())
    return ErrorExample(
        index=rollout.index,
        inputs=_shortened(dict(example.inputs().items())),
        expected=_shortened({name: expected[name] for name in expected if not compared or name in compared}),
        got=_shortened(rollout.prediction) or answer_of_error(rollout.error or ""),
        score=rollout.score or 0.0,
        feedback=shorten(rollout.feedback) if rollout.feedback else None,
    )


def _shortened(values: dict[str, Any]) -> dict[str, str]:
    return {name: shorten(as_text({name: value})) for name, value in values.items()}
