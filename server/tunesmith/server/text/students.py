"""A run's finetuned models: what they were trained on, where they lie, and from when on they are cheaper."""

from collections.abc import Mapping
from pathlib import PurePath

from tunesmith.protocol import ArtifactReport, BreakEven, StudentInfo
from tunesmith.server.text.quantities import describe_bytes


def describe_students(root: PurePath, artifact: ArtifactReport) -> str:
    """`Its finetuned model is .tunesmith/runs/…/students/sort (lora of local/smollm2-135m); it is cheaper than
    openai/gpt-4o from 5,470 answers on.` Paths below `root` are shown relative to it."""
    models = " and ".join(_describe_place(root, artifact, student) for student in artifact.students)
    several = len(artifact.students) > 1
    pays = artifact.report.finetune.break_even if artifact.report.finetune is not None else []
    sentence = f"Its finetuned model{'s are' if several else ' is'} {models}"
    if not pays:
        return f"{sentence}."
    return f"{sentence}; {'they are' if several else 'it is'} {', '.join(map(_describe_break_even, pays))}."


def describe_student(student: StudentInfo) -> str:
    """`student for sort: students/sort (lora of local/smollm2-135m, 19 MB)`."""
    made = f"{student.method} of {student.model}, {describe_bytes(student.weights_bytes)}"
    return f"student for {', '.join(student.tasks)}: {student.path} ({made})"


def describe_training_rows(rows: int, refused: Mapping[str, int]) -> str:
    """`180 rows trained on; left out: 2 too long`."""
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in refused.items())
    return f"{rows:,} rows trained on{f'; left out: {left_out}' if left_out else ''}"


def describe_break_even_answers(queries: float | None) -> str:
    """`5,470 answers on`, after a head that says `from`; `never`."""
    return "never" if queries is None else f"{queries:,.0f} answers on"


def _describe_break_even(one: BreakEven) -> str:
    if one.queries is None:
        return f"never cheaper than {one.api}"
    return f"cheaper than {one.api} from {describe_break_even_answers(one.queries)}"


def _describe_place(root: PurePath, artifact: ArtifactReport, student: StudentInfo) -> str:
    path = PurePath(student.path)
    if artifact.report.artifact is not None:
        path = PurePath(artifact.report.artifact).parent / path
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    return f"{shown.as_posix()} ({student.method} of {student.model})"
