"""Demos drawn at random: labelled and mixed ones as dspy draws them, and ones of what no teacher solved.

What a small model answers depends on which labels its demos show, how often, and which of them last (Zhao et al. 2021,
arXiv:2102.09690; Lu et al. 2022, arXiv:2104.08786), so these sets vary in composition and in order. A teacher that
leans to one label is accepted on little else. Its pool repeats the lean, and what it could not solve counters it.
"""

import random
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from tunesmith.optim.demos.pool import DemoCandidate
from tunesmith.optim.dspy_types import Example, Predictor


def sample_labeled(predictor: Predictor, examples: Sequence[Example], count: int, draw: random.Random) -> list[Example]:
    """Up to `count` of the examples the predictor's prompt can show.

    An adapter shows an example that has at least one of the signature's inputs and one of its outputs; others would
    take a place and be dropped.
    """
    signature = predictor.signature
    shown = [
        example
        for example in examples
        if any(name in example for name in signature.input_fields)
        and any(name in example for name in signature.output_fields)
    ]
    return draw.sample(shown, max(0, min(count, len(shown))))


class ChosenDemo(Struct, frozen=True):
    """A candidate that becomes a demo, and as what."""

    candidate: DemoCandidate
    origin: Literal["bootstrapped", "labeled"]
    why: str
    """One line for people."""


def draw_mixed(
    bootstrapped: Sequence[DemoCandidate],
    labeled: Sequence[DemoCandidate],
    *,
    max_bootstrapped: int,
    max_labeled: int,
    draw: random.Random,
) -> list[ChosenDemo]:
    """1 to `max_bootstrapped` of the pool, then labelled examples up to `max_labeled` demos in all."""
    most = min(max_bootstrapped, len(bootstrapped))
    taken = draw.sample(bootstrapped, draw.randint(1, most)) if most else []
    drawn = [ChosenDemo(candidate, "bootstrapped", "drawn at random") for candidate in taken]
    drawn = fill_places(drawn, labeled, max_labeled, draw)
    draw.shuffle(drawn)
    return drawn


def draw_unsolved(
    unsolved: Sequence[DemoCandidate], labeled: Sequence[DemoCandidate], *, count: int, draw: random.Random
) -> list[ChosenDemo]:
    """`count` demos as far as there are any: of the unsolved, so that a label is shown as often as it was missed, then
    other labelled examples."""
    taken = draw.sample(unsolved, min(count, len(unsolved)))
    drawn = [ChosenDemo(candidate, "labeled", "drawn from what no teacher solved") for candidate in taken]
    drawn = fill_places(drawn, labeled, count, draw)
    draw.shuffle(drawn)
    return drawn


def find_unsolved(labeled: Sequence[DemoCandidate], bootstrapped: Sequence[DemoCandidate]) -> list[DemoCandidate]:
    """Labelled examples a teacher tried and did not solve: those before the last accepted one. The rest may not have
    been tried."""
    solved = {candidate.example for candidate in bootstrapped}
    last = max(solved, default=0)
    return [candidate for candidate in labeled if candidate.example < last and candidate.example not in solved]


def fill_places(
    chosen: Sequence[ChosenDemo], labeled: Sequence[DemoCandidate], count: int, draw: random.Random
) -> list[ChosenDemo]:
    """The chosen demos, and labelled examples not among them up to `count` demos in all."""
    shown = {demo.candidate.example for demo in chosen}
    unused = [candidate for candidate in labeled if candidate.example not in shown]
    filling = draw.sample(unused, max(0, min(count - len(chosen), len(unused))))
    why = "fills a free place with a labelled example"
    return [*chosen, *(ChosenDemo(candidate, "labeled", why) for candidate in filling)]
