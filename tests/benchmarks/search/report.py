"""From outcomes of many seeds to a table, and whether the goals are met."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Literal, NamedTuple

from benchmarks.search.contest import CONTESTANTS, MIPRO, SHARES, Outcome, ours
from tunesmith.optim.statistics.student_t import t_quantile

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
    verdict: Literal["met", "open", "MISSED"]
    """open: missed by the means, but not by the 95 % interval."""


def lines(outcomes: Outcomes) -> list[Line]:
    """Two seeds at least."""
    peer = gains(outcomes, MIPRO, 100)
    return [line(outcomes, contestant, share, peer) for contestant in CONTESTANTS for share in SHARES]


def line(outcomes: Outcomes, contestant: str, share: int, peer: Sequence[float]) -> Line:
    own = gains(outcomes, contestant, share)
    difference, half = paired(own, peer)
    return Line(
        contestant,
        share,
        calls=fmean(outcome.calls for outcome in chosen(outcomes, contestant, share)),
        gain=fmean(own),
        difference=difference,
        half=half,
        worse=percent(worse(own)),
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


def goals(setting: str, outcomes: Outcomes) -> Iterator[Goal]:
    """DESIGN's promises for one setting."""
    mark = "" if is_promised(setting) else " (not promised here)"
    own, theirs = gains(outcomes, ours("max"), 50), gains(outcomes, MIPRO, 100)
    difference, half = paired(own, theirs)
    yield Goal(
        f"gain at 50 % of the calls at least MIPROv2's at 100 %: {fmean(own):.1f} against {fmean(theirs):.1f}, "
        f"difference {difference:+.1f} ± {half:.1f}{mark}",
        verdict_of(difference, half),
    )
    strict = max(percent(worse(gains(outcomes, ours("strict"), share))) for share in SHARES)
    yield Goal(
        f"worse than the baseline at strict in at most {MOST_WORSE:.0f} %: {strict:.1f} %",
        "met" if strict <= MOST_WORSE else "MISSED",
    )
    for selection in ("max", "likely"):
        own, theirs = worse(gains(outcomes, ours(selection), 100)), worse(gains(outcomes, MIPRO, 100))
        difference, half = paired(own, theirs)
        yield Goal(
            f"worse than the baseline at {selection} no more often than MIPROv2: {percent(own):.1f} % against "
            f"{percent(theirs):.1f} %, difference {100 * difference:+.1f} ± {100 * half:.1f}",
            verdict_of(-difference, half),
        )


def verdict_of(advantage: float, half: float) -> Literal["met", "open", "MISSED"]:
    if advantage >= 0:
        return "met"
    return "open" if advantage + half >= 0 else "MISSED"


def worse(gains: Sequence[float]) -> list[float]:
    """1 where something truly worse than the baseline was shipped."""
    return [float(gain < -ROUNDING) for gain in gains]


def percent(shares: Sequence[float]) -> float:
    return 100 * fmean(shares)


def paired(own: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """The mean difference and half of its 95 % interval."""
    differences = [a - b for a, b in zip(own, theirs, strict=True)]
    half = t_quantile(0.975, len(differences) - 1) * stdev(differences) / sqrt(len(differences))
    return fmean(differences), half


def markdown(setting: str, outcomes: Outcomes) -> str:
    found = lines(outcomes)
    rows = "\n".join(
        f"| {line.contestant} | {line.share} % | {line.calls:.0f} | {line.gain:.2f} | "
        f"{line.difference:+.2f} ± {line.half:.2f} | {line.worse:.1f} % |"
        for line in found
    )
    verdicts = "\n".join(f"- {goal.verdict}: {goal.text}" for goal in goals(setting, outcomes))
    return (
        f"## {setting} ({len(outcomes)} seeds)\n\n"
        "| contestant | calls allowed | calls made | gain | difference to MIPROv2 at 100 % | worse than baseline |\n"
        f"|---|---|---|---|---|---|\n{rows}\n\n{verdicts}\n"
    )
