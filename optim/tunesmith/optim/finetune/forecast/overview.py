"""All that can be said of a finetuning before anything is spent."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.base_models import description_of
from tunesmith.optim.finetune.errors import MemoryTooSmall
from tunesmith.optim.finetune.forecast.break_even import Served, break_even_always_on, break_even_by_use
from tunesmith.optim.finetune.forecast.cost import ApiCosts, usd_of_hours
from tunesmith.optim.finetune.forecast.free_memory import free_memory
from tunesmith.optim.finetune.forecast.hardware import HARDWARE, Hardware, this_machine
from tunesmith.optim.finetune.forecast.memory import serving_memory, training_memory
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes
from tunesmith.optim.finetune.forecast.serving_speed import queries_per_second
from tunesmith.optim.finetune.forecast.training_time import TimeForecast, training_time
from tunesmith.optim.finetune.forecast.workload import Workload, measure_workload
from tunesmith.optim.finetune.options import METHODS
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies import asked_for, pick_strategy, strategy_warnings
from tunesmith.optim.finetune.training import computes_in_bf16
from tunesmith.protocol import BreakEven, FinetuneEstimate, HardwareEstimate, SecondsRange, StrategyEstimate
from tunesmith.protocol.student import Method

NAMED = ("RTX 3060", "RTX 3090", "A100 40GB", "H100 80GB")


class TrainingOutline(Struct, frozen=True, kw_only=True):
    """A training that is thought about."""

    config: Any
    """The transformers configuration of the model (`config_of`)."""
    settings: TrainSettings
    """`settings.method` is not looked at."""
    rows: RowSizes
    dev_rows: int = 0
    """Development rows, scored on as often as the settings say."""
    name: str | None = None
    """Of the model in what is said; None: the configuration's."""


class Machines(Struct, frozen=True, kw_only=True):
    """What it could be trained on."""

    here: Hardware | None = None
    """This machine. None: measured."""
    free_bytes: int | None = None
    """Of its memory. None: measured."""
    named: Sequence[str] = NAMED
    """Of `HARDWARE`, beside this machine."""


NOBODY_PAID = ApiCosts()
MACHINES = Machines()


def forecast_finetune(
    outline: TrainingOutline,
    *,
    method: Method | None = None,
    api: ApiCosts = NOBODY_PAID,
    machines: Machines = MACHINES,
) -> FinetuneEstimate:
    """Memory and time by every method, here and on other hardware, and from how many answers on it pays.

    `method` None: one is picked; where none fits, the smallest with a warning. No weights are loaded and no network is
    used. Raises `ModelUnsupported`, `ExtraMissing`.
    """
    config, settings, sizes, dev_rows = outline.config, outline.settings, outline.rows, outline.dev_rows
    here = machines.here or this_machine(is_bf16=computes_in_bf16(settings))
    free = free_memory(here.device) if machines.free_bytes is None else machines.free_bytes
    elsewhere = [HARDWARE[one] for one in machines.named]
    description = description_of(config, outline.name)
    loads = {
        one: measure_workload(
            config, description, msgspec.structs.replace(settings, method=one), sizes, is_bf16=here.is_bf16
        )
        for one in METHODS
    }
    memory = {one: training_memory(load, here.device).total_bytes for one, load in loads.items()}
    tasks = len(settings.tasks)
    picked, is_shared, why, warnings = _picked(loads, memory, free, method, sizes.count, tasks)
    suffix = ", multitask" if is_shared and tasks > 1 else ""
    load = loads[picked]
    if any(one.is_bf16 != here.is_bf16 for one in elsewhere):
        load = measure_workload(config, description, load.settings, sizes, is_bf16=not here.is_bf16)
    estimates = [_on(loads[picked], here, dev_rows)]
    estimates += [_on(loads[picked] if one.is_bf16 == here.is_bf16 else load, one, dev_rows) for one in elsewhere]
    return FinetuneEstimate(
        model=description.name,
        architecture=description.architecture,
        parameters=description.parameters,
        strategies=[
            StrategyEstimate(
                name=one + suffix,
                memory_bytes=memory[one],
                fits=memory[one] <= free,
                train_seconds=_range(training_time(loads[one], here, dev_rows=dev_rows)),
                trainable=loads[one].weights.trainable,
            )
            for one in METHODS
        ],
        picked=picked + suffix,
        why=why,
        serving_bytes=serving_memory(description, here.device).total_bytes,
        hardware=estimates,
        break_even=_break_even(loads[picked], sizes, elsewhere, estimates[1:], api),
        warnings=warnings,
    )


def _picked(
    loads: dict[Method, Workload], memory: dict[Method, int], free: int, method: Method | None, rows: int, tasks: int
) -> tuple[Method, bool, list[str], list[str]]:
    """The method, whether one student learns all tasks, why, and warnings."""
    description = loads["lora"].description
    if method is not None:
        return (
            method,
            len(loads[method].settings.tasks) > 1,
            [asked_for(method)],
            strategy_warnings(description, method, rows=rows, tasks=tasks),
        )
    try:
        pick = pick_strategy(description, rows=rows, tasks=tasks, memory=memory, free_bytes=free)
    except MemoryTooSmall as error:
        smallest = min(METHODS, key=lambda one: memory[one])
        return smallest, tasks > 1, ["It needs the least memory."], [str(error)]
    return pick.method, pick.multitask, pick.why, pick.warnings


def _on(load: Workload, hardware: Hardware, dev_rows: int) -> HardwareEstimate:
    time = training_time(load, hardware, dev_rows=dev_rows)
    return HardwareEstimate(
        name=hardware.name,
        memory_bytes=hardware.memory_bytes,
        fits=training_memory(load, hardware.device).total_bytes <= hardware.memory_bytes,
        train_seconds=_range(time),
        usd=usd_of_hours(time.mean, hardware.usd_per_hour),
    )


def _break_even(
    load: Workload,
    sizes: RowSizes,
    hardware: Sequence[Hardware],
    estimates: Sequence[HardwareEstimate],
    api: ApiCosts,
) -> list[BreakEven]:
    """Against each API: on hardware that is there anyway, and on the cheapest rented one that the training fits."""
    asked = api.teacher.usd if api.teacher is not None else 0.0
    fitting = [(machine, one) for machine, one in zip(hardware, estimates, strict=True) if one.fits and one.usd]
    rented = min(fitting, key=lambda pair: pair[0].usd_per_hour or 0.0, default=None)
    found = []
    for price in api.prices:
        tokens = {"prompt_tokens": float(sizes.prompt_tokens), "completion_tokens": float(sizes.target_tokens)}
        found.append(break_even_by_use(price, **tokens, fixed_usd=asked, served=None, fallback=api.fallback))
        if rented is None:
            continue
        machine, estimate = rented
        served = Served(
            name=machine.name,
            usd_per_hour=machine.usd_per_hour or 0.0,
            queries_per_second=queries_per_second(load.description, sizes, machine),
        )
        fixed = asked + (estimate.usd or 0.0)
        found.append(break_even_by_use(price, **tokens, fixed_usd=fixed, served=served, fallback=api.fallback))
        found.append(break_even_always_on(price, **tokens, served=served, fallback=api.fallback))
    return found


def _range(time: TimeForecast) -> SecondsRange:
    return SecondsRange(low=time.low, mean=time.mean, high=time.high)
