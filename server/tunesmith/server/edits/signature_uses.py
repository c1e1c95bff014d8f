"""Whether a signature feeds one predictor alone, so that its source may be given that predictor's instruction."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tunesmith.server.edits.source_text import SourceText
from tunesmith.server.index.facts import Program, ResolvedSignature
from tunesmith.server.targets.found import FoundTarget

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace

_FIELDS_ONLY = ("fields", "input_fields", "output_fields", "model_fields")
"""What can be asked of a signature without looking at its instructions."""


def feeds_one_predictor(workspace: "Workspace", found: FoundTarget, signature: ResolvedSignature) -> bool:
    """In doubt, it does not."""
    own = sum(_is_same(one.signature, signature) for one in found.program.predictors) if found.program else 0
    if own != 1 or any(_uses(program, signature) for program in _other_programs(workspace, found)):
        return False
    name = signature.fact.name
    return name is None or _count_uses(workspace, signature, name) == 1


def _other_programs(workspace: "Workspace", found: FoundTarget) -> Iterator[Program]:
    """Of all targets and all statements that construct one; the target's own statement left out."""
    own = (found.construction_path, found.construction.span if found.construction else None)
    for other in workspace.targets():
        place = (other.construction_path, other.construction.span if other.construction else None)
        if other.program is not None and place != own:
            yield other.program
    for facts in workspace.index.files():
        for construction in facts.constructions:
            program = workspace.index.resolve_program(facts.path, construction.name, line=construction.span.line)
            if program is not None and (facts.path, construction.span) != own:
                yield program


def _uses(program: Program, signature: ResolvedSignature) -> bool:
    return any(_is_same(one.signature, signature) for one in program.predictors)


def _is_same(one: ResolvedSignature | None, other: ResolvedSignature) -> bool:
    return one is not None and (one.path, one.fact.span) == (other.path, other.fact.span)


def _count_uses(workspace: "Workspace", signature: ResolvedSignature, name: str) -> int:
    """How often the workspace's code speaks of it. What cannot be followed counts."""
    count = 0
    for path in workspace.index.paths():
        text = workspace.index.text(path) or ""
        if name not in text:
            continue
        source = SourceText.of(text)
        if source is None:
            return 2  # nobody can tell
        for spoken in _names(source.tree, _aliases(source.tree, name)):
            meant = workspace.index.signature(path, spoken)
            count += meant is None or _is_same(meant, signature)
    return count


def _aliases(tree: ast.Module, name: str) -> set[str]:
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {name, *(one.asname for node in imports for one in node.names if one.name == name and one.asname)}


def _names(node: ast.AST, wanted: set[str]) -> Iterator[str]:
    """Dotted names that end in one of those wanted, where they are read for more than their fields."""
    if isinstance(node, ast.Attribute) and node.attr in _FIELDS_ONLY and _last(node.value) in wanted:
        return
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and _last(node) in wanted:
        yield ast.unparse(node)
        return
    for child in ast.iter_child_nodes(node):
        yield from _names(child, wanted)


def _last(node: ast.expr) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else None
