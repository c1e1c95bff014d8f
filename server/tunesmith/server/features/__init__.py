"""One language feature a file: pure functions of a snapshot and a place in it. They know no LSP and do no I/O.

One line a name: what a feature gives is imported here as what it is called.
"""

from tunesmith.server.features.check import check_files as check_files
from tunesmith.server.features.check import is_within as is_within
from tunesmith.server.features.code_action import Action as Action
from tunesmith.server.features.code_action import code_actions as code_actions
from tunesmith.server.features.code_lens import Lens as Lens
from tunesmith.server.features.code_lens import code_lenses as code_lenses
from tunesmith.server.features.diagnostics import diagnose as diagnose
from tunesmith.server.features.inlay_hint import Hint as Hint
from tunesmith.server.features.inlay_hint import inlay_hints as inlay_hints
from tunesmith.server.features.inline_completion import Gap as Gap
from tunesmith.server.features.inline_completion import fill_gap as fill_gap
from tunesmith.server.features.inline_completion import find_gaps as find_gaps
from tunesmith.server.features.targets import list_targets as list_targets
