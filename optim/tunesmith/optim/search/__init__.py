"""The search for the best combination of instructions and demo sets: what to measure next, and what is best so far."""

from tunesmith.optim.search.beliefs import ArmBelief, Prediction, Winner, find_leader
from tunesmith.optim.search.costs import mean_costs
from tunesmith.optim.search.feature_model import feature_effects
from tunesmith.optim.search.linear_gaussian import one_blas_thread
from tunesmith.optim.search.matrix import Cell, CellResult
from tunesmith.optim.search.policy import BASELINE_FIRST, BLOCK, DESIGN_SHARE, PROBE, RESERVE_SHARE, Search
from tunesmith.optim.search.shipping import is_shipped
from tunesmith.optim.search.space import Arm, Factor, Space
from tunesmith.optim.search.study import StudyJournal

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
    "Factor",
    "Prediction",
    "Search",
    "Space",
    "StudyJournal",
    "Winner",
    "feature_effects",
    "find_leader",
    "is_shipped",
    "mean_costs",
    "one_blas_thread",
]
