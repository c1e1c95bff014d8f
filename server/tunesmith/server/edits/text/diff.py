"""An edit as a unified diff, for previews and `tunesmith apply --diff`."""

from difflib import unified_diff as diff_lines

from tunesmith.server.edits.program_edit import ProgramEdit, apply_edits
from tunesmith.server.workspace import WorkspaceSnapshot


def unified_diff(snapshot: WorkspaceSnapshot, edit: ProgramEdit) -> str:
    """The source edits in unified format, then one line a file that is written (artifacts are not spelled out)."""
    lines: list[str] = []
    for path, edits in edit.edits.items():
        before = snapshot.index.text(path) or ""
        after = apply_edits(before, edits)
        lines += diff_lines(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    written = [f"+++ {path} ({len(text.encode())} bytes)\n" for path, text in edit.new_files.items()]
    if edit.students is not None:
        written.append(f"+++ {edit.students.path}/ ({edit.students.weights_bytes} bytes of weights)\n")
    return "".join(
        [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines] + written
    )


def _lines(text: str) -> list[str]:
    """Split after `\\n` only: other characters that `str.splitlines` breaks at may stand in a literal."""
    pieces = text.split("\n")
    lines = [piece + "\n" for piece in pieces[:-1]]
    return [*lines, pieces[-1]] if pieces[-1] else lines
