"""From outcomes of many seeds to a table, and whether the goals are met."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from search.contest import CONTESTANTS, MIPRO, SHARES, Outcome, ours

from tunesmith.optim.scoring.student_t import t_quantile

Outcomes = Mapping[int, Sequence[Outcome]]
"""Seed → what every contestant did at every share."""

MOST_WORSE = 5.0
"""Percent of runs that may ship something worse than the baseline at `strict`."""
ROUNDING = 1e-9


class Line(NamedTuple):
    """One contestant at one share of the calls."""

    contestant: str
    share: int
    calls: float
    gain: float
    """Mean over seeds, points of 100 above the baseline."""
    difference: float
    """To MIPROv2 at all of its calls, paired by seed."""
    half: float
    """Of the difference's 95 % interval."""
    worse: float
    """Percent of runs that shipped something truly worse than the baseline."""


class Goal(NamedTuple):
    text: str
    is_met: bool


def lines(outcomes: Outcomes) -> list[Line]:
    """Two seeds at least."""
    peer = gains(outcomes, MIPRO, 100)
    return [line(outcomes, contestant, share, peer) for contestant in CONTESTANTS for share in SHARES]


def line(outcomes: Outcomes, contestant: str, share: int, peer: Sequence[float]) -> Line:
    own = gains(outcomes, contestant, share)
    differences = [ours - theirs for ours, theirs in zip(own, peer, strict=True)]
    return Line(
        contestant,
        share,
        calls=fmean(outcome.calls for outcome in chosen(outcomes, contestant, share)),
        gain=fmean(own),
        difference=fmean(differences),
        half=t_quantile(0.975, len(differences) - 1) * stdev(differences) / sqrt(len(differences)),
        worse=100 * sum(gain < -ROUNDING for gain in own) / len(own),
    )


def chosen(outcomes: Outcomes, contestant: str, share: int) -> list[Outcome]:
    """By seed."""
    return [
        outcome
        for seed in sorted(outcomes)
        for outcome in outcomes[seed]
        if (outcome.contestant, outcome.share) == (contestant, share)
    ]


def gains(outcomes: Outcomes, contestant: str, share: int) -> list[float]:
    return [outcome.gain for outcome in chosen(outcomes, contestant, share)]


def is_promised(setting: str) -> bool:
    """Whether the goal for the gain covers a setting: simulated medium and large effects, and what was recorded."""
    return not any(word in setting.split() for word in ("small", "bad", "null"))


def goals(setting: str, found: Sequence[Line]) -> Iterator[Goal]:
    """DESIGN's promises for one setting."""
    at = {(line.contestant, line.share): line for line in found}
    half = at[ours("max"), 50]
    mark = "" if is_promised(setting) else " (not promised here)"
    yield Goal(
        f"gain at 50 % of the calls at least MIPROv2's at 100 %, within the interval: "
        f"{half.gain:.1f} against {at[MIPRO, 100].gain:.1f}, difference {signed(half)}{mark}",
        half.difference + half.half >= 0,
    )
    strict = max(at[ours("strict"), share].worse for share in SHARES)
    yield Goal(f"worse than the baseline at strict in at most {MOST_WORSE:.0f} %: {strict:.1f} %", strict <= MOST_WORSE)
    for selection in ("max", "likely"):
        own, theirs = at[ours(selection), 100].worse, at[MIPRO, 100].worse
        yield Goal(
            f"worse than the baseline at {selection} no more often than MIPROv2: {own:.1f} % against {theirs:.1f} %",
            own <= theirs,
        )


def signed(line: Line) -> str:
    return f"{line.difference:+.1f} ± {line.half:.1f}"


def markdown(setting: str, outcomes: Outcomes) -> str:
    found = lines(outcomes)
    rows = "\n".join(
        f"| {line.contestant} | {line.share} % | {line.calls:.0f} | {line.gain:.2f} | "
        f"{line.difference:+.2f} ± {line.half:.2f} | {line.worse:.1f} % |"
        for line in found
    )
    verdicts = "\n".join(f"- {'met' if goal.is_met else 'MISSED'}: {goal.text}" for goal in goals(setting, found))
    return (
        f"## {setting} ({len(outcomes)} seeds)\n\n"
        "| contestant | calls allowed | calls made | gain | difference to MIPROv2 at 100 % | worse than baseline |\n"
        f"|---|---|---|---|---|---|\n{rows}\n\n{verdicts}\n"
    )
