"""A teacher's turns as the student's rows: the prompt is the one the student will be sent, to the letter.

A turn belongs to the student's predictor of the same name, and is rendered with that predictor's signature,
instructions and demos, whatever the teacher was prompted with.
"""

import enum
import json
import types
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import replace

from tunesmith.optim.adapters import (
    Message,
    default_adapter,
    plain_messages,
    readable_answer,
    remembering,
    render_prompt,
)
from tunesmith.optim.finetune.data.collect import PassingTrace
from tunesmith.optim.finetune.data.rationale import (
    apply_rationale,
    rationale_signature,
    reasoning_field,
)
from tunesmith.optim.finetune.rows import Row
from tunesmith.optim.rollouts import digest, shows, to_plain
from tunesmith.protocol import RationaleMode

NO_PREDICTOR = "of a predictor the student lacks"
NO_FIELD = "without a field of the student's signature"
SHOWN = "shown among the student's demos"
NOT_TEXT = "with a prompt that is not plain text"
NOT_READABLE = "with an answer the adapter cannot read back"
"""Why a turn makes no row."""

_UNIONS = (Union, types.UnionType)


class StudentTurn(Struct, frozen=True, kw_only=True):
    """One turn, as the student is taught it."""

    answer: Row
    rationale: Row | None
    """The same turn's reasoning, where that is a task of its own."""
    prompt: str
    """Fingerprint of predictor and messages."""
    decision: str
    """What was answered, reasoning aside, as text: the same where the answers say the same."""
    is_closed: bool
    """The answer's types leave no two ways to say the same."""

    @property
    def rows(self) -> list[Row]:
        return [self.answer] if self.rationale is None else [self.answer, self.rationale]


class Rendered(Struct, frozen=True, kw_only=True):
    turns: list[StudentTurn]
    """In the order of the traces, and of the turns in each."""
    refused: dict[str, int]
    """Turns left out, by reason."""


def render_rows(
    student: Any,
    traces: Sequence[PassingTrace],
    adapter: Any,
    *,
    rationale: RationaleMode = "joint",
    exclude_demos: bool = False,
) -> Rendered:
    """Every turn of the traces in the student's words. `adapter`: the one the student will be called through; None:
    dspy's default. `exclude_demos`: the student will be called without its demos."""
    adapter = remembering(adapter or default_adapter())
    predictors = {
        name: _Predictor(name, predictor, adapter, rationale, [] if exclude_demos else predictor.demos)
        for name, predictor in student.named_predictors()
    }
    turns: list[StudentTurn] = []
    refused: Counter[str] = Counter()
    for trace in traces:
        for name, inputs, outputs in trace.turns:
            predictor = predictors.get(name)
            turn = predictor.render(trace, inputs, outputs) if predictor is not None else NO_PREDICTOR
            if isinstance(turn, StudentTurn):
                turns.append(turn)
            else:
                refused[turn] += 1
    return Rendered(turns=turns, refused=dict(sorted(refused.items())))


class _Predictor:
    """A predictor of the student, and how its turns are rendered."""

    def __init__(self, name: str, predictor: Any, adapter: Any, mode: RationaleMode, demos: Sequence[Any]) -> None:
        self._name, self._adapter, self._mode, self._demos = name, adapter, mode, list(demos)
        self._signature = predictor.signature
        self._reasoning = reasoning_field(self._signature)
        answers = [field for name, field in self._signature.output_fields.items() if name != self._reasoning]
        self._is_closed = all(_is_closed(field.annotation) for field in answers)
        self._asks_reasoning = (
            rationale_signature(self._signature, self._reasoning)
            if self._reasoning is not None and mode == "separate"
            else None
        )

    def render(self, trace: PassingTrace, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> StudentTurn | str:
        """The turn, or why it makes no row."""
        inputs = self._completed(inputs)
        if self._lacks_a_field(inputs, outputs):
            return NO_FIELD
        if self._is_shown(inputs):
            return SHOWN
        messages = self._messages(self._signature, inputs)
        if messages is None:
            return NOT_TEXT
        target = next(filter(None, map(self._target, apply_rationale(self._signature, outputs, self._mode))), None)
        if target is None:
            return NOT_READABLE
        decision = {name: to_plain(outputs[name]) for name in self._signature.output_fields if name != self._reasoning}
        return StudentTurn(
            answer=self._row(trace, messages, target),
            rationale=self._rationale_row(trace, inputs, outputs),
            prompt=digest(self._name, [[message.role, message.content] for message in messages]),
            decision=_as_text(decision),
            is_closed=self._is_closed,
        )

    def _completed(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The signature's own, with the defaults `dspy.Predict` fills in."""
        given = {name: inputs[name] for name in self._signature.input_fields if name in inputs}
        for name, field in self._signature.input_fields.items():
            if name not in given and not field.is_required():
                given[name] = field.default
        return given

    def _lacks_a_field(self, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> bool:
        fields = self._signature.input_fields
        missing = [name for name in fields if name not in inputs and not _allows_none(fields[name].annotation)]
        return bool(missing or self._signature.output_fields.keys() - outputs.keys())

    def _is_shown(self, inputs: Mapping[str, Any]) -> bool:
        plain = {name: to_plain(value) for name, value in inputs.items()} if self._demos else {}
        return any(shows(demo, plain) for demo in self._demos)

    def _messages(self, signature: Any, inputs: Mapping[str, Any]) -> list[Message] | None:
        return plain_messages(render_prompt(self._adapter, signature, self._demos, inputs))

    def _target(self, outputs: Mapping[str, Any]) -> str | None:
        return readable_answer(self._adapter, self._signature, outputs)

    def _rationale_row(self, trace: PassingTrace, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Row | None:
        if self._reasoning is None or self._asks_reasoning is None or not str(outputs[self._reasoning]).strip():
            return None
        messages = self._messages(self._asks_reasoning, inputs)
        target = readable_answer(self._adapter, self._asks_reasoning, outputs)
        if messages is None or target is None:
            return None
        return replace(self._row(trace, messages, target), purpose="rationale")

    def _row(self, trace: PassingTrace, messages: list[Message], target: str) -> Row:
        return Row(
            predictor=self._name,
            example=trace.example,
            source=trace.source,
            messages=messages,
            target=target,
            score=trace.score,
            teacher=trace.teacher,
            sample=trace.sample,
        )


def _as_text(decision: Mapping[str, Any]) -> str:
    values = list(decision.values())
    if len(values) == 1 and isinstance(values[0], str):
        return values[0]
    return json.dumps(values[0] if len(values) == 1 else decision, ensure_ascii=False, sort_keys=True)


def _is_closed(annotation: Any) -> bool:
    """The type leaves no two ways to say the same: a label, a truth value, a number."""
    if get_origin(annotation) is Annotated:
        return _is_closed(get_args(annotation)[0])
    if get_origin(annotation) in _UNIONS:
        return all(_is_closed(one) for one in get_args(annotation))
    if get_origin(annotation) is Literal or annotation is type(None):
        return True
    return isinstance(annotation, type) and issubclass(annotation, enum.Enum | bool | int | float)


def _allows_none(annotation: Any) -> bool:
    """dspy lets an input of this type be left out."""
    if get_origin(annotation) is Annotated:
        return _allows_none(get_args(annotation)[0])
    if get_origin(annotation) in _UNIONS:
        return any(_allows_none(one) for one in get_args(annotation))
    return annotation is None or annotation is type(None)
