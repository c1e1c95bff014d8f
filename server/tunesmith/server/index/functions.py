"""Functions at module level: metrics by shape, and what else a name may turn out to be.

A function counts as a metric where it is passed as one (`metric=` of an optimizer or of `Evaluate`, or an optimizer's
first argument; `calls.py` collects those), or where its parameters say so: the first is `example`, `gold` or `ex`, the
second `pred`, `prediction` or `predicted`, and every further one has a default or is dspy's own (`trace`, `pred_name`,
`pred_trace`).
"""

from tree_sitter import Node

from tunesmith.server.index.facts import FunctionFact
from tunesmith.server.index.source import Source

_EXAMPLE = frozenset({"example", "gold", "ex"})
_PREDICTION = frozenset({"pred", "prediction", "predicted"})
_FURTHER = frozenset({"trace", "pred_name", "pred_trace"})


def read_function(source: Source, node: Node) -> FunctionFact | None:
    name, listed = node.child_by_field_name("name"), node.child_by_field_name("parameters")
    if name is None or listed is None:
        return None
    parameters: list[str] = []
    required: list[str] = []
    for parameter in listed.named_children:
        parameter_name = _parameter_name(source, parameter)
        if parameter_name is None:
            continue
        parameters.append(parameter_name)
        if parameter.type in ("identifier", "typed_parameter") and not parameter_name.startswith("*"):
            required.append(parameter_name)
    returns = node.child_by_field_name("return_type")
    return FunctionFact(
        name=source.of(name),
        parameters=parameters,
        required=len(required),
        returns=source.of(returns) if returns is not None else None,
        looks_like_metric=(
            len(parameters) >= 2
            and parameters[0] in _EXAMPLE
            and parameters[1] in _PREDICTION
            and all(further in _FURTHER for further in required[2:])
        ),
        span=source.span(node),
        name_span=source.span(name),
    )


def _parameter_name(source: Source, node: Node) -> str | None:
    if node.type in ("identifier", "list_splat_pattern", "dictionary_splat_pattern"):
        return source.of(node)
    named = node.child_by_field_name("name")
    if named is None and node.type == "typed_parameter" and node.named_children:
        named = node.named_children[0]
    return source.of(named) if named is not None else None
