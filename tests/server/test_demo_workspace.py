"""The bundled example: its data are what its README says, and a copy of it is complete."""

import json
import re
from collections import Counter
from difflib import SequenceMatcher
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tunesmith.server.demo.workspace_copy import HELD_OUT, TRAIN, FolderInUse, copy_workspace
from tunesmith.server.workspace.workspace import Workspace

BUNDLED = Path(str(files("tunesmith.server.demo"))) / "workspace"


def rows(root: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / name).read_text(encoding="utf-8").splitlines()]


def test_the_data_are_balanced_and_labelled() -> None:
    train, held_out = rows(BUNDLED, TRAIN), rows(BUNDLED, HELD_OUT)
    assert (len(train), len(held_out)) == (120, 40)
    for part in (train, held_out):
        counts = Counter(row["topic"] for row in part)
        assert counts["broken"] == counts["money"]
    for row in train + held_out:
        assert re.findall(r"\b\d{4}\b", row["message"]) == [str(row["bike"])]


def test_no_two_messages_are_alike() -> None:
    messages = [re.sub(r"\d+", "", row["message"]) for row in rows(BUNDLED, TRAIN) + rows(BUNDLED, HELD_OUT)]
    matcher = SequenceMatcher(autojunk=False)
    for place, message in enumerate(messages):
        matcher.set_seq2(message)
        for other in messages[:place]:
            matcher.set_seq1(other)
            assert matcher.quick_ratio() < 0.8 or matcher.ratio() < 0.8, (message, other)


def test_a_copy_is_a_workspace_with_targets(tmp_path: Path) -> None:
    copy_workspace(tmp_path / "copy", seed=0)
    assert rows(tmp_path / "copy", TRAIN) == rows(BUNDLED, TRAIN)
    workspace = Workspace(tmp_path / "copy")
    assert not workspace.snapshot().problems
    assert workspace.snapshot().targets[0].target.name == "desk"


def test_another_seed_draws_another_split(tmp_path: Path) -> None:
    drawn = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        copy_workspace(tmp_path / name, seed)
        drawn[name] = rows(tmp_path / name, TRAIN), rows(tmp_path / name, HELD_OUT)
    assert drawn["a"] == drawn["b"] != drawn["c"]
    messages = Counter(row["message"] for part in drawn["a"] for row in part)
    assert messages == Counter(row["message"] for name in (TRAIN, HELD_OUT) for row in rows(BUNDLED, name))
    assert len(drawn["a"][1]) == 40


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FolderInUse, match="is not empty"):
        copy_workspace(tmp_path, seed=0)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
