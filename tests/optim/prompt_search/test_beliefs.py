import pytest

from tunesmith.optim.prompt_search.reporting import BEST_BELIEVED, MOST_BELIEVED, report_beliefs
from tunesmith.optim.search import ArmBelief
from tunesmith.protocol import BatchArm


def ranked(count: int) -> list[ArmBelief]:
    """Arms i1d1, i2d1, …, best first, the baseline last."""
    arms = [*((place, 1) for place in range(1, count)), (0, 0)]
    return [
        ArmBelief(arm, n=8, raw_mean=0.5, mean=0.9 - 0.8 * rank / count, sd=0.1, probability=0.6)
        for rank, arm in enumerate(arms)
    ]


BEST = [f"i{place}d1" for place in range(1, BEST_BELIEVED + 1)]


def batch_of(*candidates: str) -> list[BatchArm]:
    return [BatchArm(candidate=one, cells=8, reason="challenger") for one in candidates]


@pytest.mark.parametrize(
    ("batch", "leader", "expected"),
    [
        ([], "i1d1", [*BEST, "baseline"]),
        (["i2d1", "i30d1"], "i22d1", [*BEST, "i22d1", "baseline", "i30d1"]),
        (["baseline"], "baseline", [*BEST, "baseline"]),
        (["never answered"], "i1d1", [*BEST, "baseline"]),
    ],
    ids=["the best and the baseline", "leader and batch", "each once", "what has no score has no belief"],
)
def test_beliefs_are_of_those_that_matter(batch: list[str], leader: str, expected: list[str]) -> None:
    assert [one.candidate for one in report_beliefs(ranked(40), leader, batch_of(*batch))] == expected


def test_a_huge_batch_is_told_by_its_best() -> None:
    told = report_beliefs(ranked(10_000), "i9000d1", batch_of(*(f"i{place}d1" for place in range(100, 600))))
    assert len(told) == MOST_BELIEVED
    assert {"baseline", "i9000d1", "i100d1"} <= {one.candidate for one in told}
    assert "i599d1" not in {one.candidate for one in told}


def test_a_belief_holds_95_per_cent() -> None:
    (one,) = report_beliefs([ArmBelief((0, 0), n=8, raw_mean=0.5, mean=0.6, sd=0.1, probability=0.0)], "baseline", [])
    assert [one.mean, one.low, one.high, one.n] == pytest.approx([0.6, 0.404, 0.796, 8])
