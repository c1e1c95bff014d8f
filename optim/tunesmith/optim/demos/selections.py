"""Selections of different size and aim: a front from short and few to diverse and many."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from tunesmith.optim.demos.draws import ChosenDemo
from tunesmith.optim.demos.embedding import Embedder
from tunesmith.optim.demos.facility_location import BALANCED, Weights
from tunesmith.optim.demos.pool import DemoCandidate
from tunesmith.optim.demos.select import measure_similarity, select_demos
from tunesmith.optim.dspy_types import Example

SHORT = Weights(length=1.0)
DIVERSE = Weights(label=1.5, length=0.0)


class Recipe(Struct, frozen=True, kw_only=True):
    """A selection on the front: how large a share of the places, by which weights."""

    name: str
    origin: Literal["bootstrapped", "labeled"]
    share: float
    weights: Weights
    filled: bool = False
    """Free places up to `max_labeled` are filled with labelled examples."""


BOOTSTRAPPED = (
    Recipe(name="short few", origin="bootstrapped", share=0.5, weights=SHORT),
    Recipe(name="diverse many", origin="bootstrapped", share=1.0, weights=DIVERSE, filled=True),
    Recipe(name="half", origin="bootstrapped", share=0.5, weights=BALANCED),
    Recipe(name="one short", origin="bootstrapped", share=0.0, weights=SHORT),
)
LABELED = (
    Recipe(name="labels only, diverse", origin="labeled", share=1.0, weights=DIVERSE),
    Recipe(name="labels only, few", origin="labeled", share=0.5, weights=SHORT),
)


def select_by_recipe(
    candidates: Sequence[DemoCandidate],
    trainset: Sequence[Example],
    recipes: Sequence[Recipe],
    *,
    places: int,
    label_name: str | None,
    embedder: Embedder | str | None,
) -> Iterator[tuple[Recipe, list[ChosenDemo]]]:
    """What each recipe selects, 1 to `places` demos; nothing without candidates or places."""
    if not candidates or not places:
        return
    similarity = measure_similarity(candidates, trainset, embedder)
    for recipe in recipes:
        picked = select_demos(
            candidates,
            trainset,
            k=max(1, round(recipe.share * places)),
            label_name=label_name,
            weights=recipe.weights,
            similarity=similarity,
        )
        yield recipe, [ChosenDemo(demo.candidate, recipe.origin, demo.why) for demo in picked]
