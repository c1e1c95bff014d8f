"""One task, every contestant, at a third, half and all of MIPROv2's program calls."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from benchmarks.search import peers
from benchmarks.search.oracle import Oracle, Task
from benchmarks.search.recorded import RecordedTask
from benchmarks.search.recording import path_of, read
from benchmarks.search.simulated import SETTINGS, Arm, SimulatedTask
from tunesmith.optim.search import Factor, Search, Space, Winner, is_shipped
from tunesmith.protocol import Selection

SHARES = (33, 50, 100)
"""Percent of MIPROv2's program calls."""
Side = Literal["ours", "peers"]
"""Held apart, so that a change of our search costs no contest of the peers."""
SIDES: tuple[Side, ...] = ("ours", "peers")
SELECTIONS: tuple[Selection, ...] = ("max", "likely", "strict")
MIPRO, RANDOM, HALVING = "MIPROv2", "random search", "sequential halving"


def ours(selection: Selection) -> str:
    return f"ours, {selection}"


CONTESTANTS = (*(ours(selection) for selection in SELECTIONS), MIPRO, RANDOM, HALVING)


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    contestant: str
    share: int
    """Percent of MIPROv2's calls it was allowed."""
    calls: int
    gain: float
    """True, of what it ships, in points of 100 above the baseline."""


def make_task(setting: str, seed: int) -> tuple[Task, int]:
    """A recorded or simulated task, and DSPy's n for it. Raises `KeyError`."""
    if setting in SETTINGS:
        return SimulatedTask(SETTINGS[setting], seed), SETTINGS[setting].candidates
    path = path_of(setting)
    if not path.exists():
        raise KeyError(setting)
    task = RecordedTask(read(path), seed)
    return task, task.candidates


def hold(setting: str, seed: int, side: Side) -> list[Outcome]:
    task, candidates = make_task(setting, seed)
    most = peers.full_trials(task.levels, candidates)
    budgets = {share: peers.calls_of(most, task.examples) * share // 100 for share in SHARES}
    if side == "ours":
        return [outcome for share in SHARES for outcome in hold_ours(task, share, budgets[share], seed)]
    return [outcome for share in SHARES for outcome in hold_peers(task, share, budgets[share], most, seed)]


def hold_ours(task: Task, share: int, budget: int, seed: int) -> Iterator[Outcome]:
    oracle = Oracle(task, budget)
    winner = search(oracle, seed)
    for selection in SELECTIONS:
        arm = winner.arm if is_shipped(winner, selection) else task.baseline
        yield Outcome(ours(selection), share, oracle.calls, task.gain(arm))


def hold_peers(task: Task, share: int, budget: int, most_trials: int, seed: int) -> Iterator[Outcome]:
    trials = peers.trials_within(budget, task.examples, most_trials)
    for name, peer in ((MIPRO, peers.mipro_v2), (RANDOM, peers.random_search)):
        oracle = Oracle(task, budget)
        arm = peer(oracle, trials, seed)
        yield Outcome(name, share, oracle.calls, task.gain(arm))
    oracle = Oracle(task, budget)
    arm = peers.sequential_halving(oracle, seed)
    yield Outcome(HALVING, share, oracle.calls, task.gain(arm))


def search(oracle: Oracle, seed: int) -> Winner:
    race = Search(space_of(oracle.levels), examples=oracle.examples, budget=oracle.budget, seed=seed)
    while batch := race.next_batch():
        places: dict[Arm, list[int]] = {}
        for cell in batch:
            places.setdefault(cell.arm, []).append(cell.place)
        scores = {
            (arm, place): float(score)
            for arm, asked in places.items()
            for place, score in zip(asked, oracle.evaluate(arm, asked), strict=True)
        }
        race.close_batch({cell: scores[cell] for cell in batch})
    return race.winner()


def space_of(levels: tuple[int, ...]) -> Space:
    return Space(
        tuple(
            Factor("instruction" if place % 2 == 0 else "demos", f"predictor {place // 2}", count)
            for place, count in enumerate(levels)
        )
    )
