"""What finetuning would take: memory and time of each strategy here, of the picked one elsewhere, and when it pays."""

from tunesmith.protocol import FinetuneEstimate, SecondsRange
from tunesmith.server.views.finetune_report import break_even_lines
from tunesmith.server.views.numbers import describe_bytes, describe_count, describe_seconds, describe_usd
from tunesmith.server.views.tables import table_lines


def finetune_estimate_lines(estimate: FinetuneEstimate) -> list[str]:
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
