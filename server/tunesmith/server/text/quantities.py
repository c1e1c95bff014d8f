"""Money, time, sizes and counts as people read them. Where one quantity has two wordings, the shorter is for sentences
that promise little, the longer for tables that are compared."""

import time
from datetime import datetime

from tunesmith.protocol import Prediction, RunReport, Totals


def describe_spending(cost: RunReport | Totals) -> str:
    """`650 calls, 12,340 tokens, $0.0312`; an unknown price is said, not shown as nothing."""
    return f"{cost.calls:,} calls, {cost.tokens:,} tokens, {describe_usd(cost.usd)}"


def describe_usd(usd: float | None) -> str:
    """`$1.25`, `$0.0312`, `$0.00`; below a dollar four digits."""
    if usd is None:
        return "price unknown"
    return f"${usd:.2f}" if usd >= 1 or usd == 0 else f"${usd:.4f}"


def describe_usd_roughly(usd: float | None) -> str:
    """`$1.25`, `$0.03`, `free of charge`: cents are all that a sentence before a run can know."""
    return "price unknown" if usd is None else "free of charge" if usd == 0 else f"${usd:.2f}"


def describe_usd_at_most(usd: float | None) -> str:
    """`at most about $1.25`; nothing and unknown as they are."""
    return describe_usd(usd) if not usd else f"at most about {describe_usd(usd)}"


def describe_seconds(seconds: float) -> str:
    """`4.2 s`, `3 min 12 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def describe_seconds_precisely(seconds: float) -> str:
    """`0.42 s`: of one call or one step."""
    return f"{seconds:.2f} s"


def describe_seconds_roughly(seconds: float) -> str:
    """`about 3 min`, never less than one."""
    return f"about {max(1, round(seconds / 60))} min"


def describe_age(seconds: float) -> str:
    """`just now`, `5 min ago`, `2 h ago`, `3 days ago`."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    days = int(seconds // 86400)
    return f"{days} day{'s' if days > 1 else ''} ago"


def describe_time(seconds: float) -> str:
    """`2026-11-23 10:15` of seconds since the epoch, where the reader is."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def describe_date(seconds: float) -> str:
    """`2026-11-23` of seconds since the epoch, where the reader is; empty for what is no time."""
    try:
        return f"{datetime.fromtimestamp(seconds).astimezone().date()}"
    except (ValueError, OverflowError, OSError):
        return ""


def describe_bytes(count: float) -> str:
    """`98 MB`, `1.2 GB`: decimal units, as disks and graphics cards are sold."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:,.0f} {unit}"
    return f"{count:.0f} B"


def describe_megabytes(count: float) -> str:
    """`1234 MB`: what a download needs or a disk has, in one unit to compare."""
    return f"{count / 1e6:.0f} MB"


def describe_gigabytes(count: float) -> str:
    """`0.6 GB`: the memory of a training, in one unit."""
    return f"{count / 1e9:.1f} GB"


def describe_count(count: float) -> str:
    """`134.5 M`, `1.2 B`: parameters."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f}"


def describe_count_roughly(count: int) -> str:
    """`12,000` of 12,345: two digits that count, because more would pretend to know."""
    digits = len(str(count)) - 2
    return f"{round(count, -digits) if digits > 0 else count:,}"


def describe_amount(value: float, unit: str) -> str:
    """A value in the unit it was predicted in: `bytes`, `seconds`, `usd`, or another by its name."""
    match unit:
        case "bytes":
            return describe_bytes(value)
        case "seconds":
            return describe_seconds(value)
        case "usd":
            return describe_usd(value)
    return f"{value:,.4g} {unit}"


def describe_deviation(prediction: Prediction) -> str:
    """How far the truth was from what was expected, `+12 %`: more than expected. Empty where it was not measured."""
    if prediction.actual is None or not prediction.predicted:
        return ""
    share = 100 * (prediction.actual - prediction.predicted) / prediction.predicted
    return f"{share:+.0f} %" if round(share) else "0 %"
