"""The peers stay within their budgets, and MIPROv2's loop is DSPy's own, evaluation by evaluation."""

import random
from types import SimpleNamespace
from typing import Any

import dspy
import numpy as np
import pytest
from dspy.utils import DummyLM

from benchmarks.search import peers
from benchmarks.search.oracle import Oracle, OutOfCalls

LEVELS = (4, 5)


class Table:
    """Every arm has a chance of its own; cells are drawn once."""

    def __init__(self, levels: tuple[int, ...], examples: int) -> None:
        self.levels, self.examples, self.baseline = levels, examples, (0,) * len(levels)

    def row(self, arm: tuple[int, ...]) -> np.ndarray:
        rng = np.random.default_rng([7, *arm])
        return (rng.random(self.examples) < rng.random()).astype(float)

    def gain(self, arm: tuple[int, ...]) -> float:
        return 100 * float(self.row(arm).mean() - self.row(self.baseline).mean())


class Watched(Oracle):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[tuple[tuple[int, ...], tuple[int, ...]]] = []

    def evaluate(self, arm, places):
        scores = super().evaluate(arm, places)
        self.asked.append((arm, tuple(places)))
        return scores


@pytest.mark.parametrize(
    ("predictors", "candidates", "examples", "trials", "calls"),
    [(1, 6, 100, 10, 650), (1, 12, 300, 18, 2130), (2, 6, 100, 20, 1200), (1, 18, 1000, 27, 7945), (1, 6, 50, 10, 550)],
)
def test_trials_and_calls_of_mipro_v2(predictors: int, candidates: int, examples: int, trials: int, calls: int) -> None:
    assert peers.full_trials((6, 6) * predictors, candidates) == trials
    assert peers.calls_of(trials, examples) == calls


@pytest.mark.parametrize(("budget", "trials"), [(650, 10), (325, 3), (234, 0), (235, 1), (100, 0)])
def test_fewer_calls_are_fewer_trials(budget: int, trials: int) -> None:
    assert peers.trials_within(budget, 100, most=10) == trials


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("levels", "examples", "trials"), [((4, 5), 60, 14), ((3, 4, 3, 4), 60, 15), ((4, 5), 50, 8), ((2, 1), 60, 5)]
)
def test_evaluations_are_dspys(levels: tuple[int, ...], examples: int, trials: int, seed: int) -> None:
    oracle = Watched(Table(levels, examples), peers.calls_of(trials, examples))
    best = peers.mipro_v2(oracle, trials, seed)
    asked, dspys_best = evaluations_of_dspy(levels, examples, trials, seed)
    assert oracle.asked == asked
    assert best == dspys_best


def evaluations_of_dspy(levels: tuple[int, ...], examples: int, trials: int, seed: int) -> tuple[list, tuple]:
    """(arm, places) of every evaluation, and the arm returned, of MIPROv2 itself on the same table."""
    table, asked = Table(levels, examples), []

    def evaluate(program, devset, callback_metadata):
        arm = arm_of(program)
        asked.append((arm, tuple(devset)))
        return SimpleNamespace(score=round(100 * float(table.row(arm)[list(devset)].mean()), 2), results=[])

    unused, demo = DummyLM([]), dspy.Example(x="", y="")
    optimizer = dspy.MIPROv2(
        metric=lambda *_: 0, auto=None, num_candidates=3, seed=seed, prompt_model=unused, task_model=unused
    )
    optimizer.rng = random.Random(seed)
    pairs = list(zip(levels[::2], levels[1::2], strict=True))
    best = optimizer._optimize_prompt_parameters(
        program_with(len(pairs)),
        {place: [f"instruction {level}" for level in range(count)] for place, (count, _) in enumerate(pairs)},
        {place: [[demo] * level for level in range(count)] for place, (_, count) in enumerate(pairs)},
        evaluate,
        list(range(examples)),
        trials,
        examples > peers.NO_MINIBATCH,
        peers.MINIBATCH,
        peers.FULL_EVERY,
        seed,
    )
    return asked, arm_of(best)


def program_with(predictors: int) -> dspy.Module:
    program = dspy.Module()
    for place in range(predictors):
        setattr(program, f"step{place}", dspy.Predict(dspy.Signature("x -> y", "instruction 0")))
    return program


def arm_of(program: dspy.Module) -> tuple[int, ...]:
    return tuple(
        level
        for predictor in program.predictors()
        for level in (int(predictor.signature.instructions.split()[-1]), len(predictor.demos))
    )


@pytest.mark.parametrize("budget", [0, 1, 30, 59, 60, 100, 400])
@pytest.mark.parametrize("peer", ["mipro_v2", "random_search", "sequential_halving"])
def test_no_peer_spends_more_than_it_may(peer: str, budget: int) -> None:
    oracle = Oracle(Table(LEVELS, 60), budget)
    arguments = (0,) if peer == "sequential_halving" else (14, 0)
    arm = getattr(peers, peer)(oracle, *arguments)
    assert oracle.calls <= budget
    assert len(arm) == len(LEVELS)


def test_a_loop_that_runs_out_returns_its_best_full_evaluation() -> None:
    whole = Watched(Table(LEVELS, 60), 10_000)
    peers.mipro_v2(whole, 14, seed=1)
    cut = Watched(Table(LEVELS, 60), 60 + 5 * 35 + 60 + 3 * 35)
    arm = peers.mipro_v2(cut, 14, seed=1)
    assert cut.asked == whole.asked[: len(cut.asked)]
    full = {asked: Table(LEVELS, 60).row(asked).mean() for asked, places in cut.asked if len(places) == 60}
    assert len(full) == 2
    assert arm == max(full, key=full.__getitem__)


def test_sequential_halving_finds_a_clear_best_arm() -> None:
    class OneGood(Table):
        def row(self, arm):
            return np.ones(self.examples) if arm == (0, 0) else np.zeros(self.examples)

    assert peers.sequential_halving(Oracle(OneGood(LEVELS, 60), 500), seed=0) == (0, 0)


def test_sequential_halving_starts_with_different_arms_that_take_every_level() -> None:
    arms = peers.latin_arms(Oracle(Table(LEVELS, 60), 500), 12, random.Random(0))
    assert arms[0] == (0, 0)
    assert len(set(arms)) == 12
    assert [len({arm[place] for arm in arms}) for place in range(2)] == [4, 5]


def test_an_evaluation_beyond_the_budget_is_refused_whole() -> None:
    oracle = Oracle(Table(LEVELS, 60), 10)
    oracle.evaluate((0, 0), range(8))
    with pytest.raises(OutOfCalls):
        oracle.evaluate((0, 0), range(3))
    assert oracle.calls == 8
