"""Module facts: a class read as a `dspy.Module`."""

import re

from tree_sitter import Node

from tunesmith.server.index.facts import ModuleFact
from tunesmith.server.index.init_reading import read_init
from tunesmith.server.index.init_values import Attributes, predictors_of
from tunesmith.server.index.names import Names
from tunesmith.server.index.source import Source

_CALLED = re.compile(r"self\.([^\W\d]\w*)(?:\[[^\]\n]*\])?(?:\.(?:acall|forward|aforward|batch))?\s*\(")
_TAKES_OVER = frozenset(
    {"named_parameters", "named_predictors", "predictors", "__new__", "__setattr__", "__getattribute__"}
)
"""Methods whose redefinition makes names unknowable."""


def read_module_class(
    source: Source, names: Names, node: Node, bases: list[str], *, decorated: bool
) -> ModuleFact | None:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        return None
    methods = _methods(source, body)
    init = methods.get("__init__")
    attributes = read_init(names, init, methods, bases) if init is not None else Attributes()
    called = frozenset(_CALLED.findall(source.of(node)))
    return ModuleFact(
        name=source.of(name),
        bases=bases,
        predictors=predictors_of(attributes.values, called),
        calls_super_init=attributes.super_init_at is not None,
        has_init=init is not None,
        dynamic=attributes.untraceable
        or decorated
        or bool(_TAKES_OVER & methods.keys())
        or _has_metaclass(source, node),
        span=source.span(node),
        name_span=source.span(name),
        attributes=list(attributes.values),
        super_init_at=attributes.super_init_at or 0,
        super_signature=attributes.super_signature,
        super_inline=attributes.super_inline,
        methods=sorted(methods),
        init_calls=attributes.calls,
    )


def class_bases(source: Source, node: Node) -> list[str]:
    """The bases as written, type arguments left out."""
    listed = node.child_by_field_name("superclasses")
    bases = []
    for base in listed.named_children if listed is not None else []:
        if base.type == "keyword_argument" or base.type == "comment":
            continue
        named = base.child_by_field_name("value") if base.type == "subscript" else base
        bases.append(source.dotted(named) or source.of(base))
    return bases


def _methods(source: Source, body: Node) -> dict[str, Node]:
    methods = {}
    for child in body.named_children:
        function = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        if function is not None and function.type == "function_definition":
            name = function.child_by_field_name("name")
            if name is not None:
                methods[source.of(name)] = function
    return methods


def _has_metaclass(source: Source, node: Node) -> bool:
    listed = node.child_by_field_name("superclasses")
    keywords = [child for child in listed.named_children if child.type == "keyword_argument"] if listed else []
    return any(source.of(keyword).startswith("metaclass") for keyword in keywords)
