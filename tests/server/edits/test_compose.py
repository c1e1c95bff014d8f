import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from support.runs.run_samples import artifact_report
from support.workspaces.workspace_texts import update, workspace_of
from tunesmith.protocol import ArtifactReport
from tunesmith.server.edits.compose import compose_edit
from tunesmith.server.edits.program_edit import Form, ProgramEdit, Refusal, apply_edits
from tunesmith.server.edits.text.diff import unified_diff
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.triage]\nprogram = "app:program"\n'
APP = """
import dspy


class Bank(dspy.Module):
    def __init__(self):
        super().__init__()
        self.classify = dspy.Predict("text -> label")
        self.steps = [dspy.ChainOfThought("text, label -> answer")]


program = Bank()
"""
DEMOS = {"classify": [{"augmented": True, "text": "a", "label": "b"}], "steps[0].predict": []}


def state(demos: dict[str, list[dict[str, Any]]] = DEMOS, **metadata: Any) -> str:
    instructions = {
        "self": "Given the fields `text`, produce the fields `label`.",
        "classify": "Given the fields `text`, produce the fields `label`.",
        "steps[0].predict": "Given the fields `text`, `label`, produce the fields `answer`.",
    }
    states = {
        name: {
            "traces": [],
            "train": [],
            "demos": chosen,
            "signature": {"instructions": instructions.get(name, ""), "fields": []},
            "lm": None,
        }
        for name, chosen in demos.items()
    }
    return json.dumps({**states, "metadata": {"dependency_versions": {"dspy": "3.4.1"}, **metadata}})


BARE: dict[str, list[dict[str, Any]]] = {"self": [{"text": "a", "label": "b"}]}


def bare_state() -> str:
    """A bare predictor's state is not nested."""
    states = json.loads(state(BARE))
    return json.dumps({**states["self"], "metadata": states["metadata"]})


def of_today(workspace: Workspace, demos: dict[str, list[dict[str, Any]]] = DEMOS, **changes: Any) -> ArtifactReport:
    """An artifact of a run that started from the program as it is."""
    program = workspace.snapshot().find_target("triage").program
    assert program is not None
    values = {"fingerprint": fingerprint_of(program), "demos": demos, "predictors": list(demos)}
    return artifact_report(**{**values, **changes})


def compose(
    workspace: Workspace, form: Form, artifact: ArtifactReport | None = None, program_json: str | None = None
) -> ProgramEdit | Refusal:
    found = workspace.snapshot().find_target("triage")
    return compose_edit(workspace.snapshot(), found, artifact or of_today(workspace), program_json or state(), form)


def applied(workspace: Workspace, edit: ProgramEdit | Refusal) -> str:
    """The edited text (the last, of several), put into the workspace."""
    assert isinstance(edit, ProgramEdit), edit
    text = ""
    for path, edits in edit.edits.items():
        text = apply_edits(workspace.index.view.text(path) or "", edits)
        update(workspace, path, text)
    return text


@pytest.fixture
def bank(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": APP})


def test_the_load_form_copies_the_artifact_and_loads_it(bank: Workspace) -> None:
    edit = compose(bank, "load")
    text = applied(bank, edit)
    assert text.startswith("from pathlib import Path\n\nimport dspy\n")
    assert text.endswith('program = Bank()\nprogram.load(Path(__file__).parent / "compiled" / "triage.json")\n')
    assert isinstance(edit, ProgramEdit)
    copied = json.loads(edit.new_files["compiled/triage.json"])
    ours = copied["metadata"].pop("tunesmith")
    assert copied == json.loads(state())
    assert ours["report"]["run_id"] == "run-1"
    assert ours["report"]["artifact"] == "compiled/triage.json"
    assert "/somewhere" not in edit.new_files["compiled/triage.json"]


def test_the_demos_form_writes_literals(bank: Workspace) -> None:
    text = applied(bank, compose(bank, "demos"))
    assert text.endswith(
        'program = Bank()\nprogram.classify.demos = [{"augmented": True, "text": "a", "label": "b"}]\n'
    )


@pytest.mark.parametrize("form", ["load", "demos"])
def test_composing_again_changes_nothing(bank: Workspace, form: Form) -> None:
    once = applied(bank, compose(bank, form))
    again = compose(bank, form)
    assert isinstance(again, ProgramEdit)
    assert again.edits == {}
    assert bank.index.view.text("app.py") == once


def test_forms_take_each_others_place(bank: Workspace) -> None:
    load = applied(bank, compose(bank, "load"))
    demos = applied(bank, compose(bank, "demos"))
    assert ".load(" not in demos
    assert applied(bank, compose(bank, "load")) == load


def test_an_empty_list_takes_away_demos_of_the_source(bank: Workspace) -> None:
    update(bank, "app.py", APP.replace("        self.steps", "        self.classify.demos = [1]\n        self.steps"))
    assert "program.steps[0].predict.demos = []\n" in applied(bank, compose(bank, "demos"))


@pytest.mark.parametrize(
    ("path", "folder"),
    [("app.py", "parent"), ("src/app.py", "parents[1]"), ("src/pkg/app.py", "parents[2]")],
)
def test_the_path_leads_to_the_root(tmp_path: Path, path: str, folder: str) -> None:
    pyproject = f'[tool.tunesmith.targets.triage]\nprogram = "{path}:program"\n'
    workspace = workspace_of(tmp_path, {"pyproject.toml": pyproject, path: APP})
    text = applied(workspace, compose(workspace, "load"))
    assert f'program.load(Path(__file__).{folder} / "compiled" / "triage.json")\n' in text


@pytest.mark.parametrize(
    ("names", "target", "file"),
    [
        (["triage"], "triage", "triage.json"),
        (["a/b:12 c"], "a/b:12 c", "a-b-12-c.json"),
        (["a/b", "a:b"], "a/b", "a-b.json"),
        (["a/b", "a:b"], "a:b", "a-b-2.json"),
        (["Bank", "bank"], "bank", "bank-2.json"),
        (["..."], "...", "program.json"),
        (["../../x"], "../../x", "x.json"),
        (["größe"], "größe", "größe.json"),
    ],
)
def test_artifact_names_are_safe_and_distinct(tmp_path: Path, names: list[str], target: str, file: str) -> None:
    tables = "".join(
        f'[tool.tunesmith.targets.{json.dumps(n, ensure_ascii=False)}]\nprogram = "app:program"\n' for n in names
    )
    workspace = workspace_of(tmp_path, {"pyproject.toml": tables, "app.py": APP})
    edit = compose_edit(
        workspace.snapshot(),
        workspace.snapshot().find_target(target),
        of_today_named(workspace, target),
        state(),
        "load",
    )
    assert isinstance(edit, ProgramEdit)
    assert list(edit.new_files) == [f"compiled/{file}"]


def of_today_named(workspace: Workspace, target: str) -> ArtifactReport:
    program = workspace.snapshot().find_target(target).program
    assert program is not None
    return artifact_report(target=target, fingerprint=fingerprint_of(program))


@pytest.mark.parametrize(
    ("app", "program"),
    [
        # inside a function, with a comment
        (
            """
            import dspy

            def main():
                program = dspy.Predict('text -> label')  # it
                >>>program.load(Path(__file__).parent / "compiled" / "program.json")
                dspy.MIPROv2().compile(program, trainset=[])
            """,
            "program",
        ),
        # an attribute
        (
            """
            import dspy

            class App:
                def run(self):
                    self.bot = dspy.Predict(
                        'text -> label'
                    )
                    >>>self.bot.load(Path(__file__).parent / "compiled" / "self.bot.json")
                    dspy.MIPROv2().compile(self.bot, trainset=[])
            """,
            "self.bot",
        ),
        # under a guard, with tabs
        (
            """
            import dspy

            if __name__ == '__main__':
            \tprogram = dspy.Predict('text -> label')
            \t>>>program.load(Path(__file__).parent / "compiled" / "program.json")
            \tdspy.MIPROv2().compile(program, trainset=[])
            """,
            "program",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_compile_sites(tmp_path: Path, app: str, program: str, newline: str) -> None:
    """`>>>` marks the line that the edit adds."""
    after = dedent(app.removeprefix("\n"))
    before = "".join(line for line in after.splitlines(keepends=True) if ">>>" not in line)
    workspace = workspace_of(tmp_path, {"app.py": before.replace("\n", newline)})
    (found,) = workspace.snapshot().targets
    assert found.target.name == program
    report = artifact_report(target=program, demos=BARE, predictors=["self"])
    text = applied(workspace, compose_edit(workspace.snapshot(), found, report, bare_state(), "load"))
    expected = "from pathlib import Path\n\n" + after.replace(">>>", "")
    assert text == expected.replace("\n", newline)


def test_a_bare_predictor_is_itself_given_demos(tmp_path: Path) -> None:
    app = "import dspy\nprogram = dspy.Predict('text -> label')\n"
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": app})
    edit = compose(workspace, "demos", of_today(workspace, BARE), bare_state())
    assert applied(workspace, edit).endswith('program.demos = [{"text": "a", "label": "b"}]\n')


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('"text -> label"', '"query -> label"', "app.py:7"),
        ('"text -> label"', '"text -> label: bool"', "app.py:7"),
        ("self.classify", "self.sort", "app.py:7"),
    ],
)
@pytest.mark.parametrize("form", ["load", "demos"])
def test_a_program_that_changed_since_is_not_edited(
    bank: Workspace, before: str, after: str, where: str, form: Form
) -> None:
    artifact = of_today(bank)
    update(bank, "app.py", APP.replace(before, after))
    refusal = compose(bank, form, artifact)
    assert isinstance(refusal, Refusal)
    assert refusal.where == where
    assert "changed since run run-1 started" in refusal.reason


@pytest.mark.parametrize("form", ["load", "demos"])
def test_cosmetic_changes_are_none(bank: Workspace, form: Form) -> None:
    artifact = of_today(bank)
    update(
        bank,
        "app.py",
        APP.replace("class Bank", "# a comment\nX = 1\n\n\nclass Bank").replace('"text -> label"', "'text->label'"),
    )
    assert isinstance(compose(bank, form, artifact), ProgramEdit)


@pytest.mark.parametrize(
    ("app", "reason", "where"),
    [
        (APP.replace("program = Bank()", "program = [Bank()][0]"), "exactly one statement", None),
        (APP + "def (:\n", "syntax errors", "app.py:11"),
        (APP + "x = 1\nprogram.load('other.json')\n", "would override", "app.py:13"),
        (APP + "if x:\n    program.load('other.json')\n", "would override", "app.py:13"),
        (APP + "x = 1\nprogram.classify.demos = []\n", "would override", "app.py:13"),
        (APP + "def Path(): ...\npathlib = 1\n", "both `Path` and `pathlib`", "app.py:11"),
    ],
)
def test_where_no_edit_is_sound_it_is_refused(bank: Workspace, app: str, reason: str, where: str | None) -> None:
    artifact = of_today(bank)
    update(bank, "app.py", app)
    refusal = compose(bank, "load", artifact)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert where in (None, refusal.where)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"metadata": 1}',
        state()[:-1] + ', "x": NaN}',
        '{"metadata": {"dependency_versions": {"a": "\\ud800"}}}',
    ],
)
@pytest.mark.parametrize("form", ["load", "demos"])
def test_a_state_that_is_none_is_refused(bank: Workspace, text: str, form: Form) -> None:
    found = bank.snapshot().find_target("triage")
    assert isinstance(compose_edit(bank.snapshot(), found, of_today(bank), text, form), Refusal)


def with_state(key: str, value: object) -> str:
    states = json.loads(state())
    states["classify"][key] = value
    return json.dumps(states)


@pytest.mark.parametrize(
    ("changes", "program_json", "reason"),
    [
        ({"literal_demos": False}, state(), "not literals"),
        ({"demos": {"classify": []}}, state({"classify": []}), "no demos"),
        ({"demos": {"steps[*]": []}}, state({"steps[*]": [{}]}), "cannot be reached"),
        ({"demos": {"tools['1']": []}}, state({"tools['1']": [{}]}), "cannot be reached"),
        ({"predictors": ["classify", "gone"]}, state(), "lacks a predictor"),
        ({}, with_state("train", [1]), "also sets train of classify"),
        ({}, with_state("fields", {"label": {}}), "also sets fields of classify"),
        ({}, with_state("lm", {"model": "x"}), "also sets lm of classify"),
        ({}, with_state("signature", {"instructions": "Do it well.", "fields": []}), "instructions of classify"),
    ],
)
def test_what_source_text_cannot_carry_is_only_loaded(
    bank: Workspace, changes: dict[str, Any], program_json: str, reason: str
) -> None:
    artifact = of_today(bank, **changes)
    refusal = compose(bank, "demos", artifact, program_json)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
    assert refusal.next_step is not None
    if "predictors" not in changes:
        assert isinstance(compose(bank, "load", artifact, program_json), ProgramEdit)


def test_the_diff_shows_the_source_and_names_the_file(bank: Workspace) -> None:
    edit = compose(bank, "load")
    assert isinstance(edit, ProgramEdit)
    lines = unified_diff(bank.snapshot(), edit).splitlines()
    assert lines[:2] == ["--- a/app.py", "+++ b/app.py"]
    assert [line for line in lines if line.startswith("+")][1:-1] == [
        "+from pathlib import Path",
        "+",
        '+program.load(Path(__file__).parent / "compiled" / "triage.json")',
    ]
    assert lines[-1].startswith("+++ compiled/triage.json (")


def test_the_diff_of_nothing_names_the_file_only(bank: Workspace) -> None:
    applied(bank, compose(bank, "load"))
    edit = compose(bank, "load")
    assert isinstance(edit, ProgramEdit)
    assert unified_diff(bank.snapshot(), edit).startswith("+++ compiled/triage.json (")
