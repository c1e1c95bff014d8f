"""What the names of one file mean, as far as the file alone can say."""

from tree_sitter import Node

from tunesmith.server.index.dspy_names import dspy_name
from tunesmith.server.index.facts import ImportFact
from tunesmith.server.index.imports import is_standard
from tunesmith.server.index.init_values import Value
from tunesmith.server.index.source import Source, unwrapped


class Names:
    """Imports and module-level bindings of a file that is being read."""

    def __init__(
        self, source: Source, imports: list[ImportFact], bindings: dict[str, Node | None], functions: frozenset[str]
    ) -> None:
        """`bindings`: name → the expression bound at module level; None where bound more than once or otherwise.
        `functions`: names of functions and classes at module level."""
        self.source = source
        self.imports = imports
        self.bindings = bindings
        self.defined = frozenset(bindings)
        self.functions = functions
        self.values: dict[str, Value] = {}
        """What module-level names hold, once asked for."""

    def dspy(self, node: Node | None) -> str | None:
        """The dspy name an expression stands for."""
        return self.dspy_text(self.source.dotted(node))

    def dspy_text(self, dotted: str | None) -> str | None:
        return dspy_name(self.imports, dotted, self.defined) or None

    def is_standard(self, dotted: str) -> bool:
        """Comes from the standard library or the builtins."""
        return is_standard(self.imports, dotted, self.defined)

    def bound(self, node: Node | None) -> Node | None:
        """The expression behind a module-level name that is bound once; other nodes are themselves."""
        node = unwrapped(node)
        if node is not None and node.type == "identifier":
            return unwrapped(self.bindings.get(self.source.of(node)))
        return node

    def string(self, node: Node | None) -> str | None:
        """A string literal, or a module-level name for one."""
        return self.source.string(self.bound(node))
