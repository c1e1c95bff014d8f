"""Call sites: `compile(…)`, `load(…)`, `load_student(…)`, what constructs programs, and what is passed as a metric."""

import msgspec
from tree_sitter import Node

from tunesmith.protocol.dspy_versions import METRIC_FIRST, OPTIMIZERS, WRAPPERS
from tunesmith.server.index.artifact_path import read_path
from tunesmith.server.index.dspy_names import PREDICTORS
from tunesmith.server.index.facts import CompileFact, ConstructionFact, LoadFact, PredictorFact, StudentFact
from tunesmith.server.index.init_expressions import Frame, evaluate
from tunesmith.server.index.init_values import Attributes, predictors_of
from tunesmith.server.index.names import Names
from tunesmith.server.index.node_search import assigned_calls, method_calls, metric_arguments, named_calls
from tunesmith.server.index.scopes import Scope, local_names, scope_of, statement_of
from tunesmith.server.index.signatures import read_signature_expression
from tunesmith.server.index.source import Source, arguments, unwrapped

LOAD_STUDENT = "load_student"


class CallReading:
    """Every call site of one file."""

    def __init__(self, source: Source, names: Names) -> None:
        self.source = source
        self.names = names
        self.compiles: list[CompileFact] = []
        self.loads: list[LoadFact] = []
        self.students: list[StudentFact] = []
        self.constructions: list[ConstructionFact] = []
        self.metric_uses: list[str] = []
        self._bound: dict[str, list[tuple[int, str, Node]]] = {}
        """Name → (byte offset, scope, call) of every statement that binds a call to it."""

    def read(self) -> None:
        for assignment, call in assigned_calls(self.source):
            self._read_assignment(assignment, call)
        for call in method_calls(self.source, "compile"):
            self._read_compile(call)
        for call in method_calls(self.source, "load"):
            self._read_load(call)
        for call in named_calls(self.source, LOAD_STUDENT):
            self._read_student(call)
        for metric in metric_arguments(self.source):
            self._use_metric(metric)

    def _read_assignment(self, assignment: Node, call: Node) -> None:
        name = self.source.dotted(assignment.child_by_field_name("left"))
        callee = self.source.dotted(call.child_by_field_name("function"))
        if name is None or callee is None or self.names.is_standard(callee):
            return
        scope = scope_of(self.source, assignment)
        self._bound.setdefault(name, []).append((assignment.start_byte, scope.name, call))
        construction = read_construction(self.source, self.names, assignment, name, call, scope)
        if construction is not None:
            self.constructions.append(construction)

    def _read_compile(self, call: Node) -> None:
        function = call.child_by_field_name("function")
        receiver = unwrapped(function.child_by_field_name("object")) if function is not None else None
        positional, keywords = arguments(self.source, call)
        scope = scope_of(self.source, call)
        constructor = self._constructor(receiver, call, scope)
        optimizer = self._optimizer(constructor)
        if optimizer is None and "trainset" not in keywords:
            return  # re.compile, torch.compile
        program = _first(keywords, "student", "program") or (positional[0] if positional else None)
        metric = keywords.get("metric")
        if metric is None and constructor is not None:
            metric = self._constructor_metric(constructor, optimizer)
        trainset = _first(keywords, "trainset") or (positional[1] if len(positional) > 1 else None)
        valset = keywords.get("valset")
        inside = local_names(self.source, call)
        given = [self._text(node) or "" for node in (program, metric, trainset, valset)]
        assignment = call.parent if call.parent is not None and call.parent.type == "assignment" else None
        self.compiles.append(
            CompileFact(
                optimizer=optimizer,
                program=self._text(program),
                metric=self._text(metric),
                trainset=self._text(trainset),
                valset=self._text(valset),
                scope=scope.name,
                span=self.source.span(call),
                local=any(text.partition(".")[0] in inside for text in given),
                bound=self.source.dotted(assignment.child_by_field_name("left")) if assignment is not None else None,
            )
        )
        if metric is not None:
            self._use_metric(metric)

    def _constructor(self, receiver: Node | None, call: Node, scope: Scope) -> Node | None:
        """The call that made the optimizer: in place, or bound to a name before the site."""
        if receiver is not None and receiver.type == "call":
            return receiver
        name = self.source.dotted(receiver)
        visible = ("module", "__main__", scope.name)
        earlier = [
            (start, made)
            for start, where, made in self._bound.get(name or "", [])
            if where == scope.name or (where in visible and where != scope.name)
        ]
        before = [made for start, made in earlier if start < call.start_byte] or [made for _, made in earlier]
        return before[-1] if before else None

    def _optimizer(self, constructor: Node | None) -> str | None:
        if constructor is None:
            return None
        name = self.names.dspy(constructor.child_by_field_name("function"))
        return name if name in OPTIMIZERS else None

    def _constructor_metric(self, constructor: Node, optimizer: str | None) -> Node | None:
        positional, keywords = arguments(self.source, constructor)
        if "metric" in keywords:
            return keywords["metric"]
        return positional[0] if positional and optimizer in METRIC_FIRST else None

    def _read_load(self, call: Node) -> None:
        function = call.child_by_field_name("function")
        receiver = function.child_by_field_name("object") if function is not None else None
        program = self._text(receiver)
        dotted = self.source.dotted(receiver)
        if receiver is None or program is None or (dotted is not None and self._is_library(dotted)):
            return
        if dotted is None and receiver.type != "call":
            return
        positional, keywords = arguments(self.source, call)
        path = read_path(self.names, positional[0] if positional else keywords.get("path"))
        self.loads.append(
            LoadFact(
                program=program,
                path=path.path if path else None,
                from_file=path.from_file if path else False,
                scope=scope_of(self.source, call).name,
                span=self.source.span(call),
            )
        )

    def _read_student(self, call: Node) -> None:
        if self.names.dspy(call.child_by_field_name("function")) != LOAD_STUDENT:
            return
        positional, keywords = arguments(self.source, call)
        given = positional[0] if positional else keywords.get("path")
        path = read_path(self.names, given)
        if given is not None:
            self.students.append(
                StudentFact(
                    path=path.path if path else None,
                    from_file=path.from_file if path else False,
                    scope=scope_of(self.source, call).name,
                    span=self.source.span(given),
                )
            )

    def _is_library(self, dotted: str) -> bool:
        """`json.load`, `dspy.load`: a function of a module, not a program's method."""
        return self.names.is_standard(dotted) or any(
            fact.name is None and fact.alias == dotted for fact in self.names.imports
        )

    def _use_metric(self, node: Node) -> None:
        dotted = self.source.dotted(unwrapped(node))
        if dotted is not None and dotted not in self.metric_uses:
            self.metric_uses.append(dotted)

    def _text(self, node: Node | None) -> str | None:
        return self.source.of(node) if node is not None and self.source.of(node) != "None" else None


def read_construction(
    source: Source, names: Names, assignment: Node, name: str, call: Node, scope: Scope
) -> ConstructionFact | None:
    """`name = Class(…)` where Class is a dspy predictor or may be a class of the workspace."""
    function = call.child_by_field_name("function")
    callee = source.dotted(function)
    if (
        callee is None
        or callee.endswith(".compile")
        or names.is_standard(callee)
        or (scope.in_class and name.startswith("self.") and scope.is_init)
    ):
        return None
    kind = names.dspy_text(callee)
    if kind is not None and kind not in PREDICTORS and kind not in WRAPPERS:
        return None
    positional, keywords = arguments(source, call)
    first = positional[0] if positional else keywords.get("signature") or keywords.get("module")
    statement = statement_of(assignment)
    line_start = source.data.rfind(b"\n", 0, statement.start_byte) + 1
    before = source.data[line_start : statement.start_byte].decode("utf-8", errors="replace")
    return ConstructionFact(
        name=name,
        callee=callee,
        signature=source.of(first) if first is not None else None,
        inline=read_signature_expression(source, names, first) if kind in PREDICTORS else None,
        wrapped=_wrapped(names, call) if kind in WRAPPERS else None,
        scope=scope.name,
        indent=before[: len(before) - len(before.lstrip())],
        span=source.span(statement),
    )


def _wrapped(names: Names, call: Node) -> PredictorFact | None:
    value = evaluate(names, call, Frame("", Attributes()))
    found = predictors_of({"": value}, frozenset())
    return msgspec.structs.replace(found[0], name=found[0].name.removeprefix(".")) if found else None


def _first(keywords: dict[str, Node], *names: str) -> Node | None:
    return next((keywords[name] for name in names if name in keywords), None)
