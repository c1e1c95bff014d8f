"""Score matrices drawn from an item-response model: a task whose true scores are known.

logit P(arm solves example) = base + ability of the example + Σ over factors effect of the arm's level
    + Σ over predictors interaction of its instruction with its demo set + residual of (arm, example)

A cell is drawn once and then stays, like a cached answer. The true score of an arm is its expectation over infinitely
many examples, so an arm that was lucky on the drawn ones is punished. Additive with interactions: favourable to a
search with an additive surrogate. Replays of recorded runs stand beside it for that reason.
"""

from functools import cached_property
from itertools import product
from math import log2
from typing import Literal, NamedTuple

import numpy as np

Arm = tuple[int, ...]
"""A level for every factor: instruction and demo set of the first predictor, then of the second, …"""

ABILITY_SD = 2.0
RESIDUAL_SD = 1.0
BASE_MEAN, BASE_SD = -0.1, 0.3
EFFECTS = {"small": 0.15, "med": 0.4, "large": 0.9}
"""Standard deviation of a factor's level effects, in logits."""
SPARSE_SHARE = 0.35
BASELINE_MEAN, BASELINE_SPREAD = -0.12, 0.5
"""In effect sizes: a program as it stands is neither very good nor very bad, a little worse than what is proposed."""
FEATURES = 6


class Setting(NamedTuple):
    name: str
    predictors: int
    instructions: int
    demo_sets: int
    examples: int
    """Size of the validation set."""
    candidates: int
    """DSPy's n: 6, 12 or 18 for light, medium, heavy."""
    effect: float = EFFECTS["med"]
    interaction: float = 0.35
    """Standard deviation of the interactions, relative to the effects'."""
    kind: Literal["plain", "bad", "null", "sparse"] = "plain"
    """bad: most candidates hurt; null: none differs noticeably; sparse: most levels do nothing."""
    feature_share: float = 0.0
    """Correlation of an instruction's effect with what its features predict."""

    @property
    def budget(self) -> int:
        return miprov2_calls(self.predictors, self.candidates, self.examples)

    @property
    def trials(self) -> int:
        return miprov2_trials(self.predictors, self.candidates)


def miprov2_trials(predictors: int, candidates: int) -> int:
    """Minibatch trials of dspy 3.4.1's MIPROv2 with demos."""
    return int(max(4 * predictors * log2(candidates), 1.5 * candidates))


def miprov2_calls(predictors: int, candidates: int, examples: int) -> int:
    """Program calls of its search: the baseline, minibatches of 35, a full evaluation every 5 trials."""
    trials = miprov2_trials(predictors, candidates)
    return examples + 35 * trials + examples * -(-trials // 5)


def _setting(text: str, **changes: object) -> Setting:
    """From the form "L P2 6x6 V100 med …"."""
    mode, predictors, levels, examples, *rest = text.split()
    instructions, demo_sets = levels.split("x")
    sizes = [EFFECTS[word] for word in rest if word in EFFECTS]
    return Setting(
        name=text,
        predictors=int(predictors[1:]),
        instructions=int(instructions),
        demo_sets=int(demo_sets),
        examples=int(examples[1:]),
        candidates={"L": 6, "M": 12, "H": 18}[mode],
        **{"effect": sizes[0] if sizes else EFFECTS["med"], **changes},  # type: ignore[arg-type]
    )


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in [
        *(
            _setting(f"{shape} {size}")
            for size in EFFECTS
            for shape in (
                "L P1 6x6 V100",
                "M P1 12x12 V300",
                "L P2 6x6 V100",
                "L P1 3x6 V100",
                "L P1 6x6 V60",
                "M P2 12x12 V300",
            )
        ),
        _setting("L P1 6x6 V300 med"),
        _setting("M P1 12x12 V100 med"),
        _setting("H P1 18x18 V300 small"),
        _setting("H P1 18x18 V300 med"),
        _setting("L P1 6x6 V100 med inter1.5", interaction=1.5),
        _setting("M P1 12x12 V300 med inter1.5", interaction=1.5),
        _setting("L P2 6x6 V100 med inter1.5", interaction=1.5),
        _setting("L P1 6x6 V100 med bad", kind="bad"),
        _setting("L P1 6x6 V100 med sparse", kind="sparse"),
        _setting("L P1 6x6 V100 med feat.8", feature_share=0.8),
        _setting("L P1 6x6 V100 null", kind="null", effect=0.022),
    ]
}


class SimulatedTask:
    """One drawn task. The same setting and seed give the same task, whatever is asked of it in whatever order."""

    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting = setting
        self.examples = setting.examples
        self.levels: tuple[int, ...] = (setting.instructions, setting.demo_sets) * setting.predictors
        self.baseline: Arm = (0,) * len(self.levels)
        self._seed = seed
        rng = np.random.default_rng([seed, 0])
        self._base = rng.normal(BASE_MEAN, BASE_SD)
        self._ability = rng.normal(0, ABILITY_SD, self.examples)
        self.features: list[np.ndarray] = []
        """For each predictor, instructions × features, 0 or 1."""
        self._effects = [self._draw_effects(rng, levels, place % 2 == 0) for place, levels in enumerate(self.levels)]
        spread = setting.interaction * setting.effect
        self._interactions = [
            rng.normal(0, spread, (setting.instructions, setting.demo_sets)) for _ in range(setting.predictors)
        ]
        self._rows: dict[Arm, np.ndarray] = {}

    def _draw_effects(self, rng: np.random.Generator, levels: int, is_instruction: bool) -> np.ndarray:
        setting = self.setting
        effects = rng.normal(0, 1, levels)
        if is_instruction:
            features = (rng.random((levels, FEATURES)) < 0.4).astype(float)
            weights = rng.normal(0, 1, FEATURES) / np.sqrt(FEATURES * 0.4 * 0.6)
            rho = setting.feature_share
            effects = rho * (features - 0.4) @ weights + np.sqrt(1 - rho * rho) * effects
            self.features.append(features)
        if setting.kind == "sparse":
            effects *= (rng.random(levels) < SPARSE_SHARE) / np.sqrt(SPARSE_SHARE)
        effects[0] = BASELINE_MEAN + BASELINE_SPREAD * effects[0]
        if setting.kind in ("bad", "null"):
            # The program as it stands is the reference: what is proposed is on average worse.
            effects -= 1
            effects[0] = 0
        return effects * setting.effect

    def logit(self, arm: Arm) -> float:
        """Of the arm on an example of average ability."""
        main = sum(effects[level] for effects, level in zip(self._effects, arm, strict=True))
        pairs = zip(arm[::2], arm[1::2], strict=True)
        return float(self._base + main + sum(t[pair] for t, pair in zip(self._interactions, pairs, strict=True)))

    def row(self, arm: Arm) -> np.ndarray:
        """The arm's scores on the drawn examples, 0.0 or 1.0, in the order of the permutation."""
        if arm not in self._rows:
            rng = np.random.default_rng([self._seed, 1, *arm])
            logits = self.logit(arm) + self._ability + rng.normal(0, RESIDUAL_SD, self.examples)
            self._rows[arm] = (rng.random(self.examples) < 1 / (1 + np.exp(-logits))).astype(float)
        return self._rows[arm]

    def score(self, arm: Arm, place: int) -> float:
        return float(self.row(arm)[place])

    def truth(self, arm: Arm) -> float:
        """The arm's score expected over infinitely many examples, 0 to 1."""
        return float(_expected_score(np.array([self.logit(arm)]))[0])

    def gain(self, arm: Arm) -> float:
        """True score above the baseline's, in points of 100."""
        return 100 * (self.truth(arm) - self.truth(self.baseline))

    @cached_property
    def best(self) -> Arm:
        """The arm with the highest true score."""
        # The score grows with the logit. Predictors are independent of each other, so each is maximised alone.
        arm: list[int] = []
        for predictor, table in enumerate(self._interactions):
            instruction, demos = self._effects[2 * predictor], self._effects[2 * predictor + 1]
            total = instruction[:, None] + demos[None, :] + table
            arm += (int(index) for index in np.unravel_index(int(total.argmax()), total.shape))
        return tuple(arm)

    def arms(self) -> list[Arm]:
        return list(product(*(range(levels) for levels in self.levels)))


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


def _expected_score(logits: np.ndarray) -> np.ndarray:
    spread = np.hypot(ABILITY_SD, RESIDUAL_SD)
    probabilities = 1 / (1 + np.exp(-(logits[:, None] + spread * _NODES)))
    return probabilities @ _WEIGHTS / _WEIGHTS.sum()
