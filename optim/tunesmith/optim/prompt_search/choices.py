"""What a search chooses from: for every predictor its instructions and its demo sets. One of each is a candidate.

To the search a candidate is an arm: the numbers of the chosen levels. Level 0 of everything is what the program came
with, so the arm of zeros is the baseline. Factors are in the order of the predictors, a predictor's instructions
before its demos.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tunesmith.optim.demos import DemoSet
from tunesmith.optim.dspy_types import Predictor
from tunesmith.optim.search import Arm, Factor, Space
from tunesmith.protocol import BASELINE

OWN = "own"
"""The view of the instruction a program came with."""


class Instruction(Struct, frozen=True, kw_only=True):
    """A level of a predictor's instructions."""

    text: str
    view: str
    """What its author looked at; `own` for level 0."""
    why: str
    """One line for people."""
    features: dict[str, float]
    """What it asks for; see `extract_features`."""


class Choices:
    """Every level of every predictor. Grows by `add_instructions` only: a level keeps its number for the search."""

    def __init__(
        self, instructions: Mapping[str, Sequence[Instruction]], demos: Mapping[str, Sequence[DemoSet]]
    ) -> None:
        """Both by predictor, in the program's order, each with at least level 0."""
        self.predictors = list(instructions)
        self.instructions = {name: list(levels) for name, levels in instructions.items()}
        self.demos = {name: list(demos[name]) for name in self.predictors}

    def space(self) -> Space:
        """The space of all combinations, as it is now."""
        return Space(
            tuple(
                factor
                for name in self.predictors
                for factor in (
                    Factor(kind="instruction", predictor=name, levels=len(self.instructions[name])),
                    Factor(kind="demos", predictor=name, levels=len(self.demos[name])),
                )
            )
        )

    def add_instructions(self, predictor: str, added: Sequence[Instruction]) -> int:
        """Append levels; returns the place of the factor that grew."""
        self.instructions[predictor] += added
        return 2 * self.predictors.index(predictor)

    def instruction(self, arm: Arm, predictor: str) -> Instruction:
        """The one a predictor has under the arm."""
        return self.instructions[predictor][arm[2 * self.predictors.index(predictor)]]

    def demo_set(self, arm: Arm, predictor: str) -> DemoSet:
        """The one a predictor shows under the arm."""
        return self.demos[predictor][arm[2 * self.predictors.index(predictor) + 1]]

    def with_demos(self, name: str) -> Arm:
        """The program's own instructions with every predictor's demo set of that name, own demos where it has none."""
        arm: list[int] = []
        for predictor in self.predictors:
            named = [level for level, one in enumerate(self.demos[predictor]) if one.name == name]
            arm += [0, named[0] if named else 0]
        return tuple(arm)


def candidate_id(arm: Sequence[int]) -> str:
    """`baseline`, or `i3d1` for instruction 3 with demo set 1; a dot between predictors."""
    if not any(arm):
        return BASELINE
    return ".".join(f"i{arm[place]}d{arm[place + 1]}" for place in range(0, len(arm), 2))


def candidate_name(arm: Sequence[int], choices: Choices) -> str:
    """For people: what differs from the baseline."""
    if not any(arm):
        return BASELINE
    parts = []
    for name in choices.predictors:
        place = 2 * choices.predictors.index(name)
        changed = [f"instruction {arm[place]}"] if arm[place] else []
        if arm[place + 1]:
            changed.append(f"demos “{choices.demos[name][arm[place + 1]].name}”")
        if changed:
            parts.append(f"{name}: {' + '.join(changed)}")
    return "; ".join(parts)


def own_instruction(predictor: Predictor, features: dict[str, float]) -> Instruction:
    """Level 0 of a predictor."""
    text = predictor.signature.instructions
    return Instruction(text=text, view=OWN, why="the program came with it", features=features)
