"""The examples in the docstrings of what users import do what they say."""

import doctest
from pathlib import Path
from typing import Any

import pytest

import tunesmith.optim

EXAMPLES = ("BootstrapFewShot", "BootstrapFewShotWithRandomSearch", "MIPROv2", "TuneOutcome")


def run_examples(name: str, **given: Any) -> None:
    documented = getattr(tunesmith.optim, name)
    found = doctest.DocTestFinder(recurse=False).find(documented, name, globs={name: documented, **given})
    runner = doctest.DocTestRunner()
    failures: list[str] = []
    results = [runner.run(one, out=failures.append) for one in found]
    assert sum(result.attempted for result in results) > 3
    assert not failures, "".join(failures)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str) -> None:
    run_examples(name)


@pytest.mark.finetune
def test_examples_of_finetuning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("peft")
    from support.students.tiny_models import tiny_model_folder
    from support.students.word_desk import WordDesk, both_right, knowing_lm, word_examples

    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path / "models"))
    run_examples(
        "BootstrapFinetune",
        model=str(tiny_model_folder(tmp_path / "t5", "t5")),
        program=WordDesk(),
        examples=word_examples(40),
        metric=both_right,
        lm=knowing_lm(),
    )
