"""A run that ended with finetuned models: what the edit writes, and what it leaves or refuses."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.finetune_samples import finetune_report, student
from support.runs.run_samples import artifact_report
from support.workspaces.workspace_texts import update, workspace_of
from tunesmith.protocol import ArtifactReport, StudentInfo
from tunesmith.server.edits.compose import compose_edit
from tunesmith.server.edits.program_edit import Form, ProgramEdit, Refusal, apply_edits
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.desk]\nprogram = "app:program"\n'
APP = """
import dspy


class Desk(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict("text -> label")
        self.steps = [dspy.ChainOfThought("text, label -> answer")]


program = Desk()
"""
SORT, ANSWER = "sort", "steps[0].predict"
HERE = 'Path(__file__).parent / "compiled"'
LOAD = f'program.load({HERE} / "desk.json")\n'
ALL = f'program.set_lm(load_student({HERE} / "desk-student"))\n'


def state() -> str:
    signature = {"instructions": "", "fields": []}
    states: dict[str, Any] = {name: {"demos": [], "signature": signature, "lm": None} for name in (SORT, ANSWER)}
    return json.dumps({**states, "metadata": {"dependency_versions": {"dspy": "3.4.1"}}})


def of_today(workspace: Workspace, *students: StudentInfo, **changes: Any) -> ArtifactReport:
    program = workspace.snapshot().find_target("desk").program
    assert program is not None
    report = artifact_report(
        target="desk",
        fingerprint=fingerprint_of(program),
        demos={},
        predictors=[SORT, ANSWER],
        **(changes | ({"finetune": finetune_report(students=list(students))} if students else {})),
    )
    return msgspec.structs.replace(report, students=list(students))


def compose(workspace: Workspace, artifact: ArtifactReport, form: Form = "load") -> ProgramEdit | Refusal:
    return compose_edit(workspace.snapshot(), workspace.snapshot().find_target("desk"), artifact, state(), form)


def applied(workspace: Workspace, artifact: ArtifactReport) -> str:
    """The edited text, put into the workspace."""
    edit = compose(workspace, artifact)
    assert isinstance(edit, ProgramEdit), edit
    text = apply_edits(workspace.index.view.text("app.py") or "", edit.edits.get("app.py", []))
    compile(text, "app.py", "exec")
    update(workspace, "app.py", text)
    return text


@pytest.fixture
def desk(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": APP})


BOTH = student(SORT, ANSWER)

STUDENTS: dict[str, tuple[list[StudentInfo], dict[str, str], str]] = {
    "one of all": ([BOTH], {"": "students/all"}, ALL),
    "one each": (
        [student(SORT, path="students/sort"), student(ANSWER, path="/elsewhere/answer")],
        {"sort": "students/sort", "steps-0-.predict": "/elsewhere/answer"},
        (
            f'program.sort.lm = load_student({HERE} / "desk-student" / "sort")\n'
            f'program.steps[0].predict.lm = load_student({HERE} / "desk-student" / "steps-0-.predict")\n'
        ),
    ),
    "one of some": (
        [student(SORT)],
        {"": "students/all"},
        f'program.sort.lm = load_student({HERE} / "desk-student")\n',
    ),
    "soft prompts of several": (
        [student(SORT, ANSWER, method="prompt")],
        {"": "students/all"},
        (
            f'program.sort.lm = load_student({HERE} / "desk-student", task="sort")\n'
            f'program.steps[0].predict.lm = load_student({HERE} / "desk-student", task="steps[0].predict")\n'
        ),
    ),
    "two of one name": (
        [student(SORT, path="a"), student("SORT", path="b")],
        {"sort": "a", "SORT-2": "b"},
        (
            f'program.sort.lm = load_student({HERE} / "desk-student" / "sort")\n'
            f'program.SORT.lm = load_student({HERE} / "desk-student" / "SORT-2")\n'
        ),
    ),
}


@pytest.mark.parametrize("case", STUDENTS)
def test_students_are_attached_behind_the_load(case: str, desk: Workspace) -> None:
    students, parts, statements = STUDENTS[case]
    artifact = of_today(desk, *students)
    edit = compose(desk, artifact)
    assert isinstance(edit, ProgramEdit), edit
    assert edit.students is not None
    assert (edit.students.path, edit.students.parts) == ("compiled/desk-student", parts)
    text = applied(desk, artifact)
    assert text.endswith(f"program = Desk()\n{LOAD}{statements}")
    assert text.startswith(
        "from pathlib import Path\n\nimport dspy\nfrom tunesmith.optim import load_student\n\n\nclass"
    )
    again = compose(desk, artifact)
    assert isinstance(again, ProgramEdit)
    assert again.edits == {}


def test_a_bare_predictor_is_given_its_student(tmp_path: Path) -> None:
    app = "import dspy\n\nprogram = dspy.Predict('text -> label')\n"
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": app})
    artifact = msgspec.structs.replace(of_today(workspace, student("self")), predictors=["self"])
    assert applied(workspace, artifact).endswith(f"{LOAD}{ALL}")


def test_what_is_committed_says_where_the_copies_lie(desk: Workspace) -> None:
    edit = compose(desk, of_today(desk, student(SORT, path="/somewhere/sort"), student(ANSWER, path="/somewhere/b")))
    assert isinstance(edit, ProgramEdit)
    text = edit.new_files["compiled/desk.json"]
    ours = json.loads(text)["metadata"]["tunesmith"]
    paths = ["compiled/desk-student/sort", "compiled/desk-student/steps-0-.predict"]
    assert [one["path"] for one in ours["students"]] == paths
    assert [one["path"] for one in ours["report"]["finetune"]["students"]] == paths
    assert "/somewhere" not in text
    assert edit.summary == (
        "Copy the compiled program to compiled/desk.json and its finetuned model to compiled/desk-student, "
        "and load both in app.py."
    )


def test_the_next_student_takes_the_place_of_the_last(desk: Workspace) -> None:
    once = applied(desk, of_today(desk, BOTH))
    one_each = of_today(desk, student(SORT), student(ANSWER))
    assert ".set_lm(" not in applied(desk, one_each)
    assert applied(desk, of_today(desk, BOTH)) == once


@pytest.mark.parametrize("form", ["demos", "instructions"])
def test_text_carries_no_model(desk: Workspace, form: Form) -> None:
    refusal = compose(desk, of_today(desk, BOTH), form)
    assert isinstance(refusal, Refusal)
    assert "finetuned model, and no text carries that. Load" in str(refusal)


def test_another_run_s_result_leaves_the_student_where_it_is(desk: Workspace) -> None:
    attached = applied(desk, of_today(desk, BOTH))
    assert applied(desk, of_today(desk)) == attached
    demos = artifact_report(
        target="desk",
        fingerprint=of_today(desk).fingerprint,
        demos={SORT: [{"text": "a", "label": "b"}], ANSWER: []},
    )
    with_demos = json.loads(state())
    with_demos[SORT]["demos"] = [{"text": "a", "label": "b"}]
    with_demos[SORT]["signature"]["instructions"] = "Given the fields `text`, produce the fields `label`."
    with_demos[ANSWER]["signature"]["instructions"] = "Given the fields `text`, `label`, produce the fields `answer`."
    edit = compose_edit(desk.snapshot(), desk.snapshot().find_target("desk"), demos, json.dumps(with_demos), "demos")
    assert isinstance(edit, ProgramEdit), edit
    assert apply_edits(attached, edit.edits["app.py"]).endswith(
        f'program = Desk()\nprogram.sort.demos = [{{"text": "a", "label": "b"}}]\n{ALL}'
    )


@pytest.mark.parametrize(
    "line", ["program.set_lm(dspy.LM('openai/gpt-4o'))", "program.sort.lm = None", "program.sort.set_lm(x)"]
)
def test_another_language_model_is_in_the_way_of_a_student_alone(desk: Workspace, line: str) -> None:
    update(desk, "app.py", f"{APP}{line}\n")
    refusal = compose(desk, of_today(desk, BOTH))
    assert isinstance(refusal, Refusal)
    assert "gives program another language model than the finetuned one." in str(refusal)
    assert isinstance(compose(desk, of_today(desk)), ProgramEdit)


def test_names_that_are_taken(desk: Workspace) -> None:
    update(desk, "app.py", APP.replace("import dspy\n", "import dspy\n\n\ndef load_student(): ...\n"))
    assert "program.set_lm(tunesmith.optim.load_student(" in applied(desk, of_today(desk, BOTH))
    update(desk, "app.py", APP.replace("import dspy\n", "import dspy\n\n\ndef load_student(tunesmith): ...\n"))
    refusal = compose(desk, of_today(desk, BOTH))
    assert isinstance(refusal, Refusal)
    assert "both `load_student` and `tunesmith` mean something else" in str(refusal)
