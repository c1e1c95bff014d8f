"""Whether the source already gives an artifact's program, and in which form."""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tunesmith.protocol import ArtifactReport
from tunesmith.server.artifacts import LoadedArtifact, candidate_paths
from tunesmith.server.edits.placement import find_construction
from tunesmith.server.edits.predictor_path import predictor_expression
from tunesmith.server.edits.program_edit import Form
from tunesmith.server.edits.source_text import SourceText
from tunesmith.server.edits.state_statements import Place, demos_owner, following_state
from tunesmith.server.index.facts import ConstructionFact
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
    return "demos" if artifact.demos and _demos_stand(workspace, construction, artifact, path) else None


def _demos_stand(workspace: "Workspace", construction: ConstructionFact, artifact: ArtifactReport, path: str) -> bool:
    text = workspace.index.text(path)
    if text is None or ".demos" not in text:
        return False
    found = _parse_around(text, construction)
    chosen = _chosen_demos(artifact, construction.name)
    if found is None or chosen is None:
        return False
    standing = {
        owner: _literal(statement.value)
        for statement in following_state(found, construction.name)
        if isinstance(statement, ast.Assign) and (owner := demos_owner(statement, construction.name))
    }
    return all(standing.get(owner) == demos for owner, demos in chosen.items())


def _parse_around(text: str, construction: ConstructionFact) -> Place | None:
    """The construction with what follows it. The whole text is only parsed where its layout is unusual: this is
    asked on every keystroke, and a long file takes many milliseconds."""
    head, passage = _passage(text, construction)
    for start, part in ((len(head) + construction.span.column, head + passage), (construction.span.start, text)):
        source = SourceText.of(part)
        if source is not None:
            return find_construction(source, start)
    return None


def _passage(text: str, construction: ConstructionFact) -> tuple[str, str]:
    """The lines from the construction to the last that may set its state, and what makes them parse alone."""
    start = construction.span.start - construction.span.column
    end = text.find("\n", construction.span.end) + 1 or len(text)
    indent = _indentation(text[start:end])
    for line in text[end:].splitlines(keepends=True):
        goes_on = line.lstrip().startswith((construction.name, *"#)]}")) or _indentation(line) > indent
        if line.strip() and not goes_on:
            break
        end += len(line)
    return ("if True:\n" if indent else ""), text[start:end]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _chosen_demos(artifact: ArtifactReport, program: str) -> dict[str, list[dict[str, Any]]] | None:
    """The artifact's demos by the expression of their predictor, as `ast` spells it."""
    chosen: dict[str, list[dict[str, Any]]] = {}
    for demo in artifact.demos:
        expression = predictor_expression(program, demo.predictor)
        if expression is None:
            return None
        owner = ast.unparse(ast.parse(expression, mode="eval"))
        chosen.setdefault(owner, []).append(_without_flag(demo.values))
    return chosen


def _literal(value: ast.expr) -> list[dict[str, Any]] | None:
    try:
        demos = ast.literal_eval(value)
        return [_without_flag(demo) for demo in demos]
    except (ValueError, TypeError, SyntaxError, AttributeError, RecursionError):
        return None


def _without_flag(demo: dict[str, Any]) -> dict[str, Any]:
    """dspy marks bootstrapped demos in their state; the report lists values alone."""
    return {name: value for name, value in demo.items() if name != "augmented"}
