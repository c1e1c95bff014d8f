"""Names followed across the files of a workspace: what a dotted name in one file stands for, wherever it is defined.

Absolute imports are looked for from the root, from `root/src`, and beside the importing file (where Python looks when
that file is run as a script); relative ones from the file's package. Nothing outside the workspace is opened.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from tunesmith.server.index.dspy_names import dspy_name, is_dspy_module
from tunesmith.server.index.facts import (
    CandidateFact,
    ConstructionFact,
    FileFacts,
    FunctionFact,
    ModuleFact,
    SignatureFact,
)
from tunesmith.server.index.imports import STANDARD_LIBRARY, follow, is_standard


class Dspy(NamedTuple):
    """A name of dspy's."""

    name: str


class Defined(NamedTuple):
    """A definition in the workspace."""

    path: str
    fact: SignatureFact | ModuleFact | CandidateFact | FunctionFact | ConstructionFact


class Elsewhere(NamedTuple):
    """A name of another library, or of the standard library, or one bound to something facts do not describe."""

    standard: bool
    path: str | None = None
    """The workspace file, where it is bound in one."""


Tables = dict[str, tuple[FileFacts, dict[str, Defined]]]
"""By path: what a file defines, and the facts that was taken from."""
Meaning = Dspy | Defined | Elsewhere | None
ClassKind = Literal["signature", "module", "plain", "unknown"]


class Links:
    """Answers for one generation of the index; make a new one when a file changes."""

    def __init__(
        self,
        read: Callable[[str], FileFacts | None],
        exists: Callable[[str], bool],
        tables: Tables | None = None,
    ) -> None:
        """`read`: the raw facts of a workspace file; `exists`: whether a path (relative to the root) is one.
        `tables`: kept from one generation to the next."""
        self._read = read
        self._exists = exists
        self._meanings: dict[tuple[str, str], Meaning] = {}
        self._kinds: dict[tuple[str, str], ClassKind] = {}
        self._tables = tables if tables is not None else {}

    def raw(self, path: str) -> FileFacts | None:
        return self._read(path)

    def meaning(self, path: str, dotted: str) -> Meaning:
        """What a dotted name stands for in a file; None where it cannot be followed."""
        key = (path, dotted)
        if key not in self._meanings:
            self._meanings[key] = None  # a cycle of imports ends here
            self._meanings[key] = self._find(path, dotted)
        return self._meanings[key]

    def class_kind(self, path: str, fact: SignatureFact | ModuleFact | CandidateFact) -> ClassKind:
        """Signature or module by what its bases lead to. `unknown`: they lead out of the workspace."""
        if isinstance(fact, SignatureFact):
            return "signature"
        if isinstance(fact, ModuleFact):
            return "module"
        key = (path, fact.name)
        if key not in self._kinds:
            self._kinds[key] = "unknown"  # a cycle of bases
            self._kinds[key] = self._decide(path, fact)
        return self._kinds[key]

    def module_file(self, path: str, module: str, level: int) -> str | None:
        """The file of a module imported from `path`."""
        folder = path.rpartition("/")[0]
        relative = module.replace(".", "/")
        if level:
            parts = folder.split("/") if folder else []
            if level - 1 > len(parts):
                return None
            bases = ["/".join(parts[: len(parts) - (level - 1)])]
        else:
            bases = ["", "src", folder]
        for base in bases:
            stem = "/".join(part for part in (base, relative) if part)
            for candidate in (f"{stem}.py" if relative else "", f"{stem}/__init__.py" if stem else "__init__.py"):
                if candidate and self._exists(candidate):
                    return candidate
        return None

    def _find(self, path: str, dotted: str) -> Meaning:
        facts = self._read(path)
        if facts is None:
            return None
        local = self._table(facts).get(dotted)
        if local is not None:
            return local
        defined = frozenset(facts.names)
        name = dspy_name(facts.imports, dotted, defined)
        if name:
            return Dspy(name)
        imported = follow(facts.imports, dotted)
        if imported is not None:
            return self._find_imported(path, imported.module, imported.name, imported.level)
        for fact in facts.imports:
            if fact.name == "*":
                target = self.module_file(path, fact.module, fact.level)
                found = self.meaning(target, dotted) if target is not None and target != path else None
                if found is not None:
                    return found
        if dotted.partition(".")[0] in defined:
            return Elsewhere(standard=False, path=path)
        return Elsewhere(standard=True) if is_standard(facts.imports, dotted, defined) else None

    def _find_imported(self, path: str, module: str, name: str, level: int) -> Meaning:
        """`name` may begin with further modules: `import pkg` then `pkg.sub.Class`."""
        parts = name.split(".") if name else []
        known = False
        for taken in range(len(parts), -1, -1):
            inner = ".".join(part for part in (module, *parts[:taken]) if part)
            target = self.module_file(path, inner, level)
            if target is None:
                continue
            known = True
            rest = ".".join(parts[taken:])
            found = self.meaning(target, rest) if rest and target != path else None
            if found is not None:
                return found
        if known or level:
            return Elsewhere(standard=False, path=path)
        return Elsewhere(standard=module.partition(".")[0] in STANDARD_LIBRARY)

    def _table(self, facts: FileFacts) -> dict[str, Defined]:
        held = self._tables.get(facts.path)
        if held is None or held[0] is not facts:
            held = self._tables[facts.path] = (facts, definitions(facts))
        return held[1]

    def _decide(self, path: str, fact: CandidateFact) -> ClassKind:
        kinds: set[ClassKind] = set()
        for base in fact.bases:
            found = self.meaning(path, base)
            if isinstance(found, Dspy):
                kinds.add(
                    "signature" if found.name == "Signature" else "module" if is_dspy_module(found.name) else "plain"
                )
            elif isinstance(found, Defined) and isinstance(found.fact, SignatureFact | ModuleFact | CandidateFact):
                kinds.add(self.class_kind(found.path, found.fact))
            else:
                kinds.add("plain" if isinstance(found, Elsewhere) and found.standard else "unknown")
        for kind in ("signature", "module", "unknown"):
            if kind in kinds:
                return kind
        return "plain"


def definitions(facts: FileFacts) -> dict[str, Defined]:
    """What a file defines at module level, by name."""
    table = {c.name: Defined(facts.path, c) for c in facts.constructions if c.scope == "module"}
    named: list[FunctionFact | CandidateFact | ModuleFact | SignatureFact]
    named = [*facts.functions, *facts.candidates, *facts.modules, *facts.signatures]
    table.update({fact.name: Defined(facts.path, fact) for fact in named if fact.name})
    return table
