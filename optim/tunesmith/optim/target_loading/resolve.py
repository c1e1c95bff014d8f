"""From a target, as configured or found in the code, to the objects a run needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dspy

from tunesmith.optim.errors import RunError
from tunesmith.optim.target_loading.capture import capture
from tunesmith.optim.target_loading.compile_site import CallSite, file_and_line, find_compile_call
from tunesmith.optim.target_loading.data import as_examples
from tunesmith.optim.target_loading.handover import Handover
from tunesmith.optim.target_loading.importing import Importer
from tunesmith.optim.target_loading.program import as_metric, as_program
from tunesmith.optim.target_loading.rows import DATASETS_PREFIX, READERS, read_dataset, read_rows
from tunesmith.protocol import CompileTarget, ConfiguredTarget, Target

Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A target's objects."""

    program: dspy.Module
    metric: Callable[..., Any]
    trainset: list[dspy.Example]
    valset: list[dspy.Example] | None
    teacher: dspy.Module | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """For `dspy.context`: what held where the program was handed over."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the optimizer in the code."""


def resolve_target(target: Target, root: Path, *, confirmed_capture: bool, warn: Warn) -> Resolved:
    """Import (or, confirmed, run) the user's code as far as it takes to have the target's objects.

    Must run in the main thread. Raises `RunError` for what the user can mend, and whatever the user's code raises.
    """
    match target:
        case ConfiguredTarget():
            return _resolve_configured(target, root, warn)
        case CompileTarget():
            return _resolve_compile(target, root, confirmed_capture=confirmed_capture, warn=warn)


def _resolve_configured(target: ConfiguredTarget, root: Path, warn: Warn) -> Resolved:
    where = f"{target.file}:{target.line}"
    importer = Importer(root)
    if target.metric is None:
        raise _needs(target.name, "metric", 'metric = "module:function"', where)
    if target.trainset is None:
        raise _needs(target.name, "trainset", 'trainset = "data/train.jsonl"', where)
    program = as_program(_load(importer, target.program, where), named=target.program, where=where)
    metric = as_metric(_load(importer, target.metric, where), named=target.metric, where=where)

    def examples(source: str, default_split: str) -> list[dspy.Example]:
        value = _load_data(importer, source, where, default_split)
        return as_examples(value, program, inputs=target.inputs, named=source, where=where, warn=warn)

    resolved = Resolved(
        program=program,
        metric=metric,
        trainset=examples(target.trainset, "train"),
        valset=examples(target.valset, "validation") if target.valset is not None else None,
    )
    for stop in importer.stops.values():
        warn(f"{stop.where}: {stop.call} was not run; what that file binds after it is not used.")
    return resolved


def _load(importer: Importer, reference: str, where: str) -> Any:
    """The object that `module:attribute` or `path/file.py:attribute` names."""
    source, colon, attribute = reference.rpartition(":")
    if not colon or not attribute.replace(".", "").isidentifier():
        raise RunError(
            f"{reference!r} does not name an object.",
            where=where,
            next_step="Write `module:attribute` or `path/to/file.py:attribute`.",
        )
    if source.endswith(".py"):
        path = _existing(importer.root / source, source, where)
        module = importer.file(path)
    else:
        module = importer.module(source, wanted_by=where)
    return importer.attribute(module, attribute, wanted_by=where)


def _load_data(importer: Importer, source: str, where: str, default_split: str) -> Any:
    if source.startswith(DATASETS_PREFIX):
        name, _, split = source.removeprefix(DATASETS_PREFIX).partition(":")
        return read_dataset(name, split=split or default_split)
    if Path(source).suffix.lower() in READERS:
        return read_rows(importer.root / source, shown=source)
    return _load(importer, source, where)


def _resolve_compile(target: CompileTarget, root: Path, *, confirmed_capture: bool, warn: Warn) -> Resolved:
    where = f"{target.file}:{target.line}"
    file = _existing(root / target.file, target.file, where)
    site = find_compile_call(file, target.line)
    if site is None:
        raise RunError("There is no `compile` call on this line.", where=where, next_step="Choose the target again.")
    if target.importable:
        handover = _import_up_to(target, file, site, Importer(root), warn)
    elif confirmed_capture:
        handover = capture(file, site, target.arguments, root=root, warn=warn)
    else:
        raise RunError(
            f"What this `compile` call is given only exists while {target.file} runs, so it has to be run up to there.",
            where=where,
            next_step="Agree to that with `--yes-run-script`, or move program, metric and data to module level.",
        )
    return _from_handover(handover, where, warn)


def _import_up_to(target: CompileTarget, file: Path, site: CallSite, importer: Importer, warn: Warn) -> Handover:
    """A call at module level hands over when it is met; the arguments of any other are names of the module."""
    where = file_and_line(file, target.line, importer.root)
    module = importer.file(file, site=site)
    if importer.handover is not None:
        return importer.handover
    if (stop := importer.stops.get(module.__name__)) is not None:
        warn(f"{stop.where}: {stop.call} was not run; what the file binds after it is not used.")

    def value(expression: str | None) -> Any:
        if expression is None:
            return None
        try:
            return eval(expression, vars(module))
        except NameError as error:
            if stop is None:
                raise
            raise RunError(
                f"{error.name!r} is not bound before {stop.call} at {stop.where}, which importing must not run.",
                where=stop.where,
                next_step='Move that call under `if __name__ == "__main__":`.',
            ) from None

    return Handover(
        student=_needed(value(target.program), "program", where),
        teacher=None,
        metric=value(target.metric),
        trainset=value(target.trainset),
        valset=value(target.valset),
    )


def _from_handover(handover: Handover, where: str, warn: Warn) -> Resolved:
    program = as_program(_needed(handover.student, "program", where), named="the program", where=where)
    metric = as_metric(_needed(handover.metric, "metric", where), named="the metric", where=where)

    def examples(value: Any, named: str) -> list[dspy.Example]:
        return as_examples(value, program, inputs=[], named=named, where=where, warn=warn)

    return Resolved(
        program=program,
        metric=metric,
        trainset=examples(_needed(handover.trainset, "trainset", where), "trainset"),
        valset=examples(handover.valset, "valset") if handover.valset is not None else None,
        teacher=handover.teacher if isinstance(handover.teacher, dspy.Module) else None,
        settings=handover.settings,
        options=handover.options,
    )


def _needed(value: Any, what: str, where: str) -> Any:
    if value is None:
        raise RunError(
            f"This `compile` call has no {what}.",
            where=where,
            next_step=f"Give it a {what}, or declare a target in pyproject.toml: [tool.tunesmith.targets.NAME].",
        )
    return value


def _needs(name: str, what: str, line: str, where: str) -> RunError:
    return RunError(
        f"The target {name!r} has no {what}.",
        where=where,
        next_step=f"Add a line `{line}` to [tool.tunesmith.targets.{name}].",
    )


def _existing(path: Path, shown: str, where: str) -> Path:
    if not path.is_file():
        raise RunError(f"There is no file {shown}.", where=where, next_step="Correct the path; it starts at the root.")
    return path
