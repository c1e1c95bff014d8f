"""Text → the facts of one file. Error tolerant: what is intact is read, what is broken keeps its last good facts."""

import hashlib

from tree_sitter import Node, Query, QueryCursor

from tunesmith.server.index.calls import CallReading, read_construction
from tunesmith.server.index.datasets import DatasetReading
from tunesmith.server.index.dspy_names import is_dspy_module
from tunesmith.server.index.facts import (
    CandidateFact,
    ConstructionFact,
    FileFacts,
    FunctionFact,
    ImportFact,
    ModuleFact,
    SignatureFact,
)
from tunesmith.server.index.functions import read_function
from tunesmith.server.index.imports import read_import
from tunesmith.server.index.last_good import keep_last_good
from tunesmith.server.index.modules import class_bases, read_module_class
from tunesmith.server.index.names import Names
from tunesmith.server.index.scopes import Scope, is_main_guard
from tunesmith.server.index.signatures import read_signature_class, read_signature_expression
from tunesmith.server.index.source import PYTHON, Source

_IMPORT_STATEMENTS = ("import_statement", "import_from_statement")
_IMPORTS = Query(PYTHON, "[(import_statement) (import_from_statement)] @import")


def read_facts(path: str, text: str, previous: FileFacts | None = None) -> FileFacts:
    """The facts of a file. `path` is relative to the root. Never raises for any text."""
    source = Source(text)
    reading = _FileReading(path, source)
    facts = reading.read()
    if source.root.has_error and previous is not None:
        facts = keep_last_good(facts, previous, source)
    return facts


def read_expression(facts: FileFacts, expression: str) -> ConstructionFact | None:
    """A construction written in place, such as `compile(dspy.Predict("q -> a"), …)`, read in the file's context.

    Its spans are those of the expression alone.
    """
    source = Source(f"_ = {expression}")
    names = Names(source, facts.imports, dict.fromkeys(facts.names), frozenset())
    statement = source.root.named_children[0] if source.root.named_children else None
    assignment = statement.named_children[0] if statement is not None and statement.named_children else None
    call = assignment.child_by_field_name("right") if assignment is not None else None
    if source.root.has_error or assignment is None or call is None or call.type != "call":
        return None
    return read_construction(source, names, assignment, expression, call, Scope("module", False, False))


class _FileReading:
    def __init__(self, path: str, source: Source) -> None:
        self.path = path
        self.source = source
        self.statements, self.guarded = _module_level(source, source.root)
        self.imports = self._read_imports()
        self.names = Names(source, self.imports, self._bindings(), self._definitions())
        self.kinds: dict[str, str | None] = {}
        """Class name → `signature`, `module`, or None where its bases lead out of the file."""

    def read(self) -> FileFacts:
        source, names = self.source, self.names
        signatures: list[SignatureFact] = []
        modules: list[ModuleFact] = []
        candidates: list[CandidateFact] = []
        functions: list[FunctionFact] = []
        datasets = DatasetReading(source, names)
        calls = CallReading(source, names)
        for node in self.statements:
            definition = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
            if definition is None:
                continue
            if definition.type == "class_definition":
                self._read_class(definition, node is not definition, signatures, modules, candidates)
            elif definition.type == "function_definition":
                function = read_function(source, definition)
                if function is not None:
                    functions.append(function)
                datasets.read_loader(definition)
            elif definition.type == "assignment":
                datasets.read_assignment(definition)
                signature = self._read_named_signature(definition)
                if signature is not None:
                    signatures.append(signature)
        for node in self.guarded:
            if node.type == "assignment":
                datasets.read_assignment(node)
        calls.read(source.root)
        return FileFacts(
            path=self.path,
            digest=hashlib.sha256(source.data).hexdigest(),
            broken=source.root.has_error,
            imports=self.imports,
            names=sorted(names.defined),
            signatures=signatures,
            modules=modules,
            metrics=[],
            datasets=list(datasets.found.values()),
            compiles=calls.compiles,
            loads=calls.loads,
            constructions=calls.constructions,
            candidates=candidates,
            functions=functions,
            metric_uses=calls.metric_uses,
        )

    def _read_class(
        self,
        node: Node,
        decorated: bool,
        signatures: list[SignatureFact],
        modules: list[ModuleFact],
        candidates: list[CandidateFact],
    ) -> None:
        name_node = node.child_by_field_name("name")
        if name_node is None:
            return
        name = self.source.of(name_node)
        bases = class_bases(self.source, node)
        kind = self._kind(bases)
        self.kinds[name] = kind
        if kind == "other":
            return
        signature = read_signature_class(self.source, self.names, node, bases) if kind != "module" else None
        module = (
            read_module_class(self.source, self.names, node, bases, decorated=decorated)
            if kind != "signature"
            else None
        )
        if kind == "signature" and signature is not None:
            signatures.append(signature)
        elif kind == "module" and module is not None:
            modules.append(module)
        elif signature is not None and module is not None:
            candidates.append(CandidateFact(name=name, bases=bases, signature=signature, module=module))

    def _kind(self, bases: list[str]) -> str | None:
        """`other`: certainly neither; None: to be decided by following imports."""
        kinds: set[str | None] = set()
        for base in bases:
            name = self.names.dspy_text(base)
            if name is not None:
                kinds.add("signature" if name == "Signature" else "module" if is_dspy_module(name) else "other")
            elif base in self.kinds:
                kinds.add(self.kinds[base])
            else:
                kinds.add("other" if self.names.is_standard(base) else None)
        for kind in ("signature", "module"):
            if kind in kinds:
                return kind
        return None if None in kinds or not bases else "other"

    def _read_named_signature(self, assignment: Node) -> SignatureFact | None:
        """`Name = dspy.Signature(…)` at module level."""
        target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if target is None or value is None or target.type != "identifier" or value.type != "call":
            return None
        fact = read_signature_expression(self.source, self.names, value)
        if fact is None:
            return None
        return SignatureFact(
            name=self.source.of(target),
            text=fact.text,
            bases=fact.bases,
            instructions=fact.instructions,
            inputs=fact.inputs,
            outputs=fact.outputs,
            dynamic=fact.dynamic,
            span=self.source.span(assignment),
            name_span=self.source.span(target),
            docstring_span=None,
        )

    def _read_imports(self) -> list[ImportFact]:
        found = QueryCursor(_IMPORTS).captures(self.source.root).get("import", [])
        return [fact for node in sorted(found, key=_start) for fact in read_import(self.source, node)]

    def _bindings(self) -> dict[str, Node | None]:
        """Names bound at module level, with the expression where there is exactly one."""
        bound: dict[str, Node | None] = {}
        for node in self.statements:
            definition = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
            if definition is None:
                continue
            if definition.type in _IMPORT_STATEMENTS:
                for fact in read_import(self.source, definition):
                    bound[fact.alias.partition(".")[0]] = None
            elif definition.type in ("class_definition", "function_definition"):
                name = definition.child_by_field_name("name")
                if name is not None:
                    bound[self.source.of(name)] = None
            elif definition.type == "assignment":
                for target, value in _targets(definition):
                    name_text = self.source.of(target)
                    bound[name_text] = None if name_text in bound else value
        bound.pop("*", None)
        return bound

    def _definitions(self) -> frozenset[str]:
        found = set()
        for node in self.statements:
            definition = node.child_by_field_name("definition") if node.type == "decorated_definition" else node
            if definition is not None and definition.type in ("class_definition", "function_definition"):
                name = definition.child_by_field_name("name")
                found.add(self.source.of(name) if name is not None else "")
        return frozenset(found)


def _module_level(source: Source, block: Node) -> tuple[list[Node], list[Node]]:
    """Statements that run when the module is imported, and those behind `if __name__ == "__main__":`.

    What stands inside `if`, `try`, `with` and `for` is included; assignments are taken out of their statements.
    """
    imported: list[Node] = []
    guarded: list[Node] = []
    for child in block.named_children:
        if child.type == "expression_statement":
            imported.extend(child.named_children)
        elif child.type in ("class_definition", "function_definition", "decorated_definition", *_IMPORT_STATEMENTS):
            imported.append(child)
        elif child.type == "if_statement" and is_main_guard(source, child):
            guarded.extend(_module_level(source, child)[0])
        elif child.type.endswith(("_statement", "_clause")) or child.type in ("block", "ERROR"):
            inner, behind = _module_level(source, child)
            imported.extend(inner)
            guarded.extend(behind)
    return imported, guarded


def _targets(assignment: Node) -> list[tuple[Node, Node | None]]:
    """The plain names an assignment binds; the value only where it is theirs alone."""
    targets: list[tuple[Node, Node | None]] = []
    value: Node | None = assignment
    chain: list[Node] = []
    while value is not None and value.type == "assignment":
        target = value.child_by_field_name("left")
        if target is not None:
            chain.append(target)
        value = value.child_by_field_name("right")
    for target in chain:
        if target.type == "identifier":
            targets.append((target, value))
        elif target.type in ("pattern_list", "tuple_pattern"):
            targets.extend((part, None) for part in target.named_children if part.type == "identifier")
    return targets


def _start(node: Node) -> int:
    return node.start_byte
