"""A ChatAdapter whose answers from local models always fit the signature."""

import copy
from typing import Any

import dspy

from tunesmith.optim.adapters.dspy_api import grammar_keywords
from tunesmith.optim.adapters.formats import format_of
from tunesmith.optim.adapters.prompt_format import Constraint


class ConstrainedAdapter(dspy.ChatAdapter):  # type: ignore[misc]
    """Passes a grammar of the signature's output types with each call, so a `Literal` field can only give one of its
    values, and puts what is fixed into the prompt, so only values are generated.

    Other LMs, and signatures with types that have no grammar, get exactly what `dspy.ChatAdapter` does. A constrained
    call is never asked again through JSONAdapter: the only way it can fail to parse is running out of `max_tokens`.
    """

    _constraint: Constraint | None = None

    def __call__(
        self,
        lm: dspy.BaseLM,
        lm_kwargs: dict[str, Any],
        signature: type[dspy.Signature],
        demos: list[dict[str, Any]],
        inputs: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """The fields of each answer. Raises what `dspy.ChatAdapter` raises."""
        adapter, lm_kwargs = self._for_call(lm, lm_kwargs, signature)
        answers: list[dict[str, Any]] = super(ConstrainedAdapter, adapter).__call__(
            lm, lm_kwargs, signature, demos, inputs
        )
        return answers

    async def acall(
        self,
        lm: dspy.BaseLM,
        lm_kwargs: dict[str, Any],
        signature: type[dspy.Signature],
        demos: list[dict[str, Any]],
        inputs: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """The same, awaited."""
        adapter, lm_kwargs = self._for_call(lm, lm_kwargs, signature)
        answers: list[dict[str, Any]] = await super(ConstrainedAdapter, adapter).acall(
            lm, lm_kwargs, signature, demos, inputs
        )
        return answers

    def format(
        self, signature: type[dspy.Signature], demos: list[dict[str, Any]], inputs: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """ChatAdapter's messages; in a constrained call the beginning of the answer after them."""
        messages: list[dict[str, Any]] = super().format(signature, demos, inputs)
        if self._constraint is not None:
            messages.append({"role": "assistant", "content": self._constraint.prefill})
        return messages

    def _for_call(
        self, lm: dspy.BaseLM, lm_kwargs: dict[str, Any], signature: type[dspy.Signature]
    ) -> tuple["ConstrainedAdapter", dict[str, Any]]:
        """The adapter and the keywords of one call: this one untouched, or a copy that knows its constraint."""
        annotations = {name: field.annotation for name, field in signature.output_fields.items()}
        constraint = format_of(self).constrain(annotations)
        if constraint is None or not getattr(lm, "is_local", False):
            return self, lm_kwargs
        adapter = copy.copy(self)
        adapter._constraint = constraint
        adapter.use_json_adapter_fallback = False
        return adapter, {**lm_kwargs, **grammar_keywords(lm, constraint.grammar)}
