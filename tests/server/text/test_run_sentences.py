"""How a run ended, as its user is told; and what of its events reaches a session's progress bar."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec import structs

from support.runs.finetune_samples import finetune_estimate
from support.runs.run_samples import run_report, run_summary
from tunesmith.protocol import BatchClosed, Estimate, EventRecord, Progressed, RunEvent, TrainingStep, Warned
from tunesmith.server.lsp.following import Following
from tunesmith.server.text.run_sentences import describe_end
from tunesmith.server.text.scores import describe_outcome

OUTCOME = f"triage: {describe_outcome(run_report())}."
ACTION = " A code action at the program applies it."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, OUTCOME + ACTION),
        ({"searched": True}, f"{OUTCOME} Expect less on new examples: the search chose on these.{ACTION}"),
        ({"artifact": None}, f"{OUTCOME} The program stays as it is."),
    ],
)
def test_end(changes: dict[str, Any], sentence: str) -> None:
    assert describe_end(run_summary(run_report(**changes))) == ("info", sentence)


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
    basis=["program calls: dspy's ceiling for auto=light", "price: litellm's table"],
)
WOULD = "triage: mipro-v2 would make at most 1,542 program calls and about 1,558 LM calls:"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, f"{WOULD} $0.03, about 4 min."),
        ({"usd": None, "seconds": None}, f"{WOULD} price unknown."),
        ({"usd": 0.0, "seconds": 2.0}, f"{WOULD} free of charge, about 1 min."),
        (
            {"finetune": finetune_estimate()},
            (f"{WOULD} $0.03, about 4 min. Training local/smollm2-135m (lora) here: about 3 min and 1.4 GB of memory."),
        ),
    ],
)
def test_end_of_an_estimate(changes: dict[str, Any], sentence: str) -> None:
    report = run_report(baseline=None, tuned=None, gain=None, estimate=structs.replace(ESTIMATE, **changes))
    assert describe_end(run_summary(report)) == ("info", sentence)


TRAINING = TrainingStep(student="sort", step=3, steps=9, loss=0.5, tokens_per_second=1.0, peak_bytes=1, eta_seconds=1.0)
BATCH = BatchClosed(batch=1, rollouts=20, ceiling=100, tried=9, leader="errors 2", mean=0.7, probability=0.9)


@pytest.mark.parametrize(
    ("event", "reported"),
    [
        (BATCH, ["batch"]),
        (Progressed(phase="searching", done=1, total=2), ["progress"]),
        (TRAINING, ["progress"]),
        (Warned(message="m"), []),
    ],
)
def test_what_moves_a_bar(event: RunEvent, reported: list[str]) -> None:
    told: list[str] = []
    server = SimpleNamespace(refresh=SimpleNamespace(everything=lambda *_: None))
    following = Following(server)
    bar = SimpleNamespace(report=lambda _: told.append("progress"), report_batch=lambda _: told.append("batch"))
    following._shown["r1"] = bar  # type: ignore[assignment]
    following.take(Path("/w"), "r1", EventRecord(seq=1, time=0.0, event=event))
    assert told == reported
