"""Targets of a workspace: those pyproject.toml names, then every `compile` call in the code."""

import re
from collections import Counter

from msgspec import Struct

from tunesmith.protocol import OPTIMIZERS, CompileTarget, ConfiguredTarget, Target, Tuner
from tunesmith.server.index import CompileFact, ConstructionFact, FileFacts, IndexView, Program, Span
from tunesmith.server.target_discovery.configuration import Configuration

_TUNERS: dict[str | None, Tuner] = {
    name: optimizer.name for optimizer in OPTIMIZERS.values() for name in optimizer.classes
}
"""Ours, by the name that dspy and our drop-ins share."""
_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class FoundTarget(Struct, frozen=True, kw_only=True):
    """A target as the index sees it."""

    target: Target
    path: str
    """The file its anchor stands in: the `compile` call's, or the program's. Relative to the root."""
    anchor: Span
    """The `compile` call, or the statement (or class) that gives the program."""
    program: Program | None
    """None where the index cannot follow the expression."""
    construction: ConstructionFact | None
    """The statement that constructs the program object, where there is exactly one. In `construction_path`."""
    construction_path: str | None


def discover_targets(index: IndexView, configuration: Configuration) -> list[FoundTarget]:
    """Configured targets in file order, then compile sites by file and line."""
    configured = [_configured(index, target) for target in configuration.targets]
    return [*configured, *_compile_targets(index, {target.name for target in configuration.targets})]


def _configured(index: IndexView, target: ConfiguredTarget) -> FoundTarget:
    place, _, attribute = target.program.partition(":")
    path = index.file_of(place)
    program = index.resolve_program(path, attribute) if path is not None and attribute else None
    site = index.construction_of(path, attribute) if path is not None and attribute else None
    if site is not None:
        anchor_path, anchor = site.path, site.construction.span
    elif program is not None:
        anchor_path, anchor = program.path, program.span
    else:
        line = target.line - 1
        anchor_path = target.file
        anchor = Span(start=0, end=0, line=line, column=0, end_line=line, end_column=0)
    return FoundTarget(
        target=target,
        path=anchor_path,
        anchor=anchor,
        program=program,
        construction=site.construction if site is not None else None,
        construction_path=site.path if site is not None else None,
    )


def _compile_targets(index: IndexView, taken: set[str]) -> list[FoundTarget]:
    sites: list[tuple[FileFacts, CompileFact]] = []
    for path in index.paths():
        facts = index.facts(path)
        if facts is not None:
            sites.extend((facts, fact) for fact in facts.compiles)
    names = _names(sites, taken)
    return [_compile_target(index, facts, fact, name) for (facts, fact), name in zip(sites, names, strict=True)]


def _names(sites: list[tuple[FileFacts, CompileFact]], taken: set[str]) -> list[str]:
    """The program's expression where it is unique, else with its file's stem, else with its line too."""
    short = [_short(fact) for _, fact in sites]
    longer = [f"{_stem(facts.path)}:{name}" for (facts, _), name in zip(sites, short, strict=True)]
    short_count, longer_count = Counter(short), Counter(longer)
    longest = [f"{name}:{fact.span.line + 1}" for (_, fact), name in zip(sites, longer, strict=True)]
    longest_count = Counter(longest)
    names = []
    for (facts, fact), one, two, three in zip(sites, short, longer, longest, strict=True):
        if short_count[one] == 1 and one not in taken:
            names.append(one)
        elif longer_count[two] == 1 and two not in taken:
            names.append(two)
        elif longest_count[three] == 1:
            names.append(three)
        else:  # files of the same stem
            names.append(f"{facts.path}:{one}:{fact.span.line + 1}:{fact.span.column + 1}")
    return names


def _compile_target(index: IndexView, facts: FileFacts, fact: CompileFact, name: str) -> FoundTarget:
    expression, line = fact.program, fact.span.line
    program: Program | None = None
    site = None
    if expression is not None:
        program = index.resolve_program(facts.path, expression, line=line)
        site = index.construction_of(facts.path, expression, line=line)
    target = CompileTarget(
        name=name,
        file=facts.path,
        line=line + 1,
        program=expression,
        metric=fact.metric,
        trainset=fact.trainset,
        valset=fact.valset,
        importable=_is_importable(facts, fact),
        optimizer=_TUNERS.get(fact.optimizer),
    )
    return FoundTarget(
        target=target,
        path=facts.path,
        anchor=fact.span,
        program=program,
        construction=site.construction if site is not None else None,
        construction_path=site.path if site is not None else None,
    )


def _is_importable(facts: FileFacts, fact: CompileFact) -> bool:
    """Importing the file is enough: every argument is a module-level name, not one of the enclosing function's.

    A call whose arguments are module-level names may stand anywhere. A literal or a call as an argument is not a
    name: it is only reached by running the script. An absent metric or validation set asks for nothing.
    """
    if fact.local or fact.program is None or fact.trainset is None:
        return False
    for expression in (fact.program, fact.metric, fact.trainset, fact.valset):
        if expression is None:
            continue
        root = expression.partition(".")[0]
        if not _NAME.fullmatch(expression) or root not in facts.names:
            return False
    return True


def _short(fact: CompileFact) -> str:
    text = " ".join((fact.program or "program").split())
    return text if len(text) <= 60 else text[:59] + "…"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")
