"""Source edits: composed from an artifact, placed, and verified before anyone sees them."""

from tunesmith.server.edits.completion.demos_completion import complete_predictor_demos, complete_program_demos
from tunesmith.server.edits.completion.instruction_completion import complete_instruction
from tunesmith.server.edits.compose import compose_edit, possible_forms, read_state
from tunesmith.server.edits.instruction.instruction_home import written_instruction
from tunesmith.server.edits.instruction.instruction_plan import describe_homes
from tunesmith.server.edits.program_edit import Form, ProgramEdit, Refusal, StudentFolder, TextEdit, apply_edits
from tunesmith.server.edits.staleness import changes_since, unknown_names
from tunesmith.server.edits.statements.demos_statement import predictor_states, without_flag
from tunesmith.server.edits.statements.predictor_site import own_demos
from tunesmith.server.edits.statements.standing_state import StandingState, read_standing_state
from tunesmith.server.edits.text.diff import unified_diff
from tunesmith.server.edits.text.instruction_text import is_same_instruction

__all__ = [
    "Form",
    "ProgramEdit",
    "Refusal",
    "StandingState",
    "StudentFolder",
    "TextEdit",
    "apply_edits",
    "changes_since",
    "complete_instruction",
    "complete_predictor_demos",
    "complete_program_demos",
    "compose_edit",
    "describe_homes",
    "is_same_instruction",
    "own_demos",
    "possible_forms",
    "predictor_states",
    "read_standing_state",
    "read_state",
    "unified_diff",
    "unknown_names",
    "without_flag",
    "written_instruction",
]
