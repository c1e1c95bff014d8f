"""`ast.parse` on what users wrote: every failure is one exception, and no warning about their escapes reaches ours."""

import ast
import threading
import warnings

_filtering = threading.Lock()


class NotPython(Exception):
    """The text is not the Python it was taken for."""


def parse_source(text: str) -> ast.Module:
    """Raises NotPython."""
    return _parsed(text)


def parse_expression(text: str) -> ast.expr:
    """Raises NotPython."""
    body = _parsed(f"({text.strip()}\n)").body
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise NotPython
    return body[0].value


def _parsed(text: str) -> ast.Module:
    try:
        if "\\" not in text:
            return ast.parse(text)
        with _filtering, warnings.catch_warnings():  # the filters are the whole process's
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise NotPython from error
