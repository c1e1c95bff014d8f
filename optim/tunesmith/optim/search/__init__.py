"""The search for the best combination of instructions and demo sets: what to measure next, and what is best so far."""

from tunesmith.optim.search.costs import FrontArm, Objective
from tunesmith.optim.search.estimates import Effect, Estimate, Prediction, Winner
from tunesmith.optim.search.feature_effects import FeatureEffect, FeatureModel
from tunesmith.optim.search.matrix import Cell, CellResult, ScoreMatrix
from tunesmith.optim.search.policy import Search
from tunesmith.optim.search.shipping import Selection, is_shipped
from tunesmith.optim.search.space import Arm, Factor, Space
from tunesmith.optim.search.study import StudyJournal, load_study, rebuild_study

__all__ = [
    "Arm",
    "Cell",
    "CellResult",
    "Effect",
    "Estimate",
    "Factor",
    "FeatureEffect",
    "FeatureModel",
    "FrontArm",
    "Objective",
    "Prediction",
    "ScoreMatrix",
    "Search",
    "Selection",
    "Space",
    "StudyJournal",
    "Winner",
    "is_shipped",
    "load_study",
    "rebuild_study",
]
