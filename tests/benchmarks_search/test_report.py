"""From outcomes to a table and the goals."""

import pytest

from benchmarks.search.contest import CONTESTANTS, HALVING, MIPRO, SHARES, Outcome, ours
from benchmarks.search.report import goals, is_promised, lines, markdown


def outcomes(gains: dict[tuple[str, int], list[float]], seeds: int = 4) -> dict[int, list[Outcome]]:
    """(contestant, share) → gain of each seed; 0 where nothing is given."""
    return {
        seed: [
            Outcome(contestant, share, 10 * share, gains.get((contestant, share), [0.0] * seeds)[seed])
            for contestant in CONTESTANTS
            for share in SHARES
        ]
        for seed in range(seeds)
    }


def test_a_line_is_paired_by_seed() -> None:
    found = lines(
        outcomes({(MIPRO, 100): [1, 2, 3, 4], (ours("max"), 50): [2, 3, 4, 5], (HALVING, 33): [-1, 0, 3, -2]})
    )
    at = {(line.contestant, line.share): line for line in found}
    half = at[ours("max"), 50]
    assert (half.gain, half.difference, half.half, half.worse, half.calls) == (3.5, 1.0, 0.0, 0.0, 500)
    assert at[HALVING, 33].worse == 50
    # Differences −2, −2, 0, −6: mean −2.5, sd 2.52, t(3) = 3.18.
    assert at[HALVING, 33].difference == -2.5
    assert at[HALVING, 33].half == pytest.approx(3.182 * 2.517 / 2, abs=0.01)


@pytest.mark.parametrize(
    ("gains", "verdicts"),
    [
        ({}, "met met met met"),
        ({(MIPRO, 100): [5, 5, 5, 6]}, "MISSED met met met"),
        ({(MIPRO, 100): [0, 0, 0, 40]}, "open met met met"),
        ({(ours("max"), 50): [0, 0, 0, 40]}, "met met met met"),
        ({(ours("strict"), 33): [0, 0, 0, -1]}, "met MISSED met met"),
        ({(ours("max"), 100): [0, 0, 0, -1]}, "met met open met"),
        ({(ours("max"), 100): [-1, -1, -1, -1]}, "met met MISSED met"),
        ({(ours("likely"), 100): [0, 0, 0, -1]}, "met met met open"),
        ({(ours("likely"), 100): [0, 0, 0, -1], (MIPRO, 100): [0, 0, -1, 0]}, "met met met met"),
    ],
)
def test_goals(gains: dict[tuple[str, int], list[float]], verdicts: str) -> None:
    assert " ".join(goal.verdict for goal in goals("banking", outcomes(gains))) == verdicts


@pytest.mark.parametrize(
    ("setting", "promised"),
    [
        ("banking", True),
        ("L P1 6x6 V100 med", True),
        ("M P2 12x12 V300 large", True),
        ("L P1 6x6 V100 small", False),
        ("L P1 6x6 V100 med bad", False),
        ("L P1 6x6 V100 null", False),
    ],
)
def test_small_and_hostile_settings_are_printed_without_a_promise(setting: str, promised: bool) -> None:
    assert is_promised(setting) is promised
    assert ("not promised" in markdown(setting, outcomes({}))) is not promised
