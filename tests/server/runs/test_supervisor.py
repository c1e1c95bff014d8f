"""One worker, well or badly behaved: always an outcome, and no process left."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from tunesmith.protocol import PROTOCOL_VERSION, EventRecord, Progressed, RunSpec, StatusChanged
from tunesmith.protocol.worker_messages import RunOutcome
from tunesmith.server.runs.folders import is_owned
from tunesmith.server.runs.supervisor import Supervisor, Timeouts

SECRET = "sk-abcdefgh12345678"
Specs = Callable[..., RunSpec]


def environment(mode: str, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "FAKE_WORKER": mode, "TEST_API_KEY": SECRET, **more}


async def supervise(
    spec: RunSpec,
    mode: str,
    timeouts: Timeouts,
    *,
    at_progress: Callable[[Supervisor], None] | None = None,
    **more: str,
) -> tuple[RunOutcome, list[EventRecord]]:
    records: list[EventRecord] = []

    def hear(record: EventRecord) -> None:
        records.append(record)
        if isinstance(record.event, Progressed) and at_progress is not None:
            at_progress(supervisor)

    supervisor = Supervisor(spec, environment(mode, **more), hear, timeouts)
    settled: list[RunOutcome] = []

    async def settle(outcome: RunOutcome) -> None:
        settled.append(outcome)

    with anyio.fail_after(60):
        await supervisor.run(settle)
    (outcome,) = settled  # once
    return outcome, [*records, *filter(None, [supervisor.last_record])]


async def test_a_worker_that_finishes(a_spec: Specs, quick: Timeouts) -> None:
    outcome, records = await supervise(a_spec(), "finish", quick)
    assert outcome.status == "finished"
    assert outcome.report is not None
    assert [record.event for record in records] == [StatusChanged(status="running"), StatusChanged(status="finished")]
    assert [record.seq for record in records] == [1, 2]


@pytest.mark.parametrize(
    ("mode", "says", "next_step"),
    [
        ("segfault", "signal 11 (SIGSEGV: a segmentation fault in native code)", "tunesmith runs resume"),
        ("exit", "ended without a result: exit code 7", "tunesmith runs resume"),
        ("old", f"protocol 0; this daemon speaks {PROTOCOL_VERSION}", "-m pip install --upgrade tunesmith"),
        ("new", f"protocol 99; this daemon speaks {PROTOCOL_VERSION}", "uv tool upgrade tunesmith"),
        ("refuse", "has no dspy installed", "p -m pip install dspy"),
        ("no end", "ended its run as queued", None),
    ],
)
async def test_a_worker_that_gives_no_result(
    mode: str, says: str, next_step: str | None, a_spec: Specs, quick: Timeouts
) -> None:
    outcome, _ = await supervise(a_spec(), mode, quick)
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert says in outcome.error.message
    assert (next_step or "") in (outcome.error.next_step or "")


async def test_a_dead_worker_s_last_words_are_shown_without_secrets(
    a_spec: Specs, quick: Timeouts, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        outcome, _ = await supervise(a_spec(), "segfault", quick)
    assert outcome.error is not None
    assert outcome.error.traceback == "the key is ***\nlast words"
    assert SECRET not in caplog.text
    assert "last words" in caplog.text


@pytest.mark.parametrize(
    ("probe", "says", "next_step"),
    [
        (
            'PROBE {"python": [3, 12], "missing": ["tunesmith.optim"]}',
            "has no tunesmith installed",
            "install tunesmith`",
        ),
        ('PROBE {"python": [3, 12], "missing": ["dspy"]}', "has no dspy installed", "install dspy`"),
        ('PROBE {"python": [3, 9], "missing": ["dspy"]}', "is Python 3.9", "to a newer one"),
        ("no python at all", "could not be started as a Python interpreter", "`interpreter`"),
        ('PROBE {"python": [3, 12], "missing": []}', "ended with exit code 1 before it began", "starts by hand"),
    ],
)
async def test_an_interpreter_that_cannot_run_a_worker(
    probe: str, says: str, next_step: str, a_spec: Specs, quick: Timeouts
) -> None:
    spec = a_spec()
    outcome, _ = await supervise(spec, "absent", quick, FAKE_PROBE=probe)
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert spec.interpreter in outcome.error.message
    assert says in outcome.error.message
    assert next_step in (outcome.error.next_step or "")


async def test_an_interpreter_that_does_not_exist(a_spec: Specs, quick: Timeouts) -> None:
    outcome, _ = await supervise(a_spec(interpreter="/nowhere/python"), "finish", quick)
    assert outcome.error is not None
    assert "/nowhere/python could not be started" in outcome.error.message


async def test_a_worker_that_never_says_hello(a_spec: Specs) -> None:
    outcome, _ = await supervise(a_spec(), "silent", Timeouts(hello=0.2, soft_stop=30, exit=10))
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert "did not answer within 0.2 seconds" in outcome.error.message


async def test_what_is_no_message_is_passed_over(
    a_spec: Specs, quick: Timeouts, caplog: pytest.LogCaptureFixture
) -> None:
    outcome, records = await supervise(a_spec(), "junk", quick)
    assert outcome.status == "finished"
    assert [record.seq for record in records] == [1, 2]
    assert "a line of 17825792 bytes" in caplog.text
    assert "an event of run another" in caplog.text


async def test_a_flood_arrives_whole_and_its_stderr_is_bounded(
    a_spec: Specs, quick: Timeouts, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        outcome, records = await supervise(a_spec(), "flood", quick)
    assert outcome.status == "finished"
    assert [record.seq for record in records] == list(range(1, 303))
    assert caplog.text.count("noise") == 200
    assert "the rest is not logged" in caplog.text


async def test_cancel_is_soft(a_spec: Specs, quick: Timeouts) -> None:
    outcome, records = await supervise(a_spec(), "wait", quick, at_progress=Supervisor.cancel)
    assert outcome.status == "cancelled"
    assert outcome.report is not None
    assert records[-1].event == StatusChanged(status="cancelled")


async def test_leaving_makes_it_resumable(a_spec: Specs, quick: Timeouts) -> None:
    outcome, records = await supervise(a_spec(), "wait", quick, at_progress=Supervisor.leave)
    assert outcome.status == "interrupted"
    assert records[-1].event == StatusChanged(status="interrupted")


@pytest.mark.parametrize(("stop", "status"), [(Supervisor.cancel, "cancelled"), (Supervisor.leave, "interrupted")])
async def test_a_worker_that_does_not_listen_is_killed(
    stop: Callable[[Supervisor], None], status: str, a_spec: Specs
) -> None:
    outcome, _ = await supervise(a_spec(), "deaf", Timeouts(hello=30, soft_stop=0.1, exit=0.1), at_progress=stop)
    assert outcome.status == status


async def test_cancelled_before_it_started(a_spec: Specs, quick: Timeouts) -> None:
    spec = a_spec(interpreter="/nowhere/python")
    supervisor = Supervisor(spec, {}, lambda _: None, quick)
    supervisor.cancel()
    settled: list[RunOutcome] = []

    async def settle(outcome: RunOutcome) -> None:
        settled.append(outcome)

    await supervisor.run(settle)
    assert [outcome.status for outcome in settled] == ["cancelled"]


async def test_a_worker_that_closes_its_end_and_lives_on_is_ended(a_spec: Specs) -> None:
    outcome, _ = await supervise(a_spec(), "shut", Timeouts(hello=30, soft_stop=30, exit=0.2))
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert "SIGTERM" in outcome.error.message


async def test_a_worker_that_lingers_after_its_outcome_is_ended(a_spec: Specs) -> None:
    outcome, _ = await supervise(a_spec(), "lingers", Timeouts(hello=30, soft_stop=30, exit=0.2))
    assert outcome.status == "finished"


async def test_children_of_user_code_do_not_outlive_their_run(a_spec: Specs, root: Path) -> None:
    os.mkfifo(root / "alive")  # held open by the child alone: readable (at its end) once the child is gone
    alive = os.open(root / "alive", os.O_RDONLY | os.O_NONBLOCK)
    try:
        timeouts = Timeouts(hello=30, soft_stop=30, exit=600)  # nobody waits for a pipe that a child holds
        outcome, records = await supervise(a_spec(), "child", timeouts)
        assert outcome.status == "failed"
        assert Progressed(phase="child", done=0, total=None) in [record.event for record in records]
        with anyio.fail_after(10):
            await anyio.wait_readable(alive)
        assert os.read(alive, 1) == b""
    finally:
        os.close(alive)


async def test_a_cancelled_supervision_leaves_no_process(a_spec: Specs, quick: Timeouts, root: Path) -> None:
    """The daemon's own task is cancelled: nobody is left to wait for the worker."""
    started = anyio.Event()
    spec = a_spec()

    async def never(_: RunOutcome) -> None:
        raise AssertionError("it gave no outcome")

    supervisor = Supervisor(spec, environment("deaf"), lambda _: started.set(), quick)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run, never)
        with anyio.fail_after(30):
            await started.wait()
        tasks.cancel_scope.cancel()
    assert not is_owned(Path(spec.run_dir))
