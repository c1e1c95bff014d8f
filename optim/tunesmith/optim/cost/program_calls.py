"""How often a run executes the program, at most: by what for, and with how many demos in its prompts."""

from msgspec import Struct


class Part(Struct, frozen=True, kw_only=True):
    calls: int
    demos: int
    """Shown at most, beyond those the program came with."""
    by_teacher: bool = False


class ProgramCalls(Struct, frozen=True, kw_only=True):
    parts: list[Part]
    basis: str
    """Where the ceiling comes from."""
    expected: int | None = None
    """A likely number below the ceiling; None where nothing says so."""
    prompt_calls: int = 0
    """Calls that write instructions, at most."""

    @property
    def ceiling(self) -> int:
        return sum(part.calls for part in self.parts)


def evaluation_calls(val: int) -> ProgramCalls:
    return ProgramCalls(parts=[Part(calls=val, demos=0)], basis=f"one for each of {val} examples")
