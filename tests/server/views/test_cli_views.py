"""What people read in a terminal."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tunesmith.protocol import (
    Analysed,
    ArtifactReport,
    BatchClosed,
    Candidate,
    CandidateScored,
    ConfiguredTarget,
    DemoChoice,
    EventRecord,
    Gain,
    InstructionsProposed,
    LmCall,
    Printed,
    Progressed,
    Rollout,
    RoundEnded,
    RunEvent,
    RunReport,
    RunSummary,
    Score,
    StatusChanged,
    Step,
    UserError,
    Warned,
)
from tunesmith.protocol.session_messages import RunDetail, RunStarted
from tunesmith.server.text.events import describe_event
from tunesmith.server.text.quantities import describe_seconds, describe_usd
from tunesmith.server.views.live_progress import LiveProgress
from tunesmith.server.views.report import from_here, report_lines
from tunesmith.server.views.rollout_steps import example_lines
from tunesmith.server.views.run_detail import detail_lines
from tunesmith.server.views.run_views import PlainLines
from tunesmith.server.views.tables import runs_table

SCORE = Score(score=0.15, low=0.09, high=0.21, n=80)
TUNED = Score(score=0.825, low=0.765, high=0.885, n=80)
BATCH = BatchClosed(batch=7, rollouts=212, ceiling=650, tried=18, leader="errors 2", mean=0.714, probability=0.934)
GAIN = Gain(mean=0.675, low=0.55, high=0.79, probability=0.999, verdict="confirmed")

REPORT = RunReport(
    run_id="20260102-030405-abcd",
    status="finished",
    optimizer="bootstrap-fewshot",
    target="intents",
    baseline=SCORE,
    tuned=TUNED,
    gain=GAIN,
    calls=1312,
    tokens=120034,
    usd=0.0123,
    seconds=192.4,
    artifact="/w/.tunesmith/runs/20260102-030405-abcd/program.json",
)
DEMO = DemoChoice(
    predictor="classify",
    example=3,
    origin="bootstrapped",
    why="first of label card_arrival",
    tokens=31,
    values={"message": "my card\nhas not come", "intent": "card_arrival"},
)


def summary(**changes: Any) -> RunSummary:
    facts: dict[str, Any] = {
        "run_id": REPORT.run_id,
        "run_dir": "/w/.tunesmith/runs/20260102-030405-abcd",
        "target": "intents",
        "optimizer": "bootstrap-fewshot",
        "status": "finished",
        "created": 0.0,
        "progress": "",
        "report": REPORT,
        "error": None,
    }
    return RunSummary(**(facts | changes))


def detail(**changes: Any) -> RunDetail:
    facts: dict[str, Any] = {
        "summary": summary(),
        "artifact": None,
        "candidates": [],
        "events": [],
        "rollouts": [],
        "calls": [],
    }
    return RunDetail(**(facts | changes))


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (StatusChanged(status="running"), "running"),
        (StatusChanged(status="failed", reason="no key"), "failed: no key"),
        (Progressed(phase="bootstrapping", done=3, total=16), "bootstrapping 3/16"),
        (Progressed(phase="scoring", done=3, total=None, text="72 %"), "scoring 3  72 %"),
        (CandidateScored(candidate="c", name="baseline", score=SCORE), "baseline scored 15 % ±6 (n=80)"),
        (
            CandidateScored(candidate="c", name="tuned", score=TUNED, gain=GAIN),
            "tuned scored 82 % ±6 (n=80); gain +68 points (95 % interval 55 to 79), confirmed",
        ),
        (RoundEnded(round=1, tried=40, accepted=9, pool=9), "round 1: 40 tried, 9 accepted, 9 in the pool"),
        (Analysed(lines=["6 labels", "no duplicates"]), "analysis\n  6 labels\n  no duplicates"),
        (
            InstructionsProposed(predictor="sort", round=0, count=12, views={"data": 3, "errors": 4, "role": 3}),
            "12 instructions proposed for sort (4 from errors, 3 from data, 3 from role)",
        ),
        (
            InstructionsProposed(predictor="sort", round=2, count=1, views={"reflection": 1}),
            "round 2: 1 further instruction proposed for sort (1 from reflection)",
        ),
        (
            InstructionsProposed(predictor="sort", round=0, count=0, views={}),
            "0 instructions proposed for sort",
        ),
        (
            BATCH,
            (
                "batch 7: 212/650 program calls, 18 candidates tried; "
                "leader errors 2: 71 % (P better than the baseline 0.93)"
            ),
        ),
        (
            structs.replace(BATCH, leader="baseline", probability=0.0),
            "batch 7: 212/650 program calls, 18 candidates tried; leader baseline: 71 %",
        ),
        (
            structs.replace(BATCH, tried=1, mean=3.514, probability=0.9999),
            (
                "batch 7: 212/650 program calls, 1 candidate tried; "
                "leader errors 2: 3.51 (P better than the baseline > 0.99)"
            ),
        ),
        (Warned(message="slow"), "warning: slow"),
        (Printed(stream="stdout", text="a\nb\n"), "stdout| a\nstdout| b"),
    ],
)
def test_event_line(event: RunEvent, line: str) -> None:
    assert describe_event(event) == line


@pytest.mark.parametrize(
    ("usd", "text"),
    [(None, "price unknown"), (0.0, "$0.00"), (0.00012, "$0.0001"), (0.5, "$0.5000"), (12.345, "$12.35")],
)
def test_usd(usd: float | None, text: str) -> None:
    assert describe_usd(usd) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 0 s"), (192.4, "3 min 12 s"), (7260, "2 h 1 min")],
)
def test_seconds(seconds: float, text: str) -> None:
    assert describe_seconds(seconds) == text


def test_report() -> None:
    assert report_lines(REPORT) == [
        "run       20260102-030405-abcd (finished)",
        "target    intents · bootstrap-fewshot",
        "baseline  15 % ±6 (n=80)",
        "tuned     82 % ±6 (n=80)",
        "gain      +68 points (95 % interval 55 to 79), P = 0.999: confirmed",
        "cost      1,312 calls, 120,034 tokens, $0.0123, 3 min 12 s",
        "artifact  /w/.tunesmith/runs/20260102-030405-abcd/program.json",
        "next      tunesmith apply 20260102-030405-abcd --diff",
    ]


def test_paths_as_seen_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert from_here(str(tmp_path / "a" / "b")) == "a/b"
    assert from_here("/elsewhere/b") == "/elsewhere/b"


def test_detail_says_why_a_demo_was_chosen() -> None:
    artifact = ArtifactReport(
        report=REPORT,
        target=ConfiguredTarget(name="intents", program="a:b", metric=None, trainset=None, file="p", line=1),
        fingerprint=None,
        source_digests={},
        predictors=["classify"],
        demos=[DEMO, *(structs.replace(DEMO, origin="labeled", example=n) for n in (9, 4))],
        literal_demos=True,
        warnings=[],
        created=0.0,
    )
    scored = EventRecord(seq=1, time=0.0, event=CandidateScored(candidate="c1", name="baseline", score=SCORE))
    warned = EventRecord(seq=2, time=0.0, event=Warned(message="some calls went around dspy"))
    candidates = [
        Candidate(id="c1", name="baseline", parent=None, state={}),
        Candidate(id="c2", name="round 1", parent="c1", state={}),
    ]
    lines = detail_lines(detail(artifact=artifact, candidates=candidates, events=[scored, warned, warned]))
    assert lines[len(report_lines(REPORT)) :] == [
        "",
        "candidates",
        "  baseline                 15 % ±6 (n=80)",
        "  round 1                  not scored",
        "",
        "demos of classify",
        "  bootstrapped, example 3: first of label card_arrival",
        "    message: my card has not come",
        "    intent: card_arrival",
        "  labelled examples in the free places: 9, 4",
        "",
        "warning: some calls went around dspy",
    ]


def test_detail_of_a_failed_run() -> None:
    error = UserError(message="The metric raised KeyError.", where="app.py:7", traceback="Traceback\n  app.py:7\n")
    lines = detail_lines(detail(summary=summary(status="failed", report=None, error=error)))
    assert lines[0] == "run       20260102-030405-abcd (failed)"
    assert lines[-4:] == ["error     app.py:7: The metric raised KeyError.", "", "Traceback", "  app.py:7"]


CALL = LmCall(
    key="k1",
    rollout="r",
    model="dummy",
    request={
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        ]
    },
    outputs=["[[ ## intent ## ]]\ncard_arrival"],
    prompt_tokens=9,
    completion_tokens=4,
    usd=0.0,
    seconds=0.1,
    cache_hit=True,
)
ROLLOUT = Rollout(
    key="r",
    candidate="c1",
    example="f",
    index=7,
    split="train",
    sample=0,
    status="scored",
    score=1.0,
    accepted=True,
    feedback="well done",
    prediction={"intent": "card_arrival"},
    steps=[
        Step(
            kind="predictor",
            name="classify",
            inputs={"message": "two\nlines"},
            outputs={"intent": "card_arrival"},
            reasoning="It is about a card.",
            calls=["k1", "gone"],
            seconds=0.1,
        ),
        Step(kind="tool", name="search", inputs={"q": "x"}, outputs={"result": ["a"]}, error="late", seconds=0.2),
    ],
    seconds=0.3,
)


def test_rollout_step_by_step() -> None:
    candidates = [Candidate(id="c1", name="baseline", parent=None, state={})]
    text = "\n".join(example_lines(detail(rollouts=[ROLLOUT], calls=[CALL], candidates=candidates)))
    assert (
        text
        == """\
example 7 (train) · baseline · scored, score 1, accepted · 0.30 s

1. predictor classify · 0.10 s
  inputs
    message: two
      lines
  prompt to dummy (9 tokens in, 4 out, from the cache)
    [system]
      Be brief.
    [user]
      hi
  completion
    [[ ## intent ## ]]
    card_arrival
  reasoning
    It is about a card.
  outputs
    intent: card_arrival

2. tool search · 0.20 s
  inputs
    q: x
  returned
    result: [
        "a"
      ]
  error: late

prediction
    intent: card_arrival
feedback: well done"""
    )


def test_runs_newest_first() -> None:
    runs = [summary(), summary(run_id="b", created=1e9, status="running", report=None, progress="scoring 3/9")]
    header, first, second = runs_table(runs)
    assert header.split()[0] == "run"
    assert first.split()[0] == "b"
    assert "scoring 3/9" in first
    assert "15 % → 82 %" in second


def test_plain_lines_tell_a_phase_in_tenths(capsys: pytest.CaptureFixture[str]) -> None:
    view = PlainLines()
    view.begin(RunStarted(run_id="r1", run_dir=""))
    for done in range(101):
        view.show(EventRecord(seq=1, time=0, event=Progressed(phase="scoring", done=done, total=100)))
    for _ in range(2):
        view.show(EventRecord(seq=1, time=0, event=StatusChanged(status="finished")))
    view.end()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == ["run r1", *(f"scoring {n}/100" for n in range(0, 101, 10)), "finished"]


def test_plain_lines_tell_a_search_in_tenths_and_every_new_leader(capsys: pytest.CaptureFixture[str]) -> None:
    view = PlainLines()
    for number in range(1, 101):
        leader = "errors 2" if number >= 95 else "baseline"
        event = structs.replace(BATCH, batch=number, rollouts=number, ceiling=100, leader=leader)
        view.show(EventRecord(seq=1, time=0, event=event))
        view.show(EventRecord(seq=1, time=0, event=Progressed(phase="searching", done=number, total=100)))
    told = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["batch 1", *(f"batch {n}" for n in range(10, 91, 10)), "batch 95", "batch 100"]


def test_live_progress_draws_the_leader_of_a_search_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    view = LiveProgress()
    view.show(EventRecord(seq=1, time=0, event=Progressed(phase="scoring", done=1, total=2)))
    view.show(EventRecord(seq=1, time=0, event=BATCH))
    assert capsys.readouterr().err == ""
    with view._console.capture() as drawn:
        view._console.print(view._draw())
    bar, below = drawn.get().splitlines()[:2]
    assert "searching" in bar
    assert "212/650" in bar
    assert below.strip().startswith("18 candidates · leader errors 2: 71 % (P better than the")


def test_live_progress_leaves_the_lasting_lines_behind(capsys: pytest.CaptureFixture[str]) -> None:
    view = LiveProgress()
    view.begin(RunStarted(run_id="r1", run_dir=""))
    for event in (
        StatusChanged(status="running"),
        Progressed(phase="scoring", done=1, total=2),
        CandidateScored(candidate="c", name="baseline", score=SCORE),
        Warned(message="[not markup]"),
    ):
        view.show(EventRecord(seq=1, time=0, event=event))
    view.end()
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.rstrip() for line in told.err.splitlines() if line.strip()][:3] == [
        "run r1",
        "baseline scored 15 % ±6 (n=80)",
        "warning: [not markup]",
    ]
