"""What a run is said to cost before it costs anything."""

import pytest

from support.runs.earlier_run import leave_run
from tunesmith.optim.prompt_search.call_budget import prompt_call_ceiling
from tunesmith.protocol import Budget, Estimate
from tunesmith.protocol.store import open_reader

SILENT = """
    class Silent(DummyLM):
        def __call__(self, *args, **kwargs):
            raise AssertionError("an estimate calls no model")
    dspy.configure(lm=Silent([]))
    trainset = [dspy.Example(text=f"text {i}", label="yes").with_inputs("text") for i in range(80)]
"""
"""Of 80 examples, `bootstrap-fewshot` holds out 40 and `mipro-v2` 64."""


def estimate(here, run_id="estimate", **fields) -> Estimate:
    outcome = here(run_id=run_id, estimate_only=True, **{"optimizer": "mipro-v2", **fields})
    assert outcome.error is None, outcome.error
    assert (outcome.status, outcome.report.calls, outcome.report.baseline) == ("finished", 0, None)
    return outcome.report.estimate


def basis(found: Estimate, what: str) -> str:
    return next(line for line in found.basis if line.startswith(what))


LIGHT = 64 + 35 * 10 + 64 * 2


@pytest.mark.parametrize(
    ("fields", "train", "val", "calls"),
    [
        ({"optimizer": "evaluate"}, 0, 80, 80),
        ({"optimizer": "bootstrap-fewshot"}, 40, 40, 2 * 40 + 2 * 40),
        (
            {"optimizer": "bootstrap-fewshot", "options": {"teacher_rounds": 1, "max_rounds": 3}},
            40,
            40,
            3 * 40 + 2 * 40,
        ),
        ({"optimizer": "bootstrap-fewshot", "options": {"max_bootstrapped_demos": 0}}, 40, 40, 2 * 40),
        ({}, 16, 64, LIGHT),
        ({"options": {"auto": "medium"}}, 16, 64, 64 + 35 * 18 + 64 * 4),
        ({"options": {"max_program_calls": 250}}, 16, 64, 250),
        ({"options": {"max_program_calls": 9999}}, 16, 64, LIGHT),
        ({"options": {"max_bootstrapped_demos": 0, "max_labeled_demos": 0}}, 16, 64, 64 + 35 * 9 + 64 * 2),
    ],
)
def test_program_calls(here, fields, train, val, calls):
    here.extend_app(SILENT)
    found = estimate(here, **fields)
    assert (found.train, found.val, found.program_calls) == (train, val, calls)
    prompts = prompt_call_ceiling(1) if "optimizer" not in fields else 0
    assert (found.calls_per_program, found.lm_calls, found.prompt_calls) == (1, calls + prompts, prompts)
    assert (found.usd, found.seconds) == (0, None)
    assert "models on this machine cost nothing" in basis(found, "price")


def test_a_search_uses_no_more_validation_examples_than_its_mode(here):
    here.extend_app(SILENT)
    here.extend_app(SILENT + "\n    trainset = trainset * 5\n")
    found = estimate(here)
    assert (found.val, found.program_calls) == (100, 100 + 35 * 10 + 100 * 2)


def test_the_estimate_is_in_the_store_and_nothing_was_called(here):
    here.extend_app(SILENT)
    found = estimate(here)
    with open_reader(here.root / "runs" / "estimate") as store:
        report = store.report()
        assert report is not None
        assert report.estimate == found
        assert (store.calls(), store.rollouts(), store.candidates()) == ([], [], [])


def test_a_missing_key_keeps_nobody_from_asking(here, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    here.extend_app(SILENT)
    found = estimate(here, lm="openai/gpt-4o-mini")
    assert found.prompt_calls == 2 + 8 + 3 * 2
    assert found.lm_calls == LIGHT + found.prompt_calls
    assert found.usd == pytest.approx(found.prompt_tokens * 0.15e-6 + found.completion_tokens * 0.6e-6, rel=1e-3)
    assert "openai/gpt-4o-mini" in basis(found, "price")


def test_only_the_prompt_model_costs(here):
    here.extend_app(SILENT)
    found = estimate(here, prompt_lm="openai/gpt-4o-mini")
    assert found.usd == pytest.approx(found.prompt_calls * (2500 * 0.15e-6 + 400 * 0.6e-6))


def test_no_instructions_cost_no_prompt_calls(here):
    here.extend_app(SILENT)
    assert estimate(here, prompt_lm="openai/gpt-4o-mini", options={"num_instructions": 0}).prompt_calls == 0


def test_the_teacher_is_paid_for_at_its_own_price(here):
    here.extend_app(SILENT)
    found = estimate(here, optimizer="bootstrap-fewshot", teacher_lm="openai/gpt-4o")
    cheap = estimate(here, optimizer="bootstrap-fewshot", teacher_lm="openai/gpt-4o-mini", run_id="cheap")
    assert found.usd is not None
    assert cheap.usd is not None
    assert found.usd > 10 * cheap.usd > 0


def test_a_price_nobody_knows_is_no_price_of_zero(here):
    here.extend_app(SILENT)
    found = estimate(here, lm="openai/nobody-knows")
    assert found.usd is None
    assert "does not have openai/nobody-knows" in basis(found, "price")


def test_demos_make_prompts_longer(here):
    here.extend_app(SILENT)
    few = estimate(here, optimizer="bootstrap-fewshot", options={"max_bootstrapped_demos": 0, "max_labeled_demos": 1})
    many = estimate(
        here,
        optimizer="bootstrap-fewshot",
        run_id="many",
        options={"max_bootstrapped_demos": 0, "max_labeled_demos": 9},
    )
    assert few.completion_tokens == many.completion_tokens
    demo = (many.prompt_tokens - few.prompt_tokens) / (40 * 8)
    assert 15 < demo < 20


def test_what_the_data_does_not_say_is_assumed_and_said_to_be(here):
    here.extend_app(SILENT)
    here.extend_app(
        SILENT
        + """
    class Two(dspy.Module):
        def __init__(self):
            super().__init__()
            self.first = dspy.Predict("text -> summary")
            self.second = dspy.Predict("summary -> label")
    program = Two()
"""
    )
    found = estimate(here)
    assert found.calls_per_program == 2
    assert basis(found, "assumed").startswith("assumed: the lengths of first.summary, second.summary")
    assert "one for each of its 2 predictors" in basis(found, "LM calls")


def test_an_earlier_run_says_what_calls_and_tokens_there_are(here):
    here.extend_app(SILENT)
    leave_run(here.root, "20260101-000000-aaaa")
    estimate(here, run_id="20260103-000000-aaaa")
    options = {"max_bootstrapped_demos": 0, "max_labeled_demos": 0}
    order = {"optimizer": "bootstrap-fewshot", "options": options, "lm": "openai/gpt-4o-mini"}
    found = estimate(here, run_id="20260104-000000-aaaa", **order)
    assert (found.program_calls, found.calls_per_program, found.lm_calls) == (80, 2, 160)
    assert (found.prompt_tokens, found.completion_tokens) == (160_000, 1600)
    assert found.seconds is not None
    assert all("20260101-000000-aaaa" in basis(found, what) for what in ("LM calls", "tokens", "time"))
    other = estimate(here, run_id="20260105-000000-aaaa", **order | {"lm": "openai/gpt-4o"})
    assert other.seconds is None


def test_a_good_program_needs_few_examples_to_teach(here):
    here.extend_app(SILENT)
    unknown = estimate(here, optimizer="bootstrap-fewshot")
    leave_run(here.root, "20260101-000000-aaaa", score=0.8)
    found = estimate(here, optimizer="bootstrap-fewshot", run_id="later")
    assert (unknown.expected_program_calls, found.expected_program_calls) == (32 + 80, 20 + 80)
    assert "50 % of the answers right, assumed" in basis(unknown, "program calls")
    assert "80 % of the answers right, as before" in basis(found, "program calls")


@pytest.mark.parametrize(
    ("budget", "changed"),
    [
        (Budget(max_calls=LIGHT // 2), {"lm_calls": LIGHT // 2}),
        (Budget(max_calls=LIGHT * 2), {}),
        (Budget(max_seconds=60), {"seconds": 60}),
        (Budget(max_usd=0.5), {}),
    ],
)
def test_limits_of_the_run(here, budget, changed):
    here.extend_app(SILENT)
    free = estimate(here, run_id="free")
    found = estimate(here, budget=budget)
    assert {name: getattr(found, name) for name in changed} == changed
    assert found.program_calls == free.program_calls
    assert any(line.startswith("limit") for line in found.basis) == bool(changed)
    share = found.lm_calls / free.lm_calls
    assert found.prompt_tokens == round(share * free.prompt_tokens)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"options": {"teacher_rounds": 3}}, "mipro-v2 has no option teacher_rounds."),
        ({"options": {"auto": "huge"}}, "auto must be one of light, medium, heavy, not 'huge'."),
        ({"optimizer": "bootstrap-fewshot", "options": {"auto": "light"}}, "bootstrap-fewshot has no option auto."),
    ],
)
def test_what_would_keep_the_run_from_starting(here, fields, complaint):
    here.extend_app(SILENT)
    outcome = here(estimate_only=True, **{"optimizer": "mipro-v2", **fields})
    assert (outcome.status, outcome.error.message) == ("failed", complaint)


def test_one_example_cannot_be_split(here):
    here.extend_app("trainset = trainset[:1]")
    outcome = here(optimizer="mipro-v2", estimate_only=True)
    assert "cannot both teach and test" in outcome.error.message
