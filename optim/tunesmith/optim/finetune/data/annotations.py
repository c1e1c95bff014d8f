"""What a field's type says about its values."""

import enum
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

_UNIONS = (Union, types.UnionType)


def is_closed(annotation: Any) -> bool:
    """The type leaves no two ways to say the same: a label, a truth value, a number."""
    if get_origin(annotation) is Annotated:
        return is_closed(get_args(annotation)[0])
    if get_origin(annotation) in _UNIONS:
        return all(is_closed(one) for one in get_args(annotation))
    if get_origin(annotation) is Literal or annotation is type(None):
        return True
    return isinstance(annotation, type) and issubclass(annotation, enum.Enum | bool | int | float)


def allows_none(annotation: Any) -> bool:
    """dspy lets an input of this type be left out."""
    if get_origin(annotation) is Annotated:
        return allows_none(get_args(annotation)[0])
    if get_origin(annotation) in _UNIONS:
        return any(allows_none(one) for one in get_args(annotation))
    return annotation is None or annotation is type(None)
