"""What people read of a finetuning: before, during and after."""

import pytest

from support.runs.finetune_samples import COMPARISON, finetune_estimate, finetune_report
from support.runs.run_samples import run_report, run_summary
from tunesmith.protocol import (
    DevScored,
    Estimate,
    EventRecord,
    Prediction,
    RunEvent,
    TrainingStarted,
    TrainingStep,
)
from tunesmith.protocol.session_messages import RunDetail
from tunesmith.server.cli.following import print_end
from tunesmith.server.text.events import describe_event
from tunesmith.server.text.quantities import describe_amount, describe_bytes, describe_count, describe_deviation
from tunesmith.server.views.estimate import estimate_lines, finetune_estimate_lines
from tunesmith.server.views.finetune_report import comparison_lines, finetune_lines
from tunesmith.server.views.live_progress import LiveProgress
from tunesmith.server.views.run_detail import detail_lines
from tunesmith.server.views.run_views import PlainLines

STARTED = TrainingStarted(
    student="sort",
    device="cpu",
    parameters=134_515_008,
    trainable=4_884_480,
    rows=1180,
    refused={},
    steps=67,
    layout="packed behind shared prefixes (2.7 times fewer tokens)",
)


def step(number: int, steps: int = 67) -> TrainingStep:
    return TrainingStep(
        student="sort",
        step=number,
        steps=steps,
        loss=0.4123,
        tokens_per_second=1240.4,
        peak_bytes=1_234_000_000,
        eta_seconds=192.4,
    )


def dev(*, best: bool = True) -> DevScored:
    return DevScored(student="sort", step=20, loss=0.31, exact=0.834, best=best)


def record(event: RunEvent) -> EventRecord:
    return EventRecord(seq=1, time=0.0, event=event)


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            STARTED,
            (
                "training sort on cpu: 1,180 rows, 67 steps, 4.9 M of 134.5 M parameters; "
                "packed behind shared prefixes (2.7 times fewer tokens)"
            ),
        ),
        (
            TrainingStarted(
                student="sort+reply",
                device="cuda",
                parameters=900,
                trainable=900,
                rows=40,
                refused={"too long": 2, "not expressible": 1},
                steps=9,
                layout="by length",
                resumed_at=5,
            ),
            (
                "training sort+reply on cuda: 40 rows (3 left out: 2 too long, 1 not expressible), "
                "9 steps, resumed at step 5, 900 of 900 parameters; by length"
            ),
        ),
        (step(12), "training sort 12/67  loss 0.412, 1,240 tokens/s, 1.2 GB, 3 min 12 s left"),
        (dev(), "sort at step 20: dev loss 0.310, 83 % word for word, the best so far"),
        (dev(best=False), "sort at step 20: dev loss 0.310, 83 % word for word"),
    ],
)
def test_events_of_a_training(event: RunEvent, line: str) -> None:
    assert describe_event(event) == line


def test_plain_lines_tell_a_training_in_tenths_and_every_scoring(capsys: pytest.CaptureFixture[str]) -> None:
    view = PlainLines()
    for number in range(1, 101):
        view.show(record(step(number, 100)))
        if number == 50:
            view.show(record(dev()))
    told = [line.split("  ")[0].split(":")[0] for line in capsys.readouterr().err.splitlines()]
    tenths = [f"training sort {n}/100" for n in (1, *range(10, 101, 10))]
    assert told == [*tenths[:6], "sort at step 20", *tenths[6:]]


def test_live_progress_draws_a_training_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    view = LiveProgress()
    for event in (step(1), dev(), step(12)):
        view.show(record(event))
    assert capsys.readouterr().err == ""
    view._console.width = 160
    with view._console.capture() as drawn:
        view._console.print(view._draw())
    bar, below = drawn.get().splitlines()[:2]
    assert "training sort" in bar
    assert "12/67" in bar
    assert below.strip().startswith(
        "loss 0.412, 1,240 tokens/s, 1.2 GB, 3 min 12 s left, dev loss 0.310, 83 % word for word, the best so far · "
    )


def test_another_training_starts_without_the_score_of_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    view = LiveProgress()
    for event in (dev(), STARTED, step(12)):
        view.show(record(event))
    assert capsys.readouterr().err.startswith("training sort on cpu: 1,180 rows")
    assert "dev loss" not in view._score


def test_report() -> None:
    shown = "\n".join(finetune_lines(finetune_report()))
    assert (
        shown
        == """\
1,180 rows trained on; left out: 2 too long
student for sort: students/all (lora of local/smollm2-135m, 20 MB)

why this strategy
  lora: 1,180 rows are few for 134.5 M parameters

on the same 60 held-out inputs; what cannot be read counts as wrong
arm       score           unparsed  an answer  a passing answer  tuned is better by (95 % interval)
base      12 % ±8 (n=60)  14        0.3 s                        +73 points (63 to 83), P = 0.99: confirmed
few-shot  55 % ±8 (n=60)  3         0.5 s                        +30 points (20 to 40), P = 0.99: confirmed
tuned     85 % ±8 (n=60)  0         0.3 s
teacher   90 % ±8 (n=60)  0         1.1 s      $0.0021           -5 points (-15 to 5), P = 0.20: no gain

expected                     95 % interval           was           off by
training memory  1.4 GB      1.2 GB to 1.6 GB        1.5 GB        +6 %
training time    3 min 20 s  2 min 0 s to 5 min 0 s  not measured

cheaper than        from              on what that rests
openai/gpt-4o       5,470 answers on  $0.0045 an answer, training $0.31
local/smollm2-135m  never             it costs nothing

warning: only 38 inputs passed"""
    )


def test_what_is_not_there_takes_no_place() -> None:
    report = finetune_report(
        students=[], comparison=None, predictions=[], refused={}, warnings=[], break_even=[], why=[]
    )
    assert finetune_lines(report) == ["1,180 rows trained on"]


def test_estimate() -> None:
    shown = "\n".join(finetune_estimate_lines(finetune_estimate()))
    assert (
        shown
        == """\
model          local/smollm2-135m, causal, 134.5 M parameters
to answer      about 600 MB of memory
strategy       lora
               few rows for so many parameters

strategy       memory to train  fits here  time to train  95 % interval            parameters that change
full           30 GB            no         6 min 40 s     5 min 0 s to 10 min 0 s  134.5 M
lora (picked)  1.4 GB           yes        3 min 20 s     2 min 0 s to 5 min 30 s  4.9 M

lora elsewhere
hardware      memory  fits  time to train  95 % interval            price
this machine  25 GB   yes   3 min 20 s     2 min 0 s to 5 min 30 s
RTX 3090      24 GB   yes   14.0 s         8.0 s to 25.0 s          $0.0012
tiny          1.0 GB  no                                            $0.1000

cheaper than        from              on what that rests
openai/gpt-4o       5,470 answers on  $0.0045 an answer, training $0.31
local/smollm2-135m  never             it costs nothing

warning: soft prompts are weak below 3 B parameters"""
    )


def test_the_training_stands_between_the_calls_and_what_they_rest_on() -> None:
    estimate = Estimate(
        optimizer="bootstrap-finetune",
        train=200,
        val=60,
        program_calls=500,
        calls_per_program=1.0,
        prompt_calls=0,
        lm_calls=500,
        prompt_tokens=1000,
        completion_tokens=100,
        usd=0.0,
        seconds=60.0,
        basis=["time: a probe of three steps"],
        finetune=finetune_estimate(break_even=[], hardware=[], warnings=[]),
    )
    lines = estimate_lines(estimate, "desk")
    assert lines[0] == "target         desk · bootstrap-finetune"
    assert lines[lines.index("training") + 1].startswith("model          local/smollm2-135m")
    assert lines[-2:] == ["on what that rests", "  time           a probe of three steps"]


def test_the_comparison_is_told_at_the_end_and_in_the_detail(capsys: pytest.CaptureFixture[str]) -> None:
    report = run_report(optimizer="bootstrap-finetune", finetune=finetune_report())
    detail = RunDetail(summary=run_summary(report), artifact=None, candidates=[], events=[], rollouts=[], calls=[])
    print_end(detail)
    wanted = comparison_lines(COMPARISON)
    for lines in (capsys.readouterr().out.splitlines(), detail_lines(detail)):
        start = lines.index(wanted[0])
        assert lines[start : start + len(wanted)] == wanted


@pytest.mark.parametrize(
    ("predicted", "actual", "text"),
    [(100, 112, "+12 %"), (100, 88, "-12 %"), (100, 100.2, "0 %"), (100, 99.8, "0 %"), (0, 5, ""), (100, None, "")],
)
def test_how_far_off(predicted: float, actual: float | None, text: str) -> None:
    one = Prediction(what="time", unit="seconds", predicted=predicted, low=0, high=1, actual=actual)
    assert describe_deviation(one) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1.4e9, "bytes", "1.4 GB"),
        (61, "seconds", "1 min 1 s"),
        (0.5, "usd", "$0.5000"),
        (1240.44, "tokens/s", "1,240 tokens/s"),
    ],
)
def test_quantities(value: float, unit: str, text: str) -> None:
    assert describe_amount(value, unit) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(12, "12 B"), (1_500, "1.5 kB"), (19_600_000, "20 MB"), (1_234_000_000, "1.2 GB"), (25e9, "25 GB")],
)
def test_bytes(count: float, text: str) -> None:
    assert describe_bytes(count) == text


@pytest.mark.parametrize(
    ("count", "text"), [(900, "900"), (1_500, "1.5 k"), (134_515_008, "134.5 M"), (13_015_864_320, "13.0 B")]
)
def test_parameters(count: float, text: str) -> None:
    assert describe_count(count) == text
