"""The search as an Optuna study in a journal file, for optuna-dashboard and whoever reads studies.

A trial is an arm, its parameters the levels of its factors. Intermediate values are running means over the examples
scored; the value, told when the study is closed, is the posterior mean, so that the study's best trial is the search's
winner and not the luckiest arm. The journal is a view: it is written anew from the score matrix whenever wanted, and
optuna is imported only when it is.
"""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.optim.search.estimates import Estimate
from tunesmith.optim.search.policy import BLOCK, Search
from tunesmith.optim.search.space import Arm, Space

STUDY_NAME = "search"


class StudyJournal:
    """Kept up to date at batch boundaries by appending what is new.

    The first update writes the whole file, over what an earlier process left. One process writes it: the run's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._study: Any = None
        self._trials: dict[Arm, tuple[int, int]] = {}
        """Arm → id of its trial, examples told of so far."""

    def update(self, search: Search) -> None:
        """Append arms and running means that are new since the last update."""
        estimates = {estimate.arm: estimate for estimate in search.estimates()}
        with _quiet_optuna():
            if self._study is None:
                _write(self.path, search, estimates, is_closed=False)
                self._study = _open(self.path)
                trial_ids = [trial._trial_id for trial in self._study.get_trials(deepcopy=False)]
                arms = [arm for arm in search.matrix.asked_arms() if arm in estimates]
                self._trials = {arm: (i, estimates[arm].n) for arm, i in zip(arms, trial_ids, strict=True)}
                return
            for arm in search.matrix.asked_arms():
                if arm in estimates:
                    self._append(search, estimates[arm])

    def close(self, search: Search) -> None:
        """Write the file anew with every trial complete."""
        rebuild_study(self.path, search)
        self._study = None

    def _append(self, search: Search, estimate: Estimate) -> None:
        storage, arm = self._study._storage, estimate.arm
        if arm not in self._trials:
            trial = _trial(search, estimate, is_closed=False)
            trial_id = storage.create_new_trial(self._study._study_id, template_trial=trial)
            self._trials[arm] = (trial_id, estimate.n)
            return
        trial_id, told = self._trials[arm]
        if told == estimate.n:
            return
        for step, mean in _running_means(search, arm).items():
            if step > told:
                storage.set_trial_intermediate_value(trial_id, step, mean)
        for key, value in _attributes(estimate).items():
            storage.set_trial_user_attr(trial_id, key, value)
        self._trials[arm] = (trial_id, estimate.n)


def rebuild_study(path: Path, search: Search, *, is_closed: bool = True) -> None:
    """Write the study anew from the score matrix, atomically. `is_closed`: trials are complete and have a value."""
    with _quiet_optuna():
        _write(path, search, {estimate.arm: estimate for estimate in search.estimates()}, is_closed=is_closed)


def load_study(path: Path) -> Any:
    """The `optuna.Study` in a journal file. Raises `KeyError` where the file holds none."""
    with _quiet_optuna():
        return _open(path)


def parameter_distributions(space: Space) -> dict[str, Any]:
    """Of a trial's parameters. Ranges of integers, for they alone may grow while a study runs."""
    from optuna.distributions import IntDistribution

    return {factor.name: IntDistribution(0, factor.levels - 1) for factor in space.factors}


def _write(path: Path, search: Search, estimates: dict[Arm, Estimate], *, is_closed: bool) -> None:
    import optuna

    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    study = optuna.create_study(storage=_storage(unfinished), study_name=STUDY_NAME, direction="maximize")
    for arm in search.matrix.asked_arms():
        if arm in estimates:
            study.add_trial(_trial(search, estimates[arm], is_closed=is_closed))
    os.replace(unfinished, path)  # noqa: PTH105


def _open(path: Path) -> Any:
    import optuna

    return optuna.load_study(study_name=STUDY_NAME, storage=_storage(path))


def _trial(search: Search, estimate: Estimate, *, is_closed: bool) -> Any:
    import optuna

    distributions = parameter_distributions(search.space)
    return optuna.trial.create_trial(
        state=optuna.trial.TrialState.COMPLETE if is_closed else optuna.trial.TrialState.RUNNING,
        value=estimate.mean if is_closed else None,
        params=dict(zip(distributions, estimate.arm, strict=True)),
        distributions=distributions,
        user_attrs=_attributes(estimate),
        intermediate_values=_running_means(search, estimate.arm),
    )


def _attributes(estimate: Estimate) -> dict[str, float]:
    return {"n": estimate.n, "posterior mean": estimate.mean, "probability": estimate.probability}


def _running_means(search: Search, arm: Arm) -> dict[int, float]:
    """Number of examples → mean over as many; at full blocks and at the end."""
    known = search.matrix.known(arm)
    means = np.cumsum(known) / np.arange(1, len(known) + 1)
    steps = {*range(BLOCK, len(known), BLOCK), len(known)}
    return {step: float(means[step - 1]) for step in sorted(steps)}


class _OwnedByRun:
    """A lock that is always ours: only the process that owns the run's folder writes there.

    Optuna's own lock file would outlive a killed process and hold up the next one for half a minute.
    """

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


def _storage(path: Path) -> Any:
    import optuna

    try:
        from optuna.storages.journal import JournalFileBackend
    except ImportError:  # optuna before 4
        from optuna.storages import JournalFileStorage as JournalFileBackend
    return optuna.storages.JournalStorage(JournalFileBackend(str(path), lock_obj=_OwnedByRun()))


@contextmanager
def _quiet_optuna() -> Iterator[None]:
    """Without optuna's announcements and experimental warnings; the process's settings are put back."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
