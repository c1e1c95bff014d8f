"""Taking over from another run what is still valid."""

from typing import Literal

from tunesmith.protocol import LmCall, Rollout
from tunesmith.protocol.store import RunStore


def call(key: str, rollout: str | None = None) -> LmCall:
    return LmCall(
        key=key, rollout=rollout, model="m", request={}, outputs=["yes"], prompt_tokens=3, completion_tokens=2,
        usd=0.5, seconds=1.0, cache_hit=False,
    )  # fmt: skip


def rollout(key: str, status: Literal["scored", "failed"] = "scored") -> Rollout:
    return Rollout(
        key=key, candidate="baseline", example="e", index=0, split="val", sample=0, status=status, score=1.0,
        accepted=True, prediction={}, steps=[], seconds=1.0,
    )  # fmt: skip


def is_free(store: RunStore, key: str) -> bool:
    found = store.call(key)
    assert found is not None
    return found.cache_hit


def test_what_is_asked_for_is_copied_and_free(tmp_path):
    with RunStore.open(tmp_path / "old") as old:
        for row in (rollout("r1"), rollout("r2", "failed"), rollout("r3")):
            old.commit_rollout(row)
        for paid in (call("c1", "r1"), call("c2"), call("c3", "r3")):
            old.commit_call(paid)
    with RunStore.open(tmp_path / "new") as new:
        assert new.rollout("r1") is None
        new.adopt(tmp_path / "old")
        assert new.rollout("r1") == rollout("r1")
        assert new.rollout("r2") is None
        assert is_free(new, "c2")
        assert new.call("nowhere") is None
        assert new.totals().calls == 0
    with RunStore.open(tmp_path / "new") as again:
        assert [row.key for row in again.rollouts()] == ["r1"]
        assert (is_free(again, "c1"), again.call("c3")) == (True, None)


def test_its_own_rows_come_first(tmp_path):
    with RunStore.open(tmp_path / "old") as old:
        old.commit_call(call("c"))
    with RunStore.open(tmp_path / "new") as new:
        new.commit_call(call("c"))
        new.adopt(tmp_path / "old")
        assert not is_free(new, "c")


def test_nothing_to_adopt(tmp_path):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "run.sqlite").write_text("no database" * 100)
    with RunStore.memory() as store:
        for name in ("absent", "odd"):
            store.adopt(tmp_path / name)
            assert store.call("c") is None
