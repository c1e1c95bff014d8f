"""Our training against `transformers.Trainer` on a model of random weights: one loss, one optimizer, one batch.

`--quick` is smaller still and takes under a minute; `make bench-finetune` measures in full, and keeps what it finds.
"""

from benchmarks.finetune.contestant import BUCKETED, PACKED, TRAINER
from benchmarks.finetune.speed import GOAL, measure_speed, middle, workload_of
from benchmarks.measurement import Measurement

GOALS = {PACKED: f"ratio at least {GOAL:.0f}", BUCKETED: "none"}


def measure(*, quick: bool) -> list[Measurement]:
    speeds = measure_speed(workload_of(None, "cpu", quick=quick), rounds=1)
    return [
        Measurement(
            f"training, {name}: {what}", middle(speeds[name], of), middle(speeds[TRAINER], of), unit, TRAINER, goal
        )
        for name in (PACKED, BUCKETED)
        for what, of, unit, goal in (
            ("speed", "examples_per_second", "examples/s", GOALS[name]),
            ("peak memory", "peak_bytes", "bytes", "ratio below 1"),
        )
    ]
