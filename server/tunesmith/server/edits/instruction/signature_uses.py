"""Whether a signature feeds one predictor alone, so that its source may be given that predictor's instruction."""

from collections import Counter
from collections.abc import Iterator

from tunesmith.server.index import Program, ResolvedPredictor, ResolvedSignature, Span
from tunesmith.server.target_discovery import FoundTarget
from tunesmith.server.workspace import WorkspaceSnapshot


class SignatureUses:
    """The uses of a target's signatures in the whole workspace, looked up once for all of them."""

    def __init__(self, snapshot: WorkspaceSnapshot, found: FoundTarget) -> None:
        self._index = snapshot.index
        self._own = Counter(map(_place, found.program.predictors)) if found.program else Counter()
        self._foreign = {_place(one) for program in _other_programs(snapshot, found) for one in program.predictors}

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
        for path in self._index.paths():
            is_own = path != signature.path and self._defines_its_own(path, name)
            names = self._index.signature_mentions(path, name, is_own=is_own)
            if names is None:
                return _MANY
            for mention in names:
                meant = self._index.signature(path, mention)
                count += meant is None or (meant.path, meant.fact.span) == (signature.path, signature.fact.span)
        return count

    def _defines_its_own(self, path: str, name: str) -> bool:
        facts = self._index.facts(path)
        return (
            facts is not None
            and not facts.broken
            and sum(one.name == name for one in facts.signatures) == 1
            and not any(one.name in (name, "*") or one.alias == name for one in facts.imports)
        )


_MANY = 2


def _place(predictor: ResolvedPredictor) -> tuple[str, Span] | None:
    return (predictor.signature.path, predictor.signature.fact.span) if predictor.signature is not None else None


def _other_programs(snapshot: WorkspaceSnapshot, found: FoundTarget) -> Iterator[Program]:
    """Of all targets and all statements that construct one; the target's own statement left out."""
    own = (found.construction_path, found.construction.span if found.construction else None)
    for other in snapshot.targets:
        place = (other.construction_path, other.construction.span if other.construction else None)
        if other.program is not None and place != own:
            yield other.program
    for facts in snapshot.index.files():
        for construction in facts.constructions:
            if (facts.path, construction.span) == own:
                continue
            program = snapshot.index.resolve_program(facts.path, construction.name, line=construction.span.line)
            if program is not None:
                yield program
