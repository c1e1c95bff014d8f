"""The program with demos, as a student is compared with it."""

from typing import Any

import dspy

from tunesmith.optim.bootstrap_finetune.few_shot import FewShot
from tunesmith.optim.finetune.data.collect import PassingTrace

EXAMPLES = [
    dspy.Example(text=f"text {number}", label="yes" if number % 2 else "no").with_inputs("text") for number in range(20)
]


def trace(place: int) -> PassingTrace:
    turn = ("self", {"text": EXAMPLES[place].text}, {"label": EXAMPLES[place].label})
    return PassingTrace(example=place, source=str(place), turns=[turn], score=1.0, teacher=0, sample=0)


def few_shot(demos: int) -> FewShot:
    return FewShot(student=dspy.Predict("text -> label"), demos=demos, seed=0)


def shown(program: Any) -> set[str]:
    return {demo.text for demo in program.demos}


def test_what_it_is_judged_on_is_no_demo() -> None:
    program = few_shot(4).from_traces([trace(19)], EXAMPLES, [18, 19])
    assert shown(program) == {"text 18", "text 19"}


def test_demos_come_from_traces_first() -> None:
    traces = [trace(3), trace(4), trace(3)]
    program = few_shot(2).from_traces(traces, EXAMPLES, [3, 4, 5, 6])
    assert shown(program) == {"text 3", "text 4"}
