"""A target as the index sees it."""

from msgspec import Struct

from tunesmith.protocol import Target
from tunesmith.server.index import ConstructionFact, Program, Span


class FoundTarget(Struct, frozen=True, kw_only=True):
    target: Target
    path: str
    """The file its anchor stands in: the `compile` call's, or the program's. Relative to the root."""
    anchor: Span
    """The `compile` call, or the statement (or class) that gives the program."""
    program: Program | None
    """None where the index cannot follow the expression."""
    construction: ConstructionFact | None
    """The statement that constructs the program object, where there is exactly one. In `construction_path`."""
    construction_path: str | None
