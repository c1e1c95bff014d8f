import pytest

from tunesmith.optim.statistics.student_t import t_cdf, t_quantile

# Tables of the t distribution: upper quantiles by degrees of freedom.
TABLE = [
    (0.95, 1, 6.3138),
    (0.975, 1, 12.7062),
    (0.975, 2, 4.3027),
    (0.95, 5, 2.0150),
    (0.99, 7, 2.9980),
    (0.975, 10, 2.2281),
    (0.995, 30, 2.7500),
    (0.975, 120, 1.9799),
    (0.975, 100_000, 1.9600),
]


@pytest.mark.parametrize(("p", "df", "t"), TABLE)
def test_quantiles_and_distribution_agree_with_the_tables(p: float, df: float, t: float) -> None:
    assert t_quantile(p, df) == pytest.approx(t, abs=1e-4)
    assert t_cdf(t, df) == pytest.approx(p, abs=1e-5)


@pytest.mark.parametrize(("t", "df", "p"), [(0, 3, 0.5), (1, 1, 0.75), (2, 2, 0.908248), (-1, 1, 0.25)])
def test_distribution_at_closed_forms(t: float, df: float, p: float) -> None:
    # df 1: 1/2 + atan(t)/pi; df 2: 1/2 + t/(2·sqrt(2 + t²)).
    assert t_cdf(t, df) == pytest.approx(p, abs=1e-6)


def test_ends() -> None:
    assert t_cdf(float("inf"), 3) == 1
    assert t_cdf(float("-inf"), 3) == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        t_quantile(1.0, 3)
