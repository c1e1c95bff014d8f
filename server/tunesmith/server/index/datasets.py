"""Data sets: names bound to dspy examples, and functions that return them.

An expression is a data set where it is a list (or comprehension) of `dspy.Example(…)` or of `….with_inputs(…)`, a
slice, sum, sample or alias of one, a call of a function that returns one, or comes from `dspy.datasets`.
"""

import re

from tree_sitter import Node

from tunesmith.server.index.facts import DatasetFact
from tunesmith.server.index.imports import follow
from tunesmith.server.index.names import Names
from tunesmith.server.index.source import Source, arguments, unwrapped

_RETURNED = re.compile(r"(list|List|Sequence|Iterable)\[.*Example\b.*\]")


class DatasetReading:
    """Data sets of one file, in the order its statements bind them."""

    def __init__(self, source: Source, names: Names) -> None:
        self.source = source
        self.names = names
        self.found: dict[str, DatasetFact] = {}
        dspys = [fact.alias for fact in names.imports if fact.module.startswith("dspy.datasets")]
        self._marks = [mark.encode() for mark in ("Example", "with_inputs", "datasets", *dspys)]

    def read_loader(self, function: Node) -> None:
        """A function that returns examples."""
        name, body = function.child_by_field_name("name"), function.child_by_field_name("body")
        if name is None or body is None or not self._may_return_examples(function):
            return
        returns = function.child_by_field_name("return_type")
        local: dict[str, list[str]] = {}
        inputs: list[str] | None = None
        for statement in _statements(body):
            if statement.type == "return_statement" and statement.named_children:
                inputs = self._inputs(statement.named_children[0], local)
                if inputs is not None:
                    break
            elif statement.type == "expression_statement" and statement.named_children[0].type == "assignment":
                for target, value in _bindings(statement.named_children[0]):
                    bound = self._inputs(value, local)
                    if bound is not None and target.type == "identifier":
                        local[self.source.of(target)] = bound
            elif statement.type == "expression_statement" and statement.named_children[0].type == "call":
                self._read_append(statement.named_children[0], local)
        annotated = returns is not None and _RETURNED.search(self.source.of(returns)) is not None
        if inputs is None and not annotated:
            return
        text = self.source.of(name)
        self.found[text] = DatasetFact(name=text, kind="loader", inputs=inputs or [], span=self.source.span(function))

    def read_assignment(self, assignment: Node) -> None:
        known = {name: fact.inputs for name, fact in self.found.items()}
        for target, value in _bindings(assignment):
            name = self.source.dotted(target)
            inputs = self._inputs(value, known)
            if name is not None and inputs is not None:
                self.found[name] = DatasetFact(
                    name=name, kind="examples", inputs=inputs, span=self.source.span(assignment)
                )

    def _may_return_examples(self, function: Node) -> bool:
        """A cheap look at its text: most functions of a program have nothing to do with data."""
        text = self.source.data[function.start_byte : function.end_byte]
        return any(mark in text for mark in self._marks) or any(name.encode() in text for name in self.found)

    def _read_append(self, call: Node, local: dict[str, list[str]]) -> None:
        """`examples.append(dspy.Example(…).with_inputs(…))` makes `examples` a data set."""
        function = call.child_by_field_name("function")
        dotted = self.source.dotted(function) or ""
        positional, _ = arguments(self.source, call)
        if dotted.endswith(".append") and positional:
            inputs = self._example_inputs(positional[0])
            if inputs is not None:
                local[dotted.removesuffix(".append")] = inputs

    def _inputs(self, node: Node | None, known: dict[str, list[str]]) -> list[str] | None:
        """The input fields of a data set expression; None where it is none."""
        node = unwrapped(node)
        if node is None:
            return None
        match node.type:
            case "list":
                items = [child for child in node.named_children if child.type != "comment"]
                return self._example_inputs(items[0]) if items else None
            case "list_comprehension":
                return self._example_inputs(node.child_by_field_name("body"))
            case "identifier":
                return known.get(self.source.of(node))
            case "subscript":
                return self._inputs(node.child_by_field_name("value"), known)
            case "binary_operator":
                return self._sum_inputs(node, known)
            case "attribute":  # HotPotQA(…).train
                return self._inputs(node.child_by_field_name("object"), known)
            case "call":
                return self._call_inputs(node, known)
        return None

    def _sum_inputs(self, node: Node | None, known: dict[str, list[str]]) -> list[str] | None:
        """`a + b + c`, which nests to the left and may be long."""
        while node is not None and node.type == "binary_operator":
            right = self._inputs(node.child_by_field_name("right"), known)
            if right is not None:
                return right
            node = node.child_by_field_name("left")
        return self._inputs(node, known)

    def _call_inputs(self, call: Node, known: dict[str, list[str]]) -> list[str] | None:
        function = call.child_by_field_name("function")
        dotted = self.source.dotted(function)
        if dotted is not None:
            imported = follow(self.names.imports, dotted)
            full = ".".join(part for part in imported[:2] if part) if imported and not imported.level else ""
            if full.startswith("dspy.datasets."):
                return []
            loader = self.found.get(dotted)
            if loader is not None and loader.kind == "loader":
                return loader.inputs
            if full == "random.sample":
                positional, _ = arguments(self.source, call)
                return self._inputs(positional[0], known) if positional else None
        if function is not None and function.type == "attribute":  # DataLoader().from_csv(…)
            return self._inputs(function.child_by_field_name("object"), known)
        return None

    def _example_inputs(self, node: Node | None) -> list[str] | None:
        """Arguments of `with_inputs`; [] for an example without; None where it is no example."""
        node = unwrapped(node)
        if node is None or node.type != "call":
            return None
        function = node.child_by_field_name("function")
        if self.names.dspy(function) == "Example":
            return []
        if function is not None and function.type == "attribute":
            method = function.child_by_field_name("attribute")
            if method is not None and self.source.of(method) == "with_inputs":
                positional, _ = arguments(self.source, node)
                named = [self.source.string(argument) for argument in positional]
                return [name for name in named if name is not None]
        return None


def _bindings(assignment: Node) -> list[tuple[Node, Node]]:
    """(target, value) pairs; `a, b = x[:1], x[1:]` gives two."""
    target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if target is None or value is None:
        return []
    if target.type == "pattern_list" and value.type == "expression_list":
        targets, values = target.named_children, value.named_children
        return list(zip(targets, values, strict=False))
    return [(target, value)]


def _statements(body: Node) -> list[Node]:
    """The statements of a body, those inside branches and loops included, nested functions not."""
    found = []
    for child in body.named_children:
        if child.type in ("expression_statement", "return_statement"):
            if child.named_children:
                found.append(child)
        elif child.type not in ("function_definition", "class_definition", "decorated_definition"):
            found.extend(_statements(child))
    return found
