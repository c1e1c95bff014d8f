"""Numbers as people read them."""

from tunesmith.protocol import Gain, RunReport, Score, Totals


def describe_score(score: Score) -> str:
    return f"{score.score:.3f}  ({score.low:.3f} – {score.high:.3f}, n={score.n})"


def describe_gain(gain: Gain) -> str:
    return f"{gain.mean:+.3f}  ({gain.low:+.3f} – {gain.high:+.3f}), P={gain.probability:.3f}: {gain.verdict}"


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
