"""What is searched: an instruction and a demo set for every predictor."""

from collections.abc import Sequence
from itertools import accumulate
from math import prod
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

Arm = tuple[int, ...]
"""A level for every factor. The baseline, the program as it stands, is all zeros."""


class Factor(Struct, frozen=True):
    """What varies of one predictor."""

    kind: Literal["instruction", "demos"]
    predictor: str
    levels: int
    """How many candidates; level 0 is what the program has."""

    @property
    def name(self) -> str:
        """As a study's parameter: `predictor · kind`."""
        return f"{self.predictor} · {self.kind}"


class Space(Struct, frozen=True):
    """Factors in a fixed order. Levels may be added, never removed, so an arm stays what it was."""

    factors: tuple[Factor, ...]

    def __post_init__(self) -> None:
        if not self.factors:
            raise ValueError("a space needs at least one factor")
        for factor in self.factors:
            if factor.levels < 1:
                raise ValueError(f"{factor.name} needs at least level 0, the program's own, not {factor.levels} levels")

    @property
    def baseline(self) -> Arm:
        """Level 0 of every factor."""
        return (0,) * len(self.factors)

    @property
    def levels(self) -> tuple[int, ...]:
        """How many each factor has."""
        return tuple(factor.levels for factor in self.factors)

    @property
    def size(self) -> int:
        """The number of arms."""
        return prod(self.levels)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where each factor's levels begin when all levels are laid end to end; the last one is their number."""
        return tuple(accumulate(self.levels, initial=0))

    def check(self, arm: Sequence[int]) -> Arm:
        """The arm as a tuple. Raises `ValueError` where it does not lie in the space."""
        if len(arm) != len(self.factors):
            raise ValueError(f"an arm here has {len(self.factors)} levels, not {len(arm)}")
        for level, factor in zip(arm, self.factors, strict=True):
            if not 0 <= level < factor.levels:
                raise ValueError(f"{factor.name} has levels 0 to {factor.levels - 1}, not {level}")
        return tuple(arm)

    def with_levels(self, factor: int, count: int) -> "Space":
        """The space with `count` more levels at the end of one factor."""
        if count < 1:
            raise ValueError(f"at least one level must be added, not {count}")
        grown = replace(self.factors[factor], levels=self.factors[factor].levels + count)
        return Space((*self.factors[:factor], grown, *self.factors[factor + 1 :]))
