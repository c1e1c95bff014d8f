"""What a signature's outputs may look like in ChatAdapter's format, as a GBNF grammar.

GBNF: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md. The text before the first value is fixed,
so it is no part of the grammar: it goes into the prompt (`Constraint.prefill`) and is never generated.
"""

import enum
import json
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from tunesmith.optim.adapters.prompt_format import Constraint

JSON_STRING = r'"\"" ([^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}))* "\""'
RULES = {
    "text": r"(plain | [\n\t ])* plain (plain | [\n\t ])*",
    "plain": r'[^\[\n\t ] | "[" [^\[]',  # a header starts with two brackets, so a text never holds one
    "bool": '"True" | "False"',
    "int": '"-"? [0-9]{1,15}',
    "float": '"-"? [0-9]{1,15} ("." [0-9]{1,15})?',
    "json-string": JSON_STRING,
}
BETWEEN = "\n\n"
COMPLETED = "[[ ## completed ## ]]"
TEXT = "text"
PRIMITIVES = {str: TEXT, bool: "bool", int: "int", float: "float"}


def constrain(fields: Mapping[str, Any]) -> Constraint | None:
    """The constraint of output fields (name → annotation, in order), or None where a type has no grammar."""
    if not fields:
        return None
    values = [value_rule(annotation) for annotation in fields.values()]
    if any(value is None for value in values):
        return None
    headers = [f"[[ ## {name} ## ]]\n" for name in fields]
    parts = [f"({values[0]})"]
    for header, value in zip(headers[1:], values[1:], strict=True):
        parts.append(f"{quoted(BETWEEN + header)} ({value})")
    root = " ".join(parts)
    if values[-1] == TEXT:
        # A free text ends where the model says so: with the marker its demos end with, or by stopping.
        root += f" {quoted(BETWEEN + COMPLETED)}?"
    rules = "\n".join(f"{name} ::= {body}" for name, body in RULES.items() if name in root or name == "plain")
    return Constraint(headers[0], f"root ::= {root}\n{rules}\n")


def value_rule(annotation: Any) -> str | None:
    """The grammar of one value as ChatAdapter writes and parses it; None where there is none."""
    if rule := PRIMITIVES.get(annotation):
        return rule
    if isinstance(annotation, enum.EnumMeta):
        return alternatives([str(value) for value in enum_values(annotation)])
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return alternatives([str(value) for value in arguments])
    if origin in (Union, types.UnionType) and len(arguments) == 2 and type(None) in arguments:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        rule = value_rule(inner)
        # Beside a free text "None" is one more text.
        return f'{rule} | "None"' if rule and rule != TEXT else rule
    if origin is list and len(arguments) == 1 and (item := item_rule(arguments[0])):
        return f'"[" (({item}) (", " ({item}))*)? "]"'
    return None


def item_rule(annotation: Any) -> str | None:
    """An element of a list: the same values, in JSON's spelling."""
    if annotation is str:
        return "json-string"
    if annotation is bool:
        return '"true" | "false"'
    if annotation in (int, float):
        return PRIMITIVES[annotation]
    values = enum_values(annotation) if isinstance(annotation, enum.EnumMeta) else None
    if get_origin(annotation) is Literal:
        values = list(get_args(annotation))
    if values is None or not all(isinstance(value, str | int) for value in values):
        return None
    return alternatives([json.dumps(value, ensure_ascii=False) for value in values])


def enum_values(annotation: Any) -> list[Any]:
    return [member.value for member in annotation]


def alternatives(values: list[str]) -> str | None:
    """One of several texts. None where a text would not survive the format."""
    if any(not value or value != value.strip() or "[[" in value or "\n" in value for value in values):
        return None
    return " | ".join(quoted(value) for value in values)


def quoted(text: str) -> str:
    """A GBNF literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
