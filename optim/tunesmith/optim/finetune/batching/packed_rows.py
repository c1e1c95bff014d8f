"""Rows that compute what their examples share once.

The tokens of a row form a tree: an example is a path from a root, and whatever several examples begin with is one
stretch of tokens, be it a module's instructions, the turns of a loop so far, or a whole prompt that was sampled
twice. Laid out depth first, the tokens that may look at a token are those from it up to the end of its subtree. So a
row needs one number a token, `visible_until`, for its attention mask, and the place in its own example for its
position. Examples sorted by their tokens are the tree depth first: the next one costs what it does not share with the
one before.

Pure Python and deterministic.
"""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from tunesmith.optim.finetune.batching.encoding import Encoded

ATTENTION_TOKENS = 2000
"""Row length at which attention, quadratic in it, costs as much as all the rest, linear in it: measured on CPUs at
the width of SmolLM2-135M. Wider models have it further out; the cheapest length is flat around there."""
ROW_TOKENS = 64
"""What a row costs beyond its tokens: a pass over the weights and their gradients, in tokens."""


class PackedRow(Struct, frozen=True):
    """One row of tokens and where its examples lie in it. All indices count from the row's start."""

    examples: list[int]
    """Which of the encoded examples, in the order they are laid out."""
    tokens: list[int]
    """The last target token of an example is predicted, never read, and so not among them."""
    positions: list[int]
    """Of each token, its place in its own example."""
    visible_until: list[int]
    """Token k is seen by itself and the tokens after it up to this one, which is excluded."""
    predictors: list[int]
    """For each target token of each example in turn, the token whose output predicts it."""
    labels: list[int]
    """Those target tokens."""


def plan_rows(encoded: Sequence[Encoded], batch_tokens: int) -> list[PackedRow]:
    """Every example in exactly one row of at most `batch_tokens` tokens; an example longer than that is a row alone.

    The rows are the cheapest cuts of the sorted examples. A prompt of no token raises ValueError: nothing predicts
    its target.
    """
    read, order, shared = _sorted(encoded)
    cuts = _cheapest_cuts([len(read[index]) for index in order], shared, batch_tokens)
    return [_laid_out(order[begin:end], shared[begin:end], read, encoded) for begin, end in cuts]


def one_row(encoded: Sequence[Encoded]) -> PackedRow:
    """All examples in a single row, whatever that costs. Raises as `plan_rows`."""
    read, order, shared = _sorted(encoded)
    return _laid_out(order, shared, read, encoded)


def _sorted(encoded: Sequence[Encoded]) -> tuple[list[list[int]], list[int], list[int]]:
    """The tokens that are read of each example; the examples sorted by them; what each of these shares with the one
    before."""
    if any(not example.prompt for example in encoded):
        raise ValueError("an example without a prompt token cannot be packed: nothing predicts its target")
    read = [(example.prompt + example.target)[:-1] for example in encoded]
    order = sorted(range(len(encoded)), key=read.__getitem__)
    shared = [0] + [_common(read[before], read[after]) for before, after in pairwise(order)]
    return read, order, shared


def _common(one: list[int], other: list[int]) -> int:
    """Length of the longest common prefix, by bisection over slices, which compare at C's speed."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def _cheapest_cuts(lengths: list[int], shared: list[int], batch_tokens: int) -> list[tuple[int, int]]:
    """Begin and end of each row in the sorted examples: the least sum of the rows' costs."""
    cheapest, begins = [0.0], [0]
    for end in range(1, len(lengths) + 1):
        best, best_begin, after = float("inf"), end - 1, 0
        for begin in range(end - 1, -1, -1):
            tokens = lengths[begin] + after
            if tokens > batch_tokens and begin < end - 1:
                break
            cost = cheapest[begin] + ROW_TOKENS + tokens + tokens * tokens / ATTENTION_TOKENS
            if cost < best:
                best, best_begin = cost, begin
            after += lengths[begin] - shared[begin]
        cheapest.append(best)
        begins.append(best_begin)
    cuts = []
    end = len(lengths)
    while end:
        cuts.append((begins[end], end))
        end = begins[end]
    return cuts[::-1]


def _laid_out(
    examples: list[int], shared: list[int], read: Sequence[list[int]], encoded: Sequence[Encoded]
) -> PackedRow:
    row = PackedRow(examples, [], [], [], [], [])
    path: list[int] = []  # where the tokens of the example at hand lie in the row
    for number, index in enumerate(examples):
        kept = shared[number] if number else 0
        for ended in path[kept:]:
            row.visible_until[ended] = len(row.tokens)
        new = read[index][kept:]
        path = path[:kept] + list(range(len(row.tokens), len(row.tokens) + len(new)))
        row.tokens.extend(new)
        row.positions.extend(range(kept, kept + len(new)))
        row.visible_until.extend([0] * len(new))
        prompt, target = encoded[index].prompt, encoded[index].target
        row.predictors.extend(path[len(prompt) - 1 : len(prompt) - 1 + len(target)])
        row.labels.extend(target)
    for ended in path:
        row.visible_until[ended] = len(row.tokens)
    return row
