"""Scores and gains in the few words a lens or a message has room for."""

from tunesmith.protocol import Gain, RunReport, Score, Verdict

POINTS = " points"
CHOSE_ON_THESE = "Expect less on new examples: the search chose on these."
CHOSE_ON_SCORED = "the search chose on the examples scored here: expect less of it on new ones"
"""The same beside a table, where a sentence does not say which examples."""


def describe_score(score: Score) -> str:
    """`82 % ±6 (n=80)`; in the metric's own unit where it is not within 0 and 1."""
    half = (score.high - score.low) / 2
    if is_share(score):
        return f"{_number(100 * score.score)} % ±{_number(100 * half)} (n={score.n})"
    return f"{_number(score.score)} ±{_number(half)} (n={score.n})"


def describe_change(baseline: Score, tuned: Score) -> str:
    """`15 % → 82 %`."""
    if is_share(baseline) and is_share(tuned):
        return f"{_number(100 * baseline.score)} % → {_number(100 * tuned.score)} %"
    return f"{_number(baseline.score)} → {_number(tuned.score)}"


def describe_gain(gain: Gain, *, share: bool) -> str:
    """`+67 points (95 % interval 55 to 79)`. `share`: the scores are within 0 and 1."""
    mean, ends = _gain_parts(gain, share=share)
    return f"{mean} (95 % interval {ends})"


def describe_gain_briefly(gain: Gain, *, share: bool) -> str:
    """`+67 (55 to 79)`."""
    mean, ends = _gain_parts(gain, share=share)
    return f"{mean.removesuffix(POINTS)} ({ends})"


def describe_verdict(gain: Gain, *, share: bool) -> str:
    """`+67 points (95 % interval 55 to 79), P = 0.97: confirmed`."""
    return f"{describe_gain(gain, share=share)}, {describe_probability(gain.probability)}: {gain.verdict}"


def describe_verdict_briefly(gain: Gain, *, share: bool) -> str:
    """`+67 points (55 to 79), P = 0.97: confirmed`, under a head that says what the interval is."""
    mean, ends = _gain_parts(gain, share=share)
    return f"{mean} ({ends}), {describe_probability(gain.probability)}: {gain.verdict}"


def _gain_parts(gain: Gain, *, share: bool) -> tuple[str, str]:
    """The mean with its unit, and the interval."""
    scale, unit = (100, POINTS) if share else (1, "")
    # Few examples make an interval wider than two shares can differ.
    ends = (min(max(end, -1.0), 1.0) if share else end for end in (gain.low, gain.high))
    low, high = (_number(scale * end) for end in ends)
    return f"{_number(scale * gain.mean, sign=True)}{unit}", f"{low} to {high}"


def describe_outcome(report: RunReport) -> str:
    """`15 % → 82 %, +67 points (95 % interval 55 to 79), n=80, P = 0.97, confirmed`, as far as it is known."""
    baseline, tuned, gain = report.baseline, report.tuned, report.gain
    if tuned is None:
        return "not scored"
    if baseline is None or gain is None:
        return describe_score(tuned)
    share = is_share(baseline) and is_share(tuned)
    change, gained = describe_change(baseline, tuned), describe_gain(gain, share=share)
    return ", ".join([change, gained, f"n={tuned.n}", describe_probability(gain.probability), gain.verdict])


def describe_outcome_and_examples(report: RunReport) -> str:
    """`describe_outcome`, and of which examples it is where the search chose on them."""
    searched = ", on the examples the search chose on" if report.searched and report.gain is not None else ""
    return f"{describe_outcome(report)}{searched}"


def describe_outcome_briefly(report: RunReport) -> str | None:
    """`15 % → 82 %, confirmed`; None where the two were not compared."""
    if report.baseline is None or report.tuned is None:
        return None
    verdict = f", {report.gain.verdict}" if report.gain else ""
    return f"{describe_change(report.baseline, report.tuned)}{verdict}"


def describe_probability(probability: float) -> str:
    """`P = 0.97`; three digits where two would say certain, which nothing is (`describe_chance` has two)."""
    if probability > 0.999:
        return "P > 0.999"
    if probability < 0.001:
        return "P < 0.001"
    digits = 3 if not 0.005 <= probability < 0.995 else 2
    return f"P = {probability:.{digits}f}"


def choose_shown_score(report: RunReport) -> tuple[Score, Verdict | None] | None:
    """The score of what a run left its user with, and its verdict: the baseline's where nothing was gained."""
    verdict = report.gain.verdict if report.gain else None
    score = report.tuned if report.tuned is not None and verdict != "no gain" else report.baseline
    return None if score is None else (score, verdict)


def is_share(score: Score) -> bool:
    """Whether a score is told in per cent: its metric gives values between 0 and 1."""
    return 0 <= score.score <= 1 and score.low >= -0.5 and score.high <= 1.5


def _number(value: float, *, sign: bool = False) -> str:
    """Whole numbers from 10 on, one digit after the point below; zero has no sign."""
    digits = 0 if abs(value) >= 9.95 or value == 0 else 1
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    text = text.removesuffix(".0")
    return "0" if text in ("-0", "+0") else text
