"""The whole way on a tiny encoder-decoder: traces, training, verdict, hand-back."""

from pathlib import Path
from typing import Any

import dspy
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from tiny_models import tiny_model_folder
from word_desk import WordDesk, both_right, knowing_lm, word_examples

from tunesmith.optim import BootstrapFinetune

pytestmark = pytest.mark.finetune

QUICK = {"epochs": 40, "learning_rate": 3e-3, "batch_examples": 16, "evaluations": 8}


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model_folder(tmp_path_factory.mktemp("t5"), "t5")


def optimizer(model: Path, folder: Path, **changes: Any) -> BootstrapFinetune:
    options = {"model": str(model), "run_dir": folder, "strategy": "full", "train_kwargs": QUICK, "teacher_demos": 0}
    return BootstrapFinetune(both_right, num_threads=4, **(options | changes))


@pytest.fixture
def teacher() -> Any:
    lm = knowing_lm()
    with dspy.context(lm=lm):
        yield lm


def test_a_student_of_two_predictors_learns_what_its_teacher_knows(t5: Path, tmp_path: Path, teacher: Any) -> None:
    tuner = optimizer(t5, tmp_path)
    tuned = tuner.compile(WordDesk(), word_examples(300), valset=word_examples(340)[300:])
    told = tuner.outcome.finetune
    assert told is not None
    assert told.comparison is not None
    scores = {arm.name: arm.score.score for arm in told.comparison.arms}
    assert scores["tuned"] > 0.95
    assert scores["base"] < 0.3
    assert scores["teacher"] == 1.0
    assert {gain.over: gain.gain.verdict for gain in told.comparison.gains}["base"] == "confirmed"
    assert [student.tasks for student in told.students] == [["color", "truth"]]
    assert tuner.outcome.shipped
    example = word_examples(300)[0]
    assert both_right(example, tuned(text=example.text))
