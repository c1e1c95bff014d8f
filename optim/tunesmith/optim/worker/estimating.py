"""What a run would cost at most, told before anything is spent. No language model is called."""

import math
from functools import cached_property
from pathlib import Path
from typing import Any

import dspy
from msgspec import structs

from tunesmith.optim.adapters import PromptSize, adapter_in_force, measure_prompts
from tunesmith.optim.bootstrap_fewshot import TEACHER_ROUNDS, bootstrap_calls, teaching_data
from tunesmith.optim.bootstrap_finetune import finetune_calls, finetune_estimate, split_for_finetune
from tunesmith.optim.cost import (
    Part,
    ProgramCalls,
    evaluation_calls,
    find_past_run,
    price_of,
)
from tunesmith.optim.errors import RunError
from tunesmith.optim.finetune.data import Split
from tunesmith.optim.mipro_v2 import search_calls_of
from tunesmith.optim.prompt_search import AUTO, split_for_search
from tunesmith.optim.proposer import can_write
from tunesmith.optim.rollouts import is_local
from tunesmith.optim.target_loading import LanguageModels, Resolved
from tunesmith.optim.worker.tuning import chosen_options
from tunesmith.protocol import Estimate, FinetuneEstimate, RunSpec

PROMPT_CALL = (2500, 400)
"""Tokens in and out of a call that writes instructions: descriptions, examples, errors in; a few variants out."""


def estimate_run(spec: RunSpec, resolved: Resolved, models: LanguageModels) -> Estimate:
    """For a run ordered with `estimate_only`. Reads the earlier runs of the target, beside the run's folder.

    Raises `RunError` for what would keep the run from starting.
    """
    return _Estimation(spec, resolved, models).estimate()


class _Estimation:
    def __init__(self, spec: RunSpec, resolved: Resolved, models: LanguageModels) -> None:
        self.spec, self.resolved, self.models = spec, resolved, models
        self.options = self._options()
        self.lm = models.settings.get("lm")
        self.prompt_lm = models.prompt or self.lm or models.used[0]
        self.past = find_past_run(Path(spec.run_dir), spec.target.name)
        with dspy.context(**models.settings):
            self.sizes = measure_prompts(resolved.program, resolved.trainset)
            self.adapter = type(adapter_in_force()).__name__

    def estimate(self) -> Estimate:
        train, val = self._examples()
        calls = self._program_calls(train, val)
        finetune, rows_basis = self._finetune(calls)
        lm_calls = math.ceil(calls.ceiling * self._calls_per_program) + calls.prompt_calls
        prompt, completion, usd = self._sums(calls)
        estimate = Estimate(
            optimizer=self.spec.optimizer,
            train=train,
            val=val,
            program_calls=calls.ceiling,
            expected_program_calls=calls.expected,
            calls_per_program=self._calls_per_program,
            prompt_calls=calls.prompt_calls,
            lm_calls=lm_calls,
            prompt_tokens=round(prompt),
            completion_tokens=round(completion),
            usd=usd,
            seconds=None if self._seconds_per_call is None else lm_calls * self._seconds_per_call,
            basis=[*self._basis(calls, usd), *([f"rows: {rows_basis}"] if rows_basis else [])],
            finetune=finetune,
        )
        return self._capped(estimate)

    # How often

    def _examples(self) -> tuple[int, int]:
        """Training and validation examples, as the optimizer would divide them."""
        given, validation = self.resolved.trainset, self.resolved.valset
        if self.spec.optimizer == "evaluate":
            return 0, len(validation or given)
        if self.spec.optimizer == "mipro-v2":
            train, val = split_for_search(given, validation, auto=self.options["auto"], seed=self.spec.seed)
        elif self.spec.optimizer == "bootstrap-finetune":
            return len(self._split.taught_places), len(self._split.test)
        else:
            train, val = teaching_data(self.spec, self.resolved)
        return len(train), len(val)

    def _program_calls(self, train: int, val: int) -> ProgramCalls:
        if self.spec.optimizer == "evaluate":
            return evaluation_calls(val)
        if self.spec.optimizer == "mipro-v2":
            writes = can_write(self.prompt_lm)
            return search_calls_of(self.options, predictors=len(self.sizes), train=train, val=val, writes=writes)
        if self.spec.optimizer == "bootstrap-finetune":
            return finetune_calls(self.options, self._split, self._accepted)
        return bootstrap_calls(
            self.options, train=train, val=val, teacher_rounds=TEACHER_ROUNDS, accepted=self._accepted
        )

    @property
    def _accepted(self) -> float | None:
        """The share of examples an earlier run got right."""
        score = self.past.baseline if self.past else None
        return score if score is not None and 0 < score <= 1 else None

    @cached_property
    def _split(self) -> Split:
        return split_for_finetune(self.spec, self.resolved)

    def _finetune(self, calls: ProgramCalls) -> tuple[FinetuneEstimate | None, str]:
        if self.spec.optimizer != "bootstrap-finetune":
            return None, ""
        with dspy.context(**self.models.settings):
            return finetune_estimate(
                self.spec,
                self.resolved,
                self.options,
                self._split,
                self.sizes,
                calls,
                teacher=self.models.teacher or self.lm,
                accepted=self._accepted,
            )

    def _options(self) -> dict[str, Any]:
        if self.spec.optimizer == "evaluate":
            return {}
        options = {"auto": "light", **chosen_options(self.spec, self.resolved)}
        if options["auto"] not in AUTO:
            raise RunError(f"auto must be one of {', '.join(AUTO)}, not {options['auto']!r}.")
        return options

    @property
    def _calls_per_program(self) -> float:
        return self.past.calls_per_program if self.past else float(len(self.sizes))

    # How much

    def _sums(self, calls: ProgramCalls) -> tuple[float, float, float | None]:
        """Tokens in, tokens out, USD."""
        past = self.past
        turns = self._calls_per_program / max(len(self.sizes), 1)
        prompt_scale = self._scale(past.prompt_tokens if past else None, sum(size.prompt for size in self.sizes))
        answer_scale = self._scale(
            past.completion_tokens if past else None, sum(size.completion for size in self.sizes)
        )
        prompt = completion = 0.0
        usd: float | None = 0.0
        spent: list[tuple[Any, float, float]] = [
            (self.prompt_lm, calls.prompt_calls * PROMPT_CALL[0], calls.prompt_calls * PROMPT_CALL[1])
        ]
        for part in calls.parts:
            for size in self.sizes:
                tokens_in = part.calls * (size.prompt * prompt_scale + size.demo * part.demos * turns)
                spent.append((self._lm_of(part, size), tokens_in, part.calls * size.completion * answer_scale))
        for lm, tokens_in, tokens_out in spent:
            prompt, completion = prompt + tokens_in, completion + tokens_out
            price = price_of(lm, tokens_in, tokens_out) if tokens_in else 0.0
            usd = None if usd is None or price is None else usd + price
        return prompt, completion, usd

    def _scale(self, measured: float | None, rendered: float) -> float:
        """From what was rendered to what an earlier run counted; without one, from one turn to all of a program's."""
        if measured is not None and rendered:
            return measured / rendered
        return self._calls_per_program / max(len(self.sizes), 1)

    def _lm_of(self, part: Part, size: PromptSize) -> Any:
        return size.lm or (self.models.teacher if part.by_teacher else None) or self.lm

    @property
    def _seconds_per_call(self) -> float | None:
        """Known only where the earlier run asked the same model."""
        known = self.past is not None and getattr(self.lm or self.prompt_lm, "model", None) in self.past.models
        return self.past.seconds_per_call if self.past is not None and known else None

    def _capped(self, estimate: Estimate) -> Estimate:
        """Within the budget the run is given: it stops there."""
        budget = self.spec.budget
        basis = list(estimate.basis)
        if budget.max_calls is not None and budget.max_calls < estimate.lm_calls:
            share = budget.max_calls / estimate.lm_calls
            basis.append(f"limit: it stops after {budget.max_calls:,} LM calls, before it did all of that")
            estimate = structs.replace(
                estimate,
                lm_calls=budget.max_calls,
                prompt_tokens=round(share * estimate.prompt_tokens),
                completion_tokens=round(share * estimate.completion_tokens),
                usd=None if estimate.usd is None else share * estimate.usd,
                seconds=None if estimate.seconds is None else share * estimate.seconds,
            )
        if budget.max_usd is not None and (estimate.usd is None or budget.max_usd < estimate.usd):
            basis.append(f"limit: it stops at ${budget.max_usd:g}")
            estimate = structs.replace(estimate, usd=budget.max_usd)
        if budget.max_seconds is not None and (estimate.seconds is None or budget.max_seconds < estimate.seconds):
            basis.append(f"limit: it stops after {budget.max_seconds:g} s")
            estimate = structs.replace(estimate, seconds=budget.max_seconds)
        return structs.replace(estimate, basis=basis)

    # On what it rests

    def _basis(self, calls: ProgramCalls, usd: float | None) -> list[str]:
        return [
            f"program calls: {calls.basis}",
            f"LM calls: {self._calls_basis()}",
            f"tokens: {self._tokens_basis()}",
            *self._assumptions(calls),
            f"price: {self._price_basis(usd)}",
            f"time: {self._time_basis()}",
        ]

    def _calls_basis(self) -> str:
        if self.past:
            return f"{self.past.calls_per_program:.1f} a program call, as in run {self.past.run_id}"
        count = len(self.sizes)
        each = "one a program call" if count == 1 else f"one for each of its {count} predictors"
        return f"{each}, because no earlier run says otherwise: loops, tools and retries make more"

    def _tokens_basis(self) -> str:
        rendered = f"prompts as {self.adapter} renders them for training examples, four characters a token"
        if self.past and self.past.prompt_tokens is not None:
            return f"as run {self.past.run_id} counted them, and further demos as {self.adapter} renders them"
        return rendered

    def _assumptions(self, calls: ProgramCalls) -> list[str]:
        lines = []
        assumed = [f"{size.predictor}.{field}" for size in self.sizes for field in size.assumed]
        if assumed and not (self.past and self.past.prompt_tokens is not None):
            lines.append(f"assumed: the lengths of {', '.join(assumed)}, which the training data does not have")
        if calls.prompt_calls:
            lines.append(
                f"assumed: {PROMPT_CALL[0]:,} tokens in and {PROMPT_CALL[1]} out of a call to the prompt model"
            )
        return lines

    def _price_basis(self, usd: float | None) -> str:
        models = {str(getattr(lm, "model", type(lm).__name__)): lm for lm in self.models.used}
        if all(is_local(lm) for lm in models.values()):
            return "models on this machine cost nothing"
        if usd is not None:
            return f"litellm's table, as installed, for {', '.join(models)}"
        unknown = [name for name, lm in models.items() if price_of(lm, 1, 1) is None]
        return f"litellm's table, as installed, does not have {', '.join(unknown)}"

    def _time_basis(self) -> str:
        if self._seconds_per_call is not None and self.past is not None:
            return f"{self._seconds_per_call:.2g} s an LM call, several at a time, as in run {self.past.run_id}"
        return "unknown until a run of this target with this model has finished (`tunesmith evaluate` is one)"
