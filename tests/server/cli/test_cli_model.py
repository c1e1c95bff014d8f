"""`tunesmith model`: what is told about models. Fetching itself is tested with the models."""

import json
import subprocess
import sys
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


@pytest.fixture
def student(tmp_path: Path) -> Path:
    folder = tmp_path / "compiled" / "desk-student"
    folder.mkdir(parents=True)
    (folder / "student.json").write_text("{}")
    return folder


def a_python(path: Path, missing: str = "") -> Path:
    """Answers the question what it has, and tells what else it is asked to run."""
    probe = f'PROBE {{"python": [3, 12], "missing": [{missing}]}}'
    path.write_text(f'#!/bin/sh\nif [ "$1" = -c ]; then echo \'{probe}\'; else echo "$@"; exit 7; fi\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["serve"], "tunesmith.optim.finetune.serving STUDENT"),
        (["serve", "--port", "8080", "--token", "t"], "tunesmith.optim.finetune.serving STUDENT --port 8080 --token t"),
        (["export", "--format", "gguf"], "tunesmith.optim.finetune.export STUDENT --format gguf"),
        (
            ["export", "--format", "hf", "--out", "here"],
            "tunesmith.optim.finetune.export STUDENT --format hf --out here",
        ),
    ],
)
def test_a_student_is_left_to_the_interpreter_that_has_torch(
    words: list[str], asked: str, student: Path, tmp_path: Path
) -> None:
    python = a_python(tmp_path / "python")
    action, *options = words
    run = "import sys; from tunesmith.server.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", run, "model", action, "desk-student", "--python", str(python), *options]
    done = subprocess.run(command, cwd=student.parent, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"-P -m {asked.replace('STUDENT', str(student))}"
    assert (done.returncode, done.stderr) == (7, "")


def test_an_interpreter_that_could_not_is_not_started(
    student: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = a_python(tmp_path / "python", '"tunesmith.optim"')
    assert main(["model", "serve", str(student), "--python", str(python)]) == 1
    assert "has no tunesmith installed" in capsys.readouterr().err


def test_the_workspace_s_interpreter_is_taken(student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = a_python(tmp_path / "python")
    (tmp_path / "pyproject.toml").write_text('[tool.tunesmith]\ninterpreter = "./python"\n')
    started: list[str] = []
    monkeypatch.setattr("os.execv", lambda path, words: started.append(path))
    main(["model", "serve", str(student)])
    assert [Path(path) for path in started] == [python]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("gone", "there is no student there (no student.json)"),
        ("compiled", "Choose one of those inside: desk-student"),
    ],
)
def test_a_folder_without_a_student(
    given: str, complaint: str, student: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "serve", str(tmp_path / given)]) == 2
    assert complaint in capsys.readouterr().err
