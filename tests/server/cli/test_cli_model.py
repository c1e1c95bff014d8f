"""`tunesmith model`: what is told about models. Fetching itself is tested with the models."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.server.cli import main, model


def test_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path))
    assert main(["model", "list"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert header.split() == ["model", "state", "size", "licence", "what", "it", "is", "path"]
    assert line.startswith("smollm2-135m  missing  98 MB  Apache-2.0")
    assert main(["model", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["state"] == "missing"


def test_pull(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path))
    path = tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf"

    def pull(name: str, progress: Callable[[int, int], None]) -> Path:
        progress(1, 2)
        return path

    monkeypatch.setattr(model, "pull_model", pull)
    assert main(["model", "pull", "smollm2-135m"]) == 0
    assert capsys.readouterr().out == f'smollm2-135m is at {path}. Use it as lm = "local/smollm2-135m".\n'
    assert main(["model", "pull", "smollm2-135m", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(path)


def test_unknown_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "pull", "smollm3"]) == 2
    assert "smollm2-135m" in capsys.readouterr().err
