"""What a request reads is taken once: nothing is looked at, or worked out, twice."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from support.runs.run_samples import artifact_report, snapshot
from support.workspaces.workspace_texts import snapshot_of, workspace_of
from tunesmith.protocol import ArtifactReport
from tunesmith.server.features import code_actions, code_lenses, diagnose, find_gaps, inlay_hints, list_targets
from tunesmith.server.index.fingerprint import fingerprint_of
from tunesmith.server.offers import Snapshot, offer
from tunesmith.server.workspace.workspace import Workspace

PYPROJECT = '[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n'
APP = "import dspy\n\nbot = dspy.Predict('text -> label')\n\n"
HERE = len(APP) - 1
PARTS = ("changes_since", "find_applied", "possible_forms")
_opened: list[Any] | None = None


def _note(event: str, given: tuple[Any, ...]) -> None:
    if _opened is not None and event in ("open", "os.listdir", "os.scandir"):
        _opened.append(given[0])


sys.addaudithook(_note)  # for as long as the process lives: Python takes none away


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path, {"pyproject.toml": PYPROJECT, "app.py": APP})


@pytest.fixture
def artifact(workspace: Workspace) -> ArtifactReport:
    program = workspace.snapshot().find_target("bot").program
    assert program is not None
    demos = {"self": [{"text": "a", "label": "b"}]}
    return artifact_report(target="bot", fingerprint=fingerprint_of(program), demos=demos)


def ask_everything(seen: Snapshot) -> None:
    """Of an offer that stands everywhere."""
    assert [one.code for one in diagnose(seen, "app.py")] == ["improvement-available"]
    assert len(code_actions(seen, "app.py", 0, len(APP))) == 2
    assert len(inlay_hints(seen, "app.py", 0, len(APP))) == 1
    assert len(find_gaps(seen, "app.py", HERE)) == 2
    assert code_lenses(seen, "app.py", now=0.0)
    assert list_targets(seen, []).targets


def test_every_part_of_an_offer_is_worked_out_once(
    workspace: Workspace, artifact: ArtifactReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: Counter[str] = Counter()
    for name in PARTS:
        original = getattr(offer, name)

        def counted(*given: Any, name: str = name, original: Any = original) -> Any:
            calls[name] += 1
            return original(*given)

        monkeypatch.setattr(offer, name, counted)
    ask_everything(snapshot_of(workspace, snapshot("bot", artifact=artifact)))
    assert calls == dict.fromkeys(PARTS, 1)


def test_rules_and_features_look_at_no_disk(workspace: Workspace, artifact: ArtifactReport) -> None:
    """Every file is open in an editor here: the text of another one is read where it is asked for."""
    global _opened
    seen = snapshot_of(workspace, snapshot("bot", artifact=artifact))
    ask_everything(seen)  # what is imported late
    again = snapshot_of(workspace, snapshot("bot", artifact=artifact))
    _opened = []
    try:
        ask_everything(again)
        opened = _opened
    finally:
        _opened = None
    assert opened == []


def test_one_look_at_the_configuration(workspace: Workspace) -> None:
    here = workspace.snapshot()
    (workspace.root / "pyproject.toml").write_text(PYPROJECT.replace("bot", "other", 1), encoding="utf-8")
    assert [found.target.name for found in here.targets] == ["bot"]
    assert [found.target.name for found in workspace.snapshot().targets] == ["other"]


def test_what_did_not_change_is_the_same_object(workspace: Workspace) -> None:
    here = workspace.snapshot()
    assert workspace.snapshot() is here
    workspace.index.update("app.py", APP + "x = 1\n")
    assert workspace.snapshot() is not here
