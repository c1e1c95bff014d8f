"""The run store in one process: what goes in comes out, and what cannot go in says so."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tunesmith.protocol import (
    Candidate,
    LmCall,
    Progressed,
    Rollout,
    RunEvent,
    RunOwned,
    StatusChanged,
    StoreClosed,
    StoreUnreadable,
    StoreUnwritable,
    Totals,
    TrainingStep,
    Warned,
)
from tunesmith.protocol.store import RunStore, open_reader


def a_call(key: str, *, rollout: str | None = None, usd: float | None = 0.5, cache_hit: bool = False) -> LmCall:
    return LmCall(
        key=key,
        rollout=rollout,
        model="local/test",
        request={"messages": [{"role": "user", "content": "déjà vu"}]},
        outputs=["yes"],
        prompt_tokens=10,
        completion_tokens=2,
        usd=usd,
        seconds=0.25,
        cache_hit=cache_hit,
    )


def a_rollout(key: str, *, candidate: str = "baseline", split: str = "train", index: int = 0) -> Rollout:
    return Rollout(
        key=key,
        candidate=candidate,
        example=f"example {index}",
        index=index,
        split="val" if split == "val" else "train",
        sample=0,
        status="scored",
        score=1.0,
        accepted=True,
        prediction={"answer": "yes"},
        steps=[],
        seconds=0.1,
    )


def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    candidate = Candidate(id="c1", name="four demos", parent=None, state={"demos": []})
    with RunStore.open(tmp_path) as store:
        store.commit_meta("note", {"a": 1})
        store.commit_candidate(candidate)
        store.commit_rollout(a_rollout("r1"))
        store.commit_call(a_call("k1", rollout="r1"))
        assert store.meta("note", dict[str, int]) == {"a": 1}
        assert store.meta("absent", int) is None
        assert store.rollout("r1") == a_rollout("r1")
        assert store.call("k1") == a_call("k1", rollout="r1")
        assert store.call("k2") is None
    with open_reader(tmp_path) as reader:
        assert reader.candidates() == [candidate]
        assert reader.calls(rollout="r1") == [a_call("k1", rollout="r1")]
        assert reader.calls(rollout="r2") == []


def test_a_row_written_again_replaces_the_first(tmp_path: Path) -> None:
    with RunStore.open(tmp_path) as store:
        store.commit_call(a_call("k1", usd=0.5))
        store.commit_call(a_call("k1", usd=0.75))
        assert store.totals().usd == 0.75
        assert store.totals().calls == 1


def test_rollouts_come_in_canonical_order_however_they_arrived() -> None:
    with RunStore.memory() as store:
        for key, split, index in (("d", "val", 0), ("c", "train", 2), ("b", "train", 1), ("a", "train", 1)):
            store.commit_rollout(a_rollout(key, split=split, index=index))
        assert [rollout.key for rollout in store.rollouts()] == ["b", "a", "c", "d"]


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        ({"candidate": "baseline"}, ["a", "b"]),
        ({"split": "val"}, ["b"]),
        ({"index": 0}, ["a", "c"]),
        ({"candidate": "tuned", "index": 1}, []),
    ],
)
def test_a_reader_filters_rollouts(tmp_path: Path, wanted: dict[str, str | int], keys: list[str]) -> None:
    with RunStore.open(tmp_path) as store:
        store.commit_rollout(a_rollout("a", index=0))
        store.commit_rollout(a_rollout("b", split="val", index=1))
        store.commit_rollout(a_rollout("c", candidate="tuned", index=0))
    with open_reader(tmp_path) as reader:
        assert [rollout.key for rollout in reader.rollouts(**wanted)] == keys  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("calls", "totals"),
    [
        ([], Totals(calls=0, prompt_tokens=0, completion_tokens=0, usd=0.0, seconds=0.0)),
        ([a_call("a"), a_call("b")], Totals(calls=2, prompt_tokens=20, completion_tokens=4, usd=1.0, seconds=0.5)),
        (
            [a_call("a"), a_call("b", usd=None)],
            Totals(calls=2, prompt_tokens=20, completion_tokens=4, usd=None, seconds=0.5),
        ),
        (
            [a_call("a"), a_call("b", usd=None, cache_hit=True)],
            Totals(calls=1, prompt_tokens=10, completion_tokens=2, usd=0.5, seconds=0.25),
        ),
    ],
    ids=["nothing", "priced", "an unknown price is not free", "a cache's answers cost nothing"],
)
def test_the_ledger(calls: list[LmCall], totals: Totals) -> None:
    with RunStore.memory() as store:
        for call in calls:
            store.commit_call(call)
        assert store.totals() == totals
        assert store.totals().tokens == totals.prompt_tokens + totals.completion_tokens


def test_events_are_numbered_without_gaps_from_many_threads_and_across_openings(tmp_path: Path) -> None:
    for opening in range(2):
        with RunStore.open(tmp_path) as store, ThreadPoolExecutor(8) as threads:
            records = list(
                threads.map(lambda done: store.append_event(Progressed(phase="p", done=done, total=None)), range(50))
            )
        assert sorted(record.seq for record in records) == list(range(1 + 50 * opening, 51 + 50 * opening))
    with open_reader(tmp_path) as reader:
        assert [record.seq for record in reader.events()] == list(range(1, 101))
        assert [record.seq for record in reader.events(after=98)] == [99, 100]
        assert [record.seq for record in reader.events(limit=1)] == [1]


def test_the_last_status_and_progress_are_known_without_reading_events(tmp_path: Path) -> None:
    with RunStore.open(tmp_path) as store:
        store.append_event(StatusChanged(status="queued"))
        store.append_event(StatusChanged(status="running", reason="its turn"))
        store.append_event(Progressed(phase="scoring", done=3, total=9))
        store.append_event(Warned(message="slow"))
    with open_reader(tmp_path) as reader:
        assert reader.status() == StatusChanged(status="running", reason="its turn")
        assert reader.progress() == Progressed(phase="scoring", done=3, total=9)


def test_a_training_is_progress(tmp_path: Path) -> None:
    step = TrainingStep(student="sort", step=3, steps=9, loss=0.5, tokens_per_second=1.0, peak_bytes=1, eta_seconds=1.0)
    with RunStore.open(tmp_path) as store:
        store.append_event(Progressed(phase="scoring", done=3, total=9))
        store.append_event(step)
    with open_reader(tmp_path) as reader:
        assert reader.progress() == Progressed(phase="training sort", done=3, total=9, text="loss 0.500")
        assert reader.events()[-1].event == step


def test_a_row_that_cannot_be_written_fails_its_own_caller_only(tmp_path: Path) -> None:
    """Whatever shares its transaction is committed, and later commits work."""
    with RunStore.open(tmp_path) as store:
        held = threading.Event()
        released = threading.Event()

        def hold(_: sqlite3.Connection) -> None:
            held.set()
            released.wait(10)

        first = store._enqueue(hold)
        assert held.wait(10)
        too_large = a_call("too large for a column", usd=1.0)
        too_large = LmCall(
            **{**{f: getattr(too_large, f) for f in too_large.__struct_fields__}, "prompt_tokens": 2**63}
        )
        with ThreadPoolExecutor(3) as threads:  # all three wait while the first transaction is held open
            good = threads.submit(store.commit_call, a_call("good"))
            bad = threads.submit(store.commit_call, too_large)
            event = threads.submit(store.append_event, Warned(message="heard"))
            while store._inbox.qsize() < 3:
                threading.Event().wait(0.001)
            released.set()
            good.result(10)
            with pytest.raises(OverflowError):
                bad.result(10)
            assert event.result(10).seq == 1
        first.result(10)
        store.commit_call(a_call("later"))
        assert store.call("good") is not None
        assert store.call("later") is not None
        assert store.call("too large for a column") is None


def test_a_full_disk_is_said_and_what_was_committed_stays(tmp_path: Path) -> None:
    with RunStore.open(tmp_path) as store:
        store.commit_call(a_call("before"))
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(StoreUnwritable, match="full") as caught:
            store.commit_meta("large", "x" * 100_000)
        assert str(tmp_path) in str(caught.value)
        assert "resume the run" in str(caught.value)
        store._connection.execute("PRAGMA max_page_count=1000000")
        assert store.append_event(Warned(message="space again")).seq == 1
    with open_reader(tmp_path) as reader:
        assert reader.call("before") is not None
        assert reader.meta("large", str) is None


def test_a_failed_event_leaves_no_gap(tmp_path: Path) -> None:
    with RunStore.open(tmp_path) as store:
        store.append_event(Warned(message="one"))
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(StoreUnwritable):
            store.append_event(Warned(message="x" * 100_000))
        store._connection.execute("PRAGMA max_page_count=1000000")
        assert store.append_event(Warned(message="two")).seq == 2


def test_a_closed_store_refuses_and_does_not_hang(tmp_path: Path) -> None:
    store = RunStore.open(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreClosed):
        store.commit_call(a_call("late"))
    with pytest.raises(StoreClosed):
        store.append_event(Warned(message="late"))


def test_what_is_queued_at_closing_is_written(tmp_path: Path) -> None:
    store = RunStore.open(tmp_path)
    waiting = [store._enqueue(lambda connection: connection.execute("INSERT INTO meta VALUES ('k', '1')"))]
    store.close()
    waiting[0].result(10)
    with open_reader(tmp_path) as reader:
        assert reader.meta("k", int) == 1


def test_a_run_has_one_owner(tmp_path: Path) -> None:
    with RunStore.open(tmp_path), pytest.raises(RunOwned, match="another process"):
        RunStore.open(tmp_path)
    RunStore.open(tmp_path).close()


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 8000], ids=["text", "damaged"]
)
def test_a_corrupt_store_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.sqlite").write_bytes(content)
    (tmp_path / "run.sqlite-wal").write_bytes(b"its log")
    with RunStore.open(tmp_path) as store:
        assert store.kept_aside is not None
        assert store.kept_aside.read_bytes() == content
        store.commit_call(a_call("new"))
    again = RunStore.open(tmp_path)
    assert again.kept_aside is None
    assert again.call("new") is not None
    again.close()


def test_two_corrupt_stores_of_one_second_are_both_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda _: "20260101-000000")
    kept = []
    for content in (b"first" * 500, b"second" * 500):
        (tmp_path / "run.sqlite").write_bytes(content)
        with RunStore.open(tmp_path) as store:
            kept.append(store.kept_aside)
    assert [path.read_bytes()[:6] for path in kept if path] == [b"firstf", b"second"]


def test_reading_needs_a_store(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_reader(tmp_path):
        pass
    assert not any(tmp_path.iterdir())


def test_what_sqlite_cannot_read_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "run.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreUnreadable, match=r"^file is not a database$"), open_reader(tmp_path) as reader:
        reader.status()
    (tmp_path / "run.sqlite").unlink()
    sqlite3.connect(tmp_path / "run.sqlite").close()
    with pytest.raises(StoreUnreadable, match=r"^no such table: meta$"), open_reader(tmp_path) as reader:
        reader.status()


def test_active_seconds_leave_out_the_time_between_executions(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, RunEvent]] = [
        (100.0, StatusChanged(status="queued")),
        (110.0, StatusChanged(status="running")),
        (115.0, Progressed(phase="bootstrapping", done=1, total=2)),
        (500.0, StatusChanged(status="running")),
        (507.0, StatusChanged(status="finished")),
    ]
    with RunStore.memory() as store:
        assert store.active_seconds() == 0
        for now, event in told:
            monkeypatch.setattr("time.time", lambda now=now: now)
            store.append_event(event)
        assert store.active_seconds() == 12
