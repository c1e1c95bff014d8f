"""The artifact of a run: `program.json`, which `program.load()` reads, and `report.json` beside it."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dspy
import msgspec

from tunesmith.optim.errors import RunError
from tunesmith.optim.rollouts import to_plain
from tunesmith.protocol import ArtifactReport, encode
from tunesmith.protocol.folder_layout import PROGRAM_FILE, REPORT_FILE


def write_artifact(run_dir: Path, program: dspy.Module, describe: Callable[[bool, list[str]], ArtifactReport]) -> Path:
    """Write both files, each atomically, and return the path of `program.json`.

    `program.json` is what `program.save()` writes, but for every `lm` being null: an endpoint is not part of what was
    tuned, and may carry credentials. `describe` makes the report from `literal_demos` and further warnings. Raises
    `RunError` where the folder cannot be written, or the program's state is no JSON.
    """
    path = run_dir / PROGRAM_FILE
    with _lms_set_aside(program):
        _replace(path, lambda scratch: _save(program, scratch))
        loads_equal = _loads_equal(program, path)
    warnings = [] if loads_equal else [f"program.load() of {PROGRAM_FILE} does not give back exactly the tuned state."]
    report = describe(loads_equal and has_literal_demos(program), warnings)
    _replace(run_dir / REPORT_FILE, lambda scratch: scratch.write_bytes(_indented(report)))
    return path


def plain_state(program: dspy.Module) -> dict[str, Any]:
    """`dump_state()` with every `lm` null, as plain data."""
    with _lms_set_aside(program):
        state: dict[str, Any] = to_plain(program.dump_state())
    return state


def has_literal_demos(program: dspy.Module) -> bool:
    """Every demo is made of Python literals that JSON carries unchanged, so source text can hold it exactly."""
    return all(
        is_literal(value)
        for predictor in program.predictors()
        for demo in predictor.demos
        for value in dict(demo).values()
    )


def is_literal(value: Any) -> bool:
    """Text, a finite number, a boolean, None, or a list or dict (with text keys) of such. Subclasses are not."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return True
    if kind is float:
        return math.isfinite(value)
    if kind is list:
        return all(is_literal(item) for item in value)
    return kind is dict and all(type(key) is str and is_literal(item) for key, item in value.items())


@contextmanager
def _lms_set_aside(program: dspy.Module) -> Iterator[None]:
    """Not a copy without them: a program that holds a client or a lock cannot be copied in full."""
    own = [(predictor, predictor.lm) for predictor in program.predictors()]
    for predictor, _ in own:
        predictor.lm = None
    try:
        yield
    finally:
        for predictor, lm in own:
            predictor.lm = lm


def _save(program: dspy.Module, path: Path) -> None:
    try:
        program.save(path)
    except RuntimeError as error:
        # dspy wraps what went wrong, whatever it was.
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise RunError(
            f"The tuned program cannot be saved as JSON: {error.__context__ or error}.",
            next_step="Keep values that JSON cannot hold out of the examples.",
        ) from error


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    # dspy wants the suffix.
    scratch = path.with_name(f".{path.stem}-{os.getpid()}.json")
    try:
        write(scratch)
        with scratch.open("rb") as written:
            os.fsync(written.fileno())
        scratch.replace(path)
    except OSError as error:
        raise RunError(
            f"{path} cannot be written: {error.strerror or error}.",
            next_step="Free space or make the folder writable, then resume the run: nothing it paid for is lost.",
        ) from error
    finally:
        scratch.unlink(missing_ok=True)


def _loads_equal(program: dspy.Module, path: Path) -> bool:
    """Loading into a copy without demos gives the very state that was saved."""
    fresh = program.reset_copy()
    fresh.load(path)
    return bool(fresh.dump_state() == program.dump_state())


def _indented(report: ArtifactReport) -> bytes:
    return msgspec.json.format(encode(report), indent=2) + b"\n"
