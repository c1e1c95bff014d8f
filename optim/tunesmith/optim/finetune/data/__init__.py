"""Training data: a teacher's accepted traces as rows in the student's own prompt."""

from tunesmith.optim.finetune.data.collect import Collected, PassingTrace, collect_traces
from tunesmith.optim.finetune.data.dataset import Dataset, build_dataset
from tunesmith.optim.finetune.data.labelled import with_labelled
from tunesmith.optim.finetune.data.rationale import RATIONALE_MODES, has_reasoning
from tunesmith.optim.finetune.data.splitting import Split, split_by_input
from tunesmith.optim.finetune.data.teachers import Curriculum, Teaching, check_teachers

__all__ = [
    "RATIONALE_MODES",
    "Collected",
    "Curriculum",
    "Dataset",
    "PassingTrace",
    "Split",
    "Teaching",
    "build_dataset",
    "check_teachers",
    "collect_traces",
    "has_reasoning",
    "split_by_input",
    "with_labelled",
]
