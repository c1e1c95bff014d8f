"""`tunesmith model`: what is told about models. Fetching itself is tested with the models."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.workspaces.pythons import a_python
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


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["serve"], "tunesmith.optim.finetune.serving STUDENT"),
        (["serve", "--port", "8080", "--token", "t"], "tunesmith.optim.finetune.serving STUDENT --port 8080 --token t"),
        (["serve", "--engine", "torch"], "tunesmith.optim.finetune.serving STUDENT --engine torch"),
        (["export", "--format", "gguf"], "tunesmith.optim.finetune.export STUDENT --format gguf"),
        (
            ["export", "--format", "hf", "--out", "here"],
            "tunesmith.optim.finetune.export STUDENT --format hf --out here",
        ),
    ],
)
def test_a_student_is_left_to_the_interpreter_that_has_torch(
    words: list[str],
    asked: str,
    student: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(student.parent)
    action, *options = words
    assert main(["model", action, "desk-student", "--python", str(a_python(tmp_path / "python")), *options]) == 0
    assert capsys.readouterr().out.strip() == f"-P -m {asked.replace('STUDENT', str(student))}"


LISTENS = '{"url": "http://127.0.0.1:8080/v1", "token": "secret"}'


@pytest.mark.parametrize(
    ("words", "says", "told"),
    [
        (
            ["serve"],
            LISTENS,
            ("url     http://127.0.0.1:8080/v1\ntoken   secret\n\nAn OpenAI client takes both. Ctrl-C ends it.\n"),
        ),
        (["serve", "--json"], LISTENS, f"{LISTENS}\n"),
        (["export", "--format", "hf"], "/w/exports/hf", "/w/exports/hf\n"),
        (["export", "--format", "hf", "--json"], "/w/exports/hf", '{"path":"/w/exports/hf"}\n'),
    ],
)
def test_what_it_says_is_told(
    words: list[str], says: str, told: str, student: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = a_python(tmp_path / "python", f"echo '{says}'")
    action, *options = words
    assert main(["model", action, str(student), "--python", str(python), *options]) == 0
    assert capsys.readouterr().out == told


def test_what_fails_there_fails_here(student: Path, tmp_path: Path) -> None:
    python = a_python(tmp_path / "python", "exit 7")
    assert main(["model", "serve", str(student), "--python", str(python)]) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_it_serves_until_it_is_told_to_end(number: signal.Signals, student: Path, tmp_path: Path) -> None:
    python = a_python(
        tmp_path / "python", "exec sh -c 'trap \"exit 0\" INT TERM; echo up; while :; do sleep 0.1; done'"
    )
    run = "import sys; from tunesmith.server.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", run, "model", "serve", str(student), "--python", str(python)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A test run in the background ignores Ctrl-C, and whatever it starts would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as it:
        assert it.stdout is not None
        assert it.stdout.readline() == "up\n"
        # A terminal tells the whole group of a Ctrl-C.
        (os.killpg if number == signal.SIGINT else os.kill)(it.pid, number)
        assert it.wait(60) == 0
        assert it.stderr is not None
        assert it.stderr.read() == ""


def test_an_interpreter_that_could_not_is_not_started(
    student: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = a_python(tmp_path / "python", missing='"tunesmith.optim"')
    assert main(["model", "serve", str(student), "--python", str(python)]) == 1
    assert "has no tunesmith installed" in capsys.readouterr().err


def test_the_workspace_s_interpreter_is_taken(
    student: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_python(tmp_path / "python", "echo mine")
    (tmp_path / "pyproject.toml").write_text('[tool.tunesmith]\ninterpreter = "./python"\n')
    assert main(["model", "serve", str(student)]) == 0
    assert capsys.readouterr().out == "mine\n"


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
