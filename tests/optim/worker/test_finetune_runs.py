"""Finetuning as the daemon orders it: estimated, refused with a sentence, trained."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

from support.students.tiny_models import tiny_model_folder
from tunesmith.protocol import TrainingStarted
from tunesmith.protocol.store import open_reader

pytestmark = pytest.mark.finetune

WORDS = """
    LABELS = {"one": "red", "two": "green", "three": "blue"}
    OTHERS = ["the", "of", "to", "is", "with", "value", "name", "list"]

    class Naming(DummyLM):
        def __init__(self):
            super().__init__([], follow_examples=True)

        def _use_example(self, messages):
            words = messages[-1]["content"].split()
            return self._format_answer_fields({"label": next(LABELS[word] for word in words if word in LABELS)})

    trainset = [
        dspy.Example(text=f"{word} {first} {second}", label=LABELS[word]).with_inputs("text")
        for first in OTHERS for second in OTHERS for word in LABELS if first != second
    ]
    dspy.configure(lm=Naming())
"""
QUICK = {"epochs": 12, "learning_rate": 3e-3, "batch_examples": 16, "evaluations": 4}


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_model_folder(tmp_path_factory.mktemp("models") / "t5", "t5"))


def order(here, model, run_id="run", **fields):
    return here(run_id=run_id, **{"optimizer": "bootstrap-finetune", "model": model, "threads": 4, **fields})


def test_a_student_is_trained_compared_and_left_in_the_runs_folder(here, t5):
    here.extend_app(WORDS)
    outcome = order(here, t5, options={"strategy": "full", "train_kwargs": QUICK})
    assert outcome.error is None, outcome.error
    told = outcome.report.finetune
    (student,) = told.students
    assert (student.method, student.tasks, student.path) == ("full", ["predict"], "students/joint/predict")
    folder = here.root / "runs" / "run"
    assert (folder / student.path / "student.json").is_file()
    assert {arm.name for arm in told.comparison.arms} == {"base", "few-shot", "tuned", "teacher"}
    assert outcome.report.gain.verdict == "confirmed"
    assert outcome.report.artifact == str(folder / "program.json")
    assert all(prediction.actual for prediction in told.predictions)
    with open_reader(folder) as store:
        started = [record.event for record in store.events() if isinstance(record.event, TrainingStarted)]
    assert [event.student for event in started] == ["predict"]
    again = order(here, t5, options={"strategy": "full", "train_kwargs": QUICK})
    assert again.report.finetune.students == told.students
    assert again.report.calls == outcome.report.calls


def test_an_estimate_loads_no_weights_and_asks_nobody(here, t5):
    here.extend_app(WORDS + "    Naming._use_example = lambda self, messages: 1 / 0\n")
    outcome = order(here, t5, estimate_only=True)
    assert outcome.error is None, outcome.error
    estimate = outcome.report.estimate
    assert (estimate.train, estimate.val, outcome.report.calls) == (112, 56, 0)
    assert estimate.finetune.model == t5
    assert [one.name for one in estimate.finetune.strategies] == ["full", "lora", "prompt"]
    assert any(line.startswith("rows: ") for line in estimate.basis)


def test_well_known_models_are_estimated_without_a_network(here):
    here.extend_app(WORDS)
    outcome = order(here, "google/flan-t5-base", estimate_only=True)
    assert outcome.error is None, outcome.error
    assert outcome.report.estimate.finetune.parameters == 247_577_856
    assert "four characters a token" in outcome.report.estimate.basis[-1]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"model": "no such model"}, "is no model"),
        ({"model": "local/unheard-of"}, "is no model"),
        ({"model": None}, "cannot be trained on this machine"),
        ({"options": {"strategy": "some"}}, "strategy must be one of"),
        ({"options": {"train_kwargs": {"epoch": 1}}}, "epoch is no training option"),
        ({"options": {"teacher_rounds": 1}}, "has no option teacher_rounds"),
    ],
)
def test_what_cannot_start_says_why(here, t5, fields, said):
    here.extend_app(WORDS)
    outcome = order(here, **{"model": t5, **fields})
    assert outcome.status == "failed"
    assert said in outcome.error.message
    assert outcome.error.traceback is None


def test_a_teacher_that_is_never_right_says_how_it_failed(here, t5):
    here.extend_app(WORDS + '    LABELS = {"one": "green", "two": "blue", "three": "red"}\n')
    outcome = order(here, t5)
    assert outcome.status == "failed"
    assert "rejected by the metric" in outcome.error.message
    assert "stronger teacher" in outcome.error.next_step
    assert not (Path(here.root) / "runs" / "run" / "students").exists()
