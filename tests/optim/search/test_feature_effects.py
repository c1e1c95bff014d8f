"""A planted feature is found, the others are not accused, and new texts are predicted."""

import numpy as np
import pytest

from tunesmith.optim.search import Cell, Search
from tunesmith.optim.search.feature_model import feature_effects

from .searches import run, space_of

NAMES = ["names the format", "persona", "asks for steps", "lists the labels", "length"]
LEVELS = 20


def planted(seed: int, *, effect: float, rest: float = 0.25) -> tuple[Search, np.ndarray]:
    """A finished search where instructions that name the format are better by `effect` logits."""
    rng = np.random.default_rng([seed, 1])
    features = (rng.random((LEVELS, len(NAMES))) < 0.45).astype(float)
    features[0] = 0
    features[:, -1] = rng.integers(20, 400, LEVELS)
    instructions, demos = effect * features[:, 0] + rest * rng.normal(size=LEVELS), 0.3 * rng.normal(size=4)
    ability = 1.5 * rng.normal(size=60)

    def score(cell: Cell) -> float:
        logit = instructions[cell.arm[0]] + demos[cell.arm[1]] + ability[cell.place]
        return float(np.random.default_rng([seed, 2, cell.place, *cell.arm]).random() < 1 / (1 + np.exp(-logit)))

    search = Search(space_of(LEVELS, 4), examples=60, budget=800, seed=seed)
    run(search, score)
    return search, features


def test_a_planted_feature_ranks_first_with_an_interval_above_zero() -> None:
    first = above = 0
    for seed in range(10):
        search, features = planted(seed, effect=1.5)
        effects = feature_effects(search, {0: features.tolist()}, NAMES)
        first += effects[0].name == "names the format"
        by_name = {effect.name: effect for effect in effects}
        above += by_name["names the format"].low > 0
        assert by_name["names the format"].levels == np.count_nonzero(features[:, 0])
        assert by_name["names the format"].probability > 0.9
    assert (first, above) >= (9, 9)


def test_where_no_feature_matters_intervals_cover_zero_about_as_often_as_they_say() -> None:
    covered = []
    for seed in range(20):
        search, features = planted(seed, effect=0.0)
        effects = feature_effects(search, {0: features.tolist()}, NAMES)
        assert len(effects) == len(NAMES)
        covered += [effect.low <= 0 <= effect.high for effect in effects]
    assert 0.9 <= np.mean(covered) < 1


def test_features_that_do_not_differ_are_left_out() -> None:
    search, features = planted(1, effect=1.0)
    features[:, 1] = 1.0
    assert {effect.name for effect in feature_effects(search, {0: features.tolist()}, NAMES)} == {*NAMES} - {"persona"}


def test_every_predictor_has_effects_of_its_own() -> None:
    search = Search(space_of(3, 1, 3, 1), examples=80, budget=720, seed=0)
    run(search, lambda cell: float((cell.arm[2] == 2) or cell.place % 4 == 0))
    tables = {0: [[0.0], [0.0], [1.0]], 2: [[0.0], [0.0], [1.0]]}
    first, second = feature_effects(search, tables, ["short"])
    assert (first.predictor, second.predictor) == ("p1", "p0")
    assert first.low > 0
    assert second.low < 0 < second.high


def test_before_anything_was_measured_there_is_nothing_to_say() -> None:
    assert feature_effects(Search(space_of(2, 2), examples=3, budget=9, seed=0), {0: [[0.0], [1.0]]}, ["short"]) == []


@pytest.mark.parametrize(
    ("tables", "message"),
    [({1: [[0.0]] * 4}, "p0 · demos has no"), ({0: [[0.0]] * 3}, r"must be 20 × 1, not \(3, 1\)")],
)
def test_tables_that_do_not_fit(tables: dict, message: str) -> None:
    search, _ = planted(0, effect=0.0)
    with pytest.raises(ValueError, match=message):
        feature_effects(search, tables, ["short"])
