"""How long a training takes: its products at the hardware's rate, its memory traffic, and what every pass costs."""

from msgspec import Struct

from tunesmith.optim.finetune.forecast.hardware import Hardware
from tunesmith.optim.finetune.forecast.workload import Workload

EFFICIENCY = {"cuda": (0.75, 0.5, 0.25), "cpu": (1.0, 0.8, 0.5)}
"""Share of the rate of products that layers of this size reach: at best, on average, at worst. On a CPU the rate was
measured on such products, and what is lost is lost to whatever else runs. An assumption, until a probe."""
PASS_SECONDS = {"cuda": (0.4e-3, 0.8e-3, 1.6e-3), "cpu": (0.1e-3, 0.3e-3, 1e-3)}
"""A layer's operators called forward and back, whatever their size: what small models wait for on a large card."""
TOUCHES = (2.0, 3.0, 4.5)
"""Times an allocated byte goes to or from memory."""
UPDATE_BYTES = {"adamw": 28, "adamw-fused": 28, "adamw-8bit": 16, "adafactor": 16}
"""Read and written for a trained parameter and step: weight, gradient and states."""
START_SECONDS = (5.0, 12.0, 30.0)
"""Imports, loading the model, laying out and trying the batches."""


class TimeForecast(Struct, frozen=True, kw_only=True):
    """Seconds of a whole training, its start and its scorings included."""

    low: float
    mean: float
    high: float
    basis: str


def training_time(workload: Workload, hardware: Hardware, *, dev_rows: int = 0) -> TimeForecast:
    """Of all epochs, without an early stop, scored on `dev_rows` as often as the settings say."""
    low, mean, high = (
        START_SECONDS[case]
        + workload.steps * step_seconds(workload, hardware, case)
        + workload.scorings * dev_rows / workload.examples * _scoring_seconds(workload, hardware, case)
        for case in range(3)
    )
    return TimeForecast(
        low=low,
        mean=mean,
        high=high,
        basis=f"{workload.steps:,} steps of {workload.tokens:,} tokens, {workload.flops / 1e9:,.0f} GFLOP each, on "
        f"{hardware.name}: {hardware.basis}",
    )


def step_seconds(workload: Workload, hardware: Hardware, case: int) -> float:
    """Of one optimizer step; `case` 0 at best, 1 on average, 2 at worst."""
    update = workload.weights.trainable * UPDATE_BYTES[workload.settings.optimizer]
    traffic = workload.allocated_bytes * TOUCHES[case] + update
    return (
        workload.flops / (hardware.flops * EFFICIENCY[hardware.device][case])
        + traffic / hardware.bytes_per_second
        + _layers(workload) * PASS_SECONDS[hardware.device][case]
    )


def _scoring_seconds(workload: Workload, hardware: Hardware, case: int) -> float:
    """Of as many rows as a step has."""
    return step_seconds(workload, hardware, case) * workload.scoring_flops / workload.flops


def _layers(workload: Workload) -> int:
    return (workload.description.layers + workload.description.encoder_layers) * workload.batches
