"""Text → the facts of one file. Error tolerant: what is intact is read, what is broken keeps its last good facts."""

import hashlib

import msgspec
from tree_sitter import Node

from tunesmith.server.index.calls import CallReading, read_construction
from tunesmith.server.index.datasets import DatasetReading
from tunesmith.server.index.dspy_names import is_dspy_module
from tunesmith.server.index.facts import (
    CandidateFact,
    ConstructionFact,
    FileFacts,
    FunctionFact,
    ModuleFact,
    SignatureFact,
    ValueFact,
)
from tunesmith.server.index.functions import read_function
from tunesmith.server.index.imports import read_import
from tunesmith.server.index.last_good import keep_last_good
from tunesmith.server.index.module_level import bindings, bound_names, module_level
from tunesmith.server.index.modules import class_bases, read_module_class
from tunesmith.server.index.names import Names
from tunesmith.server.index.node_search import import_statements
from tunesmith.server.index.parsing import Parsed
from tunesmith.server.index.scopes import Scope
from tunesmith.server.index.signatures import read_signature_class, read_signature_expression
from tunesmith.server.index.source import Source


def read_facts(path: str, text: str, previous: FileFacts | None = None, *, parsed: Parsed | None = None) -> FileFacts:
    """The facts of a file. `path` is relative to the root; `parsed`: of this text, where the caller has it.

    Never raises, whatever the text.
    """
    source = Source(text, parsed)
    try:
        facts = _FileReading(source).read(path)
        return keep_last_good(facts, previous, source) if facts.broken and previous is not None else facts
    except RecursionError:  # nested deeper than Python would compile
        return _no_facts(path, source)


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
    def __init__(self, source: Source) -> None:
        self.source = source
        self.statements = module_level(source, source.root)
        self.imports = [fact for node in import_statements(source) for fact in read_import(source, node)]
        bound = bindings(source, self.statements.imported)
        self.names = Names(source, self.imports, bound.values, bound.definitions)
        self.kinds: dict[str, str | None] = {}
        """Class name → `signature`, `module`, `other`, or None where its bases lead out of the file."""
        self.signatures: list[SignatureFact] = []
        self.modules: list[ModuleFact] = []
        self.candidates: list[CandidateFact] = []
        self.functions: list[FunctionFact] = []
        self.values: dict[str, ValueFact] = {}
        self.datasets = DatasetReading(source, self.names)

    def read(self, path: str) -> FileFacts:
        for node, decorated in self.statements.imported:
            if node.type == "class_definition":
                self._read_class(node, decorated=decorated)
            elif node.type == "function_definition":
                self._read_function(node)
            elif node.type == "assignment":
                self._read_assignment(node)
        for node, _ in self.statements.guarded:
            if node.type == "assignment":
                self.datasets.read_assignment(node)
        calls = CallReading(self.source, self.names)
        calls.read()
        return msgspec.structs.replace(
            _no_facts(path, self.source),
            broken=self.source.root.has_error,
            imports=self.imports,
            names=sorted(self.names.defined),
            signatures=self.signatures,
            modules=self.modules,
            datasets=list(self.datasets.found.values()),
            compiles=calls.compiles,
            loads=calls.loads,
            students=calls.students,
            constructions=calls.constructions,
            candidates=self.candidates,
            functions=self.functions,
            values=list(self.values.values()),
            metric_uses=calls.metric_uses,
        )

    def _read_class(self, node: Node, *, decorated: bool) -> None:
        name_node = node.child_by_field_name("name")
        if name_node is None:
            return
        name = self.source.of(name_node)
        bases = class_bases(self.source, node)
        kind = self.kinds[name] = self._kind(bases)
        if kind == "signature":
            signature = read_signature_class(self.source, self.names, node, bases)
            self.signatures.extend([signature] if signature is not None else [])
        elif kind == "module":
            module = read_module_class(self.source, self.names, node, bases, decorated=decorated)
            self.modules.extend([module] if module is not None else [])
        elif kind is None:
            signature = read_signature_class(self.source, self.names, node, bases)
            module = read_module_class(self.source, self.names, node, bases, decorated=decorated)
            if signature is not None and module is not None:
                self.candidates.append(CandidateFact(name=name, bases=bases, signature=signature, module=module))

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

    def _read_function(self, node: Node) -> None:
        function = read_function(self.source, node)
        self.functions.extend([function] if function is not None else [])
        self.datasets.read_loader(node)

    def _read_assignment(self, assignment: Node) -> None:
        """Values: data sets, and `Name = dspy.Signature(…)`, among others."""
        self.datasets.read_assignment(assignment)
        for name in bound_names(assignment):
            text, span = self.source.of(name), self.source.span
            if text not in self.values:
                self.values[text] = ValueFact(name=text, span=span(assignment), name_span=span(name))
        target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
        if target is None or value is None or target.type != "identifier" or value.type != "call":
            return
        signature = read_signature_expression(self.source, self.names, value)
        if signature is not None:
            self.signatures.append(
                msgspec.structs.replace(
                    signature,
                    name=self.source.of(target),
                    span=self.source.span(assignment),
                    name_span=self.source.span(target),
                )
            )


def _no_facts(path: str, source: Source) -> FileFacts:
    return FileFacts(
        path=path,
        digest=hashlib.sha256(source.data).hexdigest(),
        broken=True,
        imports=[],
        names=[],
        signatures=[],
        modules=[],
        metrics=[],
        datasets=[],
        compiles=[],
        loads=[],
        constructions=[],
    )
