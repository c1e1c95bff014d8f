"""The student with its demonstrations: the pool's best, then labelled examples in the places left."""

import random
from collections.abc import Sequence
from typing import Any

import dspy
from msgspec import Struct

from tunesmith.optim.demos.draws import sample_labeled
from tunesmith.optim.demos.embedding import Embedder
from tunesmith.optim.demos.pool import DemoPool, estimate_tokens
from tunesmith.optim.demos.select import PickedDemo, select_demos
from tunesmith.optim.dspy_types import Example, Program
from tunesmith.optim.rollouts import copy_program, to_plain
from tunesmith.optim.statistics import label_field
from tunesmith.protocol import DemoChoice


class DemoSettings(Struct, frozen=True, kw_only=True):
    """How demos are chosen."""

    max_bootstrapped: int
    """Candidates of the pool a predictor shows, at most."""
    max_labeled: int
    """Demos a predictor shows in all, at most, where labelled examples fill the places left."""
    embedder: Embedder | str | None = None
    """See `embed_texts`."""
    seed: int
    """Of what is drawn at random."""


class Composition(Struct, frozen=True, kw_only=True):
    """A program with demos."""

    program: Any
    """A `Program`."""
    choices: list[DemoChoice]
    """By predictor, in the order shown."""
    unused: list[Any]
    """Training examples no bootstrapped demo shows, shuffled: what labelled demos were drawn from."""


def compose(student: Program, pool: DemoPool, trainset: Sequence[Example], settings: DemoSettings) -> Composition:
    """A compiled copy of `student`. A predictor shows the best of its candidates, then labelled examples."""
    label = label_field(trainset)
    picked = {
        name: select_demos(
            pool.candidates(name),
            trainset,
            k=settings.max_bootstrapped,
            label_name=label,
            embedder=settings.embedder,
        )
        for name in pool.predictors
    }
    shown = {demo.candidate.example for demos in picked.values() for demo in demos}
    unused = [example for index, example in enumerate(trainset) if index not in shown]
    random.Random(settings.seed).shuffle(unused)
    place = {id(example): index for index, example in enumerate(trainset)}

    program: Any = copy_program(student)
    choices: list[DemoChoice] = []
    draw = random.Random(settings.seed)
    for name, predictor in program.named_predictors():
        labeled = sample_labeled(predictor, unused, settings.max_labeled - len(picked[name]), draw)
        predictor.demos = [as_demo(demo.candidate.values) for demo in picked[name]] + labeled
        choices += [_bootstrapped_choice(name, demo) for demo in picked[name]]
        choices += [_labeled_choice(name, place[id(example)], example) for example in labeled]
    program._compiled = True
    return Composition(program=program, choices=choices, unused=unused)


def as_demo(values: dict[str, Any]) -> Any:
    """A demo as dspy writes it: `augmented` tells bootstrapped ones from labelled ones."""
    return dspy.Example(augmented=True, **values)


def _bootstrapped_choice(predictor: str, demo: PickedDemo) -> DemoChoice:
    return DemoChoice(
        predictor=predictor,
        example=demo.candidate.example,
        origin="bootstrapped",
        why=demo.why,
        tokens=demo.candidate.tokens,
        values=to_plain(demo.candidate.values),
    )


def _labeled_choice(predictor: str, index: int, example: Example) -> DemoChoice:
    values = dict(example.items())
    return DemoChoice(
        predictor=predictor,
        example=index,
        origin="labeled",
        why="fills a free place with a labelled example",
        tokens=estimate_tokens(values),
        values=to_plain(values),
    )
