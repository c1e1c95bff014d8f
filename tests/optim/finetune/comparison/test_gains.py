"""Which contestant has to be beaten, and by how much."""

from collections.abc import Sequence
from typing import Any

import dspy
import pytest

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim.finetune.comparison.contestants import (
    Contestant,
    Examination,
    Scored,
    describe_contestant,
    score_contestant,
)
from tunesmith.optim.finetune.comparison.gains import best_untuned, gain_over, is_worth_it
from tunesmith.optim.rollouts import Judge, Run
from tunesmith.optim.rollouts.error_tally import ErrorTally
from tunesmith.protocol import ArmName
from tunesmith.protocol.store import RunStore

LABELS = ["yes"] * 12 + ["no"] * 12
EXAMPLES = [dspy.Example(number=str(number), label=label).with_inputs("number") for number, label in enumerate(LABELS)]


def right(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(prediction.label == example.label)


@pytest.fixture
def run() -> Any:
    with RunStore.memory() as store:
        yield Run(store, threads=2)


def scored(run: Run, name: ArmName, right_on: int, *, silent_on: Sequence[int] = ()) -> Scored:
    """A contestant that answers the first `right_on` examples right, and says nothing readable to others."""

    def answer(asked: str) -> dict[str, Any]:
        number = int(field("number", asked))
        if number in silent_on:
            return {}
        label = LABELS[number]
        return {"label": label if number < right_on else {"yes": "no", "no": "yes"}[label]}

    adapter = dspy.ChatAdapter(use_json_adapter_fallback=False)
    contestant = Contestant(
        name=name,
        program=dspy.Predict("number -> label"),
        settings={"lm": ScriptedLM(answer, model=f"scripted-{name}"), "adapter": adapter},
    )
    examination = Examination(examples=EXAMPLES, judge=Judge(right), errors=ErrorTally(None))
    return score_contestant(run, contestant, examination)


def test_the_better_untuned_contestant_has_to_be_beaten(run: Run) -> None:
    base, few_shot, tuned = scored(run, "base", 2), scored(run, "few-shot", 14), scored(run, "tuned", 24)
    rival = best_untuned([base, few_shot, tuned, scored(run, "teacher", 22)])
    assert rival is few_shot
    gain = gain_over(few_shot, tuned)
    assert gain is not None
    assert gain.mean == pytest.approx(10 / 24)
    assert is_worth_it(gain, strict=True)


def test_a_student_no_better_than_its_model_with_demos_is_not_kept(run: Run) -> None:
    few_shot, tuned = scored(run, "few-shot", 20), scored(run, "tuned", 20)
    gain = gain_over(few_shot, tuned)
    assert gain is not None
    assert not is_worth_it(gain, strict=False)
    assert not is_worth_it(None, strict=False)


def test_what_could_not_be_read_is_counted_as_wrong(run: Run) -> None:
    tuned = scored(run, "tuned", 24, silent_on=[0, 5, 7])
    described = describe_contestant(run, tuned)
    assert described is not None
    assert described.unparsed == 3
    assert described.score.score == pytest.approx(21 / 24)
    assert described.score.n == 24
    assert described.usd_per_passing == 0.0


def test_the_contestants_are_candidates_of_the_run(run: Run) -> None:
    scored(run, "base", 3)
    assert {rollout.candidate for rollout in run.store.rollouts()} == {"base"}
