"""What a run would cost, and what finetuning would take, in aligned lines; on what each number rests."""

from tunesmith.protocol import Estimate, FinetuneEstimate, SecondsRange
from tunesmith.server.text import (
    describe_bytes,
    describe_count,
    describe_estimated_examples,
    describe_estimated_lm_calls,
    describe_estimated_program_calls,
    describe_estimated_time,
    describe_estimated_tokens,
    describe_seconds,
    describe_usd,
    describe_usd_at_most,
)
from tunesmith.server.views.finetune_report import break_even_lines
from tunesmith.server.views.tables import table_lines


def estimate_lines(estimate: Estimate, target: str) -> list[str]:
    """The whole estimate of a target, with the finetuning's where there is one."""
    rows = [
        ("target", f"{target} · {estimate.optimizer}"),
        ("examples", describe_estimated_examples(estimate)),
        ("program calls", describe_estimated_program_calls(estimate)),
        ("LM calls", describe_estimated_lm_calls(estimate)),
        ("tokens", describe_estimated_tokens(estimate)),
        ("cost", describe_usd_at_most(estimate.usd)),
        ("time", describe_estimated_time(estimate)),
    ]
    lines = [f"{name:<14} {text}" for name, text in rows]
    if estimate.finetune is not None:
        lines += ["", "training", *finetune_estimate_lines(estimate.finetune)]
    return [*lines, "", "on what that rests", *rest_lines(estimate.basis)]


def rest_lines(basis: list[str]) -> list[str]:
    pairs = [line.partition(": ") for line in basis]
    return [f"  {name:<14} {text}" if text else f"  {name}" for name, _, text in pairs]


def finetune_estimate_lines(estimate: FinetuneEstimate) -> list[str]:
    """Memory and time of each strategy here, of the picked one elsewhere, and when it pays."""
    head = [
        ("model", f"{estimate.model}, {estimate.architecture}, {describe_count(estimate.parameters)} parameters"),
        ("to answer", f"about {describe_bytes(estimate.serving_bytes)} of memory"),
        ("strategy", estimate.picked),
        *(("", line) for line in estimate.why),
    ]
    lines = [f"{name:<14} {text}" for name, text in head]
    lines += ["", *strategy_lines(estimate)]
    if estimate.hardware:
        lines += ["", f"{estimate.picked} elsewhere", *hardware_lines(estimate)]
    if estimate.break_even:
        lines += ["", *break_even_lines(estimate.break_even)]
    return [*lines, *([""] if estimate.warnings else []), *(f"warning: {message}" for message in estimate.warnings)]


def strategy_lines(estimate: FinetuneEstimate) -> list[str]:
    rows = [("strategy", "memory to train", "fits here", "time to train", "95 % interval", "parameters that change")]
    for one in estimate.strategies:
        name = f"{one.name} (picked)" if one.name == estimate.picked else one.name
        fits = "yes" if one.fits else "no"
        rows.append(
            (
                name,
                describe_bytes(one.memory_bytes),
                fits,
                *time_cells(one.train_seconds),
                describe_count(one.trainable),
            )
        )
    return table_lines(rows)


def hardware_lines(estimate: FinetuneEstimate) -> list[str]:
    rows = [("hardware", "memory", "fits", "time to train", "95 % interval", "price")]
    for one in estimate.hardware:
        price = "" if one.usd is None else describe_usd(one.usd)
        cells = time_cells(one.train_seconds) if one.fits else ("", "")
        rows.append((one.name, describe_bytes(one.memory_bytes), "yes" if one.fits else "no", *cells, price))
    return table_lines(rows)


def time_cells(seconds: SecondsRange) -> tuple[str, str]:
    return describe_seconds(seconds.mean), f"{describe_seconds(seconds.low)} to {describe_seconds(seconds.high)}"
