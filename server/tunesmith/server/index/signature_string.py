"""The string form of a signature: `question, context: list[str] -> answer, score: float`.

Read as dspy reads it (`dspy/signatures/signature.py`, `_parse_signature`): each side is a Python parameter list.
"""

import ast
import re
from typing import NamedTuple

from tunesmith.protocol.dspy_versions import DEFAULT_INSTRUCTION
from tunesmith.server.index.user_syntax import NotPython, parse_source


class StringField(NamedTuple):
    name: str
    type: str
    typed: bool


class StringForm(NamedTuple):
    inputs: list[StringField]
    outputs: list[StringField]


def parse_string_form(text: str) -> StringForm | None:
    """The fields of a string signature, or None where dspy would refuse it."""
    if text.count("->") != 1:
        return None
    left, right = text.split("->")
    inputs, outputs = _parse_side(left), _parse_side(right)
    if inputs is None or outputs is None:
        return None
    if {field.name for field in inputs} & {field.name for field in outputs}:
        return None
    return StringForm(inputs, outputs)


def default_instructions(inputs: list[str], outputs: list[str]) -> str:
    """What dspy says where nobody wrote instructions."""
    given = ", ".join(f"`{name}`" for name in inputs)
    wanted = ", ".join(f"`{name}`" for name in outputs)
    before, between, after = DEFAULT_INSTRUCTION
    return f"{before}{given}{between}{wanted}{after}"


def field_offsets(text: str, form: StringForm) -> list[int]:
    """Where each field's name stands in the string, inputs first; -1 where it cannot be found."""
    offsets = []
    at = 0
    for field in [*form.inputs, *form.outputs]:
        match = re.compile(rf"\b{re.escape(field.name)}\b").search(text, at)
        offsets.append(match.start() if match else -1)
        at = match.end() if match else at
    return offsets


def _parse_side(text: str) -> list[StringField] | None:
    try:
        definition = parse_source(f"def f({text}): pass").body[0]
    except NotPython:
        return None
    if not isinstance(definition, ast.FunctionDef):
        return None
    return [
        StringField(argument.arg, ast.unparse(argument.annotation), True)
        if argument.annotation
        else StringField(argument.arg, "str", False)
        for argument in definition.args.args
    ]
