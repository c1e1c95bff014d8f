import logging
from pathlib import Path
from typing import Any

import pytest

from support.runs.run_samples import snapshot
from support.workspaces.workspace_texts import snapshot_of, workspace_of
from tunesmith.server.features.diagnostics import diagnose
from tunesmith.server.index.facts import Span
from tunesmith.server.rules import RULES, Diagnostic


def at(line: int, code: str) -> Diagnostic:
    span = Span(start=0, end=0, line=line, column=0, end_line=line, end_column=0)
    return Diagnostic(span=span, severity="hint", code=code, message="")


def test_a_rule_that_raises_silences_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def bad(*_: Any) -> Any:
        yield at(0, "half")
        raise ZeroDivisionError

    for name, rule in {"a": lambda *_: [at(2, "late")], "b": bad, "c": lambda *_: [at(1, "early")]}.items():
        monkeypatch.setitem(RULES, name, rule)
    with caplog.at_level(logging.ERROR):
        found = diagnose(snapshot_of(workspace_of(tmp_path, {}), snapshot(), {}), "app.py")
    assert [one.code for one in found if one.code != "half"] == ["early", "late"]
    assert "rule b failed on app.py" in caplog.text


@pytest.mark.parametrize("text", ["", "print(1)\n", "def (:\n", "import dspy\nclass A(dspy.Signature\n"])
def test_files_without_targets_are_quiet(tmp_path: Path, text: str) -> None:
    assert diagnose(snapshot_of(workspace_of(tmp_path, {"app.py": text}), snapshot(), {}), "app.py") == []
