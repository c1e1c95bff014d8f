"""The forms `demos` and `instructions`: the artifact's state written into the source.

Instructions go where they live, or after the program is constructed; demos follow as literals.
"""

from typing import Any

from tunesmith.protocol import ArtifactReport
from tunesmith.protocol.folder_layout import PROGRAM_FILE
from tunesmith.server.edits.instruction.instruction_plan import InstructionPlan, plan_instructions
from tunesmith.server.edits.program_edit import InstructionSlot, ProgramEdit, Refusal, TextEdit
from tunesmith.server.edits.statements.construction_site import ConstructionSite
from tunesmith.server.edits.statements.demos_statement import demos_statements, predictor_states
from tunesmith.server.edits.statements.placement import place_statements
from tunesmith.server.edits.statements.predictor_path import canonical_expression
from tunesmith.server.edits.statements.state_statements import demos_owner, signature_of
from tunesmith.server.index import Program
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot

_USE_LOAD = "Load the compiled program instead."


def state_edit(
    snapshot: WorkspaceSnapshot,
    site: ConstructionSite,
    found: FoundTarget,
    artifact: ArtifactReport,
    state: dict[str, Any],
) -> ProgramEdit | Refusal:
    """The form `instructions`: everything, so that the program's state is the artifact's."""
    parts = _parts(snapshot, site, found, artifact, state)
    if isinstance(parts, Refusal):
        return parts
    plan, demos, count = parts
    if not artifact.instructions:
        return Refusal(reason="the artifact changes no instructions.", next_step=_USE_LOAD)
    names = [choice.predictor for choice in artifact.instructions]
    more = f" and {_describe_demos(count)}" if count else ""
    statements = [*plan.statements.values(), *demos, *site.students]
    return _edit(site, plan, statements, f"Write {_describe_instructions(names)}{more}")


def demos_edit(
    snapshot: WorkspaceSnapshot,
    site: ConstructionSite,
    found: FoundTarget,
    artifact: ArtifactReport,
    state: dict[str, Any],
) -> ProgramEdit | Refusal:
    """The form `demos`, of an artifact that leaves the instructions as they stand in the source."""
    parts = _parts(snapshot, site, found, artifact, state)
    if isinstance(parts, Refusal):
        return parts
    plan, demos, count = parts
    if plan.changed:
        return Refusal(
            reason=f"the artifact changes the instructions of {plan.changed[0]}, or may; "
            "demos alone do not carry that.",
            next_step=_USE_LOAD,
        )
    if not count:
        return Refusal(reason="the artifact has no demos.", next_step=_USE_LOAD)
    return _edit(site, plan, [*plan.statements.values(), *demos, *site.students], f"Write {_describe_demos(count)}")


def instruction_edit(
    snapshot: WorkspaceSnapshot,
    site: ConstructionSite,
    found: FoundTarget,
    artifact: ArtifactReport,
    state: dict[str, Any],
    predictor: str,
) -> ProgramEdit | Refusal:
    """The form `instructions` for one predictor: whatever else sets the program's state stays."""
    changed = [choice.predictor for choice in artifact.instructions]
    states = predictor_states(state, artifact.predictors)
    if states is None or predictor not in states or predictor not in changed:
        known = ", ".join(changed) or "none"
        return Refusal(
            reason=f"the artifact does not change the instruction of {predictor}.", next_step=f"It changes: {known}."
        )
    plan = plan_instructions(snapshot, site, found, artifact, {predictor: states[predictor]}, keeps_load=site.loads)
    if isinstance(plan, Refusal):
        return plan
    own = canonical_expression(site.program, predictor)
    kept = [one for one in site.row if (signature_of(one, site.program) or ("",))[0] != own]
    place = next((at for at, one in enumerate(kept) if demos_owner(one, site.program)), len(kept))
    texts = [site.source.text[site.source.start(one) : site.source.end(one)] for one in kept]
    statements = [*texts[:place], *plan.statements.values(), *texts[place:]]
    return _edit(site, plan, statements, f"Write {_describe_instructions([predictor])}")


def _describe_instructions(names: list[str]) -> str:
    if len(names) == 1:
        return f"the new instruction of `{names[0]}`"
    return f"the new instructions of {len(names)} predictors"


def _describe_demos(count: int) -> str:
    return f"{count} demo{'s' if count > 1 else ''}"


def _parts(
    snapshot: WorkspaceSnapshot,
    site: ConstructionSite,
    found: FoundTarget,
    artifact: ArtifactReport,
    state: dict[str, Any],
) -> tuple[InstructionPlan, list[str], int] | Refusal:
    """What to do about instructions, the statements that set demos, and how many demos there are."""
    if not artifact.literal_demos:
        return Refusal(reason="some demos hold values that are not literals (images, objects).", next_step=_USE_LOAD)
    states = predictor_states(state, artifact.predictors)
    if states is None:
        return Refusal(reason=f"{PROGRAM_FILE} lacks a predictor that its report names.", next_step="Tune again.")
    plan = plan_instructions(snapshot, site, found, artifact, states)
    if isinstance(plan, Refusal):
        return plan
    demos = demos_statements(
        site.program,
        states,
        indent=site.construction.indent,
        style=site.source.style,
        with_empty=_gives_demos(snapshot, site, found.program),
    )
    if isinstance(demos, Refusal):
        return demos
    return plan, demos, sum(len(one.get("demos") or []) for one in states.values())


def _edit(site: ConstructionSite, plan: InstructionPlan, statements: list[str], what: str) -> ProgramEdit:
    edits: dict[str, list[TextEdit]] = {}
    slots: dict[str, list[InstructionSlot]] = {}
    for home in plan.homes.values():
        edits.setdefault(home.path, []).append(home.edit)
        slots.setdefault(home.path, []).append(home.slot)
    edits.setdefault(site.path, []).extend(place_statements(site.source, site.position, site.program, statements))
    changed = {path: sorted(one, key=_start) for path, one in edits.items() if one}
    places = " and ".join(changed) or site.path
    return ProgramEdit(edits=changed, new_files={}, slots=slots, summary=f"{what} into {places}.")


def _start(edit: TextEdit) -> int:
    return edit.start


def _gives_demos(snapshot: WorkspaceSnapshot, site: ConstructionSite, program: Program | None) -> bool:
    """Whether the user's code may give predictors demos of its own, which an artifact without any takes away."""
    if program is None or program.dynamic:
        return True
    texts = {path: snapshot.index.text(path) or "" for path in program.sources}
    return any(".demos" in text for text in {**texts, site.path: site.text_without_state()}.values())
