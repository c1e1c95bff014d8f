"""Which candidates become demos: correct ones that between them cover the inputs and the labels, and are short."""

import random
from collections.abc import Hashable, Sequence

import numpy as np
from msgspec import Struct

from tunesmith.optim.demos.embedding import Embedder, embed_texts
from tunesmith.optim.demos.facility_location import BALANCED, Floats, Weights, choose_items
from tunesmith.optim.demos.pool import DemoCandidate, as_text
from tunesmith.optim.dspy_types import Example

TARGETS_READ = 2000
"""Training inputs the demos are asked to cover: a larger data set is sampled, with a fixed seed."""


class PickedDemo(Struct, frozen=True):
    """A candidate that becomes a demo."""

    candidate: DemoCandidate
    why: str
    """One line for people."""


def select_demos(
    candidates: Sequence[DemoCandidate],
    examples: Sequence[Example],
    *,
    k: int,
    label_name: str | None = None,
    embedder: Embedder | str | None = None,
    weights: Weights = BALANCED,
    similarity: Floats | None = None,
) -> list[PickedDemo]:
    """Up to `k` of one predictor's candidates, in the order of the training data (as dspy shows them).

    `similarity`: what `measure_similarity` gave for the same candidates and examples, where several selections share
    it; None: computed here.
    """
    if not candidates or k <= 0:
        return []
    if similarity is None:
        similarity = measure_similarity(candidates, examples, embedder)
    labels = [candidate.label if isinstance(candidate.label, Hashable) else None for candidate in candidates]
    order = choose_items(
        similarity,
        labels=labels,
        scores=[candidate.score for candidate in candidates],
        lengths=[candidate.tokens for candidate in candidates],
        k=k,
        weights=weights,
    )
    shares = _nearest_shares(similarity[:, order])
    first_of_label = _first_of_label([labels[item] for item in order])
    picked = [
        PickedDemo(candidates[item], _why(candidates[item], share, label_name if first else None))
        for item, share, first in zip(order, shares, first_of_label, strict=True)
    ]
    return [demo for _, demo in sorted(zip(order, picked, strict=True), key=lambda pair: pair[0])]


def measure_similarity(
    candidates: Sequence[DemoCandidate], examples: Sequence[Example], embedder: Embedder | str | None = None
) -> Floats:
    """How near every target is to every candidate, 0..1: a row a target, a column a candidate.

    What demos should cover is the training inputs where the predictor reads the program's own inputs, else what the
    predictor was seen to read: the candidates' inputs.
    """
    own_texts = [as_text(candidate.inputs) for candidate in candidates]
    targets = _targets(candidates, examples) or own_texts
    vectors = embed_texts([*targets, *own_texts], embedder)
    near: Floats = np.clip(vectors[: len(targets)] @ vectors[len(targets) :].T, 0, 1)
    return near


def _targets(candidates: Sequence[DemoCandidate], examples: Sequence[Example]) -> list[str]:
    fields = list(candidates[0].inputs)
    if not all(field in example for example in examples for field in fields):
        return []
    texts = [as_text({field: example[field] for field in fields}) for example in examples]
    return texts if len(texts) <= TARGETS_READ else random.Random(0).sample(texts, TARGETS_READ)


def _nearest_shares(similarity: Floats) -> list[float]:
    """For each chosen item the share of targets it is the nearest to."""
    nearest = np.argmax(similarity, axis=1)
    return [float(np.mean(nearest == item)) for item in range(similarity.shape[1])]


def _first_of_label(labels: Sequence[Hashable | None]) -> list[bool]:
    return [label is not None and label not in labels[:place] for place, label in enumerate(labels)]


def _why(candidate: DemoCandidate, share: float, first_of: str | None) -> str:
    reasons = [f"covers {share * 100:.0f} % of the inputs, those nearest to it"]
    if first_of is not None:
        reasons.append(f"first with {first_of}={candidate.label}")
    if candidate.score not in (0, 1):
        reasons.append(f"score {candidate.score:g}")
    reasons.append(f"{candidate.tokens} tokens")
    return "; ".join(reasons)
