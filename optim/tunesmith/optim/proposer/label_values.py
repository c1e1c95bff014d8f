"""The values an output may take, where a signature or the data say so."""

from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from tunesmith.optim.dspy_types import Signature
from tunesmith.optim.proposer.data_patterns import DataPatterns

MOST_LABELS = 200
YES_NO = ["True", "False"]


def label_values(signature: Signature, data: DataPatterns) -> dict[str, list[str]]:
    """Output fields of `signature` that hold a class, with the classes: of their types, else of the data."""
    found: dict[str, list[str]] = {}
    for name, info in signature.output_fields.items():
        values = _values_of_type(info.annotation)
        if not values and name == data.label:
            values = list(data.labels)
        if 0 < len(values) <= MOST_LABELS:
            found[name] = values
    return found


def _values_of_type(annotation: Any) -> list[str]:
    if annotation is bool:
        return list(YES_NO)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    if get_origin(annotation) in (Union, UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return _values_of_type(inner[0]) if len(inner) == 1 else []
    return []
