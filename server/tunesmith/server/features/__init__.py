"""One language feature a file: pure functions that know no LSP and do no I/O."""

from tunesmith.server.features.check import check_files, is_within
from tunesmith.server.features.code_action import Action, code_actions
from tunesmith.server.features.code_lens import Lens, code_lenses
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.features.inlay_hint import Hint, inlay_hints
from tunesmith.server.features.inline_completion import Gap, fill_gap, find_gaps
from tunesmith.server.features.targets import list_targets

__all__ = [
    "Action",
    "Gap",
    "Hint",
    "Lens",
    "check_files",
    "code_actions",
    "code_lenses",
    "diagnose",
    "fill_gap",
    "find_gaps",
    "inlay_hints",
    "is_within",
    "list_targets",
]
