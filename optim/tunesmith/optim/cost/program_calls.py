"""How often a run executes the program, at most: what for, and with how many demos in its prompts."""

from msgspec import Struct


class Part(Struct, frozen=True, kw_only=True):
    """Calls of the program that are alike."""

    calls: int
    demos: int
    """Shown at most, beyond those the program came with."""
    by_teacher: bool = False


class ProgramCalls(Struct, frozen=True, kw_only=True):
    """What a plan comes to."""

    train: int
    """Examples it learns from."""
    val: int
    """Examples it is scored on."""
    parts: list[Part]
    basis: str
    """Where the ceiling comes from."""
    expected: int | None = None
    """A likely number below the ceiling; None where nothing says so."""
    prompt_calls: int = 0
    """Calls that write instructions, at most."""

    @property
    def ceiling(self) -> int:
        """Calls of all parts together."""
        return sum(part.calls for part in self.parts)
