"""A student's folder as a dspy LM."""

import asyncio
import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import dspy
import msgspec
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from support.students.tiny_students import tiny_student  # noqa: E402
from tunesmith.optim.adapters import ConstrainedAdapter, takes_engines  # noqa: E402
from tunesmith.optim.finetune.errors import FinetuneError, StudentMissing  # noqa: E402
from tunesmith.optim.finetune.serving import backends  # noqa: E402
from tunesmith.optim.finetune.serving.load import load_student, load_untuned  # noqa: E402
from tunesmith.optim.finetune.student import checked  # noqa: E402
from tunesmith.protocol.student import read_student, write_student  # noqa: E402

pytestmark = [
    pytest.mark.finetune,
    pytest.mark.skipif(not takes_engines(), reason="this dspy goes through HTTP, tested in test_http.py"),
]

MESSAGES = [{"role": "system", "content": "the label"}, {"role": "user", "content": "is it a card?"}]


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_student(tmp_path_factory.mktemp("causal"), "llama", "lora")[0]


@pytest.fixture(scope="module")
def t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_student(tmp_path_factory.mktemp("t5"), "t5", "full")[0]


@pytest.fixture
def moved(causal: Path, tmp_path: Path) -> Path:
    return shutil.copytree(causal, tmp_path / "student")


def test_it_answers_through_dspy(causal: Path) -> None:
    lm = load_student(causal, cache=False)
    (text,) = lm(messages=MESSAGES)
    assert text
    assert lm.is_local
    assert (lm.kwargs["temperature"], lm.kwargs["max_tokens"]) == (0.0, 12)
    assert lm.history[-1]["usage"]["completion_tokens"] <= 12
    assert asyncio.run(lm.acall(messages=MESSAGES)) == [text]


def test_a_t5_answers_a_program_whose_lm_was_set(t5: Path) -> None:
    program = dspy.Predict("question -> label")
    program.set_lm(load_student(t5, cache=False))
    answer = program(question="is it a card?")
    assert isinstance(answer.label, str)


def test_a_dspy_without_engines_gets_the_same_answer_over_http(causal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lm = load_student(causal, cache=False)
    monkeypatch.setattr("tunesmith.optim.finetune.serving.load.takes_engines", lambda: False)
    over_http = load_student(causal, cache=False)
    assert over_http.model.startswith("openai/")
    assert over_http.is_local
    assert over_http(messages=MESSAGES) == lm(messages=MESSAGES)


def test_a_model_that_cannot_be_loaded_is_said_once(moved: Path) -> None:
    lm = load_student(moved, cache=False)
    shutil.rmtree(moved / "tokenizer")
    with pytest.raises(Exception, match="tokenizer"):
        lm(messages=MESSAGES)


def test_a_grammar_and_a_prefill_change_nothing(t5: Path) -> None:
    lm = load_student(t5, cache=False)
    plain = dspy.Predict("question -> label")
    with dspy.context(lm=lm):
        first = plain(question="is it a card?")
        with dspy.context(adapter=ConstrainedAdapter()):
            assert plain(question="is it a card?").label == first.label


def test_copies_share_the_model(causal: Path) -> None:
    lm = load_student(causal, cache=False)
    lm(messages=MESSAGES)
    opened = dict(backends._opened)
    for other in (copy.deepcopy(lm), lm.copy(temperature=0.5), load_student(causal, cache=False)):
        other(messages=MESSAGES)
    assert backends._opened == opened


def test_a_program_with_it_can_be_saved(causal: Path, tmp_path: Path) -> None:
    program = dspy.Predict("question -> label")
    lm = load_student(causal)
    program.set_lm(lm)
    program.save(tmp_path / "program.json")
    engine = type(lm.engine).load_state(json.loads(json.dumps(lm.engine.dump_state())))
    assert engine.dump_state() == lm.engine.dump_state()


def test_other_weights_are_another_name(tmp_path: Path) -> None:
    one, two = (tiny_student(tmp_path, "llama", "lora", seed=seed)[0] for seed in (1, 2))
    assert load_student(one).model != load_student(two).model


def test_the_untuned_model_answers_alike_but_differently(causal: Path) -> None:
    student = read_student(causal)
    untuned = load_untuned(student.source, student.architecture, max_tokens=12, cache=False)
    assert untuned.is_local
    assert untuned(messages=MESSAGES) != load_student(causal, cache=False)(messages=MESSAGES)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (shutil.rmtree, "no such folder"),
        (lambda folder: (folder / "student.json").unlink(), "no student.json"),
        (lambda folder: (folder / "student.json").write_text("{"), "cannot be read"),
        (lambda folder: shutil.rmtree(folder / "adapter"), "adapter folder is gone"),
        (lambda folder: (folder / "adapter" / "adapter_model.safetensors").unlink(), "no weights"),
        (lambda folder: shutil.rmtree(folder / "tokenizer"), "tokenizer folder is gone"),
        (lambda folder: (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"x"), "not those it was saved"),
    ],
)
def test_what_is_missing_is_said_at_once(moved: Path, damage: Any, reason: str) -> None:
    damage(moved)
    with pytest.raises(StudentMissing, match=reason):
        load_student(moved)


def test_an_adapter_whose_model_is_gone_is_missing(moved: Path) -> None:
    student = read_student(moved)
    lost = msgspec.structs.replace(student.source, name="/no/where", path="/no/where")
    write_student(moved, msgspec.structs.replace(student, source=lost))
    with pytest.raises(StudentMissing, match="/no/where, is gone"):
        load_student(moved)


def test_weights_are_read_once_a_process(causal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_student(causal)
    monkeypatch.setattr(checked, "weights_fingerprint", lambda folder: pytest.fail("read again"))
    load_student(causal)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"engine": "llama"}, "no gguf export"),
        ({"engine": "ctranslate2"}, "no ctranslate2 export"),
        ({"engine": "vllm"}, "no engine 'vllm'"),
        ({"task": "other"}, "did not learn 'other'"),
    ],
)
def test_what_it_cannot_do_is_said(causal: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(FinetuneError, match=message):
        load_student(causal, **arguments)


def test_several_soft_prompts_ask_for_the_task(tmp_path: Path) -> None:
    folder, _ = tiny_student(tmp_path, "llama", "prompt", tasks=["first", "second"])
    with pytest.raises(FinetuneError, match="first, second"):
        load_student(folder)
    answers = [load_student(folder, task=task, cache=False)(messages=MESSAGES) for task in ("first", "second")]
    assert answers[0] != answers[1]


def test_loading_imports_no_torch(causal: Path) -> None:
    code = (
        "import sys; from tunesmith.optim.finetune.serving.load import load_student; "
        f"load_student({str(causal)!r}); print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert said.stdout.split() == ["False", "False"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_forgets_the_parents_models(causal: Path) -> None:
    load_student(causal, cache=False)(messages=MESSAGES)
    assert backends._opened
    child = os.fork()
    if child == 0:
        os._exit(len(backends._opened))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
