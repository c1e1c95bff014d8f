"""Files that only the configuration leads to: nothing in them names dspy."""

from pathlib import Path
from typing import Any

import pytest

from tunesmith.server.index import index as index_module
from tunesmith.server.index import sources
from tunesmith.server.index.facts import FileFacts
from tunesmith.server.index.report import index_report
from tunesmith.server.index.syntax import read_facts
from tunesmith.server.workspace.workspace import Workspace

PROGRAM = "import dspy\nbot = dspy.Predict('text -> label')\n"
METRIC = "LIMIT = 3\n\n\ndef judge(one, two):\n    return one == two\n\n\njudges = [judge]\nstrict = judges[0]\n"
DATA = """import json

rows = [{"text": "a"}]
train, val = rows, rows
rows = rows * 2


def load():
    return rows
"""
FILES = {"app.py": PROGRAM, "pkg/__init__.py": "", "pkg/metric.py": METRIC, "data/rows.py": DATA, "plain.py": METRIC}


def configured(**target: str) -> str:
    return "[tool.tunesmith.targets.bot]\n" + "".join(f'{key} = "{value}"\n' for key, value in target.items())


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    write(tmp_path, FILES)
    workspace = Workspace(tmp_path)
    workspace.refresh()
    return workspace


def configure(workspace: Workspace, **target: str) -> None:
    write(workspace.root, {"pyproject.toml": configured(program="app:bot", **target)})


def found(workspace: Workspace) -> list[str]:
    """Metrics, then data sets."""
    report = index_report(workspace.snapshot().index, None)
    metrics = [f"{one.file}:{one.line} {one.name}" for one in report.metrics]
    return [*metrics, *(f"{one.file}:{one.line} {one.name} ({one.kind})" for one in report.datasets)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, []),
        ({"metric": "pkg.metric:judge"}, ["pkg/metric.py:4 judge"]),
        ({"metric": "./pkg/metric.py:judge"}, ["pkg/metric.py:4 judge"]),
        ({"metric": "pkg.metric:strict"}, ["pkg/metric.py:9 strict"]),
        ({"metric": "pkg.metric:missing"}, []),
        ({"metric": "pkg.metric"}, []),
        ({"metric": "pkg.nowhere:judge"}, []),
        ({"metric": ":judge"}, []),
        ({"trainset": "data/rows.py:rows"}, ["data/rows.py:3 rows (examples)"]),
        ({"trainset": "data/rows.py:load"}, ["data/rows.py:8 load (loader)"]),
        (
            {"trainset": "data/rows.py:train", "valset": "data/rows.py:val"},
            ["data/rows.py:4 train (examples)", "data/rows.py:4 val (examples)"],
        ),
        ({"trainset": "data/train.jsonl"}, []),
        ({"trainset": "datasets:rows"}, []),
        (
            {"metric": "pkg.metric:judge", "trainset": "pkg.metric:judges"},
            ["pkg/metric.py:4 judge", "pkg/metric.py:8 judges (examples)"],
        ),
    ],
    ids=str,
)
def test_what_a_target_names(workspace: Workspace, target: dict[str, str], expected: list[str]) -> None:
    configure(workspace, **target)
    assert found(workspace) == expected
    fresh = Workspace(workspace.root)
    fresh.refresh()
    assert found(fresh) == expected


def test_a_library_of_data_sets_is_no_file(workspace: Workspace) -> None:
    write(workspace.root, {"datasets.py": DATA})
    workspace.refresh()
    configure(workspace, trainset="datasets:rows")
    assert found(workspace) == []


def test_the_configuration_and_the_files_change(workspace: Workspace) -> None:
    configure(workspace, metric="pkg.metric:judge")
    assert found(workspace) == ["pkg/metric.py:4 judge"]
    configure(workspace, metric="later:judge")
    assert found(workspace) == []
    write(workspace.root, {"later.py": METRIC})
    workspace.refresh()
    assert found(workspace) == ["later.py:4 judge"]
    (workspace.root / "later.py").unlink()
    workspace.refresh()
    assert found(workspace) == []


def test_a_document_that_is_typed_in(workspace: Workspace) -> None:
    configure(workspace, metric="pkg.metric:judge", trainset="pkg.metric:judges")
    both = ["pkg/metric.py:5 judge", "pkg/metric.py:9 judges (examples)"]
    workspace.index.update("pkg/metric.py", f"#\n{METRIC}")
    assert found(workspace) == both
    workspace.index.update("pkg/metric.py", f"#\n{METRIC}".replace("judges = [judge]", "judges = [judge"))
    assert found(workspace) == both
    workspace.index.update("pkg/metric.py", METRIC.replace("judge", "other"))
    assert found(workspace) == []


def test_a_program_in_a_file_that_only_imports_one(workspace: Workspace) -> None:
    write(workspace.root, {"far/maker.py": "from app import bot\n", "run.py": "from far.maker import bot as it\n"})
    workspace.refresh()
    write(workspace.root, {"pyproject.toml": configured(program="run:it")})
    program = workspace.snapshot().find_target("bot").program
    assert program is not None
    assert [one.name for one in program.predictors] == ["self"]


def test_a_metric_where_dspy_is_named_needs_no_usual_parameters(workspace: Workspace) -> None:
    write(workspace.root, {"app.py": PROGRAM + METRIC})
    workspace.refresh()
    assert found(workspace) == []
    configure(workspace, metric="app:judge")
    assert found(workspace) == ["app.py:6 judge"]


def test_nothing_else_is_read_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**FILES, "pyproject.toml": configured(program="app:bot", metric="pkg.metric:judge")})
    read: list[str] = []

    def reading(path: str, *rest: Any, **more: Any) -> FileFacts:
        read.append(path)
        return read_facts(path, *rest, **more)

    for module in (index_module, sources):
        monkeypatch.setattr(module, "read_facts", reading)
    workspace = Workspace(tmp_path)
    workspace.refresh()
    assert found(workspace) == ["pkg/metric.py:4 judge"]
    assert sorted(read) == ["app.py", "pkg/metric.py"]
