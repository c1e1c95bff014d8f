"""How a run ended, as its user is told; and what of its events reaches a session's progress bar."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from lsprotocol.types import MessageType
from run_samples import run_report, run_summary

from tunesmith.protocol import BatchClosed, EventRecord, Progressed, RunEvent, Warned
from tunesmith.server.sessions.following import Following
from tunesmith.server.sessions.run_sentences import describe_end

OUTCOME = "triage: 15 % → 82 %, +67 points (95 % interval 55 to 79), n=80, confirmed."
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
    assert describe_end(run_summary(run_report(**changes))) == (MessageType.Info, sentence)


BATCH = BatchClosed(batch=1, rollouts=20, ceiling=100, tried=9, leader="errors 2", mean=0.7, probability=0.9)


@pytest.mark.parametrize(
    ("event", "reported"),
    [(BATCH, ["batch"]), (Progressed(phase="searching", done=1, total=2), ["progress"]), (Warned(message="m"), [])],
)
def test_what_moves_a_bar(event: RunEvent, reported: list[str]) -> None:
    told: list[str] = []
    server = SimpleNamespace(refresh=SimpleNamespace(everything=lambda *_: None))
    following = Following(server)  # type: ignore[arg-type]
    bar = SimpleNamespace(report=lambda _: told.append("progress"), report_batch=lambda _: told.append("batch"))
    following._shown["r1"] = bar  # type: ignore[assignment]
    following.hear(Path("/w"), "r1", EventRecord(seq=1, time=0.0, event=event))
    assert told == reported
