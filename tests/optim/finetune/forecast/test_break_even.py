"""What it costs, and from when on a student is cheaper: against sums by hand. No torch is needed."""

import pytest

from tunesmith.optim.finetune.forecast.break_even import Served, break_even_always_on, break_even_by_use
from tunesmith.optim.finetune.forecast.cost import TeacherCalls, TokenPrice, listed_price, usd_of_hours

TOKENS = {"prompt_tokens": 1000.0, "completion_tokens": 200.0}
PRICES = {
    "gpt-4": TokenPrice(model="gpt-4", usd_in=30e-6, usd_out=60e-6, basis=""),
    "gpt-4o": TokenPrice(model="gpt-4o", usd_in=2.5e-6, usd_out=10e-6, basis=""),
    "gpt-4.1-mini": TokenPrice(model="gpt-4.1-mini", usd_in=0.4e-6, usd_out=1.6e-6, basis=""),
    "gpt-4o-mini": TokenPrice(model="gpt-4o-mini", usd_in=0.15e-6, usd_out=0.6e-6, basis=""),
}
# $0.5 an hour, half busy, $2e-5 an answer: 0.5 / (3600 · q · 0.5) = 2e-5 at q = 13.9.
GPU = Served(name="GPU", usd_per_hour=0.5, queries_per_second=0.5 / (3600 * 0.5 * 2e-5))


@pytest.mark.parametrize(
    ("model", "a_query", "by_use", "always_on"),
    [
        ("gpt-4", 0.042, 5_050, 8_690),
        ("gpt-4o", 0.0045, 5_469, 81_111),
        ("gpt-4.1-mini", 0.00072, 8_000, 506_944),
        ("gpt-4o-mini", 0.00027, 13_400, 1_351_852),
    ],
)
def test_five_thousand_calls_and_two_dollars_of_training(model, a_query, by_use, always_on):
    price = PRICES[model]
    assert price.of_call(**TOKENS) == pytest.approx(a_query)
    fixed = 5000 * a_query + 2
    assert break_even_by_use(price, **TOKENS, fixed_usd=fixed, served=GPU).queries == pytest.approx(by_use, rel=1e-3)
    month = break_even_always_on(price, **TOKENS, served=GPU)
    assert month.queries == pytest.approx(always_on, rel=1e-3)


def test_hardware_that_is_there_anyway_costs_nothing_more():
    found = break_even_by_use(PRICES["gpt-4"], **TOKENS, fixed_usd=42.0, served=None)
    assert found.queries == pytest.approx(1000)
    assert found.api == "gpt-4, hardware that is there anyway"
    assert found.basis.startswith("$42.00 before the first answer; an answer costs $0.042 at the API")


@pytest.mark.parametrize(("fallback", "queries"), [(0.0, 1000), (0.5, 2000), (1.0, None)])
def test_questions_that_still_go_to_the_api_save_nothing(fallback, queries):
    found = break_even_by_use(PRICES["gpt-4"], **TOKENS, fixed_usd=42.0, served=None, fallback=fallback)
    assert found.queries == (None if queries is None else pytest.approx(queries))


def test_never_where_the_hardware_costs_more_than_the_api():
    slow = Served(name="slow", usd_per_hour=3.0, queries_per_second=1.0)
    assert break_even_by_use(PRICES["gpt-4o-mini"], **TOKENS, fixed_usd=1.0, served=slow).queries is None


def test_never_where_it_could_not_answer_so_many():
    slow = Served(name="slow", usd_per_hour=3.0, queries_per_second=0.1)
    found = break_even_always_on(PRICES["gpt-4o-mini"], **TOKENS, served=slow)
    assert found.queries is None
    assert found.basis.endswith("it could answer 262,800 only")


def test_a_teacher_is_paid_for_traces_that_fail_too():
    teacher = TeacherCalls(calls=1500, prompt_tokens=1000, completion_tokens=200, price=PRICES["gpt-4"])
    assert teacher.usd == pytest.approx(63.0)
    assert TeacherCalls(calls=1500, prompt_tokens=1000, completion_tokens=200, price=None).usd == 0


def test_prices_come_from_the_offline_table(monkeypatch):
    import litellm

    row = {"input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6}
    monkeypatch.setattr(litellm, "model_cost", {"one": row, "free": {"input_cost_per_token": 1e-6}})
    whole, short = listed_price("openai/one"), listed_price("one")
    assert whole is not None
    assert short is not None
    assert whole.of_call(1e6, 1e6) == pytest.approx(10.0)
    assert short.basis == "one: $2 in and $8 out a million tokens (litellm's table)"
    assert listed_price("free") is None
    assert listed_price("unheard-of") is None


@pytest.mark.parametrize(("seconds", "rate", "usd"), [(3600, 2.0, 2.0), (1800, 0.5, 0.25), (3600, None, None)])
def test_hours_cost_what_they_cost(seconds, rate, usd):
    assert usd_of_hours(seconds, rate) == usd
