"""The search as an Optuna study in a journal file, for optuna-dashboard and whoever reads studies.

A trial is an arm, its parameters the levels of its factors. Intermediate values are running means over the examples
scored; the value, given when the study is closed, is the posterior mean, so that the study's best trial is the search's
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

from tunesmith.optim.search.beliefs import ArmBelief
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
        """Arm → id of its trial, examples reported so far."""

    def update(self, search: Search) -> None:
        """Append arms and running means that are new since the last update."""
        beliefs = {belief.arm: belief for belief in search.beliefs()}
        with _quiet_optuna():
            if self._study is None:
                _write(self.path, search, beliefs, is_closed=False)
                self._study = _open(self.path)
                trial_ids = [trial._trial_id for trial in self._study.get_trials(deepcopy=False)]
                arms = [arm for arm in search.matrix.asked_arms() if arm in beliefs]
                self._trials = {arm: (i, beliefs[arm].n) for arm, i in zip(arms, trial_ids, strict=True)}
                return
            for arm in search.matrix.asked_arms():
                if arm in beliefs:
                    self._append(search, beliefs[arm])

    def close(self, search: Search) -> None:
        """Write the file anew with every trial complete."""
        rebuild_study(self.path, search)
        self._study = None

    def _append(self, search: Search, belief: ArmBelief) -> None:
        storage, arm = self._study._storage, belief.arm
        if arm not in self._trials:
            trial = _trial(search, belief, is_closed=False)
            trial_id = storage.create_new_trial(self._study._study_id, template_trial=trial)
            self._trials[arm] = (trial_id, belief.n)
            return
        trial_id, reported = self._trials[arm]
        if reported == belief.n:
            return
        for step, mean in _running_means(search, arm).items():
            if step > reported:
                storage.set_trial_intermediate_value(trial_id, step, mean)
        for key, value in _attributes(belief).items():
            storage.set_trial_user_attr(trial_id, key, value)
        self._trials[arm] = (trial_id, belief.n)


def rebuild_study(path: Path, search: Search, *, is_closed: bool = True) -> None:
    """Write the study anew from the score matrix, atomically. `is_closed`: trials are complete and have a value."""
    with _quiet_optuna():
        _write(path, search, {belief.arm: belief for belief in search.beliefs()}, is_closed=is_closed)


def parameter_distributions(space: Space) -> dict[str, Any]:
    """Of a trial's parameters. Ranges of integers, for they alone may grow while a study runs."""
    from optuna.distributions import IntDistribution

    return {factor.name: IntDistribution(0, factor.levels - 1) for factor in space.factors}


def _write(path: Path, search: Search, beliefs: dict[Arm, ArmBelief], *, is_closed: bool) -> None:
    import optuna

    unfinished = path.with_name(path.name + ".part")
    unfinished.unlink(missing_ok=True)
    study = optuna.create_study(storage=_storage(unfinished), study_name=STUDY_NAME, direction="maximize")
    for arm in search.matrix.asked_arms():
        if arm in beliefs:
            study.add_trial(_trial(search, beliefs[arm], is_closed=is_closed))
    os.replace(unfinished, path)  # noqa: PTH105


def _open(path: Path) -> Any:
    import optuna

    return optuna.load_study(study_name=STUDY_NAME, storage=_storage(path))


def _trial(search: Search, belief: ArmBelief, *, is_closed: bool) -> Any:
    import optuna

    distributions = parameter_distributions(search.space)
    return optuna.trial.create_trial(
        state=optuna.trial.TrialState.COMPLETE if is_closed else optuna.trial.TrialState.RUNNING,
        value=belief.mean if is_closed else None,
        params=dict(zip(distributions, belief.arm, strict=True)),
        distributions=distributions,
        user_attrs=_attributes(belief),
        intermediate_values=_running_means(search, belief.arm),
    )


def _attributes(belief: ArmBelief) -> dict[str, float]:
    return {"n": belief.n, "posterior mean": belief.mean, "probability": belief.probability}


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
