"""One execution of a search, made to be killed: run in a process of its own by the fault tests."""

import json
from pathlib import Path
from typing import Any

import dspy

from support.lms.planted_lm import TellingLM
from support.lms.scripted_lm import ScriptedLM
from tunesmith.optim import MIPROv2

TRAIN, VAL, CALLS = 12, 24, 150


def examples(first: int, count: int) -> list[dspy.Example]:
    return [
        dspy.Example(question=f"q{i:02}", answer=f"Q{i:02}").with_inputs("question")
        for i in range(first, first + count)
    ]


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    return bool(example.answer == prediction.answer)


def chance(system: str, demos: int) -> float:
    return 0.3 + 0.4 * ("only" in system.lower()) + 0.05 * min(demos, 4)


def search(run_dir: Path, log: Path, told: int, threads: int) -> dict[str, Any]:
    """The compiled program's state and what the search measured. A byte is written to `told` for each LM call."""
    with dspy.context(lm=TellingLM(chance, log, told)):
        optimizer = MIPROv2(
            exact,
            prompt_model=ScriptedLM(lambda _: {}),
            seed=0,
            run_dir=run_dir,
            num_threads=threads,
            max_program_calls=CALLS,
        )
        program = optimizer.compile(
            dspy.Predict("question -> answer"), trainset=examples(0, TRAIN), valset=examples(TRAIN, VAL)
        )
    measured = [[one.candidate, one.n, one.score] for one in optimizer.search_report.measured]
    return {"state": program.dump_state(), "measured": measured}


def search_into(result: Path, run_dir: Path, log: Path, told: Any, threads: int) -> None:
    """`search`, its result written to a file. `told` is a connection."""
    result.write_text(json.dumps(search(run_dir, log, told.fileno(), threads)))
