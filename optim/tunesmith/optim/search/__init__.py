"""The search for the best combination of instructions and demo sets: what to measure next, and what is best so far."""

from tunesmith.optim.search.beliefs import ArmBelief, Effect, Prediction, Winner, find_leader
from tunesmith.optim.search.costs import FrontArm, mean_costs
from tunesmith.optim.search.feature_model import FeatureEffect, feature_effects
from tunesmith.optim.search.linear_gaussian import one_blas_thread
from tunesmith.optim.search.matrix import Cell, CellResult, ScoreMatrix
from tunesmith.optim.search.policy import BASELINE_FIRST, BLOCK, DESIGN_SHARE, PROBE, RESERVE_SHARE, Search
from tunesmith.optim.search.shipping import is_shipped
from tunesmith.optim.search.space import Arm, Factor, Space
from tunesmith.optim.search.study import StudyJournal, load_study, rebuild_study

__all__ = [
    "BASELINE_FIRST",
    "BLOCK",
    "DESIGN_SHARE",
    "PROBE",
    "RESERVE_SHARE",
    "Arm",
    "ArmBelief",
    "Cell",
    "CellResult",
    "Effect",
    "Factor",
    "FeatureEffect",
    "FrontArm",
    "Prediction",
    "ScoreMatrix",
    "Search",
    "Space",
    "StudyJournal",
    "Winner",
    "feature_effects",
    "find_leader",
    "is_shipped",
    "load_study",
    "mean_costs",
    "one_blas_thread",
    "rebuild_study",
]
