"""The figures that finetuning T5-base was first described with, next to what our formulas say today."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from tunesmith.optim.finetune.base_models import bundled_config, description_of
from tunesmith.optim.finetune.forecast.break_even import Served, break_even_always_on, break_even_by_use
from tunesmith.optim.finetune.forecast.cost import TokenPrice, usd_of_hours
from tunesmith.optim.finetune.forecast.hardware import HARDWARE
from tunesmith.optim.finetune.forecast.memory import training_memory
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes
from tunesmith.optim.finetune.forecast.serving_speed import queries_per_second
from tunesmith.optim.finetune.forecast.training_time import training_time
from tunesmith.optim.finetune.forecast.workload import measure_workload
from tunesmith.optim.finetune.settings import TrainSettings

Verdict = Literal["right", "too high", "too low"]

ROWS = RowSizes(count=5000, prompt_tokens=512, longest_prompt=512, target_tokens=128)
"""The largest training spoken of, at T5's full input length."""
EPOCHS = 5.0
ASKED = {"prompt_tokens": 1000.0, "completion_tokens": 200.0}
"""Of a question to the API."""
PRICES = (
    TokenPrice(model="gpt-4", usd_in=30e-6, usd_out=60e-6, basis="list price of 2023"),
    TokenPrice(model="gpt-4o-mini", usd_in=0.15e-6, usd_out=0.6e-6, basis="list price of 2024"),
)


class Claim(Struct, frozen=True, kw_only=True):
    """One figure: the range that was claimed, and ours, in `unit`."""

    claim: str
    low: float
    high: float
    ours_low: float
    ours_high: float
    unit: str
    verdict: Verdict
    """Of the claim."""
    why: str
    """What ours depends on, half a sentence."""


def t5_base_claims() -> list[Claim]:
    """All of them, worked out in a few seconds on the meta device. Raises `ExtraMissing`."""
    config = bundled_config("t5-base")
    description = description_of(config, "t5-base")
    settings = TrainSettings(method="full", tasks=["task"], epochs=EPOCHS)
    load = measure_workload(config, description, settings, ROWS, is_bf16=True)
    adapted = msgspec.structs.replace(settings, method="lora")
    small = measure_workload(config, description, adapted, ROWS, is_bf16=True)
    card, cpu = HARDWARE["RTX 3090"], HARDWARE["8-core CPU"]
    full_gb, lora_gb = (training_memory(one, "cuda").total_bytes / 1e9 for one in (load, small))
    time = training_time(load, card)
    shorter = msgspec.structs.replace(load, steps=load.steps // 5)
    on_card, on_cpu = (queries_per_second(description, ROWS, machine) for machine in (card, cpu))
    served = Served(name=card.name, usd_per_hour=card.usd_per_hour or 0.0, queries_per_second=on_card)
    by_use, always = [], []
    for price in PRICES:
        fixed = ROWS.count * price.of_call(**ASKED) + (usd_of_hours(time.mean, card.usd_per_hour) or 0.0)
        by_use.append(break_even_by_use(price, **ASKED, fixed_usd=fixed, served=served).queries or float("inf"))
        always.append(break_even_always_on(price, **ASKED, served=served).queries or float("inf"))
    return [
        _judged(
            "T5-base has 220M parameters",
            (215e6, 225e6),
            (float(description.parameters),) * 2,
            "parameters",
            "counted; Flan-T5-base, with a head of its own, has 247.6M",
        ),
        _judged(
            "finetuning takes 8–16 GB",
            (8.0, 16.0),
            (lora_gb, full_gb),
            "GB",
            f"LoRA {lora_gb:.1f}, full {full_gb:.1f}, with {settings.batch_tokens:,} tokens at once and the head on "
            "target tokens only",
        ),
        _judged(
            "2–6 hours on an RTX 3090, for 1,000–5,000 examples",
            (2.0, 6.0),
            (training_time(shorter, card).low / 3600, time.high / 3600),
            "hours",
            f"{load.flops * load.steps / 1e15:.0f} PFLOP; the claim means 1–2 % of what the card computes",
        ),
        _judged(
            "10–50 queries a second on a GPU",
            (10.0, 50.0),
            (on_card / 2, on_card),
            "queries/s",
            f"{ROWS.prompt_tokens} tokens in and {ROWS.target_tokens} out on an RTX 3090, 16 at once; shorter answers "
            "are faster",
        ),
        _judged(
            "1–5 queries a second on a CPU",
            (1.0, 5.0),
            (on_cpu / 2, on_cpu * 4),
            "queries/s",
            "from fp32 in torch on eight cores busy otherwise to int8 in CTranslate2, about four times faster",
        ),
        _judged(
            "10,000–50,000 queries to break even",
            (10_000.0, 50_000.0),
            (min(by_use), max(by_use)),
            "queries",
            f"about the {ROWS.count:,} calls to the teacher, whatever the API costs, where hardware is paid by use; "
            f"always on, {min(always):,.0f} (gpt-4) to {max(always):,.0f} (gpt-4o-mini) a month",
        ),
    ]


def claim_lines(claims: Sequence[Claim]) -> list[str]:
    """For a terminal: each claim with both ranges, the verdict, and why."""
    lines = ["T5-base, 5,000 examples of 512 + 128 tokens, 5 epochs: what was claimed, and what we work out."]
    for one in claims:
        ours = _range(one.ours_low, one.ours_high)
        lines += ["", one.claim, f"  ours: {ours} {one.unit}; the claim is {one.verdict}", f"  {one.why}"]
    return lines


def _range(low: float, high: float) -> str:
    first, last = _figure(low), _figure(high)
    return first if first == last else f"{first} to {last}"


def _figure(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def _judged(claim: str, said: tuple[float, float], ours: tuple[float, float], unit: str, why: str) -> Claim:
    """Right where the middle of ours, on a logarithmic scale, lies in what was said."""
    middle = math.sqrt(ours[0] * ours[1])
    verdict: Verdict = "too high" if middle < said[0] else "too low" if middle > said[1] else "right"
    return Claim(
        claim=claim,
        low=said[0],
        high=said[1],
        ours_low=ours[0],
        ours_high=ours[1],
        unit=unit,
        verdict=verdict,
        why=why,
    )
