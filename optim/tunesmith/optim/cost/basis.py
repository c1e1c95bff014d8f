"""On what an estimate rests, said in lines."""

from tunesmith.optim.cost.evidence import Evidence
from tunesmith.optim.cost.prices import price_of
from tunesmith.optim.cost.program_calls import ProgramCalls
from tunesmith.optim.cost.spending import PROMPT_CALL
from tunesmith.optim.rollouts import is_local


def basis_lines(calls: ProgramCalls, evidence: Evidence, usd: float | None) -> list[str]:
    """`usd`: what it comes to; None where a price is unknown."""
    return [
        f"program calls: {calls.basis}",
        f"LM calls: {_calls_basis(evidence)}",
        f"tokens: {_tokens_basis(evidence)}",
        *_assumptions(calls, evidence),
        f"price: {_price_basis(evidence, usd)}",
        f"time: {_time_basis(evidence)}",
    ]


def _calls_basis(evidence: Evidence) -> str:
    if past := evidence.past:
        return f"{past.calls_per_program:.1f} a program call, as in run {past.run_id}"
    count = len(evidence.sizes)
    each = "one a program call" if count == 1 else f"one for each of its {count} predictors"
    return f"{each}, because no earlier run says otherwise: loops, tools and retries make more"


def _tokens_basis(evidence: Evidence) -> str:
    past, adapter = evidence.past, evidence.adapter
    if past and past.prompt_tokens is not None:
        return f"as run {past.run_id} counted them, and further demos as {adapter} renders them"
    return f"prompts as {adapter} renders them for training examples, four characters a token"


def _assumptions(calls: ProgramCalls, evidence: Evidence) -> list[str]:
    lines = []
    assumed = [f"{size.predictor}.{field}" for size in evidence.sizes for field in size.assumed]
    if assumed and not (evidence.past and evidence.past.prompt_tokens is not None):
        lines.append(f"assumed: the lengths of {', '.join(assumed)}, which the training data does not have")
    if calls.prompt_calls:
        lines.append(f"assumed: {PROMPT_CALL[0]:,} tokens in and {PROMPT_CALL[1]} out of a call to the prompt model")
    return lines


def _price_basis(evidence: Evidence, usd: float | None) -> str:
    models = {str(getattr(lm, "model", type(lm).__name__)): lm for lm in evidence.models.used}
    if all(is_local(lm) for lm in models.values()):
        return "models on this machine cost nothing"
    if usd is not None:
        return f"litellm's table, as installed, for {', '.join(models)}"
    unknown = [name for name, lm in models.items() if price_of(lm, 1, 1) is None]
    return f"litellm's table, as installed, does not have {', '.join(unknown)}"


def _time_basis(evidence: Evidence) -> str:
    if evidence.seconds_per_call is not None and evidence.past is not None:
        return f"{evidence.seconds_per_call:.2g} s an LM call, several at a time, as in run {evidence.past.run_id}"
    return "unknown until a run of this target with this model has finished (`tunesmith evaluate` is one)"
