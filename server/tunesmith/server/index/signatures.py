"""Signature facts: the class form, and the forms an expression can take.

`dspy.Signature("q -> a", "…")`, `dspy.Signature({...})`, `"q -> a"`, `Base.with_instructions("…")`.
A class keeps its own fields only; what it inherits is added where imports are followed (`inheritance.py`).
"""

import inspect

from tree_sitter import Node

from tunesmith.server.index.facts import FieldFact, SignatureFact, Span
from tunesmith.server.index.names import Names
from tunesmith.server.index.signature_string import default_instructions, field_offsets, parse_string_form
from tunesmith.server.index.source import Source, arguments, unwrapped

_MAKERS = ("Signature", "make_signature")


def read_signature_class(source: Source, names: Names, node: Node, bases: list[str]) -> SignatureFact | None:
    """The class read as a signature. Instructions are None where they come from a base (or cannot be known)."""
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if name is None or body is None:
        return None
    inputs: dict[str, FieldFact] = {}
    outputs: dict[str, FieldFact] = {}
    docstring, docstring_node = None, None
    dynamic = False
    for index, statement in enumerate(child for child in body.named_children if child.type != "comment"):
        expression = statement.named_children[0] if statement.type == "expression_statement" else None
        if expression is None:
            dynamic = dynamic or statement.type in (
                "if_statement",
                "for_statement",
                "while_statement",
                "with_statement",
            )
            continue
        if index == 0 and (text := source.string(expression)) is not None:
            docstring, docstring_node = text, expression
            continue
        if expression.type != "assignment":
            continue
        target = expression.child_by_field_name("left")
        field_name = source.dotted(target)
        if field_name == "__doc__":
            docstring = names.string(expression.child_by_field_name("right"))
            dynamic = dynamic or docstring is None
            continue
        value = unwrapped(expression.child_by_field_name("right"))
        if target is None or field_name is None or value is None or value.type != "call":
            continue
        kind = names.dspy(value.child_by_field_name("function"))
        if kind not in ("InputField", "OutputField"):
            annotated = expression.child_by_field_name("type") is not None
            dynamic = dynamic or (annotated and not field_name.startswith("_"))
            continue
        field, known = _read_field(source, names, field_name, expression.child_by_field_name("type"), value, target)
        dynamic = dynamic or not known
        (inputs if kind == "InputField" else outputs)[field_name] = field
        (outputs if kind == "InputField" else inputs).pop(field_name, None)
    instructions = inspect.cleandoc(docstring) if docstring is not None else None
    if docstring is None and not dynamic and all(names.dspy_text(base) == "Signature" for base in bases):
        instructions = default_instructions(list(inputs), list(outputs))
    return SignatureFact(
        name=source.of(name),
        text=None,
        bases=bases,
        instructions=instructions,
        inputs=list(inputs.values()),
        outputs=list(outputs.values()),
        dynamic=dynamic,
        span=source.span(node),
        name_span=source.span(name),
        docstring_span=source.span(docstring_node) if docstring_node is not None else None,
    )


def read_signature_expression(source: Source, names: Names, node: Node | None) -> SignatureFact | None:
    """The signature an expression spells out, or None where it only names one."""
    node = unwrapped(node)
    if node is None:
        return None
    if node.type in ("string", "concatenated_string"):
        text = source.string(node)
        if text is None:  # an f-string
            return _nameless(source.span(node), dynamic=True)
        return _string_signature(source, node, text, None, instructions_known=True)
    if node.type != "call":
        return None
    function = node.child_by_field_name("function")
    if names.dspy(function) in _MAKERS:
        return _made_signature(source, names, node)
    if function is not None and function.type == "attribute":
        return _derived_signature(source, names, node, function)
    return None


def _made_signature(source: Source, names: Names, call: Node) -> SignatureFact:
    positional, keywords = arguments(source, call)
    shape = unwrapped(positional[0] if positional else keywords.get("signature"))
    given = positional[1] if len(positional) > 1 else keywords.get("instructions")
    instructions = names.string(given)
    known = given is None or instructions is not None or source.of(given) == "None"
    if shape is None:
        return _nameless(source.span(call), dynamic=True)
    if shape.type == "dictionary":
        return _dictionary_signature(source, names, call, shape, instructions, instructions_known=known)
    text = names.string(shape)
    if text is None:
        return _nameless(source.span(call), dynamic=True)
    return _string_signature(source, shape, text, instructions, instructions_known=known, whole=call)


def _derived_signature(source: Source, names: Names, call: Node, function: Node) -> SignatureFact | None:
    """`Base.with_instructions("…")`: Base's fields, new instructions. Other derivations are known by base only."""
    method, base = function.child_by_field_name("attribute"), unwrapped(function.child_by_field_name("object"))
    if method is None or base is None:
        return None
    derivation = source.of(method)
    if derivation not in ("with_instructions", "append_instructions", "with_updated_fields", "prepend", "append",
                          "insert", "delete"):  # fmt: skip
        return None
    positional, keywords = arguments(source, call)
    instructions = names.string(positional[0] if positional else keywords.get("instructions"))
    exact = derivation == "with_instructions" and instructions is not None
    inline = read_signature_expression(source, names, base)
    if inline is None:
        name = source.dotted(base)
        if name is None or (not exact and derivation in ("append", "insert", "delete", "prepend")):
            # `x.append(…)` may be a list's: nothing says that this is a signature.
            return None
        return _nameless(source.span(call), dynamic=not exact, bases=[name], instructions=_clean(instructions))
    return SignatureFact(
        name=None,
        text=inline.text,
        bases=inline.bases,
        instructions=_clean(instructions) if exact else None,
        inputs=inline.inputs,
        outputs=inline.outputs,
        dynamic=inline.dynamic or not exact,
        span=source.span(call),
        name_span=source.span(call),
        docstring_span=None,
    )


def _dictionary_signature(
    source: Source, names: Names, call: Node, shape: Node, instructions: str | None, *, instructions_known: bool
) -> SignatureFact:
    inputs: list[FieldFact] = []
    outputs: list[FieldFact] = []
    known = instructions_known
    for pair in shape.named_children:
        if pair.type == "comment":
            continue
        key = pair.child_by_field_name("key") if pair.type == "pair" else None
        name = source.string(key)
        value = unwrapped(pair.child_by_field_name("value")) if name is not None else None
        if key is None or name is None or value is None:
            known = False
            continue
        type_node, field_node = None, value
        if value.type == "tuple" and value.named_child_count == 2:
            type_node, field_node = value.named_children
        kind = names.dspy(field_node.child_by_field_name("function")) if field_node.type == "call" else None
        if kind not in ("InputField", "OutputField"):
            known = False
            continue
        field, field_known = _read_field(source, names, name, type_node, field_node, key)
        known = known and field_known
        (inputs if kind == "InputField" else outputs).append(field)
    if instructions is None and known:
        instructions = default_instructions([f.name for f in inputs], [f.name for f in outputs])
    return SignatureFact(
        name=None,
        text=None,
        bases=[],
        instructions=_clean(instructions),
        inputs=inputs,
        outputs=outputs,
        dynamic=not known,
        span=source.span(call),
        name_span=source.span(call),
        docstring_span=None,
    )


def _string_signature(
    source: Source,
    node: Node,
    text: str,
    instructions: str | None,
    *,
    instructions_known: bool,
    whole: Node | None = None,
) -> SignatureFact:
    span = source.span(whole or node)
    form = parse_string_form(text)
    if form is None:
        return _nameless(span, dynamic=True, text=text)
    if instructions is None and instructions_known:
        instructions = default_instructions([f.name for f in form.inputs], [f.name for f in form.outputs])
    outer = source.span(node)
    inside = source.text.find(text, outer.start, outer.end)  # -1: escapes or several pieces
    spans = []
    for offset, field in zip(field_offsets(text, form), [*form.inputs, *form.outputs], strict=True):
        found = inside >= 0 and offset >= 0
        start = inside + offset
        spans.append(source.between(start, start + len(field.name)) if found else outer)
    facts = [
        FieldFact(name=field.name, type=field.type, desc=None, span=at)
        for field, at in zip([*form.inputs, *form.outputs], spans, strict=True)
    ]
    return SignatureFact(
        name=None,
        text=text,
        bases=[],
        instructions=_clean(instructions),
        inputs=facts[: len(form.inputs)],
        outputs=facts[len(form.inputs) :],
        dynamic=not instructions_known,
        span=span,
        name_span=span,
        docstring_span=None,
    )


def _read_field(
    source: Source, names: Names, name: str, type_node: Node | None, call: Node, at: Node
) -> tuple[FieldFact, bool]:
    """A field, and whether its description is known."""
    _, keywords = arguments(source, call)
    desc_node = keywords.get("desc") or keywords.get("description")
    desc = names.string(desc_node)
    type_ = " ".join(source.of(type_node).split()) if type_node is not None else "str"
    return FieldFact(name=name, type=type_, desc=desc, span=source.span(at)), desc_node is None or desc is not None


def _nameless(
    span: Span,
    *,
    dynamic: bool,
    bases: list[str] | None = None,
    instructions: str | None = None,
    text: str | None = None,
) -> SignatureFact:
    return SignatureFact(
        name=None,
        text=text,
        bases=bases or [],
        instructions=instructions,
        inputs=[],
        outputs=[],
        dynamic=dynamic,
        span=span,
        name_span=span,
        docstring_span=None,
    )


def _clean(instructions: str | None) -> str | None:
    return inspect.cleandoc(instructions) if instructions is not None else None
