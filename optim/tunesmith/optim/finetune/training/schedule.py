"""Which examples an optimizer step is made of: a function of the seed and the step's number, and of nothing else."""

import math
from functools import lru_cache
from random import Random

from msgspec import Struct


class Schedule(Struct, frozen=True, kw_only=True):
    """Epochs of shuffled examples, cut into steps. The last step of an epoch may be smaller."""

    examples: int
    batch_examples: int
    epochs: float
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """The smaller last one included."""
        return math.ceil(self.examples / self.batch_examples)

    @property
    def steps(self) -> int:
        """Optimizer steps in all; at least one."""
        return max(1, round(self.epochs * self.steps_per_epoch))

    def examples_of(self, step: int) -> list[int]:
        """Indices of the examples of a step, counted from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        order = _shuffled(self.examples, self.seed, epoch)
        return order[place * self.batch_examples : (place + 1) * self.batch_examples]

    def evaluated_after(self, evaluations: int) -> frozenset[int]:
        """Steps made when the development rows are scored: evenly spread, the end among them."""
        count = max(1, min(evaluations, self.steps))
        return frozenset(round(number * self.steps / count) for number in range(1, count + 1))


@lru_cache(maxsize=2)
def _shuffled(examples: int, seed: int, epoch: int) -> list[int]:
    order = list(range(examples))
    Random(f"{seed}/{epoch}").shuffle(order)
    return order
