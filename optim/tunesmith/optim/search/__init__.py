"""The search for the best combination of instructions and demo sets: what to measure next, and what is best so far."""

from tunesmith.optim.search.costs import FrontArm, Objective
from tunesmith.optim.search.estimates import Effect, Estimate, Prediction, Winner
from tunesmith.optim.search.matrix import Cell, CellResult, ScoreMatrix
from tunesmith.optim.search.policy import Search
from tunesmith.optim.search.shipping import Selection, is_shipped
from tunesmith.optim.search.space import Arm, Factor, Space

__all__ = [
    "Arm",
    "Cell",
    "CellResult",
    "Effect",
    "Estimate",
    "Factor",
    "FrontArm",
    "Objective",
    "Prediction",
    "ScoreMatrix",
    "Search",
    "Selection",
    "Space",
    "Winner",
    "is_shipped",
]
