"""From a run to the edit that applies its result to the source."""

from pathlib import Path

import msgspec

from tunesmith.protocol import RunSummary
from tunesmith.protocol.session_messages import ShowRun
from tunesmith.server.edits import Form, ProgramEdit, Refusal, compose_edit
from tunesmith.server.errors import EditRefused, NothingToShip
from tunesmith.server.runs import RunService
from tunesmith.server.workspace import Workspace

CHOOSE = "Choose the form `instructions`, or no predictor."


def compose_run_edit(
    runs: RunService, workspace: Workspace, run_id: str, form: Form, predictor: str | None = None
) -> ProgramEdit:
    """The edit that applies a run's result to the source as the index has it, with the students it needs.

    Raises `EditRefused`, `RunUnknown`, `RunUnreadable`, `NothingToShip`, `UnknownTarget`.
    """
    if predictor is not None and form != "instructions":
        raise EditRefused("one predictor alone is given its instruction, nothing else.", next_step=CHOOSE)
    root = Path(workspace.root)
    program_json = runs.artifact_text(root, run_id)
    detail = runs.show(ShowRun(root=str(root), run_id=run_id))
    if detail.artifact is None:
        raise NothingToShip(run_id, detail.summary.status)
    snapshot = workspace.snapshot()
    found = snapshot.find_target(detail.summary.target)
    edit = compose_edit(snapshot, found, detail.artifact, program_json, form, predictor)
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
