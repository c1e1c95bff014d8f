"""The whole way on a tiny encoder-decoder: traces, training, verdict, hand-back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dspy
import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from support.students.tiny_models import tiny_model_folder
from support.students.word_desk import WordDesk, both_right, knowing_lm, word_examples
from tunesmith.optim import BootstrapFinetune
from tunesmith.optim.finetune.errors import FinetuneError, MemoryTooSmall
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import Budget
from tunesmith.protocol.store import RunStore

pytestmark = pytest.mark.finetune

QUICK = {"epochs": 24, "learning_rate": 3e-3, "batch_examples": 16, "evaluations": 6}
EXAMPLES = word_examples(190)
TRAIN, HELD_OUT = EXAMPLES[:160], EXAMPLES[160:]


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model_folder(tmp_path_factory.mktemp("t5"), "t5")


@pytest.fixture
def lm() -> Any:
    lm = knowing_lm()
    with dspy.context(lm=lm):
        yield lm


def optimizer(model: Path, folder: Path, **changes: Any) -> BootstrapFinetune:
    options: dict[str, Any] = {"run_dir": folder, "strategy": "full", "train_kwargs": QUICK, "teacher_demos": 0}
    return BootstrapFinetune(both_right, model=str(model), num_threads=4, **(options | changes))


def test_a_student_of_two_predictors_learns_what_its_teacher_knows(t5: Path, tmp_path: Path, lm: Any) -> None:
    tuner = optimizer(t5, tmp_path)
    student = WordDesk()
    tuned = tuner.compile(student, TRAIN, valset=HELD_OUT)
    told = tuner.outcome.finetune
    assert told is not None
    assert told.comparison is not None
    scores = {arm.name: arm.score.score for arm in told.comparison.arms}
    assert list(scores) == ["base", "few-shot", "tuned", "teacher"]
    assert scores["tuned"] > 0.95
    assert scores["base"] < 0.3
    assert scores["teacher"] == 1.0
    assert {gain.over: gain.gain.verdict for gain in told.comparison.gains}["few-shot"] == "confirmed"
    assert tuner.outcome.shipped
    assert [info.tasks for info in told.students] == [["color", "truth"]]
    folder = tmp_path / told.students[0].path
    assert not (folder / "checkpoints").exists()
    assert all(predictor.lm is None for predictor in student.predictors())
    assert answers_in_another_process(folder, HELD_OUT[:5]) == [
        [tuned(text=one.text).color, tuned(text=one.text).answer] for one in HELD_OUT[:5]
    ]


def answers_in_another_process(folder: Path, examples: list[Any]) -> Any:
    """Of a program whose models are loaded from `folder`."""
    script = (
        "import json, sys\n"
        "from support.students.word_desk import WordDesk\n"
        "from tunesmith.optim import load_student\n"
        "desk = WordDesk()\n"
        "desk.set_lm(load_student(sys.argv[1]))\n"
        "found = [desk(text=text) for text in sys.argv[2:]]\n"
        "print(json.dumps([[one.color, one.answer] for one in found]))\n"
    )
    command = [sys.executable, "-c", script, str(folder), *(example.text for example in examples)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_predictor_may_have_a_student_of_its_own(t5: Path, tmp_path: Path, lm: Any) -> None:
    short = {**QUICK, "epochs": 2}
    tuner = optimizer(t5, tmp_path, strategy="lora", multitask=False, train_kwargs=short, compare=False)
    tuned = tuner.compile(WordDesk(), TRAIN, valset=HELD_OUT)
    told = tuner.outcome.finetune
    assert told is not None
    assert [info.tasks for info in told.students] == [["color"], ["truth"]]
    assert [info.method for info in told.students] == ["lora", "lora"]
    assert (told.comparison, tuner.outcome.gain) == (None, None)
    assert tuned.color.lm.model != tuned.truth.lm.model


def test_a_student_that_learned_nothing_changes_nothing(t5: Path, tmp_path: Path, lm: Any) -> None:
    still = {**QUICK, "epochs": 0.1, "learning_rate": 1e-9}
    tuner = optimizer(t5, tmp_path, train_kwargs=still, keep_baseline=True)
    kept = tuner.compile(WordDesk(), TRAIN, valset=HELD_OUT)
    assert not tuner.outcome.shipped
    assert all(predictor.lm is None for predictor in kept.predictors())
    assert tuner.outcome.finetune is not None


def test_a_run_that_meets_its_budget_while_teaching_trains_nothing(t5: Path, tmp_path: Path, lm: Any) -> None:
    with RunStore.open(tmp_path) as store:
        run = Run(store, budget=Budget(max_calls=10), threads=2)
        tuner = optimizer(t5, tmp_path, run=run, run_dir=None)
        kept = tuner.compile(WordDesk(), TRAIN, valset=HELD_OUT)
    assert len(lm.asked) == 10
    assert tuner.outcome.stopped is not None
    assert (tuner.outcome.shipped, tuner.outcome.finetune) == (False, None)
    assert all(predictor.lm is None for predictor in kept.predictors())
    assert not (tmp_path / "students").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategy": "half"}, "strategy must be one of"),
        ({"rationale": "loud"}, "rationale must be auto or one of"),
        ({"samples": 0}, "samples must be at least 1"),
        ({"train_kwargs": {"lora_rank": 3}}, "lora_rank is no training option"),
    ],
)
def test_arguments_are_checked(t5: Path, tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        optimizer(t5, tmp_path, **changes)


def test_dspys_own_arguments_are_taken(t5: Path) -> None:
    lm = knowing_lm()
    tuner = BootstrapFinetune(
        both_right, True, {lm: {"num_train_epochs": 2, "use_peft": True}}, {lm: dspy.JSONAdapter()}
    )
    assert (tuner.strategy, tuner.options["epochs"]) == ("lora", 2)
    assert isinstance(tuner.adapter, dspy.JSONAdapter)


def test_a_model_behind_an_api_is_not_trained(tmp_path: Path, lm: Any) -> None:
    with pytest.raises(FinetuneError, match="cannot be trained on this machine"):
        BootstrapFinetune(both_right).compile(WordDesk(), TRAIN)


def test_what_needs_more_memory_than_there_is_is_refused_before_training(
    t5: Path, tmp_path: Path, lm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tunesmith.optim.finetune.forecast.free_memory.free_memory", lambda device=None: 1 << 20)
    with pytest.raises(MemoryTooSmall, match="needs about"):
        optimizer(t5, tmp_path).compile(WordDesk(), TRAIN, valset=HELD_OUT)
    assert not (tmp_path / "students").exists()
