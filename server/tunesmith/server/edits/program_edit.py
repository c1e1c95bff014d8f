"""What applying an artifact changes: text edits of source files, and files to write."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Form = Literal["load", "demos", "instructions"]
"""`load`: the artifact is copied beside the code and loaded. `demos`: its demos are written into the source.
`instructions`: its instructions are, and its demos."""


class TextEdit(Struct, frozen=True, kw_only=True):
    """Replace `[start, end)`, in code points of the text before any edit."""

    start: int
    end: int
    new_text: str


class InstructionSlot(Struct, frozen=True, kw_only=True):
    """The place in a source file where an edit writes one instruction: a signature class, or the expression that
    gives a signature."""

    start: int
    end: int
    """Of the node, in the text before the edit."""
    text: str
    """The instruction the predictor is to have."""
    times: int
    """How often dspy reads it on the way."""
    maker: str | None
    """The file's name for `dspy.Signature`, where a string signature becomes a call of it."""


class StudentFolder(Struct, frozen=True, kw_only=True):
    """Finetuned models to copy beside an applied artifact."""

    path: str
    """Relative to the root."""
    parts: dict[str, str]
    """Folder inside it, `""` for itself → where that student lies, relative to its run's folder or absolute."""
    weights_bytes: int
    is_final: bool = False
    """Nothing writes to their files any more, so that copies may share them."""


class ProgramEdit(Struct, frozen=True, kw_only=True):
    """All that applying an artifact changes, composed and verified. Nothing of it is written yet."""

    edits: dict[str, list[TextEdit]]
    """Source file, relative to the root → what changes in it, ordered and not overlapping. Empty where the source
    already says it."""
    new_files: dict[str, str]
    """Files to create or overwrite: path relative to the root → text."""
    students: StudentFolder | None = None
    slots: dict[str, list[InstructionSlot]] = {}
    """The signatures it gives instructions, by source file."""
    summary: str
    """One sentence for a preview or a notification."""


class Refusal(Struct, frozen=True, kw_only=True):
    """Why an edit is not offered: what is in the way, where, and the next step."""

    reason: str
    where: str | None = None
    """`file:line`, 1-based."""
    next_step: str | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        step = f" {self.next_step}" if self.next_step else ""
        return f"{place}{self.reason}{step}"


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """The text with ordered, non-overlapping edits applied."""
    pieces: list[str] = []
    position = 0
    for edit in edits:
        pieces += [text[position : edit.start], edit.new_text]
        position = edit.end
    return "".join([*pieces, text[position:]])
