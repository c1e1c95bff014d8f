"""From how many answers on a student pays, against the API its program asked before."""

from collections.abc import Sequence

from tunesmith.optim.finetune.comparison.contestants import Scored
from tunesmith.optim.finetune.forecast import break_even_by_use, listed_price
from tunesmith.optim.rollouts import Run
from tunesmith.protocol import BreakEven, LmCall


def break_even_of(run: Run, scored: Sequence[Scored]) -> list[BreakEven]:
    """From how many answers on the student is cheaper than the teacher's model, on hardware that is there anyway.

    What was paid for calls comes before the first answer. Empty where the teacher ran on this machine, or litellm's
    table does not have its price.
    """
    teacher = next((one for one in scored if one.contestant.name == "teacher"), None)
    if teacher is None:
        return []
    spent = run.totals().usd
    if not spent:
        return []
    calls = _calls(run, teacher)
    models = {call.model for call in calls}
    prices = [price for model in sorted(models) if (price := listed_price(model)) is not None]
    answers = sum(bool(rollout.steps) for rollout in teacher.rollouts)
    if len(models) != 1 or not prices or not answers:
        return []
    return [
        break_even_by_use(
            prices[0],
            prompt_tokens=sum(call.prompt_tokens for call in calls) / answers,
            completion_tokens=sum(call.completion_tokens for call in calls) / answers,
            fixed_usd=spent,
            served=None,
        )
    ]


def _calls(run: Run, scored: Scored) -> list[LmCall]:
    found = [
        run.store.call(key, rollout=rollout.key)
        for rollout in scored.rollouts
        for step in rollout.steps
        for key in step.calls
    ]
    return [call for call in found if call is not None]
