"""From a run to the change it leads to: for an editor to make, or made here on disk."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from lsprotocol import types

from tunesmith.protocol import RunSummary
from tunesmith.protocol.session_messages import ApplyParams, ApplyResult, ShowRun
from tunesmith.server.applying import copy_students
from tunesmith.server.edits import Form, ProgramEdit, Refusal, apply_edits, compose_edit, unified_diff
from tunesmith.server.errors import EditRefused, NothingToShip
from tunesmith.server.lsp.convert import to_text_edits
from tunesmith.server.lsp.server import Place
from tunesmith.server.lsp.shared_state import Daemon
from tunesmith.server.workspace import Workspace

_CHOOSE = "Choose the form `instructions`, or no predictor."


def compose(daemon: Daemon, workspace: Workspace, run_id: str, form: Form, predictor: str | None = None) -> ProgramEdit:
    """The edit that applies a run's result to the source as the index has it.

    Raises `EditRefused`, `RunUnknown`, `RunUnreadable`, `NothingToShip`, and what `Workspace.find_target` raises.
    """
    if predictor is not None and form != "instructions":
        raise EditRefused("one predictor alone is given its instruction, nothing else.", next_step=_CHOOSE)
    root = Path(workspace.root)
    program_json = daemon.runs.artifact_text(root, run_id)
    detail = daemon.runs.show(ShowRun(root=str(root), run_id=run_id))
    if detail.artifact is None:
        raise NothingToShip(run_id, detail.summary.status)
    found = workspace.find_target(detail.summary.target)
    edit = compose_edit(workspace, found, detail.artifact, program_json, form, predictor)
    if isinstance(edit, Refusal):
        raise EditRefused(edit.reason, where=edit.where, next_step=edit.next_step)
    return _with_students_of(edit, detail.summary)


def _with_students_of(edit: ProgramEdit, run: RunSummary) -> ProgramEdit:
    """The edit with the places where the run keeps its students. A run that may go on may still write to them."""
    if edit.students is None:
        return edit
    parts = {part: str(Path(run.run_dir) / source) for part, source in edit.students.parts.items()}
    students = msgspec.structs.replace(edit.students, parts=parts, is_final=run.status == "finished")
    return msgspec.structs.replace(edit, students=students)


def as_workspace_edit(edit: ProgramEdit, root: Path, sources: Sequence[Place]) -> types.WorkspaceEdit:
    """Everything in one versioned edit, for clients that can create files and know versions.

    `sources` are the files it edits.
    """
    changes: list[types.CreateFile | types.TextDocumentEdit] = []
    for path, text in edit.new_files.items():
        uri = (root / path).as_uri()
        changes.append(types.CreateFile(uri=uri, options=types.CreateFileOptions(overwrite=True)))
        start = types.Position(line=0, character=0)
        insertion = types.TextEdit(range=types.Range(start=start, end=start), new_text=text)
        document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=None)
        changes.append(types.TextDocumentEdit(text_document=document, edits=[insertion]))
    return types.WorkspaceEdit(document_changes=[*changes, *_source_edits(edit, sources)])


def as_source_edit(edit: ProgramEdit, sources: Sequence[Place], *, versioned: bool) -> types.WorkspaceEdit:
    """The sources alone, for clients whose new files are written here (`write_new_files`)."""
    if versioned:
        return types.WorkspaceEdit(document_changes=_source_edits(edit, sources))
    return types.WorkspaceEdit(
        changes={source.uri: to_text_edits(edit.edits[source.path], source.lines) for source in sources}
    )


def write_new_files(root: Path, edit: ProgramEdit) -> None:
    """Without its students. Raises `OSError`."""
    for path, text in edit.new_files.items():
        _write(root / path, text.encode())


async def copy_students_of(edit: ProgramEdit, root: Path) -> None:
    """In a thread: models are large. Raises `EditRefused`, `OSError`."""
    if edit.students is not None:
        await asyncio.to_thread(copy_students, root, edit.students)


async def apply_to_disk(daemon: Daemon, workspace: Workspace, params: ApplyParams) -> ApplyResult:
    """Compose the edit, and write it where asked to.

    Raises what `compose` raises, `EditRefused` where an editor holds unsaved changes, `OSError`.
    """
    root = Path(workspace.root)
    edit = compose(daemon, workspace, params.run_id, params.form, params.predictor)
    diff = unified_diff(workspace, edit)
    if params.write:
        _edited(workspace, edit)  # refuses before anything is copied
        await copy_students_of(edit, root)
        after = _edited(workspace, edit)
        write_new_files(root, edit)
        for path, text in after.items():
            _write(root / path, text.encode())
        daemon.folders.refresh(root, f"run {params.run_id} was applied")
    folders = [edit.students.path] if edit.students is not None else []
    return ApplyResult(files=[*folders, *edit.new_files, *edit.edits], diff=diff, written=params.write)


def _edited(workspace: Workspace, edit: ProgramEdit) -> dict[str, str]:
    return {path: apply_edits(_saved_text(workspace, path), edits) for path, edits in edit.edits.items()}


def _saved_text(workspace: Workspace, path: str) -> str:
    text = workspace.index.text(path)
    if text is None or text.encode() != (Path(workspace.root) / path).read_bytes():
        raise EditRefused("an editor holds unsaved changes.", where=path, next_step="Save the file, then apply again.")
    return text


def _source_edits(edit: ProgramEdit, sources: Sequence[Place]) -> list[types.TextDocumentEdit]:
    return [
        types.TextDocumentEdit(
            text_document=types.OptionalVersionedTextDocumentIdentifier(uri=source.uri, version=source.version),
            edits=to_text_edits(edit.edits[source.path], source.lines),
        )
        for source in sources
    ]


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
