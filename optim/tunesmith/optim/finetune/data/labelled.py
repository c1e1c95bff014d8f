"""Labelled examples where no teacher was right, as `BootstrapFewShot` fills free places with labelled demos.

What a weak teacher gets right leans to what it always says: without these, a student would learn the same bias.
"""

from collections.abc import Sequence
from typing import Any

import dspy
from msgspec.structs import replace

from tunesmith.optim.finetune.data.collect import Collected, PassingTrace
from tunesmith.optim.finetune.data.splitting import input_fingerprint
from tunesmith.optim.rollouts import Judge

LABELLED = -1
"""In place of a teacher's number: the data itself."""
OUTCOME = "examples taught by their own labels"


def with_labelled(
    collected: Collected, student: Any, examples: Sequence[Any], judge: Judge, *, only: Sequence[int]
) -> Collected:
    """What was collected, and a turn for each predictor and each example at the places `only` that holds all inputs
    and outputs of the predictor, where no trace of that example has one.

    Where the predictor is the whole program, `judge` has to accept the label.
    """
    taught = {(trace.example, name) for trace in collected.traces for name, _, _ in trace.turns}
    labelled = []
    for name, predictor in student.named_predictors():
        for place in only:
            values = _values(predictor.signature, examples[place])
            if (place, name) in taught or values is None or not _is_right(student, examples[place], values[1], judge):
                continue
            labelled.append(
                PassingTrace(
                    example=place,
                    source=input_fingerprint(examples[place]),
                    turns=[(name, *values)],
                    score=1.0,
                    teacher=LABELLED,
                    sample=0,
                )
            )
    if not labelled:
        return collected
    traces = sorted([*collected.traces, *labelled], key=lambda trace: (trace.example, trace.teacher, trace.sample))
    count = len({trace.example for trace in labelled})
    return replace(collected, traces=traces, outcomes={**collected.outcomes, OUTCOME: count})


def _values(signature: Any, example: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The predictor's inputs and outputs, out of the example."""
    if not all(name in example for name in signature.fields):
        return None
    inputs = {name: example[name] for name in signature.input_fields}
    return inputs, {name: example[name] for name in signature.output_fields}


def _is_right(student: Any, example: Any, outputs: dict[str, Any], judge: Judge) -> bool:
    """Where the answer of the predictor is the program's, the metric has to accept it; of a step on the way, the
    metric has nothing to say."""
    if not isinstance(student, dspy.Predict):
        return True
    try:
        return judge.judge(example, dspy.Prediction(**outputs), []).accepted
    except Exception:  # noqa: BLE001 (a metric that cannot judge a label is no reason to stop: the label is left out)
        return False
