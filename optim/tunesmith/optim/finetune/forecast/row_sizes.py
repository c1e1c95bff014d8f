"""How many rows a training has and how long they are: all that a forecast needs to know of data."""

from collections.abc import Sequence

from msgspec import Struct

from tunesmith.optim.finetune.batching import Encoded


class RowSizes(Struct, frozen=True, kw_only=True):
    """A training's rows in numbers; lengths are in tokens."""

    count: int
    prompt_tokens: int
    """Mean, with the prefix that rows share."""
    longest_prompt: int
    """95th percentile: what memory has to hold a batch of."""
    target_tokens: int
    """Mean, with the token that ends an answer."""
    shared_prefix: int = 0
    """Tokens at the start that rows of one predictor have in common."""

    @property
    def tokens(self) -> int:
        """Mean of a whole row."""
        return self.prompt_tokens + self.target_tokens


def measure_rows(encoded: Sequence[Encoded]) -> RowSizes:
    """Of rows that are there. Raises `ValueError` where there are none."""
    if not encoded:
        raise ValueError("no rows to measure")
    lengths = sorted(len(row.prompt) for row in encoded)
    return RowSizes(
        count=len(encoded),
        prompt_tokens=round(sum(lengths) / len(lengths)),
        longest_prompt=lengths[min(len(lengths) - 1, int(0.95 * len(lengths)))],
        target_tokens=max(1, round(sum(len(row.target) for row in encoded) / len(encoded))),
        shared_prefix=_shared(encoded),
    )


def sample_rows(count: int, *, prompt: int, target: int, shared: int) -> list[Encoded]:
    """Rows of these lengths that begin alike and then differ; their tokens mean nothing."""
    shared = min(shared, prompt)
    return [Encoded([0] * shared + [1 + row % 100] * (prompt - shared), [0] * target, 0) for row in range(count)]


def _shared(encoded: Sequence[Encoded]) -> int:
    """Mean over tasks of what their rows begin with, weighted by rows."""
    by_task: dict[int, list[list[int]]] = {}
    for row in encoded:
        by_task.setdefault(row.task, []).append(row.prompt)
    total = 0
    for prompts in by_task.values():
        first, last = min(prompts), max(prompts)  # what these two share, all between them share
        same = next((place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), None)
        total += len(prompts) * (min(len(first), len(last)) if same is None else same)
    return total // len(encoded)
