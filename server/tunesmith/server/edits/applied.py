"""Whether the source already gives an artifact's program, and in which form."""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tunesmith.protocol import ArtifactReport
from tunesmith.server.artifacts import LoadedArtifact, candidate_paths
from tunesmith.server.edits.construction_site import find_site
from tunesmith.server.edits.predictor_path import predictor_expression
from tunesmith.server.edits.program_edit import Form, Refusal
from tunesmith.server.edits.state_statements import demos_owner, following_state
from tunesmith.server.targets.found import FoundTarget

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace


def applied_form(
    workspace: "Workspace", found: FoundTarget, artifact: ArtifactReport, artifacts: Mapping[str, LoadedArtifact]
) -> Form | None:
    """The form in which `artifact` stands in the source, or None. `artifacts`: what `load` calls read."""
    path, construction = found.construction_path, found.construction
    facts = workspace.index.facts(path) if path else None
    if path is None or construction is None or facts is None:
        return None
    for load in facts.loads:
        if load.program != construction.name or load.span.start < construction.span.start:
            continue
        for candidate in candidate_paths(load, path):
            loaded = artifacts.get(candidate)
            if loaded and loaded.report and loaded.report.report.run_id == artifact.report.run_id:
                return "load"
    return "demos" if artifact.demos and _demos_stand(workspace, found, artifact, path) else None


def _demos_stand(workspace: "Workspace", found: FoundTarget, artifact: ArtifactReport, path: str) -> bool:
    if ".demos" not in (workspace.index.text(path) or ""):
        return False  # parsing takes milliseconds, and this is asked on every keystroke
    site = find_site(workspace, found)
    if isinstance(site, Refusal):
        return False
    standing = {
        owner: _literal(statement.value)
        for statement in following_state(site.place, site.program)
        if isinstance(statement, ast.Assign) and (owner := demos_owner(statement, site.program))
    }
    chosen: dict[str, list[dict[str, Any]]] = {}
    for demo in artifact.demos:
        expression = predictor_expression(site.program, demo.predictor)
        if expression is None:
            return False
        owner = ast.unparse(ast.parse(expression, mode="eval"))
        chosen.setdefault(owner, []).append(_without_flag(demo.values))
    return all(standing.get(owner) == demos for owner, demos in chosen.items())


def _literal(value: ast.expr) -> list[dict[str, Any]] | None:
    try:
        demos = ast.literal_eval(value)
        return [_without_flag(demo) for demo in demos]
    except (ValueError, TypeError, SyntaxError, AttributeError, RecursionError):
        return None


def _without_flag(demo: dict[str, Any]) -> dict[str, Any]:
    """dspy marks bootstrapped demos in their state; the report lists values alone."""
    return {name: value for name, value in demo.items() if name != "augmented"}
