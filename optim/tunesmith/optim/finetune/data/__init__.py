"""Training data: a teacher's accepted traces as rows in the student's own prompt."""

from tunesmith.optim.finetune.data.collect import Collected, PassingTrace, collect_traces
from tunesmith.optim.finetune.data.dataset import Dataset, build_dataset
from tunesmith.optim.finetune.data.labelled import with_labelled
from tunesmith.optim.finetune.data.rationale import RATIONALE_MODES, RationaleMode, has_reasoning
from tunesmith.optim.finetune.data.row_files import read_rows, write_rows
from tunesmith.optim.finetune.data.splitting import Split, split_by_input
from tunesmith.optim.finetune.data.teachers import Teaching, check_teachers

__all__ = [
    "RATIONALE_MODES",
    "Collected",
    "Dataset",
    "PassingTrace",
    "RationaleMode",
    "Split",
    "Teaching",
    "build_dataset",
    "check_teachers",
    "collect_traces",
    "has_reasoning",
    "read_rows",
    "split_by_input",
    "with_labelled",
    "write_rows",
]
