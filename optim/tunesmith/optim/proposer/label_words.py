"""The words that tell the labels of a data set apart."""

import math
import re
from collections import Counter
from collections.abc import Sequence

from tunesmith.optim.proposer.scripts import FUNCTION_WORDS

SMALLEST_COUNT = 2
"""Examples of a label a word must occur in: once may be chance, and would give the example away."""
SMOOTHING = 0.5

_WORD = re.compile(r"[^\W\d_]{3,20}")


def distinguishing_words(texts: Sequence[str], labels: Sequence[str], *, count: int = 6) -> dict[str, list[str]]:
    """Up to `count` words for every label, the most telling first.

    Ranked by the log odds of an example with the label holding the word against one of another label, over its
    standard error, with ½ added to every count (Monroe, Colaresi & Quinn 2008, "Fightin' Words"). A label without
    such words has an empty list; a word serves one label only.
    """
    sizes = Counter(labels)
    holding: dict[str, Counter[str]] = {label: Counter() for label in sizes}
    for text, label in zip(texts, labels, strict=True):
        holding[label].update(set(_WORD.findall(text.lower())) - FUNCTION_WORDS)
    overall: Counter[str] = Counter()
    for counts in holding.values():
        overall.update(counts)
    ranked = sorted(
        (-_telling(counts[word], sizes[label], overall[word], len(texts)), label, word)
        for label, counts in holding.items()
        for word in counts
        if counts[word] >= SMALLEST_COUNT
    )
    found: dict[str, list[str]] = {label: [] for label in sizes}
    taken: set[str] = set()
    for negated, label, word in ranked:
        if negated < -1 and word not in taken and len(found[label]) < count:
            found[label].append(word)
            taken.add(word)
    return found


def _telling(inside: int, size: int, overall: int, total: int) -> float:
    """z of the log odds ratio."""
    cells = [inside, size - inside, overall - inside, total - size - (overall - inside)]
    a, b, c, d = (cell + SMOOTHING for cell in cells)
    return math.log(a * d / (b * c)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
