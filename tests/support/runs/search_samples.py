"""A search's report for tests of what reads it."""

from typing import Any

from tunesmith.protocol import ArmEstimate, Factor, FeatureEffect, InstructionChoice, LevelEffect, SearchReport


def arm(candidate: str, levels: list[int], **changes: Any) -> ArmEstimate:
    values: dict[str, Any] = {
        "candidate": candidate,
        "levels": levels,
        "n": 60,
        "score": 0.7,
        "mean": 0.71,
        "low": 0.64,
        "high": 0.78,
        "probability": 0.934,
    }
    return ArmEstimate(**values | changes)


def level(number: int, name: str, text: str, mean: float, kind: str = "instruction", **changes: Any) -> LevelEffect:
    values: dict[str, Any] = {
        "predictor": "sort",
        "kind": kind,
        "level": number,
        "name": name,
        "text": text,
        "mean": mean,
        "low": mean - 0.05,
        "high": mean + 0.05,
        "n": 40 + number,
    }
    return LevelEffect(**values | changes)


def feature(name: str, meaning: str, mean: float, probability: float, **changes: Any) -> FeatureEffect:
    values: dict[str, Any] = {
        "predictor": "sort",
        "name": name,
        "meaning": meaning,
        "mean": mean,
        "low": mean - 0.03,
        "high": mean + 0.03,
        "probability": probability,
        "levels": 4,
    }
    return FeatureEffect(**values | changes)


CHOICE = InstructionChoice(
    predictor="sort",
    before="Sort the message.",
    after="Sort the message.\nAnswer with the label alone.",
    view="errors",
    why="+6.1 points (1 to 11): asks for the label alone",
)


def search_report(**changes: Any) -> SearchReport:
    """One predictor, three instructions, two demo sets."""
    values: dict[str, Any] = {
        "batches": 7,
        "rollouts": 212,
        "ceiling": 650,
        "factors": [
            Factor(predictor="sort", kind="instruction", levels=3),
            Factor(predictor="sort", kind="demos", levels=2),
        ],
        "effects": [
            level(0, "own", "Sort the message.", 0.0),
            level(2, "errors", "Answer with the label alone.", 0.061),
            level(1, "data", "The messages are short.\nSort them.", -0.0003),
            level(1, "diverse", "4 demos, 312 tokens", 0.12, "demos"),
        ],
        "features": [
            feature("label alone", "asks for nothing but the label", 0.058, 0.997),
            feature("persona", "gives the model a role", -0.012, 0.31, levels=2),
        ],
        "measured": [
            arm("i2d1", [2, 1]),
            arm("baseline", [0, 0], score=0.15, mean=0.16, low=0.1, high=0.22, probability=0.5),
        ],
        "untried": [arm("i1d1", [1, 1], n=0, score=None, mean=0.69, low=0.5, high=0.88, probability=0.9)],
        "front": [],
    }
    return SearchReport(**values | changes)
