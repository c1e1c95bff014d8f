"""The value of an expression in `__init__`, as far as `named_predictors()` cares (`init_values.py`)."""

from dataclasses import dataclass, field

from tree_sitter import Node

from tunesmith.protocol.dspy_versions import CALLABLE_BUT_NO_MODULE, OPTIMIZERS, WRAPPERS
from tunesmith.server.index.dspy_names import PREDICTORS
from tunesmith.server.index.facts import SignatureFact
from tunesmith.server.index.init_values import PLAIN, Attributes, Made, Mapping, Sequence, Unknown, Value
from tunesmith.server.index.names import Names
from tunesmith.server.index.signatures import read_signature_expression
from tunesmith.server.index.source import Source, arguments, unwrapped

_SCALARS = frozenset(
    {"int", "str", "float", "bool", "bytes", "complex", "None", "Path", "list", "dict", "set", "tuple", "Literal",
     "Optional", "Union", "List", "Dict", "Tuple", "Set", "frozenset", "Sequence", "Iterable", "Mapping"}
)  # fmt: skip
_LITERALS = frozenset(
    {"string", "concatenated_string", "integer", "float", "true", "false", "none", "lambda", "comparison_operator",
     "not_operator", "set", "set_comprehension", "generator_expression", "unary_operator", "ellipsis",
     "interpolation", "type"}
)  # fmt: skip


@dataclass
class Frame:
    """The locals of one function, and the object it sets attributes on."""

    self_name: str
    attributes: Attributes
    locals: dict[str, Value] = field(default_factory=dict)
    nodes: dict[str, Node | None] = field(default_factory=dict)
    """The expression last bound to a local, for signatures given through one."""


def parameter_values(names: Names, parameters: Node, attributes: Attributes) -> Frame | None:
    """A frame with the function's parameters: those annotated or defaulted as scalars are plain, others unknown."""
    source = names.source
    frame: Frame | None = None
    for node in parameters.named_children:
        if node.type == "comment" or node.type.endswith("separator"):
            continue
        name_node = node if node.type == "identifier" else node.child_by_field_name("name")
        if name_node is None and node.named_children:
            name_node = node.named_children[0]  # typed_parameter, *args
        if name_node is None:
            continue
        name = source.of(name_node).lstrip("*")
        if frame is None:
            frame = Frame(name, attributes)
            continue
        annotation, default = node.child_by_field_name("type"), node.child_by_field_name("value")
        plain = _is_scalar(source.of(annotation)) if annotation is not None else False
        if default is not None and default.type in _LITERALS and default.type != "none":
            plain = True
        frame.locals[name] = PLAIN if plain else Unknown(name, source.span(name_node))
    return frame


def evaluate(names: Names, node: Node | None, frame: Frame) -> Value:
    node = unwrapped(node)
    if node is None or node.type in _LITERALS:
        return PLAIN
    match node.type:
        case "call":
            return _call(names, node, frame)
        case "identifier":
            return _name(names, node, frame)
        case "attribute":
            return _attribute(names, node, frame)
        case "list" | "tuple" | "expression_list":
            return _sequence(names, node, frame)
        case "dictionary":
            return _mapping(names, node, frame)
        case "list_comprehension" | "dictionary_comprehension":
            return _comprehension(names, node, frame)
        case "binary_operator":
            return _sum(names, node, frame)
        case "conditional_expression" | "boolean_operator" | "await" | "subscript" | "named_expression":
            parts = [evaluate(names, child, frame) for child in node.named_children]
            if all(part is PLAIN for part in parts):
                return PLAIN
            weak = node.type == "subscript" and not isinstance(parts[0], Sequence | Mapping)
            return _unknown(names, node, weak=weak)
    return _unknown(names, node, weak=True)


def shorten(source: Source, node: Node) -> str:
    """One line of the node's text."""
    text = " ".join(source.of(node).split())
    return text if len(text) <= 80 else text[:79] + "…"


def _call(names: Names, call: Node, frame: Frame) -> Value:
    source = names.source
    function = call.child_by_field_name("function")
    dotted = source.dotted(function)
    if dotted is None:
        return _unknown(names, call, weak=True)
    positional, keywords = arguments(source, call)
    kind = names.dspy_text(dotted)
    if kind is not None:
        return _dspy_call(names, call, kind, frame)
    if dotted in ("list", "tuple", "dict") and names.is_standard(dotted):
        if dotted == "dict" and not positional:
            values = {name: evaluate(names, value, frame) for name, value in keywords.items()}
            return Mapping(values, source.span(call), shorten(source, call))
        inner = evaluate(names, positional[0], frame) if positional else Sequence([], source.span(call), dotted)
        if isinstance(inner, Sequence) and dotted != "dict":
            return Sequence(list(inner.items), inner.span, inner.text, inner.open)
        if isinstance(inner, Mapping) and dotted == "dict":
            return Mapping(dict(inner.items), inner.span, inner.text, inner.open)
        return PLAIN if inner is PLAIN else _unknown(names, call)
    if names.is_standard(dotted):
        return PLAIN
    root = dotted.partition(".")[0]
    if root in frame.locals or root == frame.self_name:
        return _method_result(names, call, dotted, frame)
    signature = positional[0] if positional else keywords.get("signature")
    return Made(
        kind=dotted,
        is_module=True,
        signature=source.of(signature) if signature is not None else None,
        inline=_inline(names, signature, frame),
        span=source.span(call),
    )


def _dspy_call(names: Names, call: Node, kind: str, frame: Frame) -> Value:
    source = names.source
    positional, keywords = arguments(source, call)
    if kind in WRAPPERS:
        module = positional[0] if positional else keywords.get("module")
        inner = evaluate(names, module, frame) if module is not None else _unknown(names, call)
        return Made(kind=kind, is_module=False, signature=None, inline=None, span=source.span(call), inner=inner)
    if kind in PREDICTORS:
        signature = positional[0] if positional else keywords.get("signature")
        local = _local_node(names, signature, frame)
        return Made(
            kind=kind,
            is_module=False,
            signature=source.of(local) if local is not None else None,
            inline=_inline(names, signature, frame),
            span=source.span(call),
        )
    if kind in CALLABLE_BUT_NO_MODULE or kind in OPTIMIZERS or kind == "Signature":
        return PLAIN
    if kind == "load":  # dspy.load gives back a whole program
        return _unknown(names, call)
    return _unknown(names, call, weak=True)


def _method_result(names: Names, call: Node, dotted: str, frame: Frame) -> Value:
    """`config.get("k")`, `make()` where make is a parameter, `self.build()`."""
    root, _, rest = dotted.partition(".")
    if root == frame.self_name:
        return _unknown(names, call)
    held = frame.locals[root]
    if held is PLAIN:
        return _unknown(names, call, weak=True)
    return _unknown(names, call, weak=bool(rest) and isinstance(held, Unknown))


def _local_node(names: Names, node: Node | None, frame: Frame) -> Node | None:
    """The expression behind a local that holds a signature."""
    bare = unwrapped(node)
    if bare is not None and bare.type == "identifier" and names.source.of(bare) in frame.nodes:
        return frame.nodes[names.source.of(bare)] or bare
    return node


def _inline(names: Names, node: Node | None, frame: Frame) -> SignatureFact | None:
    return read_signature_expression(names.source, names, _local_node(names, node, frame))


def _name(names: Names, node: Node, frame: Frame) -> Value:
    name = names.source.of(node)
    if name in frame.locals:
        return frame.locals[name]
    if names.dspy_text(name) is not None or names.is_standard(name):
        return PLAIN
    bound = names.bindings.get(name)
    if bound is not None:
        return _module_level(names, name, bound)
    return PLAIN if name in names.functions else _unknown(names, node)


def _module_level(names: Names, name: str, bound: Node) -> Value:
    """The one value of a module-level name: the same object wherever it is used."""
    if name not in names.values:
        names.values[name] = PLAIN  # a name bound to itself
        names.values[name] = evaluate(names, bound, Frame("", Attributes()))
    value = names.values[name]
    return value if isinstance(value, Value) else PLAIN


def _attribute(names: Names, node: Node, frame: Frame) -> Value:
    owner, attribute = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if owner is not None and attribute is not None and names.source.of(owner) == frame.self_name:
        name = names.source.of(attribute)
        # An attribute not set yet comes from the class or a base.
        return frame.attributes.values.get(name) or _unknown(names, node, weak=True)
    dotted = names.source.dotted(node)
    if dotted is not None and (names.dspy_text(dotted) is not None or names.is_standard(dotted)):
        return PLAIN
    return _unknown(names, node, weak=True)


def _sequence(names: Names, node: Node, frame: Frame) -> Value:
    items: list[Value] = []
    is_open = False
    for child in node.named_children:
        if child.type == "comment":
            continue
        if child.type == "list_splat":
            inner = evaluate(names, child.named_children[0] if child.named_children else None, frame)
            if isinstance(inner, Sequence) and not inner.open and not is_open:
                items.extend(inner.items)
            else:
                is_open = is_open or inner is not PLAIN
            continue
        value = evaluate(names, child, frame)
        if is_open:  # its index is not known
            continue
        items.append(value)
    return Sequence(items, names.source.span(node), shorten(names.source, node), is_open)


def _mapping(names: Names, node: Node, frame: Frame) -> Value:
    items: dict[str, Value] = {}
    is_open = False
    for child in node.named_children:
        if child.type == "comment":
            continue
        if child.type == "dictionary_splat":
            inner = evaluate(names, child.named_children[0] if child.named_children else None, frame)
            if isinstance(inner, Mapping) and not inner.open:
                items.update(inner.items)
            else:
                is_open = is_open or inner is not PLAIN
            continue
        value = evaluate(names, child.child_by_field_name("value"), frame)
        key = names.source.literal(child.child_by_field_name("key"))
        if key is None:
            is_open = is_open or value is not PLAIN
        else:
            items[str(key)] = value
    return Mapping(items, names.source.span(node), shorten(names.source, node), is_open)


def _comprehension(names: Names, node: Node, frame: Frame) -> Value:
    body = node.child_by_field_name("body")
    inner = Frame(frame.self_name, frame.attributes, dict(frame.locals))
    for clause in node.named_children:
        left = clause.child_by_field_name("left") if clause.type == "for_in_clause" else None
        iterated = evaluate(names, clause.child_by_field_name("right"), frame) if left is not None else PLAIN
        known = iterated is PLAIN or (isinstance(iterated, Sequence) and all(i is PLAIN for i in iterated.items))
        for target in _identifiers(left):
            weak = not isinstance(iterated, Sequence | Mapping | Unknown)
            inner.locals[names.source.of(target)] = PLAIN if known else _unknown(names, target, weak=weak)
    made = body.child_by_field_name("value") if body is not None and body.type == "pair" else body
    value = evaluate(names, made, inner)
    if value is PLAIN or isinstance(value, Sequence | Mapping):
        return PLAIN
    if isinstance(value, Unknown) and value.weak:
        return _unknown(names, node, weak=True)
    return Sequence([], names.source.span(node), shorten(names.source, node), open=True)


def _sum(names: Names, node: Node, frame: Frame) -> Value:
    left = evaluate(names, node.child_by_field_name("left"), frame)
    right = evaluate(names, node.child_by_field_name("right"), frame)
    if isinstance(left, Sequence) and isinstance(right, Sequence) and not left.open:
        return Sequence([*left.items, *right.items], left.span, left.text, right.open)
    if isinstance(left, Sequence | Mapping) or isinstance(right, Sequence | Mapping):
        return _unknown(names, node)
    return PLAIN  # arithmetic


def _identifiers(node: Node | None) -> list[Node]:
    if node is None:
        return []
    if node.type == "identifier":
        return [node]
    return [found for child in node.named_children for found in _identifiers(child)]


def _is_scalar(annotation: str) -> bool:
    """An annotation made of scalars and containers of them only."""
    words = annotation.replace('"', " ").replace("'", " ")
    for mark in "[]|,.":
        words = words.replace(mark, " ")
    return all(word in _SCALARS or not word.isidentifier() for word in words.split())


def _unknown(names: Names, node: Node, *, weak: bool = False) -> Unknown:
    return Unknown(shorten(names.source, node), names.source.span(node), weak)
