"""The searches ours is compared with. Each takes an oracle and a seed and returns the arm it would ship."""

import random
import warnings
from math import ceil, log2, prod

import optuna

from benchmarks.search.oracle import Oracle, OutOfCalls
from benchmarks.search.simulated import Arm

MINIBATCH = 35
NO_MINIBATCH = 50
"""Up to so many examples MIPROv2 evaluates every trial on all of them."""
FULL_EVERY = 5
"""Minibatch trials between two full evaluations."""
FIRST_BLOCK = 8
MOST_ARMS = 64

optuna.logging.set_verbosity(optuna.logging.WARNING)


def mipro_v2(oracle: Oracle, trials: int, seed: int) -> Arm:
    """The search of dspy 3.4.1's MIPROv2 (dspy/teleprompt/mipro_optimizer_v2.py, `_optimize_prompt_parameters`)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True)
    return search_by_trials(oracle, trials, sampler, seed)


def random_search(oracle: Oracle, trials: int, seed: int) -> Arm:
    """MIPROv2's loop with combinations drawn evenly instead of by TPE."""
    return search_by_trials(oracle, trials, optuna.samplers.RandomSampler(seed=seed), seed)


def full_trials(levels: tuple[int, ...], candidates: int) -> int:
    """How many trials MIPROv2 sets itself; `candidates` is DSPy's n: 6, 12 or 18 for light, medium, heavy."""
    return int(max(2 * len(levels) * log2(candidates), 1.5 * candidates))


def calls_of(trials: int, examples: int) -> int:
    """Program calls of the search: the baseline, the trials, a full evaluation after every five and at the end."""
    if examples <= NO_MINIBATCH:
        return examples * (1 + trials)
    return examples + MINIBATCH * trials + examples * ceil(trials / FULL_EVERY)


def trials_within(budget: int, examples: int, most: int) -> int:
    """The largest `num_trials` whose calls fit: how a user of MIPROv2 would spend less."""
    return max((trials for trials in range(1, most + 1) if calls_of(trials, examples) <= budget), default=0)


def search_by_trials(oracle: Oracle, trials: int, sampler: optuna.samplers.BaseSampler, seed: int) -> Arm:
    """Stops with the best full evaluation so far when the calls run out."""
    best, best_score = oracle.baseline, -1.0
    rng = random.Random(seed)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    means: dict[Arm, list[float]] = {}
    is_full: set[Arm] = set()
    everything = range(oracle.examples)
    is_minibatch = oracle.examples > NO_MINIBATCH
    try:
        best_score = mean_score(oracle, best, everything)
        add_trial(study, oracle, best, best_score)
        for number in range(1, trials + 1):
            trial = study.ask()
            arm = suggest(trial, oracle.levels)
            places = rng.sample(everything, MINIBATCH) if is_minibatch else everything
            score = mean_score(oracle, arm, places)
            means.setdefault(arm, []).append(score)
            if not is_minibatch and score > best_score:
                best, best_score = arm, score
            if is_minibatch and (number % FULL_EVERY == 0 or number == trials):
                # Ties go to the arm tried first. DSPy raises where every arm was evaluated fully; the best stands.
                left = {arm: sum(scores) / len(scores) for arm, scores in means.items() if arm not in is_full}
                if not left:
                    return best
                leader = max(left, key=left.__getitem__)
                full_score = mean_score(oracle, leader, everything)
                is_full.add(leader)
                # Before the running trial is told its own score, as there.
                add_trial(study, oracle, leader, full_score)
                if full_score > best_score:
                    best, best_score = leader, full_score
            study.tell(trial, score)
    except OutOfCalls:
        pass
    return best


def mean_score(oracle: Oracle, arm: Arm, places: range | list[int]) -> float:
    return float(oracle.evaluate(arm, places).mean())


def parameter_names(levels: tuple[int, ...]) -> list[str]:
    kinds = ("instruction", "demos")
    return [f"{place // 2}_predictor_{kinds[place % 2]}" for place in range(len(levels))]


def suggest(trial: optuna.Trial, levels: tuple[int, ...]) -> Arm:
    names = parameter_names(levels)
    return tuple(trial.suggest_categorical(name, range(count)) for name, count in zip(names, levels, strict=True))


def add_trial(study: optuna.Study, oracle: Oracle, arm: Arm, score: float) -> None:
    names = parameter_names(oracle.levels)
    study.add_trial(
        optuna.trial.create_trial(
            params=dict(zip(names, arm, strict=True)),
            distributions={
                name: optuna.distributions.CategoricalDistribution(range(count))
                for name, count in zip(names, oracle.levels, strict=True)
            },
            value=score,
        )
    )


def sequential_halving(oracle: Oracle, seed: int) -> Arm:
    """A Latin design that holds the baseline; every round the better half goes on, on common prefixes."""
    rng = random.Random(seed)
    arms = latin_arms(oracle, first_arms(oracle), rng)
    totals = dict.fromkeys(arms, 0.0)
    seen = 0
    for rounds_left in range(ceil(log2(len(arms))), 0, -1):
        share = oracle.remaining // (rounds_left * len(arms))
        until = min(seen + share, oracle.examples)
        for arm in arms:
            totals[arm] += float(oracle.evaluate(arm, range(seen, until)).sum())
        seen = until
        arms = sorted(arms, key=totals.__getitem__, reverse=True)[: ceil(len(arms) / 2)]
    return arms[0]


def first_arms(oracle: Oracle) -> int:
    """As many as the first round can give a block each, one at least."""
    most = min(MOST_ARMS, prod(oracle.levels))
    fitting = (arms for arms in range(2, most + 1) if FIRST_BLOCK * arms * ceil(log2(arms)) <= oracle.budget)
    return max(fitting, default=1)


def latin_arms(oracle: Oracle, count: int, rng: random.Random) -> list[Arm]:
    """Different arms, the baseline first, that take every level about equally often."""
    arms = [oracle.baseline]
    while len(arms) < count:
        columns = [rng.sample(range(levels), levels) for levels in oracle.levels]
        longest = max(oracle.levels)
        drawn = [tuple(column[place % len(column)] for column in columns) for place in range(longest)]
        arms += [arm for arm in dict.fromkeys(drawn) if arm not in arms]
    return arms[:count]
