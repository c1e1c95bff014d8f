"""The steps of a rollout, from what its watched modules recorded and from dspy's trace."""

from typing import Any

from tunesmith.optim.rollouts.plain_values import to_plain
from tunesmith.optim.rollouts.rollout_context import RolloutContext, Turn
from tunesmith.optim.rollouts.watch import is_watched
from tunesmith.protocol import Step

RawTrace = list[tuple[Any, dict[str, Any], Any]]
"""dspy's: predictor, inputs as its signature names them, prediction."""


class RolloutTrace(list[Any]):
    """dspy's trace, which also notices predictors made on the way: nobody could watch those."""

    def __init__(self, context: RolloutContext) -> None:
        super().__init__()
        self._context = context

    def append(self, entry: Any) -> None:
        """As dspy does after a turn: (predictor, inputs, prediction)."""
        super().append(entry)
        predictor, inputs, prediction = entry
        if self._context.recording and not is_watched(predictor):
            turn = Turn("predictor", type(predictor).__name__, inputs)
            turn.outputs = prediction
            turn.calls, self._context.calls_outside = self._context.calls_outside, []
            self._context.turns.append(turn)


def steps_of(context: RolloutContext, trace: RawTrace) -> list[Step]:
    """In the order they began."""
    inputs = {id(prediction): given for _, given, prediction in trace}
    return [_step(turn, inputs.get(id(turn.outputs), turn.inputs)) for turn in context.turns]


def bypassed_model(context: RolloutContext) -> bool:
    """A predictor answered without any call through the run: its LM was none the run knows."""
    return any(turn.kind == "predictor" and turn.error is None and not turn.calls for turn in context.turns)


def _step(turn: Turn, inputs: dict[str, Any]) -> Step:
    outputs = _fields(turn.outputs)
    reasoning = outputs.get("reasoning")
    return Step(
        kind=turn.kind,
        name=turn.name,
        inputs={name: to_plain(value) for name, value in inputs.items()},
        outputs=outputs,
        reasoning=reasoning if isinstance(reasoning, str) else None,
        calls=turn.calls,
        error=f"{type(turn.error).__name__}: {turn.error}" if turn.error is not None else None,
        seconds=turn.seconds,
    )


def _fields(outputs: Any) -> dict[str, Any]:
    if outputs is None:
        return {}
    fields = to_plain(dict(outputs.items()) if hasattr(outputs, "items") else outputs)
    return fields if isinstance(fields, dict) else {"result": fields}
