"""The same tuning as a script."""

import json
from pathlib import Path

import dspy

from desk.program import Desk
from desk.scoring import both_right
from desk.scripted import ScriptedModel


def load(name):
    rows = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [dspy.Example(**json.loads(row)).with_inputs("text") for row in rows]


def main():
    dspy.configure(lm=ScriptedModel())
    optimizer = dspy.BootstrapFewShot(metric=both_right, max_bootstrapped_demos=2, max_labeled_demos=2)
    tuned = optimizer.compile(Desk(), trainset=load("train.jsonl"))
    tuned.save("tuned.json")


if __name__ == "__main__":
    main()
