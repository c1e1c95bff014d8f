"""The optimizers as a script uses them, without a daemon: the program they return, and the verdict on it."""

import json
import subprocess
import sys
from collections.abc import Iterator

from golden.machine import DEADLINE, WORKSPACES, Machine
from golden.normalise import Normaliser
from golden.stores import record_folder

SCRIPT = """
import json
import sys

import dspy

import tunesmith.optim
from desk.program import Desk
from desk.scoring import both_right
from desk.scripted import ScriptedModel
from tune import load

OPTIONS = json.loads(sys.argv[1])
dspy.configure(lm=ScriptedModel())
for name, (made, compiled) in OPTIONS.items():
    optimizer = getattr(tunesmith.optim, name)(both_right, num_threads=1, seed=0, run_dir=f"made/{name}", **made)
    tuned = optimizer.compile(Desk(), trainset=load("train.jsonl"), valset=load("val.jsonl"), **compiled)
    tuned.save(f"{name}.json")
"""
OPTIONS = {
    "BootstrapFewShotWithRandomSearch": [{"max_labeled_demos": 4, "num_candidate_programs": 3}, {}],
    "MIPROv2": [{"auto": None, "num_candidates": 3, "max_labeled_demos": 2}, {"num_trials": 4}],
}


def record_library(machine: Machine, names: Normaliser) -> Iterator[tuple[str, str]]:
    root = machine.workspace("library", WORKSPACES / "desk")
    (root / "script.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "script.py", json.dumps(OPTIONS)]
    subprocess.run(command, cwd=root, env=machine.environment, timeout=DEADLINE, check=True, stdout=subprocess.DEVNULL)
    for name in OPTIONS:
        yield f"{name}.json", names.json(json.loads((root / f"{name}.json").read_text(encoding="utf-8")))
        yield from record_folder(names, root / "made" / name, name)
