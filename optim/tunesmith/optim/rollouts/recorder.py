"""Records what a program does, step by step, through dspy's callbacks.

A step is a turn of a predictor, a tool or a retriever. Retrievers are `dspy.Retrieve` and, because dspy knows no
class for the rest, modules without predictors of their own.
"""

import time
from typing import Any, Literal

from dspy.utils.callback import BaseCallback

from tunesmith.optim.rollouts.lm import is_wrapped
from tunesmith.optim.rollouts.plain_values import to_plain
from tunesmith.optim.rollouts.rollout_context import RolloutContext
from tunesmith.optim.rollouts.run import Run
from tunesmith.protocol import Step

Kind = Literal["predictor", "tool", "retriever"]


class StepRecorder(BaseCallback):  # type: ignore[misc]
    """One rollout's recorder. Steps come out in the order they began, however they were interleaved."""

    def __init__(self, run: Run, context: RolloutContext, program: Any) -> None:
        self._run = run
        self._context = context
        self._program = program
        # Object identity serves within this one copy of the program only.
        self._names = {id(predictor): name for name, predictor in program.named_predictors()}
        self._open: dict[str, _Turn] = {}
        self._turns: list[_Turn] = []
        self._recording = True

    def stop_recording(self) -> None:
        """What follows (the metric, which may use modules of its own) is not the program's doing."""
        self._recording = False

    def steps(self, trace: list[tuple[Any, dict[str, Any], Any]]) -> list[Step]:
        """The steps so far. `trace` is dspy's: it has a predictor's inputs as its signature names them."""
        inputs = {id(prediction): given for _, given, prediction in trace}
        return [self._step(turn, inputs.get(id(turn.outputs), turn.inputs)) for turn in self._turns]

    def _step(self, turn: "_Turn", inputs: dict[str, Any]) -> Step:
        outputs = _named(turn.outputs)
        reasoning = outputs.get("reasoning")
        return Step(
            kind=turn.kind,
            name=turn.name,
            inputs=inputs if isinstance(inputs := to_plain(inputs), dict) else {},
            outputs=outputs,
            reasoning=reasoning if isinstance(reasoning, str) else None,
            calls=self._context.calls_by_step.get(turn.id, []),
            error=f"{type(turn.error).__name__}: {turn.error}" if turn.error is not None else None,
            seconds=turn.seconds,
        )

    # dspy's callbacks

    def on_module_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        if self._recording and (kind := self._kind_of(instance)) is not None:
            name = self._names.get(id(instance), type(instance).__name__)
            self._begin(call_id, kind, name, _arguments(inputs))

    def on_module_end(self, call_id: str, outputs: Any, exception: BaseException | None = None) -> None:
        self._end(call_id, outputs, exception)

    def on_tool_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        if self._recording:
            self._begin(call_id, "tool", instance.name or type(instance).__name__, _arguments(inputs))

    def on_tool_end(self, call_id: str, outputs: Any, exception: BaseException | None = None) -> None:
        self._end(call_id, outputs, exception)

    def on_lm_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        if not is_wrapped(instance):
            self._run.warn_once(
                f"Calls of {getattr(instance, 'model', type(instance).__name__)} go around the run: the program or the "
                "metric uses an LM object of its own that is neither set as its predictors' lm nor kept as an "
                "attribute. They are not capped, counted or kept for a resume."
            )

    def _kind_of(self, instance: Any) -> Kind | None:
        import dspy

        if isinstance(instance, dspy.Predict):
            return "predictor"
        if isinstance(instance, dspy.Retrieve):
            return "retriever"
        is_leaf = isinstance(instance, dspy.Module) and instance is not self._program and not instance.predictors()
        return "retriever" if is_leaf else None

    def _begin(self, call_id: str, kind: Kind, name: str, inputs: dict[str, Any]) -> None:
        turn = _Turn(call_id, kind, name, inputs)
        self._open[call_id] = turn
        self._turns.append(turn)

    def _end(self, call_id: str, outputs: Any, error: BaseException | None) -> None:
        if (turn := self._open.pop(call_id, None)) is not None:
            turn.outputs, turn.error = outputs, error
            turn.seconds = time.monotonic() - turn.started


class _Turn:
    """A step under way. Keeps the outputs themselves, so that their identity can be matched with the trace."""

    __slots__ = ("error", "id", "inputs", "kind", "name", "outputs", "seconds", "started")

    def __init__(self, call_id: str, kind: Kind, name: str, inputs: dict[str, Any]) -> None:
        self.id, self.kind, self.name, self.inputs = call_id, kind, name, inputs
        self.outputs: Any = None
        self.error: BaseException | None = None
        self.started = time.monotonic()
        self.seconds = 0.0


def _arguments(bound: dict[str, Any]) -> dict[str, Any]:
    """Arguments by name: callbacks hand over `*args` and `**kwargs` as such."""
    positional = bound.get("args") or ()
    named = bound.get("kwargs")
    rest = {name: value for name, value in bound.items() if name not in ("args", "kwargs")}
    return {**rest, **{f"argument {i}": value for i, value in enumerate(positional)}, **(named or {})}


def _named(outputs: Any) -> dict[str, Any]:
    if outputs is None:
        return {}
    fields = to_plain(dict(outputs.items()) if hasattr(outputs, "items") else outputs)
    return fields if isinstance(fields, dict) else {"result": fields}
