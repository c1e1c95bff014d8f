"""A student's folder looked over before it is served: cheap, and without torch."""

from importlib.util import find_spec
from pathlib import Path

from tunesmith.optim.finetune.errors import FinetuneError
from tunesmith.optim.finetune.export import Format, exported
from tunesmith.optim.finetune.serving.backends import Engine, Served
from tunesmith.optim.finetune.student import checked_student, present_source
from tunesmith.protocol.student import Student

EXPORTED_FOR: dict[Engine, Format] = {"llama": "gguf", "ctranslate2": "ctranslate2"}
"""Engines that read an export, the one nearest to the student's own weights first."""
RUNTIMES: dict[Engine, str] = {"llama": "xllamacpp", "ctranslate2": "ctranslate2"}
"""The packages they are."""


def served_student(folder: Path, engine: str) -> tuple[Student, Served]:
    """The student and how it is served. `engine` "auto" takes an export of its present weights, otherwise torch.

    Raises `StudentMissing` where the folder is gone, incomplete or holds other weights than it should, and
    `FinetuneError` for an engine that it was not exported for.
    """
    student = checked_student(folder)
    chosen = choose_engine(folder, student, engine)
    served = Served(
        folder=str(folder),
        fingerprint=student.fingerprint,
        source=present_source(folder, student) if chosen == "torch" else student.source,
        architecture=student.architecture,
        engine=chosen,
    )
    return student, served


def choose_engine(folder: Path, student: Student, engine: str) -> Engine:
    """Raises `FinetuneError` for an engine whose export is missing or of other weights."""
    for known, format_ in EXPORTED_FOR.items():
        has_export = engine in ("auto", known) and exported(folder, format_, student.fingerprint) is not None
        if has_export and (engine == known or find_spec(RUNTIMES[known]) is not None):
            return known
        if engine == known:
            raise FinetuneError(
                f"{folder} has no {format_} export of its present weights.",
                f"Run `tunesmith model export {folder} --format {format_}`, or leave the engine out.",
            )
    if engine not in ("auto", "torch"):
        raise FinetuneError(f"There is no engine {engine!r}.", "Choose auto, torch, ctranslate2 or llama.")
    return "torch"


def student_name(folder: Path, student: Student) -> str:
    """What its LM is called. Other weights make another name, so that no cache mistakes one for the other."""
    return f"student/{folder.name}-{student.fingerprint[:12]}"


def task_number(student: Student, task: str | None) -> int:
    """The place of `task` in the student's tasks; only soft prompts of several tell them apart."""
    if task is None:
        if student.method == "prompt" and len(student.tasks) > 1:
            raise FinetuneError(
                f"This student has a prompt for each of {', '.join(student.tasks)}.",
                "Say which one: `load_student(path, task=…)` for each predictor.",
            )
        return 0
    if task not in student.tasks:
        raise FinetuneError(
            f"This student did not learn {task!r}.", f"It learned {', '.join(student.tasks)}: name one of them."
        )
    return student.tasks.index(task)
