"""Labels of the data where no teacher was right."""

from typing import Any

import dspy

from tunesmith.optim.finetune.data.collect import Collected, PassingTrace
from tunesmith.optim.finetune.data.labelled import LABELLED, OUTCOME, with_labelled
from tunesmith.optim.finetune.data.splitting import input_fingerprint
from tunesmith.optim.rollouts.judge import Judge

EXAMPLES = [
    dspy.Example(text=f"text {number}", label="yes" if number % 2 else "no").with_inputs("text") for number in range(4)
]


def right(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(prediction.label == example.label)


def trace(place: int, predictor: str = "self") -> PassingTrace:
    example = EXAMPLES[place]
    turn = (predictor, {"text": example.text}, {"label": example.label})
    return PassingTrace(example=place, source=input_fingerprint(example), turns=[turn], score=1.0, teacher=0, sample=0)


def collected(*traces: PassingTrace) -> Collected:
    return Collected(traces=list(traces), outcomes={"passed": len(traces)}, warnings=[])


def test_examples_without_a_trace_are_taught_by_their_labels() -> None:
    found = with_labelled(collected(trace(1)), dspy.Predict("text -> label"), EXAMPLES, Judge(right), only=[0, 1, 2])
    assert [(one.example, one.teacher) for one in found.traces] == [(0, LABELLED), (1, 0), (2, LABELLED)]
    assert found.traces[0].turns == [("self", {"text": "text 0"}, {"label": "no"})]
    assert found.outcomes == {"passed": 1, OUTCOME: 2}


def test_what_the_metric_does_not_accept_is_no_label() -> None:
    def never(example: Any, prediction: Any, trace: Any = None) -> bool:
        return False

    given = collected(trace(1))
    assert with_labelled(given, dspy.Predict("text -> label"), EXAMPLES, Judge(never), only=range(4)) is given


def test_a_metric_that_cannot_judge_a_label_leaves_it_out() -> None:
    def strict(example: Any, prediction: Any, trace: Any = None) -> bool:
        return bool(prediction.reasoning)

    given = collected(trace(1))
    assert with_labelled(given, dspy.Predict("text -> label"), EXAMPLES, Judge(strict), only=range(4)) is given


def test_a_predictor_whose_outputs_the_data_lacks_has_no_labels() -> None:
    given = collected(trace(1))
    program = dspy.ChainOfThought("text -> label")
    assert with_labelled(given, program, EXAMPLES, Judge(right), only=range(4)) is given


class TwoSteps(dspy.Module):
    def __init__(self) -> None:
        super().__init__()
        self.sort = dspy.Predict("text -> label")
        self.explain = dspy.Predict("text, label -> why")

    def forward(self, text: str) -> Any:
        return self.explain(text=text, label=self.sort(text=text).label)


def test_each_predictor_is_looked_at_by_itself() -> None:
    given = collected(trace(1, "explain"))
    found = with_labelled(given, TwoSteps(), EXAMPLES, Judge(right), only=[0, 1])
    labelled = [one for one in found.traces if one.teacher == LABELLED]
    assert [(one.example, one.turns[0][0]) for one in labelled] == [(0, "sort"), (1, "sort")]
