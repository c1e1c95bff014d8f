"""A few real optimizer steps on the longest rows, in the training process itself: what they took corrects an estimate.

The process is ended before it writes anything but its orders.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.forecast.memory import MemoryForecast, MemoryPart
from tunesmith.optim.finetune.forecast.training_time import TimeForecast
from tunesmith.optim.finetune.forecast.workload import Workload
from tunesmith.optim.finetune.rows import Row, write_rows
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.training import Ended, Started, Stepped, TrainEvent, TrainSpec, run_training
from tunesmith.protocol.student import ModelSource

PROBED_STEPS = 3
"""The first one allocates the optimizer's states, and is slower than all others."""
SPREAD = 0.25
"""Of the time estimated from a probe: the machine is busier or idler later on."""


class Probe(Struct, frozen=True, kw_only=True):
    device: str
    layout: str
    start_seconds: float
    """From the order to the first step."""
    tokens_per_second: float
    """After the first step; padding is not counted."""
    peak_bytes: int


class _Enough(Exception):
    pass


def probe_training(
    source: ModelSource,
    settings: TrainSettings,
    rows: Sequence[Row],
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> Probe | None:
    """Trains on the longest rows for a few steps; nothing of it is kept. None where `should_stop()` came first.

    Raises `FinetuneError` as a training would.
    """
    longest = sorted(rows, key=_length, reverse=True)[: settings.batch_examples]
    heard: list[Stepped] = []
    started: list[tuple[float, Started]] = []
    began = time.monotonic()

    def hear(event: TrainEvent) -> None:
        if isinstance(event, Started):
            started.append((time.monotonic() - began, event))
        elif isinstance(event, Stepped):
            heard.append(event)
            if event.step >= PROBED_STEPS and len(heard) > 1:
                raise _Enough
        elif isinstance(event, Ended):
            raise _Enough

    with tempfile.TemporaryDirectory(prefix="tunesmith-probe-") as name:
        folder = Path(name)
        write_rows(folder / "train.jsonl", longest)
        write_rows(folder / "dev.jsonl", longest[:1])
        spec = TrainSpec(
            source=source,
            # Ended long before the first scoring.
            settings=msgspec.structs.replace(settings, epochs=10_000.0, evaluations=1),
            train=str(folder / "train.jsonl"),
            dev=str(folder / "dev.jsonl"),
            folder=name,
        )
        with contextlib.suppress(_Enough):
            run_training(spec, on_event=hear, should_stop=should_stop, grace_seconds=0.0)
    if not started or len(heard) < 2:
        return None
    seconds, first = started[0]
    return Probe(
        device=first.device,
        layout=first.layout,
        start_seconds=seconds,
        tokens_per_second=heard[-1].tokens_per_second,
        peak_bytes=max(event.peak_bytes for event in heard),
    )


def probed_memory(probe: Probe) -> MemoryForecast:
    return MemoryForecast(
        parts=[MemoryPart(name="measured on the longest rows", bytes=probe.peak_bytes, is_exact=True)]
    )


def probed_time(probe: Probe, workload: Workload, *, dev_rows: int = 0) -> TimeForecast:
    """Of the whole training at the speed seen."""
    step = workload.tokens / probe.tokens_per_second
    scored = workload.scorings * dev_rows / workload.examples * workload.scoring_flops / workload.flops
    mean = probe.start_seconds + (workload.steps + scored) * step
    return TimeForecast(
        low=mean * (1 - SPREAD),
        mean=mean,
        high=mean * (1 + SPREAD),
        basis=f"{workload.steps:,} steps of {workload.tokens:,} tokens at {probe.tokens_per_second:,.0f} tokens/s, "
        f"seen in {PROBED_STEPS} steps on {probe.device}",
    )


def _length(row: Row) -> int:
    return sum(len(message.content) for message in row.messages) + len(row.target)
