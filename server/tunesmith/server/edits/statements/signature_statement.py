"""An instruction as a statement: `NAME.predictor.signature = NAME.predictor.signature.with_instructions("…")`.

Set after the program is constructed, it has the last word, wherever the signature comes from. dspy's own `load` makes
a new signature of the same fields in the same way.
"""

import ast

from tunesmith.server.edits.program_edit import Refusal
from tunesmith.server.edits.statements.predictor_path import predictor_expression
from tunesmith.server.edits.text.instruction_text import decode_instruction, encode_instruction
from tunesmith.server.edits.text.literals import LiteralStyle, format_argument, width

_USE_LOAD = "Load the compiled program instead."


def signature_statement(program: str, predictor: str, text: str, *, indent: str, style: LiteralStyle) -> str | Refusal:
    expression = predictor_expression(program, predictor)
    if expression is None:
        return Refusal(reason=f"the predictor {predictor} cannot be reached by an expression.", next_step=_USE_LOAD)
    encoded = encode_instruction(text)
    if encoded is None:
        return Refusal(reason=f"dspy would not read the instruction of {predictor} back as it is.", next_step=_USE_LOAD)
    head = f"{expression}.signature = {expression}.signature.with_instructions("
    return head + format_argument(encoded, indent=indent, column=width(indent + head), style=style) + ")"


def read_signature_statement(statement: ast.stmt) -> tuple[str, str] | None:
    """The predictor's expression and the instruction dspy reads, where a statement is one of these."""
    match statement:
        case ast.Assign(
            targets=[ast.Attribute(attr="signature", value=owner)],
            value=ast.Call(
                func=ast.Attribute(attr="with_instructions", value=ast.Attribute(attr="signature", value=same)),
                args=[ast.Constant(value=str(text))],
                keywords=[],
            ),
        ) if (expression := ast.unparse(owner)) == ast.unparse(same):
            return expression, decode_instruction(text)
    return None
