"""What people read of an estimate."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from support.runs.run_samples import run_report, run_summary
from support.workspaces.pythons import a_python
from tunesmith.protocol import Estimate, EventRecord, Progressed, RunEvent, StatusChanged, UserError, Warned
from tunesmith.protocol.session_messages import RunDetail
from tunesmith.server.cli.dispatch import main, parse
from tunesmith.server.cli.errors import UsageError
from tunesmith.server.cli.estimate import report_estimate
from tunesmith.server.text.quantities import describe_count_roughly
from tunesmith.server.views.estimate import estimate_lines
from tunesmith.server.views.run_views import QuietLines

ESTIMATE = Estimate(
    optimizer="mipro-v2",
    train=16,
    val=64,
    program_calls=1542,
    calls_per_program=1.0,
    prompt_calls=16,
    lm_calls=1558,
    prompt_tokens=123_456,
    completion_tokens=6_543,
    usd=0.0314,
    seconds=250.0,
    basis=["program calls: dspy's ceiling for auto=light", "price: litellm's table, as installed", "no more"],
)


def detail(**changes: Any) -> RunDetail:
    report = run_report(target="intents", baseline=None, tuned=None, gain=None, artifact=None, estimate=ESTIMATE)
    summary = run_summary(**{"report": report} | changes)
    return RunDetail(summary=summary, artifact=None, candidates=[], events=[], rollouts=[], calls=[])


def test_estimate() -> None:
    shown = "\n".join(estimate_lines(ESTIMATE, "intents"))
    assert (
        shown
        == """\
target         intents · mipro-v2
examples       16 to learn from, 64 to score on
program calls  at most 1,542
LM calls       at most about 1,558, 16 of them to the prompt model
tokens         at most about 120,000 in, 6,500 out
cost           at most about $0.0314
time           at most about 4 min 10 s

on what that rests
  program calls  dspy's ceiling for auto=light
  price          litellm's table, as installed
  no more"""
    )


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"expected_program_calls": 800}, "program calls  at most 1,542, about 800 likely"),
        ({"expected_program_calls": 1542}, "program calls  at most 1,542"),
        ({"prompt_calls": 0}, "LM calls       at most about 1,558"),
        ({"usd": None}, "cost           price unknown"),
        ({"usd": 0.0}, "cost           $0.00"),
        ({"seconds": None}, "time           unknown"),
        ({"train": 0}, "examples       64 to score on"),
    ],
)
def test_what_is_not_known_is_said(changes: dict[str, Any], line: str) -> None:
    assert line in estimate_lines(structs.replace(ESTIMATE, **changes), "intents")


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (7, "7"), (99, "99"), (104, "100"), (1649, "1,600"), (123_456, "120,000")]
)
def test_about(count: int, text: str) -> None:
    assert describe_count_roughly(count) == text


def test_json_is_the_estimate_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_estimate(detail(), as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["program_calls"], told["usd"], told["basis"][0]) == (1542, 0.0314, ESTIMATE.basis[0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"error": UserError(message="The metric is gone.", where="a.py:7"), "status": "failed"},
            "The metric is gone.",
        ),
        ({"status": "cancelled"}, "The estimate was cancelled."),
    ],
)
def test_no_estimate(changes: dict[str, Any], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_estimate(detail(report=None, **changes), as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["error"]["message"] == message
    assert report_estimate(detail(report=None, **changes), as_json=False) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["--claims"], "-P -m tunesmith.optim.finetune.forecast"),
        (["--claims", "--json"], "-P -m tunesmith.optim.finetune.forecast --json"),
    ],
)
def test_claims_are_worked_out_by_the_interpreter_that_has_torch(
    words: list[str], asked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = a_python(tmp_path / "python")
    assert main(["estimate", *words, "--root", str(tmp_path), "--python", str(python)]) == 0
    assert capsys.readouterr().out.strip() == asked


def test_without_claims_it_needs_a_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["estimate"]) == 2
    assert "arguments are required: TARGET. See `tunesmith estimate --help`." in capsys.readouterr().err


def test_it_takes_the_words_of_optimize_but_those_of_a_run_that_spends() -> None:
    options = parse(["estimate", "intents", "--optimizer", "mipro-v2", "--auto", "heavy", "--max-calls", "9"])
    assert (options.auto, options.max_calls) == ("heavy", 9)
    for word in ("--detach", "--reuse=latest"):
        with pytest.raises(UsageError, match="unrecognized arguments"):
            parse(["estimate", "intents", word])


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Warned(message="some rows were left out"), "warning: some rows were left out\n"),
        (Progressed(phase="scoring", done=1, total=2), ""),
        (StatusChanged(status="running"), ""),
    ],
)
def test_only_what_goes_wrong_is_told_on_the_way(
    event: RunEvent, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    QuietLines().show(EventRecord(seq=1, time=0.0, event=event))
    assert capsys.readouterr() == ("", told)
