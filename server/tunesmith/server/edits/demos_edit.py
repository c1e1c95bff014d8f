"""The `demos` form: the artifact's demos as literals, right after the program is constructed."""

from typing import TYPE_CHECKING, Any

from tunesmith.protocol import ArtifactReport, ProgramFingerprint
from tunesmith.server.edits.construction_site import ConstructionSite
from tunesmith.server.edits.demos_statement import demos_statements, predictor_states
from tunesmith.server.edits.literals import LiteralStyle
from tunesmith.server.edits.placement import place_statements
from tunesmith.server.edits.program_edit import ProgramEdit, Refusal
from tunesmith.server.index.facts import Program

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace

_USE_LOAD = "Load the compiled program instead."


def demos_edit(
    workspace: "Workspace",
    site: ConstructionSite,
    program: Program | None,
    artifact: ArtifactReport,
    state: dict[str, Any],
) -> ProgramEdit | Refusal:
    if not artifact.literal_demos:
        return Refusal(reason="some demos hold values that are not literals (images, objects).", next_step=_USE_LOAD)
    states = predictor_states(state, artifact.predictors)
    if states is None:
        return Refusal(reason="program.json lacks a predictor that its report names.", next_step="Tune again.")
    changed = _changed_instructions(states, artifact.fingerprint, sure=not site.replaces_load)
    if changed is not None:
        return Refusal(
            reason=f"the artifact changes the instructions of {changed}, or may; demos alone do not carry that.",
            next_step=_USE_LOAD,
        )
    source = site.source
    statements = demos_statements(
        site.program,
        states,
        indent=site.construction.indent,
        style=LiteralStyle(newline=source.newline, unit=source.indent_unit, unicode=source.is_unicode),
        with_empty=_gives_demos(workspace, site, program),
    )
    if isinstance(statements, Refusal):
        return statements
    count = sum(len(one.get("demos") or []) for one in states.values())
    if not count:
        return Refusal(reason="the artifact has no demos.", next_step=_USE_LOAD)
    return ProgramEdit(
        path=site.path,
        edits=place_statements(source, site.place, site.program, statements),
        new_files={},
        summary=f"Write {count} demo{'s' if count > 1 else ''} into {site.path}.",
    )


def _changed_instructions(
    states: dict[str, dict[str, Any]], fingerprint: ProgramFingerprint | None, *, sure: bool
) -> str | None:
    """The predictor whose instructions are not those of the source.

    `sure`: no `load` is replaced, so that instructions the index does not know cannot have come from a file.
    """
    prints = {one.name: one for one in fingerprint.predictors} if fingerprint else {}
    for name, state in states.items():
        static = prints.get(name)
        known = static.instructions if static and static.kind in ("Predict", "ChainOfThought") else None
        if known is None and sure:
            continue
        if known is None or known != (state.get("signature") or {}).get("instructions"):
            return name
    return None


def _gives_demos(workspace: "Workspace", site: ConstructionSite, program: Program | None) -> bool:
    """Whether the user's code may give predictors demos of its own, which an artifact without any takes away."""
    if program is None or program.dynamic:
        return True
    texts = {path: workspace.index.text(path) or "" for path in program.sources}
    return any(".demos" in text for text in {**texts, site.path: site.text_without_state()}.values())
