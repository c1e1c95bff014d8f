"""How much of an artifact's program the source already gives, and in which form."""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tunesmith.protocol import ArtifactReport
from tunesmith.server.artifacts import LoadedArtifact, candidate_paths
from tunesmith.server.edits.instruction_home import written_instruction
from tunesmith.server.edits.instruction_text import is_told
from tunesmith.server.edits.placement import find_construction
from tunesmith.server.edits.predictor_path import canonical_expression
from tunesmith.server.edits.program_edit import Form
from tunesmith.server.edits.source_text import SourceText
from tunesmith.server.edits.state_statements import Place, demos_owner, following_state, is_load_of, signature_of
from tunesmith.server.index.facts import ConstructionFact, FileFacts, LoadFact
from tunesmith.server.targets.found import FoundTarget

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace


class Applied(Struct, frozen=True, kw_only=True):
    """What of an artifact the source gives already."""

    form: Form | None
    """The form in which all of it stands."""
    instructions: frozenset[str]
    """The predictors whose new instruction stands."""
    demos: bool
    """Its demos stand, or it has none."""

    def missing(self, artifact: ArtifactReport) -> list[str]:
        """The predictors whose new instruction does not stand, in the artifact's order."""
        return [one.predictor for one in artifact.instructions if one.predictor not in self.instructions]


def find_applied(
    workspace: "Workspace", found: FoundTarget, artifact: ArtifactReport, artifacts: Mapping[str, LoadedArtifact]
) -> Applied:
    """`artifacts`: what `load` calls read."""
    path, construction = found.construction_path, found.construction
    facts = workspace.index.facts(path) if path else None
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
    row = _Row.after(workspace, construction, path)
    standing = frozenset(
        choice.predictor
        for choice in artifact.instructions
        if is_told(_told(found, row, choice.predictor, loaded=bool(loads)), choice.after)
    )
    demos = _demos_stand(row, artifact, construction.name)
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


def _told(found: FoundTarget, row: "_Row", predictor: str, *, loaded: bool) -> str | None:
    """The instruction the source gives a predictor. `loaded`: from a file, unless the row says otherwise."""
    owner = canonical_expression(row.program, predictor)
    if owner is not None and owner in row.instructions:
        return row.instructions[owner]
    static = found.program.predictors if found.program else []
    written = next((written_instruction(one) for one in static if one.name == predictor), None)
    return None if loaded else written


def _demos_stand(row: "_Row", artifact: ArtifactReport, program: str) -> bool:
    chosen = _chosen_demos(artifact, program)
    return chosen is not None and all(row.demos.get(owner) == demos for owner, demos in chosen.items())


class _Row(Struct, frozen=True, kw_only=True):
    """What the statements right after the construction set, by the expression of the predictor."""

    program: str
    instructions: dict[str, str]
    demos: dict[str, list[dict[str, Any]] | None]

    @classmethod
    def after(cls, workspace: "Workspace", construction: ConstructionFact, path: str) -> "_Row":
        row, program = cls(program=construction.name, instructions={}, demos={}), construction.name
        text = workspace.index.text(path) or ""
        found = _parse_around(text, construction) if ".demos" in text or ".signature" in text else None
        for statement in following_state(found, program) if found is not None else []:
            if is_load_of(statement, program):
                row.instructions.clear()
                row.demos.clear()
            elif (said := signature_of(statement, program)) is not None:
                row.instructions[said[0]] = said[1]
            elif isinstance(statement, ast.Assign) and (owner := demos_owner(statement, program)):
                row.demos[owner] = _literal(statement.value)
        return row


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
        owner = canonical_expression(program, demo.predictor)
        if owner is None:
            return None
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
