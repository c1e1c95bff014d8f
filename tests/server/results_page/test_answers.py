"""What the page gets for its questions."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tunesmith.protocol import METHODS, RunSpec, StatusChanged, Warned
from tunesmith.protocol.results_messages import ScoreCells
from tunesmith.protocol.store import RunStore
from tunesmith.server.errors import RunUnknown, RunUnreadable
from tunesmith.server.results_page import ResultsAnswers, columns
from tunesmith.server.results_page.answers import UnknownMethod
from tunesmith.server.results_page.columns import even_places
from tunesmith.server.runs.catalog import RunCatalog


def test_lists_runs_newest_first(answers: ResultsAnswers) -> None:
    listed: Any = answers.answer("results/list", {})
    assert [run.run_id for run in listed.runs] == ["tune", "search", "boot"]


def test_a_run_with_its_search_order_and_ledger(answers: ResultsAnswers) -> None:
    run: Any = answers.answer("results/run", {"run_id": "search"})
    assert run.summary.status == "finished"
    assert run.spec.prompt_lm == "openai/gpt-4o-mini"
    assert run.search.batches == 26
    assert run.totals.calls == run.summary.report.calls
    assert run.artifact.instructions[0].predictor == "self"


def test_every_method_of_the_table_is_answered(answers: ResultsAnswers) -> None:
    params = {"run_id": "search", "candidate": "baseline", "rollout": "baseline/val/0", "candidates": ["baseline"]}
    asked = [method for method in METHODS.values() if method.link == "page→server"]
    assert len(asked) == 10
    for method in asked:
        wanted = {name: value for name, value in params.items() if name in method.params.__struct_fields__}
        assert method.result is not None
        assert isinstance(answers.answer(method.name, wanted), method.result), method.name


def read_cells(answers: ResultsAnswers, run_id: str) -> list[ScoreCells]:
    pages: list[Any] = []
    more, after = True, 0
    while more:
        page: Any = answers.answer("results/cells", {"run_id": run_id, "after": after})
        pages.append(page)
        more, after = page.more, page.last
    return pages


def test_cells_come_in_pages_that_add_up(answers: ResultsAnswers, monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = read_cells(answers, "boot")
    monkeypatch.setattr(columns, "MOST_ROWS", 50)
    pages = read_cells(answers, "boot")
    assert len(pages) == 3
    names = [page.candidates[number] for page in pages for number in page.candidate]
    assert names == [whole.candidates[number] for number in whole.candidate]
    assert [score for page in pages for score in page.score] == whole.score
    assert (names[0], whole.held_out[0], sum(whole.held_out), len(names)) == ("baseline", 1, 96, 136)


def test_candidates_come_without_their_states(answers: ResultsAnswers) -> None:
    names: Any = answers.answer("results/candidates", {"run_id": "boot"})
    assert (names.ids, names.parents) == (["baseline", "selected"], [None, "baseline"])
    later: Any = answers.answer("results/candidates", {"run_id": "boot", "after": names.last})
    assert later.ids == []
    one: Any = answers.answer("results/candidate", {"run_id": "boot", "candidate": "selected"})
    assert len(one.candidate.state["demos"]) == 3
    none: Any = answers.answer("results/candidate", {"run_id": "boot", "candidate": "no such"})
    assert none.candidate is None


@pytest.mark.parametrize(
    ("wanted", "total", "first"),
    [
        ({"candidate": "selected"}, 48, ("val", 0)),
        ({"candidate": "selected", "skip": 20}, 48, ("val", 20)),
        ({"example": 3, "split": "train"}, 1, ("train", 3)),
        ({"example": 3}, 3, ("val", 3)),
        ({"candidate": "selected", "example": 99}, 0, None),
    ],
)
def test_rollouts_that_fit(
    answers: ResultsAnswers, wanted: dict[str, Any], total: int, first: tuple[str, int] | None
) -> None:
    found: Any = answers.answer("results/rollouts", {"run_id": "boot", **wanted})
    assert found.total == total
    assert len(found.rollouts) <= 20
    assert ((found.rollouts[0].split, found.rollouts[0].index) if found.rollouts else None) == first


def test_accepted_rollouts_first(answers: ResultsAnswers) -> None:
    wanted = {"run_id": "boot", "candidate": "baseline", "accepted_first": True}
    found: Any = answers.answer("results/rollouts", wanted)
    scores = [rollout.score for rollout in found.rollouts]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1


def test_costs_add_up(answers: ResultsAnswers) -> None:
    costs: Any = answers.answer("results/costs", {"run_id": "boot"})
    (model,) = costs.models
    assert (model.calls, model.cached, costs.calls[-1]) == (136, 0, 136)
    assert model.usd == pytest.approx(costs.usd[-1]) == pytest.approx(136 * 0.0004)
    assert model.prompt_tokens + model.completion_tokens == costs.tokens[-1]


def test_errors_by_kind(answers: ResultsAnswers) -> None:
    errors: Any = answers.answer("results/errors", {"run_id": "boot", "candidates": ["baseline", "selected"]})
    before, after = errors.of
    unread = sum(kind.count for kind in before.kinds)
    assert before.accepted + before.wrong + unread == before.rollouts == 48
    assert [kind.text for kind in before.kinds] == [
        "AdapterParseError: Failed to parse field topic: input should be …, not …"
    ]
    assert "'broken'" in before.kinds[0].sample
    assert after.kinds == []


def start_run(root: Path) -> RunStore:
    store = RunStore.open(root / ".tunesmith" / "runs" / "live")
    target = {"kind": "configured", "name": "sort", "program": "a:b", "metric": None, "trainset": None}
    spec = {
        "run_id": "live",
        "run_dir": str(root),
        "root": str(root),
        "interpreter": "python",
        "optimizer": "evaluate",
        "target": {**target, "file": "pyproject.toml", "line": 1},
    }
    store.commit_spec(msgspec.convert(spec, RunSpec))
    store.append_event(StatusChanged(status="running"))
    return store


def test_events_are_waited_for(tmp_path: Path) -> None:
    answers = ResultsAnswers(tmp_path, RunCatalog(tmp_path / "state", is_executing=lambda _: False))
    with start_run(tmp_path) as store:
        got: list[Any] = []
        asked = {"run_id": "live", "after": 1, "wait": 20}
        waiting = threading.Thread(target=lambda: got.append(answers.answer("results/events", asked)))
        waiting.start()
        store.append_event(Warned(message="something new"))
        waiting.join(timeout=20)
        assert [record.event.message for record in got[0].records] == ["something new"]
        live: Any = answers.answer("results/run", {"run_id": "live"})
    assert live.summary.status == "running"


def test_closing_ends_the_waiting(tmp_path: Path) -> None:
    answers = ResultsAnswers(tmp_path, RunCatalog(tmp_path / "state", is_executing=lambda _: False))
    with start_run(tmp_path):
        answers.close()
        waited: Any = answers.answer("results/events", {"run_id": "live", "after": 1, "wait": 20})
    assert waited.records == []


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("results/secrets", {}, UnknownMethod),
        ("tunesmith/stop", {}, UnknownMethod),
        ("results/run", {}, msgspec.ValidationError),
        ("results/run", {"run_id": "no-such"}, RunUnknown),
        ("results/cells", {"run_id": "../search"}, RunUnknown),
        ("results/cells", {"run_id": ".."}, RunUnknown),
        ("results/cells", {"run_id": "broken"}, RunUnreadable),
    ],
)
def test_what_cannot_be_answered(
    answers: ResultsAnswers, root: Path, method: str, params: dict[str, Any], error: type[Exception]
) -> None:
    broken = root / ".tunesmith" / "runs" / "broken"
    broken.mkdir(exist_ok=True)
    (broken / "run.sqlite").write_text("not a database, and long enough to be read as one" * 20)
    with pytest.raises(error):
        answers.answer(method, params)


@pytest.mark.parametrize(("count", "most", "places"), [(0, 4, []), (3, 4, [0, 1, 2]), (10, 4, [0, 3, 6, 9])])
def test_even_places(count: int, most: int, places: list[int]) -> None:
    assert even_places(count, most) == places
