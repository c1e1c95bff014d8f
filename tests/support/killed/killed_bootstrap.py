"""One execution of a bootstrap, made to be killed: run in a process of its own by the fault tests."""

import json
import os
import time
from pathlib import Path
from typing import Any

import dspy

from support.lms.scripted_lm import ScriptedLM, field
from tunesmith.optim import BootstrapFewShot

TRAIN, VAL = 24, 8


class TellingLM(ScriptedLM):
    """Writes down each call before it answers, and takes a moment to."""

    def __init__(self, log: Path, told: int) -> None:
        super().__init__(lambda asked: {"answer": field("question", asked).upper()})
        self.log, self.told = log, told

    def _use_example(self, messages: list[dict[str, Any]]) -> str:
        with self.log.open("a") as log:
            log.write(json.dumps(messages) + "\n")
        os.write(self.told, b".")
        time.sleep(0.003)
        return super()._use_example(messages)


def examples(first: int, count: int) -> list[dspy.Example]:
    return [
        dspy.Example(question=f"q{i:02}", answer="wrong" if i % 3 == 0 else f"Q{i:02}").with_inputs("question")
        for i in range(first, first + count)
    ]


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.answer == prediction.answer)


def bootstrap(run_dir: Path, log: Path, told: int, threads: int) -> dict[str, Any]:
    """The compiled program's state. A byte is written to `told` for each LM call."""
    optimizer = BootstrapFewShot(exact, run_dir=run_dir, num_threads=threads, teacher_rounds=2)
    with dspy.context(lm=TellingLM(log, told)):
        program = optimizer.compile(
            dspy.Predict("question -> answer"), trainset=examples(0, TRAIN), valset=examples(TRAIN, VAL)
        )
    return {"state": program.dump_state(), "demos": [choice.example for choice in optimizer.outcome.demos]}


def bootstrap_into(result: Path, run_dir: Path, log: Path, told: Any, threads: int) -> None:
    """`bootstrap`, its result written to a file. `told` is a connection."""
    result.write_text(json.dumps(bootstrap(run_dir, log, told.fileno(), threads)))
