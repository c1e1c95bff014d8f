"""On simulated tasks the search must find clearly better arms than chance, and ship few that are worse."""

import numpy as np

from benchmarks.search.simulated import SETTINGS, SimulatedTask
from tunesmith.optim.search import Search, is_shipped

from .searches import run, space_of

SEEDS = 12


def searched(task: SimulatedTask, seed: int) -> Search:
    search = Search(space_of(*task.levels), examples=task.examples, budget=task.setting.budget, seed=seed)
    run(search, lambda cell: task.score(*cell))
    return search


def test_it_finds_better_arms_than_measuring_as_many_at_random() -> None:
    gains, by_chance, possible = [], [], []
    for seed in range(SEEDS):
        task = SimulatedTask(SETTINGS["L P1 6x6 V100 med"], seed)
        gains.append(task.gain(searched(task, seed).winner().arm))
        # The same budget spent on arms drawn at random, each measured on everything, the best kept.
        rng = np.random.default_rng(seed)
        drawn = [task.arms()[i] for i in rng.choice(36, size=task.setting.budget // task.examples, replace=False)]
        by_chance.append(task.gain(max(drawn, key=lambda arm: task.row(arm).mean())))
        possible.append(task.gain(task.best))
    assert np.mean(gains) > np.mean(by_chance) + 1
    assert np.mean(gains) > 0.65 * np.mean(possible)


def test_strict_ships_hardly_anything_where_nothing_helps() -> None:
    winners = [searched(SimulatedTask(SETTINGS["L P1 6x6 V100 null"], seed), seed).winner() for seed in range(SEEDS)]
    assert sum(is_shipped(winner, "strict") for winner in winners) <= 1
    assert sum(is_shipped(winner, "max") for winner in winners) > SEEDS / 3
