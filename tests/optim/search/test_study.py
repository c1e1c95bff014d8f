"""The search as an Optuna study: in a journal that others can open."""

import json
import warnings
from pathlib import Path

import numpy as np
import optuna
import pytest

from tunesmith.optim.search import Search, StudyJournal
from tunesmith.optim.search.study import STUDY_NAME, rebuild_study

from .searches import coin, run, space_of

ANSWER = coin(0, lambda arm: 0.2 + 0.15 * arm[0] + 0.1 * arm[1])


def new_search(budget: int = 300) -> Search:
    return Search(space_of(4, 3), examples=40, budget=budget, seed=0)


def contents(study: optuna.Study) -> list[tuple]:
    return [(trial.params, trial.state, trial.intermediate_values) for trial in study.trials]


def open_plainly(path: Path) -> optuna.Study:
    """As optuna-dashboard does."""
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    return optuna.load_study(study_name=STUDY_NAME, storage=optuna.storages.JournalStorage(backend))


def test_updates_at_batch_boundaries_give_what_a_rebuild_gives(tmp_path: Path) -> None:
    search, path = new_search(), tmp_path / "study.journal"
    path.write_text("what a killed process le")
    journal = StudyJournal(path)
    size = 0
    while batch := search.next_batch():
        search.close_batch({cell: ANSWER(cell) for cell in batch})
        journal.update(search)
        assert path.stat().st_size > size, "appended, not written anew"
        size = path.stat().st_size
        rebuild_study(tmp_path / "anew", search, is_closed=False)
        assert contents(open_plainly(path)) == contents(open_plainly(tmp_path / "anew"))
    journal.update(search)
    assert path.stat().st_size == size, "nothing new, nothing written"
    steps = [(line.get("trial_id"), line.get("step")) for line in map(json.loads, path.open()) if "step" in line]
    assert len(steps) == len(set(steps)) > 0, "a running mean was told twice"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["anew", "study.journal"]


def test_a_closed_study_has_the_winner_as_its_best_trial(tmp_path: Path) -> None:
    search, path = new_search(), tmp_path / "study.journal"
    run(search, ANSWER)
    journal = StudyJournal(path)
    journal.update(search)
    assert {trial.state for trial in open_plainly(path).trials} == {optuna.trial.TrialState.RUNNING}
    journal.close(search)
    study, winner = open_plainly(path), search.winner()
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    assert len(study.trials) == len(search.matrix.measured())
    assert {trial.state for trial in study.trials} == {optuna.trial.TrialState.COMPLETE}
    best = study.best_trial
    assert best.params == {"p0 · instruction": winner.arm[0], "p0 · demos": winner.arm[1]}
    assert best.value == best.user_attrs["posterior mean"] == pytest.approx(winner.mean)
    assert best.user_attrs["probability"] == pytest.approx(winner.probability)
    assert best.user_attrs["n"] == winner.n == max(best.intermediate_values)
    assert best.intermediate_values[8] == np.mean(winner.scores[:8])
    assert best.intermediate_values[winner.n] == pytest.approx(np.mean(winner.scores))


def test_levels_that_come_later_fit_into_the_study(tmp_path: Path) -> None:
    search, path = new_search(), tmp_path / "study.journal"
    journal = StudyJournal(path)
    for batch_number in range(6):
        search.close_batch({cell: ANSWER(cell) for cell in search.next_batch()})
        journal.update(search)
        if batch_number == 3:
            search.add_levels(0, 2)
    assert max(trial.params["p0 · instruction"] for trial in open_plainly(path).trials) > 3


def test_a_search_that_measured_nothing_is_an_empty_study(tmp_path: Path) -> None:
    search = new_search()
    search.close_batch(dict.fromkeys(search.next_batch()))
    rebuild_study(tmp_path / "study.journal", search)
    assert open_plainly(tmp_path / "study.journal").trials == []


def test_optuna_is_neither_heard_nor_changed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    search = new_search(60)
    run(search, ANSWER)
    optuna.logging.set_verbosity(optuna.logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rebuild_study(tmp_path / "study.journal", search)
        StudyJournal(tmp_path / "study.journal").update(search)
        filters = list(warnings.filters)
        rebuild_study(tmp_path / "study.journal", search)
        assert warnings.filters == filters
    assert optuna.logging.get_verbosity() == optuna.logging.INFO
    assert capfd.readouterr() == ("", "")
