"""How commands fail: one sentence, the right exit code, never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.protocol import StoreUnwritable, UserError
from tunesmith.protocol.errors import UnknownModel
from tunesmith.protocol.models import MODELS
from tunesmith.server.cli import dispatch
from tunesmith.server.cli.errors import UsageError, unknown
from tunesmith.server.cli.failure import report_failure
from tunesmith.server.client.daemon_client import DaemonRefused
from tunesmith.server.client.errors import DaemonLost, DaemonMismatch
from tunesmith.server.model_download.errors import NoPip

REFUSAL = UserError(message="The metric is missing.", where="app.py:3", next_step="Name one.")


@pytest.mark.parametrize(
    ("error", "exit_code", "sentence"),
    [
        (UsageError("No such verb."), 2, "No such verb."),
        (DaemonRefused(REFUSAL, -32803), 2, "app.py:3: The metric is missing. Name one."),
        (DaemonRefused(UserError(message="Something unexpected happened."), -32603), 1, "Something unexpected"),
        (UnknownModel("gpt", ["smollm2-135m"]), 2, "smollm2-135m"),
        (NoPip(MODELS["smollm2-135m"], ["python"]), 1, "No Python with pip was found"),
        (DaemonLost(Path("/s/daemon.log")), 1, "Log: /s/daemon.log"),
        (
            DaemonMismatch(ours=2, our_version="2.0", theirs=1, their_version="1.0"),
            1,
            "Run `tunesmith daemon stop`, then try again.",
        ),
        (StoreUnwritable(Path("/w"), "disk full"), 1, "disk full"),
        (PermissionError(13, "Permission denied", "/w/app.py"), 1, "/w/app.py: Permission denied."),
    ],
)
def test_expected(error: Exception, exit_code: int, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_failure(error, as_json=False) == exit_code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("tunesmith: ")
    assert sentence in told.err
    assert report_failure(error, as_json=True) == exit_code
    told = capsys.readouterr()
    assert told.err == ""
    assert sentence.removeprefix("app.py:3: ").split(" Name")[0] in json.loads(told.out)["error"]["message"]


def test_unexpected_goes_to_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNESMITH_STATE", str(tmp_path))
    with pytest.raises(ZeroDivisionError) as raised:
        raise ZeroDivisionError("by zero")
    assert report_failure(raised.value, as_json=False) == 1
    told = capsys.readouterr().err
    assert (
        told == f"tunesmith: Something unexpected happened (ZeroDivisionError: by zero). Details: {tmp_path}/cli.log\n"
    )
    log = tmp_path / "cli.log"
    assert "Traceback (most recent call last)" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "known", "sentence"),
    [
        ("intent", ["intents", "other"], "There is no target 'intent'; did you mean 'intents'?"),
        ("zzz", ["a", "b"], "There is no target 'zzz'. Known: a, b."),
        ("zzz", [], "There is no target 'zzz'. Declare one."),
    ],
)
def test_unknown(given: str, known: list[str], sentence: str) -> None:
    assert str(unknown("target", given, known, none="Declare one.")) == sentence


def test_extra_is_not_installed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def absent(words: object) -> None:
        raise ModuleNotFoundError("No module named 'rich'", name="rich")

    monkeypatch.setattr(dispatch, "parse", absent)
    assert dispatch.main(["index"]) == 2
    assert capsys.readouterr().err == (
        "tunesmith: The command line needs rich. Install it with `pip install 'tunesmith[server]'`.\n"
    )
    assert dispatch.main(["index", "--json"]) == 2
    assert "needs rich" in json.loads(capsys.readouterr().out)["error"]["message"]


@pytest.mark.parametrize(
    ("words", "exit_code", "out", "err"),
    [
        (["--version"], 0, "tunesmith 0.1.0\n", ""),
        (["tune"], 2, "", "invalid choice: 'tune'"),
        (["optimize", "t", "--max-calls", "0"], 2, "", "See `tunesmith optimize --help`."),
        (["index", "nowhere"], 2, "", "nowhere: there is no such file or folder"),
        (["index", "--root", "nowhere"], 2, "", "--root nowhere: there is no such folder"),
    ],
)
def test_process(words: list[str], exit_code: int, out: str, err: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; from tunesmith.server.cli import main; sys.exit(main())", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (exit_code, out)
    assert err in done.stderr
    assert "Traceback" not in done.stderr


def test_reader_that_leaves_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # what is buffered fails at exit, after everything else
    (tmp_path / "app.py").write_text("import dspy\n" + "a = dspy.Predict('x -> y')\n" * 10)
    command = [sys.executable, "-c", "import sys; from tunesmith.server.cli import main; sys.exit(main())"]
    with subprocess.Popen(
        [*command, "index"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, err = process.communicate()
    assert (process.returncode, err) == (0, "")
