"""The `load` form: the artifact is copied to `compiled/`, and loaded right after the program is constructed. So are
finetuned models, which stand in for the program's own."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from tunesmith.protocol import ArtifactReport, StudentInfo
from tunesmith.protocol.folder_layout import student_beside
from tunesmith.server.edits.program_edit import ProgramEdit, Refusal, StudentFolder
from tunesmith.server.edits.statements.construction_site import ConstructionSite
from tunesmith.server.edits.statements.load_statement import compiled_path, load_statement
from tunesmith.server.edits.statements.placement import place_statements
from tunesmith.server.edits.statements.student_statement import student_parts, student_statements
from tunesmith.server.edits.text.added_import import LOAD_STUDENT, PATH, ImportedName, NameExpression, name_expression
from tunesmith.server.edits.text.instruction_text import encode_instruction


class _Attached(Struct, frozen=True, kw_only=True):
    """The finetuned models: where their copies lie, and what attaches these."""

    copies: list[StudentInfo]
    folder: StudentFolder
    statements: list[str]
    loader: NameExpression


def load_edit(
    site: ConstructionSite, target: str, targets: Iterable[str], artifact: ArtifactReport, state: dict[str, Any]
) -> ProgramEdit | Refusal:
    """`targets` are the names of all targets of the workspace, so that no two share a file."""
    path_class = name_expression(PATH, site.source, site.start)
    if path_class is None:
        return _taken(site, PATH)
    compiled = compiled_path(target, targets)
    attached = _attach(site, path_class.expression, compiled, artifact) if artifact.students else None
    if isinstance(attached, Refusal):
        return attached
    # `load` takes away what language models the program has.
    students = attached.statements if attached else site.students
    statements = [load_statement(site.program, path_class.expression, site.path, compiled), *students]
    edits = place_statements(site.source, site.position, site.program, statements)
    names = [path_class, *([attached.loader] if attached else [])]
    added = [one.edit for one in names if one.edit is not None]
    if edits:
        edits = sorted([*added, *edits], key=lambda edit: edit.start)
    copies = attached.copies if attached else []
    return ProgramEdit(
        edits={site.path: edits} if edits else {},
        new_files={compiled: _compiled_text(state, artifact, compiled, copies)},
        students=attached.folder if attached else None,
        summary=_summary(site, compiled, attached),
    )


def _attach(site: ConstructionSite, path_class: str, compiled: str, artifact: ArtifactReport) -> _Attached | Refusal:
    loader = name_expression(LOAD_STUDENT, site.source, site.start)
    if loader is None:
        return _taken(site, LOAD_STUDENT)
    folder, parts = student_beside(compiled), student_parts(artifact.students)
    copies = [
        msgspec.structs.replace(student, path=f"{folder}/{part}" if part else folder)
        for student, part in zip(artifact.students, parts, strict=True)
    ]
    statements = student_statements(site.program, loader.expression, path_class, site.path, copies, artifact.predictors)
    if statements is None:
        return Refusal(
            reason="a predictor of the program cannot be named in source text, so it cannot be given its model.",
            where=site.where,
            next_step="Call `load_student` where the predictor is made.",
        )
    return _Attached(
        copies=copies,
        folder=StudentFolder(
            path=folder,
            parts={part: student.path for part, student in zip(parts, artifact.students, strict=True)},
            weights_bytes=sum(student.weights_bytes for student in artifact.students),
        ),
        statements=statements,
        loader=loader,
    )


def _taken(site: ConstructionSite, wanted: ImportedName) -> Refusal:
    return Refusal(
        reason=f"both `{wanted.name}` and `{wanted.root}` mean something else in this file.",
        where=site.where,
        next_step="Rename one of them, then apply again.",
    )


def _summary(site: ConstructionSite, compiled: str, attached: _Attached | None) -> str:
    if attached is None:
        return f"Copy the compiled program to {compiled} and load it in {site.path}."
    return (
        f"Copy the compiled program to {compiled} and its finetuned model to {attached.folder.path}, "
        f"and load both in {site.path}."
    )


def _compiled_text(state: dict[str, Any], artifact: ArtifactReport, compiled: str, copies: list[StudentInfo]) -> str:
    """What is committed names no folder of this machine."""
    finetune = artifact.report.finetune
    report = msgspec.structs.replace(
        artifact.report,
        artifact=compiled,
        finetune=msgspec.structs.replace(finetune, students=copies) if finetune is not None else None,
    )
    metadata = msgspec.to_builtins(msgspec.structs.replace(artifact, report=report, students=copies))
    encoded = {name: _encoded(one) for name, one in state.items()}
    state = {**encoded, "metadata": {**state["metadata"], "tunesmith": metadata}}
    return json.dumps(state, indent=2, ensure_ascii=False) + "\n"


def _encoded(value: Any) -> Any:
    """A predictor's state, or a part of it, with the instruction so that `load` gives back just that."""
    if not isinstance(value, dict):
        return value
    if isinstance(text := value.get("instructions"), str) and "fields" in value:
        return {**value, "instructions": encode_instruction(text) or text}
    return {**value, "signature": _encoded(value["signature"])} if "signature" in value else value
