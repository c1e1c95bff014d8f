"""A run that was interrupted goes on where it was: nothing committed is paid again, the result is the same."""

import json
import os
from pathlib import Path
from typing import Any

import dspy
import pydantic
import pytest

from support.killed import killed_bootstrap
from support.killed.killing import kill_until_done, undisturbed
from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim import BootstrapFewShot
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import Budget
from tunesmith.protocol.store import RunStore


def test_a_finished_run_resumes_without_a_call(tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = finished(tmp_path / "run", log, threads=4)
    made = log.read_text()
    assert finished(tmp_path / "run", log, threads=2) == first
    assert log.read_text() == made


@pytest.mark.parametrize("calls", [1, 5, 17, 30, 39])
def test_a_run_in_two_parts_is_the_run_in_one(tmp_path: Path, calls: int) -> None:
    def compile_with(store: RunStore, budget: Budget) -> tuple[Any, Any, int]:
        optimizer = BootstrapFewShot(killed_bootstrap.exact, run=Run(store, budget=budget), teacher_rounds=2)
        lm = ScriptedLM(lambda asked: {"answer": field("question", asked).upper()})
        with dspy.context(lm=lm):
            program = optimizer.compile(
                dspy.Predict("question -> answer"),
                trainset=killed_bootstrap.examples(0, 24),
                valset=killed_bootstrap.examples(24, 8),
            )
        return program.dump_state(), optimizer.outcome, len(lm.asked)

    whole = compile_with(RunStore.memory(), Budget())
    with RunStore.open(tmp_path) as store:
        begun = compile_with(store, Budget(max_calls=calls))
    with RunStore.open(tmp_path) as store:
        ended = compile_with(store, Budget())
    assert begun[2] == calls
    assert begun[2] + ended[2] == whole[2]
    assert ended[:2] == whole[:2]


def test_demos_of_values_json_cannot_carry_are_had_from_a_store_as_well() -> None:
    class Person(pydantic.BaseModel):
        name: str

    class Typed(dspy.Signature):
        question: str = dspy.InputField()
        answer: Person = dspy.OutputField()

    judged: list[str] = []

    def metric(example: Any, prediction: Any, trace: Any = None) -> bool:
        judged.append(example.question)
        return True

    store, lm = RunStore.memory(), ScriptedLM(lambda _: {"answer": json.dumps({"name": "Ada"})})
    results = []
    for _ in range(2):
        optimizer = BootstrapFewShot(metric, max_labeled_demos=0, run=Run(store))
        with dspy.context(lm=lm):
            results.append(optimizer.compile(dspy.Predict(Typed), trainset=killed_bootstrap.examples(0, 3)))
    assert all(demo.answer == Person(name="Ada") for result in results for demo in result.demos)
    assert results[0].demos == results[1].demos
    assert len(lm.asked) == len(judged) == 3


@pytest.mark.faults
@pytest.mark.parametrize("threads", [1, 4])
def test_kill_9_at_any_moment_repeats_no_committed_call(tmp_path: Path, threads: int) -> None:
    result = kill_until_done(
        killed_bootstrap.bootstrap_into,
        tmp_path,
        preload=["support.killed.killed_bootstrap", "tunesmith.optim.bootstrap_fewshot.optimizer"],
        threads=threads,
        kills=10,
        most_calls=5,
    )
    assert result == undisturbed(killed_bootstrap.bootstrap, tmp_path, threads)


def finished(run_dir: Path, log: Path, threads: int) -> dict[str, Any]:
    with Path(os.devnull).open("w") as told:
        return killed_bootstrap.bootstrap(run_dir, log, told.fileno(), threads)
