"""What an edit writes, run again, gives a program whose `dump_state()` equals the artifact's (an invariant)."""

import json
import tempfile
from pathlib import Path
from typing import Any

import dspy
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.runs.finetune_samples import student
from support.runs.run_samples import artifact_report
from support.workspaces.workspace_texts import update, workspace_of
from tunesmith.server.edits.compose import compose_edit
from tunesmith.server.edits.program_edit import Form, ProgramEdit, apply_edits
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app/bot.py:{program}"\n'

MODULE = '''"""A bot."""
import dspy


class Sort(dspy.Signature):
    """Tell what it is about."""

    text: str = dspy.InputField()
    labels: list[str] = dspy.OutputField(desc="all that fit")


class Inner(dspy.Module):
    def __init__(self):
        super().__init__()
        self.reason = dspy.ChainOfThought(Sort)


class Bot(dspy.Module):
    def __init__(self):
        super().__init__()
        self.sort = dspy.Predict(Sort)
        self.inner = Inner()
        self.steps = [dspy.Predict("text -> note"), dspy.ChainOfThought("note -> score: float")]
        self.tools = {"find": dspy.Predict("text -> found: bool")}
'''

PROGRAMS = {
    "bot = Bot()\n": "bot",
    "bot = Bot()  # the one": "bot",
    "a = 1; bot = Bot(); b = 2\n": "bot",
    "bot = Bot()\nbot.sort.demos = [{'text': 'old', 'labels': []}]\n": "bot",
    "if True:\n\tbot = Bot()\n": "bot",
    "bot = dspy.Predict('text -> label')\n": "bot",
    "bot = dspy.ChainOfThought(Sort)\n": "bot",
}
"""What follows the classes, and the expression of the program."""

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.text("ab \n\"'\\ é🎉\u2028\u202e{}[]#", max_size=200),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab'\"", max_size=5), inner, max_size=3),
    max_leaves=6,
)
DEMOS = st.lists(st.dictionaries(st.sampled_from(["augmented", "text", "labels", "reasoning"]), VALUES), max_size=3)


def run(source: str, file: Path, program: str) -> Any:
    """The program a source file gives when it is run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8", newline="")
    namespace: dict[str, Any] = {"__name__": "bot", "__file__": str(file)}
    exec(compile(file.read_bytes(), str(file), "exec"), namespace)
    return eval(program, namespace)


def composed(workspace: Workspace, form: Form, program_json: str, demos: dict[str, list[Any]]) -> ProgramEdit:
    found = workspace.snapshot().find_target("bot")
    assert found.program is not None
    artifact = artifact_report(target="bot", fingerprint=fingerprint_of(found.program), demos=demos)
    edit = compose_edit(workspace.snapshot(), found, artifact, program_json, form)
    assert isinstance(edit, ProgramEdit), edit
    return edit


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("tail", "program"), PROGRAMS.items())
@given(data=st.data())
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_forms_give_the_artifacts_state(tail: str, program: str, newline: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        file = root / "app" / "bot.py"
        source = (MODULE + tail).replace("\n", newline)
        teacher = run(source, file, program)
        demos = {name: data.draw(DEMOS) for name, _ in teacher.named_predictors()}
        demos[next(iter(demos))].append({"text": "at least one"})
        for name, predictor in teacher.named_predictors():
            predictor.demos = [dspy.Example(**demo) for demo in demos[name]]
        teacher.save(root / "program.json")
        loaded = run(source, file, program)
        loaded.load(root / "program.json")
        expected = exact(loaded.dump_state())

        program_json = (root / "program.json").read_text(encoding="utf-8")
        workspace = workspace_of(root, {"pyproject.toml": PYPROJECT.format(program=program), "app/bot.py": source})
        forms: list[Form] = ["load", "demos", "load"]
        for form in forms:
            edit = composed(workspace, form, program_json, demos)
            for path, text in edit.new_files.items():
                update(workspace, path, text)
            source = apply_edits(source, edit.edits.get("app/bot.py", []))
            workspace.index.update("app/bot.py", source)
            assert exact(run(source, file, program).dump_state()) == expected
            assert composed(workspace, form, program_json, demos).edits == {}


def exact(state: Any) -> str:
    """Tells 1 from 1.0 and True, 0.0 from -0.0, and one order of keys from another."""
    return repr(state)


EACH = {"sort": "sort", "inner.reason.predict": "reason", "steps[1].predict": "scores", "tools['find']": "find"}


@pytest.mark.parametrize("tail", [tail for tail, program in PROGRAMS.items() if "Bot()" in tail])
@pytest.mark.parametrize("tasks", [None, EACH], ids=["one of all", "one each"])
def test_students_are_attached_and_the_rest_is_the_artifacts(
    tail: str, tasks: dict[str, str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tunesmith.optim.load_student",
        lambda path: dspy.LM(f"student/{Path(path).relative_to(tmp_path)}"),
        raising=False,
    )
    file, source = tmp_path / "app" / "bot.py", MODULE + tail
    teacher = run(source, file, "bot")
    teacher.sort.demos = [dspy.Example(text="a", labels=["b"])]
    teacher.save(tmp_path / "program.json")
    names = [name for name, _ in teacher.named_predictors()]
    students = [student(name, path=path) for name, path in tasks.items()] if tasks else [student(*names)]
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT.format(program="bot"), "app/bot.py": source})
    found = workspace.snapshot().find_target("bot")
    assert found.program is not None
    artifact = artifact_report(target="bot", fingerprint=fingerprint_of(found.program), demos={}, predictors=names)
    artifact = msgspec.structs.replace(artifact, students=students)
    edit = compose_edit(workspace.snapshot(), found, artifact, (tmp_path / "program.json").read_text(), "load")
    assert isinstance(edit, ProgramEdit), edit
    for path, text in edit.new_files.items():
        update(workspace, path, text)
    attached = run(apply_edits(source, edit.edits["app/bot.py"]), file, "bot")
    answers = {name: predictor.lm and predictor.lm.model for name, predictor in attached.named_predictors()}
    copies = json.loads(edit.new_files["compiled/bot.json"])["metadata"]["tunesmith"]["students"]
    expected = {task: f"student/{copy['path']}" for copy in copies for task in copy["tasks"]}
    assert answers == {name: expected.get(name) for name in names}
    attached.set_lm(None)
    assert exact(attached.dump_state()) == exact(teacher.dump_state())
