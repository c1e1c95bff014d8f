"""Part one: examples a second and peak memory of our training and of `transformers.Trainer`, side by side."""

import os
from collections.abc import Sequence
from statistics import median
from typing import Any

from benchmarks.finetune.contestant import BUCKETED, PACKED, TRAINER, run_apart
from benchmarks.finetune.step_clock import Speed
from benchmarks.finetune.workload import Workload, architecture_of

GOAL = 4.0
"""Times the peer's examples a second, packed."""
SAME_LOSS = {"fp32": 1e-5, "bf16": 1e-2}
"""Relative difference up to which two contestants compute one loss."""


def workload_of(model: str | None, device: str, *, quick: bool, **changes: Any) -> Workload:
    """Four layers of SmolLM2's shape in fp32 on a CPU; whole models in bf16 on a GPU."""
    if device == "cuda":
        changes = {"precision": "bf16", "batch_examples": 32, "batch_tokens": 16384, "steps": 20, **changes}
        return Workload(model=model or "llama-3.2-1b", device="cuda", warmup_steps=5, **changes)
    if model is not None:
        return Workload(model=model, **changes)
    if quick:
        return Workload(model="smollm2-135m", layers=2, vocabulary=8192, steps=2, **changes)
    return Workload(model="smollm2-135m", layers=4, **changes)


def measure_speed(workload: Workload, rounds: int) -> dict[str, list[Speed]]:
    """Contestants take turns, so that what else the machine does falls on all of them."""
    if workload.device == "cpu":
        # Threads beyond the cores at hand only wait for each other.
        os.environ.setdefault("OMP_NUM_THREADS", str(workload.threads or os.cpu_count()))
    names = [PACKED, BUCKETED, TRAINER] if architecture_of(workload) == "causal" else [BUCKETED, TRAINER]
    speeds: dict[str, list[Speed]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            speeds[name].append(run_apart(name, workload))
    losses = [speed.loss_before for of_one in speeds.values() for speed in of_one]
    if max(losses) - min(losses) > SAME_LOSS[workload.precision] * max(losses):
        raise AssertionError(f"the contestants do not compute one loss: {losses}")
    return speeds


def middle(speeds: Sequence[Speed], what: str) -> float:
    return median(float(getattr(speed, what)) for speed in speeds)


def speed_ratio(speeds: dict[str, list[Speed]], name: str, what: str = "examples_per_second") -> float:
    """Ours over the peer's."""
    return middle(speeds[name], what) / middle(speeds[TRAINER], what)


def speed_table(speeds: dict[str, list[Speed]]) -> str:
    lines = [
        "| contestant | examples/s | tokens/s | computed an example | peak memory | processor s a step | loss before |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, of_one in speeds.items():
        lines.append(
            f"| {name} | {middle(of_one, 'examples_per_second'):.2f} | {middle(of_one, 'tokens_per_second'):,.0f} "
            f"| {middle(of_one, 'computed_tokens'):.0f} | {middle(of_one, 'peak_bytes') / 1e9:.2f} GB "
            f"| {middle(of_one, 'processor_seconds_a_step'):.2f} | {middle(of_one, 'loss_before'):.6f} |"
        )
    lines.append("")
    for name in (name for name in speeds if name != TRAINER):
        ratio = speed_ratio(speeds, name)
        goal = f" (goal {GOAL:.0f}: {'met' if ratio >= GOAL else 'missed'})" if name == PACKED else ""
        processor = 1 / speed_ratio(speeds, name, "processor_seconds_a_step")
        memory = speed_ratio(speeds, name, "peak_bytes")
        lines.append(
            f"- {name}: {ratio:.1f} times the peer's examples/s{goal}, {processor:.1f} times its examples for the same "
            f"processor time, {memory:.0%} of its memory; {speeds[name][0].layout}"
        )
    return "\n".join(lines)
