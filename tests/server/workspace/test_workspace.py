"""A workspace: targets kept until something changes, found by name or place."""

from pathlib import Path

import pytest

from tunesmith.server.index.report import index_report
from tunesmith.server.workspace.snapshot import UnknownTarget
from tunesmith.server.workspace.workspace import Workspace

APP = """import dspy
program = dspy.Predict("q -> a")
other = dspy.Predict("q -> a")
def metric(gold, pred): ...
tp = dspy.BootstrapFewShot(metric=metric)
tp.compile(
    program, trainset=trainset
)
tp.compile(other, trainset=trainset)
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TUNESMITH_CACHE", str(tmp_path / ".cache"))
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    workspace = Workspace(tmp_path)
    workspace.refresh()
    return workspace


def test_targets_are_kept_until_something_changes(workspace: Workspace) -> None:
    first = workspace.snapshot().targets
    assert workspace.snapshot().targets is first
    workspace.index.update("app.py", APP.replace("other", "another"))
    assert [found.target.name for found in workspace.snapshot().targets] == ["program", "another"]
    (workspace.root / "pyproject.toml").write_text('[tool.tunesmith.targets.x]\nprogram = "app:program"\n')
    assert [found.target.name for found in workspace.snapshot().targets] == ["x", "program", "another"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [("program", "program"), ("app.py:6", "program"), ("app.py:8", "program"), ("./app.py:9", "other")],
)
def test_find_target(asked: str, name: str, workspace: Workspace) -> None:
    assert workspace.snapshot().find_target(asked).target.name == name


def test_find_target_by_absolute_path(workspace: Workspace) -> None:
    assert workspace.snapshot().find_target(f"{workspace.root}/app.py:9").target.name == "other"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("progam", "Did you mean `program`?"),
        ("app.py:1", "No target `app.py:1`. Known: `program`, `other`."),
        ("zzz", "Known: `program`, `other`."),
    ],
)
def test_unknown_targets(asked: str, said: str, workspace: Workspace) -> None:
    with pytest.raises(UnknownTarget) as caught:
        workspace.snapshot().find_target(asked)
    assert said in str(caught.value)
    assert caught.value.known == ["program", "other"]


def test_no_targets_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnknownTarget, match="This workspace has none"):
        Workspace(tmp_path).snapshot().find_target("x")


def test_settings_and_problems(workspace: Workspace) -> None:
    assert workspace.snapshot().settings.lm is None
    assert workspace.snapshot().problems == []
    (workspace.root / "pyproject.toml").write_text('[tool.tunesmith]\nlm = "x"\nfoo = 1\n')
    assert workspace.snapshot().settings.lm == "x"
    assert [problem.line for problem in workspace.snapshot().problems] == [3]


def test_report_within(workspace: Workspace) -> None:
    assert index_report(workspace.snapshot().index, None).files == 1
    assert index_report(workspace.snapshot().index, "app.py").files == 1
    assert index_report(workspace.snapshot().index, "elsewhere").files == 0
