"""Source edits: composed from an artifact, placed, and verified before anyone sees them."""

from tunesmith.server.edits.completion.demos_completion import complete_predictor_demos, complete_program_demos
from tunesmith.server.edits.completion.instruction_completion import complete_instruction
from tunesmith.server.edits.compose import compose_edit, read_state
from tunesmith.server.edits.instruction.instruction_home import written_instruction
from tunesmith.server.edits.instruction.instruction_plan import describe_homes
from tunesmith.server.edits.program_edit import Form, ProgramEdit, Refusal, StudentFolder, TextEdit, apply_edits
from tunesmith.server.edits.staleness import changes_since, unknown_names
from tunesmith.server.edits.statements.demos_statement import predictor_states, read_demos, without_flag
from tunesmith.server.edits.statements.predictor_path import canonical_expression, predictor_expression
from tunesmith.server.edits.statements.predictor_site import own_demos
from tunesmith.server.edits.statements.state_statements import demos_owner, following_state, is_load_of, signature_of
from tunesmith.server.edits.statements.statement_reading import parse_with_following
from tunesmith.server.edits.text.diff import unified_diff
from tunesmith.server.edits.text.instruction_text import encode_instruction, is_same_instruction, normalize_instruction

__all__ = [
    "Form",
    "ProgramEdit",
    "Refusal",
    "StudentFolder",
    "TextEdit",
    "apply_edits",
    "canonical_expression",
    "changes_since",
    "complete_instruction",
    "complete_predictor_demos",
    "complete_program_demos",
    "compose_edit",
    "demos_owner",
    "describe_homes",
    "encode_instruction",
    "following_state",
    "is_load_of",
    "is_same_instruction",
    "normalize_instruction",
    "own_demos",
    "parse_with_following",
    "predictor_expression",
    "predictor_states",
    "read_demos",
    "read_state",
    "signature_of",
    "unified_diff",
    "unknown_names",
    "without_flag",
    "written_instruction",
]
