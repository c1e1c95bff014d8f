"""How much of an artifact's program the source already gives, and in which form."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tunesmith.protocol import ArtifactReport
from tunesmith.server.artifacts import LoadedArtifact, candidate_paths
from tunesmith.server.edits import (
    Form,
    StandingState,
    is_same_instruction,
    own_demos,
    read_standing_state,
    without_flag,
    written_instruction,
)
from tunesmith.server.index import ConstructionFact, FileFacts, LoadFact
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot


class Applied(Struct, frozen=True, kw_only=True):
    """What of an artifact the source gives already."""

    form: Form | None
    """The form in which all of it stands."""
    instructions: frozenset[str]
    """The predictors whose new instruction stands."""
    demos: bool
    """Its demos stand, or it has none."""


def find_applied(
    snapshot: WorkspaceSnapshot, found: FoundTarget, artifact: ArtifactReport, artifacts: Mapping[str, LoadedArtifact]
) -> Applied:
    """`artifacts`: what `load` calls read."""
    path, construction = found.construction_path, found.construction
    facts = snapshot.index.facts(path) if path else None
    changed = frozenset(choice.predictor for choice in artifact.instructions)
    if path is None or construction is None or facts is None:
        return Applied(form=None, instructions=frozenset(), demos=not artifact.demos)
    loads = [
        one for one in facts.loads if one.program == construction.name and one.span.start >= construction.span.start
    ]
    if any(_loads(artifact, load, path, artifacts) for load in loads):
        if not _are_attached(artifact, facts, construction, artifacts):
            return Applied(form=None, instructions=changed, demos=True)
        return Applied(form="load", instructions=changed, demos=True)
    state = read_standing_state(snapshot.index, path, construction)
    standing = frozenset(
        choice.predictor
        for choice in artifact.instructions
        if is_same_instruction(_standing_instruction(found, state, choice.predictor, loaded=bool(loads)), choice.after)
    )
    demos = _demos_stand(snapshot, found, state, artifact, loaded=bool(loads))
    whole = demos and standing == changed and bool(artifact.demos or changed)
    form: Form | None = None
    if whole:
        form = "instructions" if changed else "demos"
    return Applied(form=form, instructions=standing, demos=demos)


def _loads(artifact: ArtifactReport, load: LoadFact, path: str, artifacts: Mapping[str, LoadedArtifact]) -> bool:
    loaded = (artifacts.get(candidate) for candidate in candidate_paths(load, path))
    return any(one and one.report and _is_same_run(artifact, one.report) for one in loaded)


def _are_attached(
    artifact: ArtifactReport,
    facts: FileFacts,
    construction: ConstructionFact,
    artifacts: Mapping[str, LoadedArtifact],
) -> bool:
    """The file loads every finetuned model that belongs to the artifact."""
    copies = [one.report for one in artifacts.values() if one.report and _is_same_run(artifact, one.report)]
    wanted = {student.path for copy in copies for student in copy.students}
    attached = {
        path
        for student in facts.students
        if student.span.start >= construction.span.start
        for path in candidate_paths(student, facts.path)
    }
    return wanted <= attached


def _is_same_run(artifact: ArtifactReport, other: ArtifactReport) -> bool:
    return artifact.report.run_id == other.report.run_id


def _standing_instruction(found: FoundTarget, state: StandingState, predictor: str, *, loaded: bool) -> str | None:
    """The instruction the source gives a predictor. `loaded`: from a file, unless a statement says otherwise."""
    given = state.instruction_of(predictor)
    if given is not None:
        return given
    static = found.program.predictors if found.program else []
    written = next((written_instruction(one) for one in static if one.name == predictor), None)
    return None if loaded else written


def _demos_stand(
    snapshot: WorkspaceSnapshot, found: FoundTarget, state: StandingState, artifact: ArtifactReport, *, loaded: bool
) -> bool:
    """After the construction, else where the predictor is made, which a `load` overrides."""
    chosen: dict[str, list[dict[str, Any]]] = {}
    for demo in artifact.demos:
        chosen.setdefault(demo.predictor, []).append(without_flag(demo.values))
    left = [name for name in chosen if not state.sets_demos_of(name)]
    own = own_demos(snapshot.index, found.program, left) if left and found.program is not None and not loaded else {}
    return all(demos == (own.get(name) if name in left else state.demos_of(name)) for name, demos in chosen.items())
