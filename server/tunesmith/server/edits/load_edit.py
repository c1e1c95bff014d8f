"""The `load` form: the artifact is copied to `compiled/`, and loaded right after the program is constructed."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.construction_site import ConstructionSite
from tunesmith.server.edits.instruction_text import spell
from tunesmith.server.edits.load_statement import compiled_path, load_statement
from tunesmith.server.edits.path_import import spell_path
from tunesmith.server.edits.placement import place_statements
from tunesmith.server.edits.program_edit import ProgramEdit, Refusal


def load_edit(
    site: ConstructionSite, target: str, targets: Iterable[str], artifact: ArtifactReport, state: dict[str, Any]
) -> ProgramEdit | Refusal:
    """`targets` are the names of all targets of the workspace, so that no two share a file."""
    spelling = spell_path(site.source, site.start)
    if spelling is None:
        return Refusal(
            reason="both `Path` and `pathlib` mean something else in this file.",
            where=site.where,
            next_step="Rename one of them, then apply again.",
        )
    compiled = compiled_path(target, targets)
    statement = load_statement(site.program, spelling.expression, site.path, compiled)
    edits = place_statements(site.source, site.place, site.program, [statement])
    if edits and spelling.edit is not None:
        edits = [spelling.edit, *edits]
    return ProgramEdit(
        edits={site.path: edits} if edits else {},
        new_files={compiled: _compiled_text(state, artifact, compiled)},
        summary=f"Copy the compiled program to {compiled} and load it in {site.path}.",
    )


def _compiled_text(state: dict[str, Any], artifact: ArtifactReport, compiled: str) -> str:
    """What is committed names no folder of this machine."""
    report = msgspec.structs.replace(artifact.report, artifact=compiled)
    metadata = msgspec.to_builtins(msgspec.structs.replace(artifact, report=report))
    spelled = {name: _spelled(one) for name, one in state.items()}
    state = {**spelled, "metadata": {**state["metadata"], "tunesmith": metadata}}
    return json.dumps(state, indent=2, ensure_ascii=False) + "\n"


def _spelled(value: Any) -> Any:
    """A predictor's state, or a part of it, with the instruction so that `load` gives back just that."""
    if not isinstance(value, dict):
        return value
    if isinstance(text := value.get("instructions"), str) and "fields" in value:
        return {**value, "instructions": spell(text) or text}
    return {**value, "signature": _spelled(value["signature"])} if "signature" in value else value
