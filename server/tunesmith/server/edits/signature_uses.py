"""Whether a signature feeds one predictor alone, so that its source may be given that predictor's instruction."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tunesmith.server.edits.source_text import SourceText
from tunesmith.server.index.facts import Program, ResolvedPredictor, ResolvedSignature, Span
from tunesmith.server.targets.found import FoundTarget

if TYPE_CHECKING:
    from tunesmith.server.workspace import Workspace

_FIELDS_ONLY = ("fields", "input_fields", "output_fields", "model_fields")
"""What can be asked of a signature without looking at its instructions."""


class SignatureUses:
    """The uses of a target's signatures in the whole workspace, looked up once for all of them."""

    def __init__(self, workspace: "Workspace", found: FoundTarget) -> None:
        self._index = workspace.index
        self._own = Counter(map(_place, found.program.predictors)) if found.program else Counter()
        self._foreign = {_place(one) for program in _other_programs(workspace, found) for one in program.predictors}
        self._texts = {path: workspace.index.text(path) or "" for path in workspace.index.paths()}

    def is_single(self, signature: ResolvedSignature) -> bool:
        """Whether it feeds one predictor, of this program alone. In doubt, it does not."""
        place = (signature.path, signature.fact.span)
        if self._own[place] != 1 or place in self._foreign:
            return False
        name = signature.fact.name
        return name is None or self._count(signature, name) == 1

    def _count(self, signature: ResolvedSignature, name: str) -> int:
        """How often the workspace's code speaks of it. What cannot be followed counts."""
        facts = self._index.facts(signature.path)
        if facts is None or sum(one.name == name for one in facts.signatures) > 1:
            return _MANY
        count = 0
        word = re.compile(rf"\b{re.escape(name)}\b")
        for path in (path for path, text in self._texts.items() if word.search(text)):
            if path != signature.path and self._means_its_own(path, name):
                continue
            source = SourceText.of(self._texts[path])
            if source is None:
                return _MANY
            for spoken in _names(source.tree, _aliases(source.tree, name)):
                meant = self._index.signature(path, spoken)
                count += meant is None or (meant.path, meant.fact.span) == (signature.path, signature.fact.span)
        return count

    def _means_its_own(self, path: str, name: str) -> bool:
        """A file that defines a signature of this name and imports none speaks of that one: it need not be parsed."""
        facts, text = self._index.facts(path), self._texts[path]
        return (
            facts is not None
            and not facts.broken
            and sum(one.name == name for one in facts.signatures) == 1
            and not any(one.name in (name, "*") or one.alias == name for one in facts.imports)
            and not re.search(rf"\.\s*{re.escape(name)}\b|^[ \t]+(from|import)\b", text, re.MULTILINE)
        )


_MANY = 2


def _place(predictor: ResolvedPredictor) -> tuple[str, Span] | None:
    return (predictor.signature.path, predictor.signature.fact.span) if predictor.signature is not None else None


def _other_programs(workspace: "Workspace", found: FoundTarget) -> Iterator[Program]:
    """Of all targets and all statements that construct one; the target's own statement left out."""
    own = (found.construction_path, found.construction.span if found.construction else None)
    for other in workspace.targets():
        place = (other.construction_path, other.construction.span if other.construction else None)
        if other.program is not None and place != own:
            yield other.program
    for facts in workspace.index.files():
        for construction in facts.constructions:
            if (facts.path, construction.span) == own:
                continue
            program = workspace.index.resolve_program(facts.path, construction.name, line=construction.span.line)
            if program is not None:
                yield program


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
