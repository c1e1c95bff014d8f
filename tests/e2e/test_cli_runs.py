"""The command line against a daemon: what it prints, how it ends, and what stays on disk."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.workspaces.bank_workspace import Bank
from tunesmith.protocol import Estimate, EventRecord, RunReport, decode
from tunesmith.protocol.session_messages import ApplyResult, RunDetail, RunList, RunStarted, TargetList

TUNESMITH = [sys.executable, "-c", "import sys; from tunesmith.server.cli import main; sys.exit(main())"]

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def run(machine: dict[str, str], bank: Bank) -> Run:
    """`run("optimize", "triage")` in the workspace."""

    def run_one(*words: str) -> Done:
        return subprocess.run([*TUNESMITH, *words], cwd=bank.root, capture_output=True, text=True, check=False)

    return run_one


def test_from_a_target_to_an_edit(run: Run, bank: Bank) -> None:
    tuned = run("optimize", "triage", "--json", "--max-bootstrapped-demos", "2", "--max-labeled-demos", "2")
    assert tuned.returncode == 0, tuned.stderr
    started, *events, last = tuned.stdout.splitlines()
    run_id = decode(started, RunStarted).run_id
    assert [decode(event, EventRecord).seq for event in events] == list(range(1, len(events) + 1))
    report = decode(last, RunReport)
    assert (report.run_id, report.status, report.target) == (run_id, "finished", "triage")
    assert set(json.loads(last)) == {
        *("run_id", "status", "optimizer", "target", "baseline", "tuned", "gain"),
        *("calls", "tokens", "usd", "seconds", "artifact", "searched", "estimate", "finetune"),
    }
    assert set(json.loads(last)["gain"]) == {"mean", "low", "high", "probability", "verdict"}
    assert report.artifact is not None
    assert Path(report.artifact).is_file()

    listed = decode(run("runs", "list", "--json").stdout, RunList)
    assert [one.run_id for one in listed.runs] == [run_id]
    assert run_id in run("runs", "list").stdout
    detail = decode(run("runs", "show", run_id[:10], "--json").stdout, RunDetail)
    assert detail.summary.report == report
    assert "demos of sort" in run("runs", "show", "latest").stdout
    steps = run("runs", "show", "latest", "--example", "0").stdout
    assert "1. predictor sort" in steps
    assert "  prompt to counting" in steps
    assert "[[ ## topic ## ]]" in steps
    target = decode(run("targets", "--json").stdout, TargetList).targets[0]
    assert target.last_run is not None
    assert target.last_run.run_id == run_id

    before = bank.source.read_text()
    diff = run("apply", "latest", "--diff")
    assert diff.returncode == 0
    assert "+program.load(" in diff.stdout
    assert bank.source.read_text() == before
    applied = decode(run("apply", "latest", "--json").stdout, ApplyResult)
    assert applied.written
    assert "program.load(" in bank.source.read_text()
    assert (bank.root / "compiled" / "triage.json").is_file()
    checked = run("check")
    assert checked.returncode == 0, checked.stdout


def test_evaluate_prints_progress_apart_from_the_report(run: Run) -> None:
    done = run("evaluate", "triage", "--threads", "2")
    assert done.returncode == 0, done.stderr
    assert "baseline  50 %" in done.stdout
    assert "artifact" not in done.stdout
    assert "finished" in done.stderr


def test_an_estimate_spends_nothing_and_leaves_no_run(run: Run, bank: Bank) -> None:
    told = run("estimate", "triage", "--optimizer", "mipro-v2", "--json")
    assert told.returncode == 0, told.stderr
    first = decode(told.stdout, Estimate)
    assert (first.program_calls, first.val, first.usd, first.seconds) == (20 * 11, 20, None, None)
    assert (bank.calls(), run("runs", "list", "--json").stdout) == (0, '{"runs":[]}\n')
    evaluated = decode(run("evaluate", "triage", "--json").stdout.splitlines()[-1], RunReport)
    shown = run("estimate", "triage", "--max-labeled-demos", "2")
    assert shown.returncode == 0, shown.stderr
    assert "program calls  at most 80, about 70 likely" in shown.stdout
    assert f"as in run {evaluated.run_id}" in shown.stdout
    assert bank.calls() == 20
    target = decode(run("targets", "--json").stdout, TargetList).targets[0]
    assert target.last_run is not None
    assert target.last_run.run_id == evaluated.run_id
    assert len(list((bank.root / ".tunesmith" / "runs").iterdir())) == 2
    assert "has no search" in run("runs", "show", "latest", "--features").stdout


UNKNOWN = [
    (["optimize", "triage", "--auto", "light"], "which triage is tuned with by default. Leave it out, or add --optimi"),
    (["optimize", "triag"], "There is no target 'triag'; did you mean 'triage'?"),
    (["evaluate", "bank/metric.py:1"], "No target `bank/metric.py:1`."),
    (["runs", "show", "latest"], "No run was started in this workspace yet."),
    (["apply", "20260101"], "There is no run '20260101'."),
    (["evaluate", "triage", "--python", "nowhere/python"], "--python nowhere/python: there is no such program"),
]


def test_unknown(run: Run) -> None:
    for words, sentence in UNKNOWN:
        done = run(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert sentence in done.stderr
    told = run(*words, "--json")
    assert (told.returncode, told.stderr) == (2, "")
    assert sentence in json.loads(told.stdout)["error"]["message"]


def test_a_failed_run_is_told_with_its_place(run: Run, bank: Bank) -> None:
    (bank.root / "bank" / "metric.py").write_text("raise RuntimeError('no metric today')\n")
    done = run("evaluate", "triage")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no metric today" in done.stderr
    assert "metric.py" in done.stderr
    assert "no metric today" in run("runs", "show", "latest").stdout


def test_detach_cancel_resume(run: Run, bank: Bank, machine: dict[str, str]) -> None:
    bank.slow_down(0.5)
    run_id = run("evaluate", "triage", "--threads", "1", "--detach").stdout.strip()
    command = [*TUNESMITH, "runs", "resume", run_id, "--json"]  # it is going, so it is only followed
    with subprocess.Popen(command, cwd=bank.root, env=machine, stdout=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        for line in following.stdout:
            if '"progress"' in line:
                break
        assert run("runs", "cancel", run_id).returncode == 0
        assert '"status":"cancelled"' in following.stdout.read().splitlines()[-1]
    assert following.returncode == 1
    bank.slow_down(0)
    resumed = run("runs", "resume", run_id, "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert decode(resumed.stdout.splitlines()[-1], RunReport).status == "finished"


def test_ctrl_c_keeps_the_best_so_far(machine: dict[str, str], bank: Bank) -> None:
    bank.slow_down(0.2)
    command = [*TUNESMITH, "optimize", "triage", "--json", "--threads", "1"]
    with subprocess.Popen(command, cwd=bank.root, env=machine, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if '"progress"' in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().splitlines()
    assert process.returncode == 1
    assert '"status":"cancelled"' in rest[-1]
