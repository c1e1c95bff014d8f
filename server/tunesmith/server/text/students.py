"""A run's finetuned models in a diagnostic's words: where they lie, and from when on they are cheaper."""

from pathlib import PurePath

from tunesmith.protocol import ArtifactReport, BreakEven, StudentInfo


def describe_students(root: PurePath, artifact: ArtifactReport) -> str:
    """`Its finetuned model is .tunesmith/runs/…/students/sort (lora of local/smollm2-135m); it is cheaper than
    openai/gpt-4o from 5,470 answers on.`"""
    models = " and ".join(_describe_one(root, artifact, student) for student in artifact.students)
    several = len(artifact.students) > 1
    pays = artifact.report.finetune.break_even if artifact.report.finetune is not None else []
    told = f"Its finetuned model{'s are' if several else ' is'} {models}"
    if not pays:
        return f"{told}."
    return f"{told}; {'they are' if several else 'it is'} {', '.join(map(_describe_break_even, pays))}."


def _describe_one(root: PurePath, artifact: ArtifactReport, student: StudentInfo) -> str:
    path = PurePath(student.path)
    if artifact.report.artifact is not None:
        path = PurePath(artifact.report.artifact).parent / path
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    return f"{shown.as_posix()} ({student.method} of {student.model})"


def _describe_break_even(one: BreakEven) -> str:
    return (
        f"never cheaper than {one.api}"
        if one.queries is None
        else (f"cheaper than {one.api} from {one.queries:,.0f} answers on")
    )
