"""Writing an edit to disk: new files, students, and the sources where no editor does it."""

import asyncio
import os
import tempfile
from pathlib import Path

from tunesmith.protocol.session_messages import ApplyParams, ApplyResult
from tunesmith.server.applying.run_edit import compose_run_edit
from tunesmith.server.applying.student_copy import copy_students
from tunesmith.server.edits import ProgramEdit, apply_edits, unified_diff
from tunesmith.server.errors import EditRefused
from tunesmith.server.runs import RunService
from tunesmith.server.workspace import Workspace


async def apply_to_disk(runs: RunService, workspace: Workspace, params: ApplyParams) -> ApplyResult:
    """Compose the edit, and write it where asked to.

    Raises what `compose_run_edit` raises, `EditRefused` where an editor holds unsaved changes, `OSError`.
    """
    root = Path(workspace.root)
    edit = compose_run_edit(runs, workspace, params.run_id, params.form, params.predictor)
    diff = unified_diff(workspace.snapshot(), edit)
    if params.write:
        _edited(workspace, edit)  # refuses before anything is copied
        await copy_students_of(edit, root)
        after = _edited(workspace, edit)
        write_new_files(root, edit)
        for path, text in after.items():
            _write(root / path, text.encode())
    folders = [edit.students.path] if edit.students is not None else []
    return ApplyResult(files=[*folders, *edit.new_files, *edit.edits], diff=diff, written=params.write)


def write_new_files(root: Path, edit: ProgramEdit) -> None:
    """The files an edit adds, without its students. Raises `OSError`."""
    for path, text in edit.new_files.items():
        _write(root / path, text.encode())


async def copy_students_of(edit: ProgramEdit, root: Path) -> None:
    """Put an edit's students where it says, in a thread: models are large. Raises `EditRefused`, `OSError`."""
    if edit.students is not None:
        await asyncio.to_thread(copy_students, root, edit.students)


def _edited(workspace: Workspace, edit: ProgramEdit) -> dict[str, str]:
    return {path: apply_edits(_saved_text(workspace, path), edits) for path, edits in edit.edits.items()}


def _saved_text(workspace: Workspace, path: str) -> str:
    text = workspace.index.view.text(path)
    if text is None or text.encode() != (Path(workspace.root) / path).read_bytes():
        raise EditRefused("an editor holds unsaved changes.", where=path, next_step="Save the file, then apply again.")
    return text


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, with the mode the file had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path = path.resolve()  # a link stays a link
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
