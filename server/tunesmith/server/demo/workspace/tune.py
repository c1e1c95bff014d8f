"""The same tuning as a script, the way it is done with plain DSPy: `python tune.py`."""

import json
from pathlib import Path

import dspy
from tunesmith.optim.local_lms import resolve_lm

from bike_desk import BikeDesk
from scoring import both_right

DATA = Path(__file__).parent / "data"


def load(name):
    rows = (json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines())
    return [dspy.Example(**row).with_inputs("message") for row in rows]


def main():
    dspy.configure(lm=resolve_lm("local/smollm2-135m"))
    trainset = load("train.jsonl")
    # A model this small follows four demonstrations better than sixteen.
    optimizer = dspy.BootstrapFewShot(metric=both_right, max_bootstrapped_demos=4, max_labeled_demos=4)
    tuned = optimizer.compile(BikeDesk(), trainset=trainset)

    evaluate = dspy.Evaluate(devset=load("held_out.jsonl"), metric=both_right, num_threads=2)
    print("before:", evaluate(BikeDesk()).score)
    print("after: ", evaluate(tuned).score)
    tuned.save("tuned.json")


if __name__ == "__main__":
    main()
