from pathlib import Path

import pytest

from support.runs.run_samples import snapshot
from support.workspaces.workspace_texts import snapshot_of, workspace_of
from tunesmith.server.features.diagnostics import diagnose

APP = "import dspy\nbot = dspy.Predict('text -> label')\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[tool.tunesmith.targets.bot]\nprogram = "app:bot"\n', []),
        ("[project]\nname = 'x'\n", []),
        ("[tool.tunesmith\n", [(0, "error", "not valid TOML")]),
        ("# bot\n[tool.tunesmith.targets.bot]\nmetric = 'app:m'\n", [(1, "error", "no `program`")]),
        ("[tool.tunesmith]\nthreds = 2\n", [(1, "error", "Did you mean `threads`")]),
        ('[tool.tunesmith.targets.bot]\nprogram = "nowhere:bot"\n', [(0, "information", "cannot be followed")]),
    ],
)
def test_problems_stand_on_their_line(tmp_path: Path, text: str, expected: list[tuple[int, str, str]]) -> None:
    workspace = workspace_of(tmp_path, {"pyproject.toml": text, "app.py": APP})
    found = diagnose(snapshot_of(workspace, snapshot(), {}), "pyproject.toml")
    assert [(one.span.line, one.severity) for one in found] == [(line, severity) for line, severity, _ in expected]
    assert all(words in one.message for one, (_, _, words) in zip(found, expected, strict=True))
    assert all(one.code == "target-configuration" for one in found)
    assert diagnose(snapshot_of(workspace, snapshot(), {}), "app.py") == []
