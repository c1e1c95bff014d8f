"""`⟦code|…⟧` marks the path a diagnostic stands on, in a program that is given a finetuned model."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from support.runs.finetune_samples import student, write_student
from support.runs.run_samples import artifact_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, update, workspace_of
from tunesmith.server.artifacts.reader import ArtifactReader
from tunesmith.server.features.code_action import code_actions
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.workspace.workspace import Workspace

MARK = re.compile(r"⟦([\w-]+)\|(.*?)⟧", re.DOTALL)
PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
APP = """\
from pathlib import Path

import dspy
from tunesmith.optim import load_student

bot = dspy.Predict("text -> label")
bot.set_lm(load_student({path}))
"""
PATH = 'Path(__file__).parent / "compiled" / "bot-student"'
FOLDER = "compiled/bot-student"


def app(path: str = PATH, *, marked: str | None = None) -> str:
    return APP.format(path=f"⟦{marked}|{path}⟧" if marked else path)


@pytest.fixture
def bot(tmp_path: Path) -> Workspace:
    """The student and its artifact lie where they should."""
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": app()})
    write_student(tmp_path / FOLDER)
    applied(workspace)
    return workspace


def applied(workspace: Workspace, folder: str = FOLDER, **changes: Any) -> None:
    program = workspace.snapshot().find_target("bot").program
    assert program is not None
    report = artifact_report(target="bot", fingerprint=fingerprint_of(program), demos={}, predictors=["self"])
    report = msgspec.structs.replace(report, students=[student("self", path=folder, **changes)])
    state = {"metadata": {"dependency_versions": {}, "tunesmith": msgspec.to_builtins(report)}}
    update(workspace, "compiled/bot.json", json.dumps(state))


def check(workspace: Workspace, marked: str, reader: ArtifactReader | None = None) -> list[str]:
    """The diagnostics of app.py stand on its marks; returns their messages."""
    text = MARK.sub(r"\2", marked)
    update(workspace, "app.py", text)
    found = diagnose(
        snapshot_of(workspace, snapshot(), (reader or ArtifactReader()).read(workspace.snapshot())), "app.py"
    )
    assert [(one.code, text[one.span.start : one.span.end]) for one in found] == [
        match.groups() for match in MARK.finditer(marked)
    ]
    assert all(one.severity == "warning" for one in found)
    return [one.message for one in found]


def test_one_that_is_there_and_fits_is_fine(bot: Workspace) -> None:
    check(bot, app())


@pytest.mark.parametrize(
    "path",
    [
        "compute()",
        'folder / "bot-student"',
        '"/elsewhere/bot-student"',
        'Path(__file__).parents[3] / "bot-student"',
    ],
)
def test_silent_where_nobody_knows_which_folder(bot: Workspace, path: str) -> None:
    check(bot, app(path))


@pytest.mark.parametrize(
    "line",
    [
        "import json\njson.load_student('gone')\n",
        "def load_student(path): ...\nload_student('gone')\n",
        "from other import load_student\nload_student('gone')\n",
    ],
)
def test_functions_of_that_name_are_not_ours(tmp_path: Path, line: str) -> None:
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT})
    check(workspace, f"import dspy\n{line}")


MISSING: dict[str, tuple[str | None, str]] = {
    "all of it": ("", "There is no compiled/bot-student: `load_student` will raise."),
    "its manifest": ("student.json", "compiled/bot-student cannot be loaded: it has no student.json."),
    "its weights": (
        "adapter/adapter_model.safetensors", "compiled/bot-student cannot be loaded: its weights are not there.",
    ),
    "what its manifest says": (None, "compiled/bot-student cannot be loaded: its student.json cannot be read."),
}  # fmt: skip


@pytest.mark.parametrize("case", MISSING)
def test_what_is_missing(case: str, bot: Workspace) -> None:
    removed, message = MISSING[case]
    reader = ArtifactReader()
    check(bot, app(), reader)
    folder = bot.root / FOLDER
    if removed is None:
        (folder / "student.json").write_text("{")
    elif removed:
        (folder / removed).unlink()
    else:
        folder.rename(bot.root / "moved")
    (told,) = check(bot, app(marked="missing-student"), reader)
    assert told.startswith(f"{message} Apply run run-1 again, or copy the folder from where it is whole")


def test_one_that_came_without_its_artifact(bot: Workspace) -> None:
    (bot.root / "compiled" / "bot.json").unlink()
    check(bot, app())
    (bot.root / FOLDER / "student.json").unlink()
    (told,) = check(bot, app(marked="missing-student"))
    assert "Apply its run again" in told


def test_a_path_from_the_working_directory_is_looked_for_in_both_places(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "pkg/app.py": app('"s"')})
    found = diagnose(snapshot_of(workspace, snapshot()), "pkg/app.py")
    assert [one.message.partition(":")[0] for one in found] == ["There is no s or pkg/s"]
    write_student(tmp_path / "pkg" / "s")
    assert diagnose(snapshot_of(workspace, snapshot()), "pkg/app.py") == []


def test_a_program_that_changed_makes_it_stale(bot: Workspace) -> None:
    changed = app(marked="stale-student").replace("text -> label", "query -> label")
    (told,) = check(bot, changed)
    assert told == (
        "compiled/bot-student was trained for another program: input field `text` of `self` is now `query` (app.py:6). "
        "Tune again."
    )


def test_another_model_in_its_place(bot: Workspace) -> None:
    applied(bot, fingerprint="e" * 64)
    (told,) = check(bot, app(marked="stale-student"))
    assert told == "compiled/bot-student holds another model than run run-1 made. Apply that run again."


def test_an_artifact_of_other_students_says_nothing_of_this_one(bot: Workspace) -> None:
    applied(bot, "compiled/bot-student/sort", fingerprint="e" * 64)
    check(bot, app().replace("text -> label", "query -> label"))


def test_it_can_be_tuned_again(bot: Workspace) -> None:
    text = app().replace("text -> label", "query -> label")
    update(bot, "app.py", text)
    at = text.index("Path(__file__)")
    actions = code_actions(snapshot_of(bot, snapshot()), "app.py", at, at)
    assert [(one.title, one.command, one.codes) for one in actions] == [
        ("Tune bot again", "tunesmith.tune", ["stale-student"])
    ]
