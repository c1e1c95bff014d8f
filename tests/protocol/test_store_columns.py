"""Columns of a run's rows: numbered, in order, in parts."""

from pathlib import Path

import pytest

from tunesmith.protocol import Candidate, LmCall, Rollout
from tunesmith.protocol.store import Outcome, RunStore, open_reader


def a_rollout(candidate: str, split: str, index: int, score: float | None) -> Rollout:
    status = "failed" if score is None else "scored" if score else "unparsed"
    return Rollout(
        key=f"{candidate}/{split}/{index}",
        candidate=candidate,
        example=f"example {index}",
        index=index,
        split="val" if split == "val" else "train",
        sample=0,
        status=status,  # type: ignore[arg-type]
        score=score,
        accepted=score == 1,
        prediction={},
        steps=[],
        error="no answer" if score is None else None,
        seconds=0.1,
    )


def a_call(key: str, model: str, *, usd: float | None, cache_hit: bool = False) -> LmCall:
    return LmCall(
        key=key,
        rollout=None,
        model=model,
        request={},
        outputs=[],
        prompt_tokens=10,
        completion_tokens=2,
        usd=usd,
        seconds=0.5,
        cache_hit=cache_hit,
    )


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    with RunStore.open(tmp_path) as store:
        for name, parent in (("a", None), ("b", "a"), ("c", "a")):
            store.commit_candidate(Candidate(id=name, name=name.upper(), parent=parent, state={"demos": [1]}))
        for place in (("b", "val", 1, 0.5), ("a", "val", 0, None), ("a", "train", 3, 1.0), ("a", "train", 2, 0.0)):
            store.commit_rollout(a_rollout(*place))
        store.commit_call(a_call("1", "cheap", usd=0.5))
        store.commit_call(a_call("2", "dear", usd=2.0, cache_hit=True))
        store.commit_call(a_call("3", "cheap", usd=None))
        store.commit_call(a_call("4", "dear", usd=1.5))
        store.commit_call(a_call("5", "cheap", usd=0.25))
    return tmp_path


def test_candidates_and_cells_come_in_parts_that_add_up(run_dir: Path) -> None:
    with open_reader(run_dir) as reader:
        first = reader.columns.candidate_names(after=0, limit=2)
        assert [(one.id, one.name, one.parent) for one in first] == [("a", "A", None), ("b", "B", "a")]
        (last,) = reader.columns.candidate_names(after=first[-1].number, limit=2)
        assert (last.id, reader.columns.candidate_names(after=last.number, limit=2)) == ("c", [])
        whole = reader.columns.cells(after=0, limit=100)
        parts = reader.columns.cells(after=0, limit=3)
        assert parts + reader.columns.cells(after=parts[-1].number, limit=3) == whole
    assert [one[1:] for one in whole] == [
        ("b", 1, 1, 0.5, 0),
        ("a", 0, 1, None, 0),
        ("a", 3, 0, 1.0, 0),
        ("a", 2, 0, 0.0, 1),
    ]


def test_outcomes_come_in_canonical_order(run_dir: Path) -> None:
    with open_reader(run_dir) as reader:
        outcomes = reader.columns.outcomes("a")
    assert outcomes == [
        Outcome("train", 2, "unparsed", accepted=False, error=None),
        Outcome("train", 3, "scored", accepted=True, error=None),
        Outcome("val", 0, "failed", accepted=False, error="no answer"),
    ]


def test_what_was_paid_by_model_and_call_by_call(run_dir: Path) -> None:
    with open_reader(run_dir) as reader:
        models, spent = reader.columns.model_costs(), reader.columns.spending()
    assert [(one.model, one.calls, one.cached, one.prompt_tokens, one.usd) for one in models] == [
        ("cheap", 3, 0, 30, None),
        ("dear", 2, 1, 10, 1.5),
    ]
    assert [tuple(one) for one in spent] == [(12, 0.5), (12, 0), (12, 1.5), (12, 0.25)]


def test_rollouts_in_pages_by_place_or_the_best_first(run_dir: Path) -> None:
    with open_reader(run_dir) as reader:
        found, total = reader.rollouts_page(limit=3)
        assert ([one.key for one in found], total) == (["a/val/0", "b/val/1", "a/train/2"], 4)
        found, total = reader.rollouts_page(limit=3, skip=3)
        assert ([one.key for one in found], total) == (["a/train/3"], 4)
        found, total = reader.rollouts_page(candidate="a", best_first=True, limit=5)
        assert ([one.key for one in found], total) == (["a/train/3", "a/train/2", "a/val/0"], 3)
        assert reader.rollouts_page(candidate="a", split="val", index=9, limit=5) == ([], 0)
        assert reader.candidate("b") == Candidate(id="b", name="B", parent="a", state={"demos": [1]})
        assert reader.candidate("none") is None
