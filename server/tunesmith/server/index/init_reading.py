"""Follows `__init__` statement by statement, without running it, to know what `__dict__` will hold.

What happens on every path is followed exactly: assignments, aliases, lists and dicts and their `append`, own methods
called on self. What happens on some paths only (branches, loops, `try`, after a conditional `return`) is run on a
copy, and whatever it changes becomes unknown.
"""

from tree_sitter import Node

from tunesmith.server.index.init_expressions import Frame, evaluate, parameter_values, shorten
from tunesmith.server.index.init_values import PLAIN, Attributes, Mapping, Sequence, Unknown, Value
from tunesmith.server.index.names import Names
from tunesmith.server.index.signatures import read_signature_expression
from tunesmith.server.index.source import arguments, unwrapped

_UNCERTAIN = ("if_statement", "for_statement", "while_statement", "try_statement", "match_statement")
_GROWING = ("append", "extend", "insert", "update", "setdefault", "add")
_SHRINKING = ("pop", "clear", "remove", "reverse", "sort", "popitem")
_DEPTH = 8


def read_init(names: Names, init: Node, methods: dict[str, Node], bases: list[str]) -> Attributes:
    """`methods`: the class's own, by name. `bases`: as written, for `Base.__init__(self, …)`."""
    reading = _InitReading(names, methods, bases)
    reading.run_function(init)
    return reading.attributes


class _InitReading:
    def __init__(self, names: Names, methods: dict[str, Node], bases: list[str]) -> None:
        self.names = names
        self.source = names.source
        self.methods = methods
        self.bases = bases
        self.attributes = Attributes()
        self.uncertain = 0
        self.calling: list[str] = []

    def run_function(self, function: Node) -> None:
        parameters, body = function.child_by_field_name("parameters"), function.child_by_field_name("body")
        if parameters is None or body is None:
            return
        frame = parameter_values(self.names, parameters, self.attributes)
        if frame is None:  # no self: a static method
            return
        self.run_block(body, frame)

    def run_block(self, block: Node, frame: Frame) -> bool:
        """True where the block certainly ends the function."""
        statements = [node for node in block.named_children if node.type != "comment"]
        for index, statement in enumerate(statements):
            if statement.type in ("return_statement", "raise_statement"):
                return True
            if self.run_statement(statement, frame):
                return True
            if statement.type in _UNCERTAIN and _may_return(statement):
                self.run_uncertain([(statements[index + 1 :], frame)])
                return True
        return False

    def run_statement(self, statement: Node, frame: Frame) -> bool:
        if statement.type == "expression_statement":
            for expression in statement.named_children:
                self.run_expression(expression, frame)
        elif statement.type in _UNCERTAIN:
            self.run_uncertain([([block], frame) for block in _blocks(statement)])
        elif statement.type == "with_statement":
            body = statement.child_by_field_name("body")
            return body is not None and self.run_block(body, frame)
        elif statement.type == "delete_statement":
            for target in statement.named_children:
                self.forget(target, frame)
        elif statement.type in ("function_definition", "class_definition"):
            name = statement.child_by_field_name("name")
            if name is not None:
                frame.locals[self.source.of(name)] = PLAIN
        elif statement.type == "ERROR":
            self.attributes.untraceable = True
        return False

    def run_uncertain(self, branches: list[tuple[list[Node], Frame]]) -> None:
        """Run each branch on a copy; an attribute any of them changes is unknown, unless it is plain everywhere."""
        before = self.attributes.values
        frame = branches[0][1] if branches else None
        local_before = frame.locals if frame else {}
        outcomes: list[dict[str, Value]] = []
        local_outcomes: list[dict[str, Value]] = []
        self.uncertain += 1
        for statements, branch_frame in branches:
            self.attributes.values = dict(before)
            branch_frame.locals = dict(local_before)
            for statement in statements:
                ended = (
                    self.run_block(statement, branch_frame)
                    if statement.type == "block"
                    else self.run_statement(statement, branch_frame)
                )
                if ended:
                    break
            outcomes.append(self.attributes.values)
            local_outcomes.append(branch_frame.locals)
        self.uncertain -= 1
        self.attributes.values = _merge(before, outcomes)
        if frame is not None:
            frame.locals = _merge(local_before, local_outcomes)

    def run_expression(self, expression: Node, frame: Frame) -> None:
        if expression.type == "assignment":
            self.run_assignment(expression, frame)
        elif expression.type == "augmented_assignment":
            self.grow(expression.child_by_field_name("left"), expression.child_by_field_name("right"), frame)
        elif expression.type == "call":
            self.run_call(expression, frame)
        elif expression.type == "await":
            for inner in expression.named_children:
                self.run_expression(inner, frame)

    def run_assignment(self, assignment: Node, frame: Frame) -> None:
        targets = []
        node: Node | None = assignment
        while node is not None and node.type == "assignment":
            target = node.child_by_field_name("left")
            if target is not None:
                targets.append(target)
            node = node.child_by_field_name("right")
        if node is None:  # an annotation only
            return
        if node.type == "call":
            self.run_call(node, frame)
        value = evaluate(self.names, node, frame)
        for target in targets:
            self.assign(target, node, value, frame)

    def assign(self, target: Node, node: Node | None, value: Value, frame: Frame) -> None:
        if target.type == "identifier":
            frame.locals[self.source.of(target)] = value
            frame.nodes[self.source.of(target)] = node
        elif target.type == "attribute":
            owner, name = target.child_by_field_name("object"), target.child_by_field_name("attribute")
            if owner is not None and name is not None and self.source.of(owner) == frame.self_name:
                frame.attributes.values[self.source.of(name)] = value
        elif target.type == "subscript":
            self.assign_item(target, value, frame)
        elif target.type in ("pattern_list", "tuple_pattern", "list_pattern"):
            parts = [part for part in target.named_children if part.type != "comment"]
            items = value.items if isinstance(value, Sequence) and not value.open else []
            for index, part in enumerate(parts):
                known = len(items) == len(parts)
                rest: Value = (
                    PLAIN if value is PLAIN else Unknown(shorten(self.source, target), self.source.span(target))
                )
                self.assign(part, None, items[index] if known else rest, frame)

    def assign_item(self, target: Node, value: Value, frame: Frame) -> None:
        """`self.tools["x"] = …`, `self.__dict__[name] = …`."""
        container_node, key_node = target.child_by_field_name("value"), target.child_by_field_name("subscript")
        if container_node is None or key_node is None:
            return
        if self.source.of(container_node) in (f"{frame.self_name}.__dict__", f"vars({frame.self_name})"):
            self.attributes.untraceable = True
            return
        container = evaluate(self.names, container_node, frame)
        key = self.source.literal(key_node)
        if isinstance(container, Mapping) and key is not None and not self.uncertain:
            container.items[str(key)] = value
        elif (
            isinstance(container, Sequence)
            and isinstance(key, int)
            and -1 <= key < len(container.items)
            and not self.uncertain
        ):
            container.items[key] = value
        elif isinstance(container, Mapping | Sequence) and value is not PLAIN:
            container.open = True

    def run_call(self, call: Node, frame: Frame) -> None:
        function = call.child_by_field_name("function")
        if function is None:
            return
        text = self.source.of(function)
        if text == "setattr":
            self.run_setattr(call, frame)
        elif text == f"{frame.self_name}.__dict__.update":
            self.attributes.untraceable = True
        elif function.type == "attribute":
            owner, method = function.child_by_field_name("object"), function.child_by_field_name("attribute")
            if owner is None or method is None:
                return
            owner_text, name = self.source.of(owner), self.source.of(method)
            if name == "__init__" and (owner_text.startswith("super(") or owner_text in self.bases):
                self.run_super_init(call, explicit=not owner_text.startswith("super("))
            elif owner_text == frame.self_name:
                self.run_own_method(name)
            elif name in _GROWING:
                positional, _ = arguments(self.source, call)
                self.grow(owner, positional[-1] if positional else None, frame, exactly=name)
            elif name in _SHRINKING:
                container = evaluate(self.names, owner, frame)
                if isinstance(container, Mapping | Sequence) and container.items:
                    container.items.clear()
                    container.open = True

    def run_setattr(self, call: Node, frame: Frame) -> None:
        positional, _ = arguments(self.source, call)
        if len(positional) != 3 or self.source.of(positional[0]) != frame.self_name:
            return
        name = self.source.string(positional[1])
        value = evaluate(self.names, positional[2], frame)
        if name is not None:
            frame.attributes.values[name] = value
        elif value is not PLAIN:
            self.attributes.untraceable = True

    def run_super_init(self, call: Node, *, explicit: bool) -> None:
        if self.uncertain:
            self.attributes.untraceable = True
        if self.attributes.super_init_at is not None:
            return
        self.attributes.super_init_at = len(self.attributes.values)
        positional, keywords = arguments(self.source, call)
        if explicit:  # Base.__init__(self, signature)
            positional = positional[1:]
        signature = positional[0] if positional else keywords.get("signature")
        if signature is not None:
            self.attributes.super_signature = self.source.of(signature)
            self.attributes.super_inline = read_signature_expression(self.source, self.names, signature)

    def run_own_method(self, name: str) -> None:
        if name not in self.attributes.calls:
            self.attributes.calls.append(name)
        method = self.methods.get(name)
        if method is None or name in self.calling or len(self.calling) >= _DEPTH:
            return
        self.calling.append(name)
        self.run_function(method)
        self.calling.pop()

    def grow(self, target: Node | None, added: Node | None, frame: Frame, *, exactly: str = "extend") -> None:
        """`steps.append(x)`, `steps += [x]`, `tools.update({…})`."""
        target = unwrapped(target)
        if target is None:
            return
        container = evaluate(self.names, target, frame)
        value = evaluate(self.names, added, frame) if added is not None else PLAIN
        if isinstance(container, Sequence):
            if self.uncertain or exactly == "insert":
                container.open = container.open or value is not PLAIN
            elif exactly == "append":
                container.items.append(value)
            elif isinstance(value, Sequence):
                container.items.extend(value.items)
                container.open = container.open or value.open
            elif value is not PLAIN:
                container.open = True
        elif isinstance(container, Mapping):
            if not self.uncertain and exactly in ("update", "extend") and isinstance(value, Mapping):
                container.items.update(value.items)
                container.open = container.open or value.open
            elif value is not PLAIN:
                container.open = True

    def forget(self, target: Node, frame: Frame) -> None:
        """`del self.x`."""
        dotted = self.source.dotted(target) or ""
        if dotted.startswith(f"{frame.self_name}."):
            name = dotted.removeprefix(f"{frame.self_name}.")
            if name in frame.attributes.values:
                del frame.attributes.values[name]


def _merge(before: dict[str, Value], outcomes: list[dict[str, Value]]) -> dict[str, Value]:
    merged = dict(before)
    for outcome in outcomes:
        for name, value in outcome.items():
            held = merged.get(name)
            if value is held:
                continue
            if value is PLAIN and held is None:
                merged[name] = PLAIN
            elif isinstance(value, Unknown) and value.weak and (held is None or held is PLAIN):
                merged[name] = value
            else:
                merged[name] = _doubtful(value, held)
        for name in before.keys() - outcome.keys():
            merged[name] = _doubtful(before[name], None)
    return merged


def _doubtful(value: Value, held: Value | None) -> Value:
    known = value if value is not PLAIN else held
    if known is None or known is PLAIN:
        return PLAIN
    if isinstance(known, Unknown):
        return known
    return Unknown(getattr(known, "kind", getattr(known, "text", "")), known.span)  # type: ignore[attr-defined]


def _blocks(statement: Node) -> list[Node]:
    """The blocks of a compound statement, those of its clauses included."""
    blocks = []
    for child in statement.named_children:
        if child.type == "block":
            blocks.append(child)
        elif child.type.endswith("_clause"):
            blocks.extend(_blocks(child))
    return blocks


def _may_return(statement: Node) -> bool:
    """A `return` somewhere inside, nested functions excluded."""
    for child in statement.named_children:
        if child.type == "return_statement":
            return True
        if child.type not in ("function_definition", "class_definition", "lambda") and _may_return(child):
            return True
    return False
