"""Names of `named_predictors()` as source text."""

import ast
import keyword
import re

_PART = re.compile(r"(?:^|(?<!^)\.)(?P<attribute>[^\W\d]\w*)|\[(?P<index>\d+)\]|\['(?P<key>[^\W\d]\w*)'\]")


def predictor_expression(program: str, predictor: str) -> str | None:
    """The expression that reaches `predictor` of `program`: `self` is the program itself.

    None where the name cannot be written back: dspy spells every dict key as `['key']`, whatever its type, so only
    keys that look like names are trusted to be strings.
    """
    if predictor == "self":
        return program
    expression = program
    position = 0
    while position < len(predictor):
        match = _PART.match(predictor, position)
        if match is None:
            return None
        attribute, index, key = match.group("attribute", "index", "key")
        if keyword.iskeyword(attribute or key or ""):
            return None
        expression += f".{attribute}" if attribute else f"[{index}]" if index else f'["{key}"]'
        position = match.end()
    return expression


def canonical_expression(program: str, predictor: str) -> str | None:
    """The same as `ast.unparse` spells it, to be compared with code."""
    expression = predictor_expression(program, predictor)
    return None if expression is None else ast.unparse(ast.parse(expression, mode="eval"))
