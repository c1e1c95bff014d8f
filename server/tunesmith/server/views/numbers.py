"""Costs and durations as people read them; scores and gains are in `score_text`."""

import time

from tunesmith.protocol import RunReport, Totals


def describe_cost(cost: RunReport | Totals) -> str:
    """Calls, tokens and dollars; an unknown price is said, not shown as nothing."""
    return f"{cost.calls:,} calls, {cost.tokens:,} tokens, {describe_usd(cost.usd)}"


def describe_usd(usd: float | None) -> str:
    if usd is None:
        return "price unknown"
    return f"${usd:.2f}" if usd >= 1 or usd == 0 else f"${usd:.4f}"


def describe_seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def describe_bytes(count: float) -> str:
    """Decimal units, as disks and graphics cards are sold."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:,.0f} {unit}"
    return f"{count:.0f} B"


def describe_count(count: float) -> str:
    """`134.5 M`, `1.2 B`: parameters."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f}"


def describe_time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
