"""From an artifact to the edit that applies it."""

import json
from typing import Any

from tunesmith.protocol import ArtifactReport
from tunesmith.protocol.folder_layout import PROGRAM_FILE
from tunesmith.server.edits.instruction.slot_faults import find_fault_elsewhere
from tunesmith.server.edits.load_edit import load_edit
from tunesmith.server.edits.program_edit import Form, ProgramEdit, Refusal, apply_edits
from tunesmith.server.edits.source_edit import demos_edit, instruction_edit, state_edit
from tunesmith.server.edits.staleness import changes_since
from tunesmith.server.edits.statements.construction_site import ConstructionSite, find_site
from tunesmith.server.edits.statements.predictor_path import predictor_expression
from tunesmith.server.edits.text.instruction_text import encode_instruction, normalize_instruction
from tunesmith.server.edits.verify import find_fault
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot


def compose_edit(
    snapshot: WorkspaceSnapshot,
    found: FoundTarget,
    artifact: ArtifactReport,
    program_json: str,
    form: Form,
    predictor: str | None = None,
) -> ProgramEdit | Refusal:
    """The edit that makes the source give the artifact's program, or why there is none. Writes nothing.

    `program_json` is the text of the artifact's `program.json`. `predictor`: with `instructions`, its instruction
    alone. Composing again on the edited source gives no text edits.
    """
    stale = _find_staleness(found, artifact)
    if stale is not None:
        return stale
    site = find_site(snapshot, found, sets_lm=bool(artifact.students))
    if isinstance(site, Refusal):
        return site
    state = read_state(program_json)
    if isinstance(state, Refusal):
        return state
    if form != "load" and artifact.students:
        return Refusal(
            reason="what the run found is a finetuned model, and no text carries that.",
            next_step="Load the compiled program instead.",
        )
    if form == "load":
        names = [other.target.name for other in snapshot.targets]
        edit = load_edit(site, found.target.name, names, artifact, state)
    elif form == "demos":
        edit = demos_edit(snapshot, site, found, artifact, state)
    elif predictor is None:
        edit = state_edit(snapshot, site, found, artifact, state)
    else:
        edit = instruction_edit(snapshot, site, found, artifact, state, predictor)
    return edit if isinstance(edit, Refusal) else _verified(snapshot, site, edit)


def possible_forms(snapshot: WorkspaceSnapshot, found: FoundTarget, artifact: ArtifactReport) -> list[Form]:
    """Those worth offering, known without reading the program. None where no one statement constructs it, or its
    file is broken."""
    path, construction = found.construction_path, found.construction
    facts = snapshot.index.facts(path) if path else None
    if construction is None or facts is None or facts.broken:
        return []
    if artifact.students:
        return ["load"]
    predictors = {one.predictor for one in artifact.demos} | {one.predictor for one in artifact.instructions}
    expressible = all(predictor_expression(construction.name, name) for name in predictors)
    carried = all(
        encode_instruction(normalize_instruction(choice.after)) is not None for choice in artifact.instructions
    )
    if not (predictors and expressible and carried and artifact.literal_demos):
        return ["load"]
    return ["load", "instructions" if artifact.instructions else "demos"]


def _verified(snapshot: WorkspaceSnapshot, site: ConstructionSite, edit: ProgramEdit) -> ProgramEdit | Refusal:
    for path, edits in edit.edits.items():
        before = snapshot.index.text(path) or ""
        slots, after = edit.slots.get(path, []), apply_edits(before, edits)
        if path == site.path:
            fault = find_fault(before, after, site.start, site.program, slots)
        else:
            fault = find_fault_elsewhere(before, after, slots)
        if fault is not None:
            return Refusal(reason=f"the composed edit was dropped: {fault}.", where=site.where)
    return edit


def _find_staleness(found: FoundTarget, artifact: ArtifactReport) -> Refusal | None:
    changes = changes_since(artifact, found.program)
    if not changes:
        return None
    more = f" (and {len(changes) - 1} more)" if len(changes) > 1 else ""
    return Refusal(
        reason=f"the program changed since run {artifact.report.run_id} started: {changes[0].message}{more}.",
        where=f"{changes[0].path}:{changes[0].span.line + 1}",
        next_step=f"Tune {found.target.name} again, or undo the change.",
    )


def read_state(program_json: str) -> dict[str, Any] | Refusal:
    """The state that `program.json` holds, which JSON and source text can carry."""
    try:
        state = json.loads(program_json)
        json.dumps(state, ensure_ascii=False, allow_nan=False).encode()  # NaN and lone surrogates cannot be written
    except (ValueError, RecursionError) as error:
        return Refusal(reason=f"{PROGRAM_FILE} cannot be read ({error}).", next_step="Tune again.")
    metadata = state.get("metadata") if isinstance(state, dict) else None
    if not (isinstance(metadata, dict) and "dependency_versions" in metadata):
        return Refusal(reason=f"{PROGRAM_FILE} is not a state saved by DSPy.", next_step="Tune again.")
    return dict(state)
