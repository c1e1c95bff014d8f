"""Choosing a few items that stand for many: facility location by lazy greedy.

F(S) = mean over targets of the similarity to their nearest chosen item
     + label weight · mean over labels of min(1, how many of it were chosen / its even share of k)
     + the sum over S of (score weight · score − length weight · length), both relative to the largest, each over k.

The first two are monotone submodular, the rest is additive, so a gain never grows while S does: an item whose stale
gain is below another's fresh one need not be looked at (Minoux 1978). Greedy stays within 1 − 1/e of the best for
the monotone part (Nemhauser et al. 1978).
"""

import heapq
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]


class Weights(Struct, frozen=True):
    """What counts beside covering the targets, whose weight is 1."""

    label: float = 0.5
    score: float = 0.25
    length: float = 0.1


BALANCED = Weights()


def choose_items(
    similarity: Floats,
    *,
    labels: Sequence[Hashable | None],
    scores: Sequence[float],
    lengths: Sequence[float],
    k: int,
    weights: Weights = BALANCED,
) -> list[int]:
    """Indices of up to `k` items, in the order chosen; ties go to the earlier item.

    `similarity` has a row for each target and a column for each item, values in 0..1. `labels` may be None.
    """
    count = similarity.shape[1]
    k = min(k, count)
    if k == 0:
        return []
    distinct = len({label for label in labels if label is not None})
    even_share = k / distinct if distinct else 1.0
    own = (weights.score * _relative(scores) - weights.length * _relative(lengths)) / k
    covered = np.zeros(similarity.shape[0], dtype=similarity.dtype)
    counts: Counter[Hashable] = Counter()
    chosen: list[int] = []

    def gain(item: int) -> float:
        coverage = float(np.maximum(similarity[:, item] - covered, 0).mean()) if len(covered) else 0.0
        return coverage + label_gain(labels[item]) + float(own[item])

    def label_gain(label: Hashable | None) -> float:
        if label is None:
            return 0.0
        before, after = (min(1.0, count / even_share) for count in (counts[label], counts[label] + 1))
        return weights.label * (after - before) / distinct

    # (negated gain, item, how many were chosen when it was computed)
    heap = [(-gain(item), item, 0) for item in range(count)]
    heapq.heapify(heap)
    while len(chosen) < k:
        _, item, computed_at = heapq.heappop(heap)
        if computed_at < len(chosen):
            heapq.heappush(heap, (-gain(item), item, len(chosen)))
            continue
        chosen.append(item)
        covered = np.maximum(covered, similarity[:, item])
        counts[labels[item]] += 1
    return chosen


def _relative(values: Sequence[float]) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    largest = np.abs(array).max() if len(array) else 0.0
    return array / largest if largest > 0 else np.zeros_like(array)
