"""Examples as padded batches, bucketed by length: each as many as fit a budget of tokens, padding included."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.protocol.student import Architecture


class Batch(NamedTuple):
    """Inputs of one forward pass and the m target tokens of its examples."""

    inputs: Mapping[str, Tensor]
    """Of `final_hidden`; its result has b rows of n positions."""
    predictors: Tensor
    """[m], indices into the b · n positions: where each target token is predicted."""
    labels: Tensor
    """[m]"""
    lengths: Sequence[int]
    """Target tokens of each example; they sum to m."""

    @property
    def target_tokens(self) -> int:
        """m."""
        return sum(self.lengths)


class Planned(NamedTuple):
    """A batch that is not built yet."""

    examples: Sequence[Encoded]
    tokens: int
    """Computed for it, padding left out."""
    padded_tokens: int
    content: object = None
    """What its layout builds it from, where the examples do not say it."""
    is_filler: bool = False
    """Computed for company and worth nothing: another process has a batch more."""


class BatchLayout(Protocol):
    """A way to lay examples out in batches. Any two give the same sum of losses and so the same step."""

    def plan(self, examples: Sequence[Encoded]) -> list[Planned]:
        """Every example in exactly one batch; deterministic."""
        ...

    def build(self, planned: Planned, device: torch.device) -> Batch:
        """The tensors of a batch that this layout planned, on `device`."""
        ...


class BucketedBatches:
    """Examples of similar length side by side, padded on the right.

    A causal model needs no mask for that: what is padded comes after all that counts. A batch computes at most
    `batch_tokens` tokens, padding included; an example longer than that is a batch alone. `decoder_start`: the token an
    encoder-decoder's answer begins after. `with_task_ids`: inputs say each row's task (`takes_task_ids`).
    """

    def __init__(
        self, architecture: Architecture, batch_tokens: int, *, decoder_start: int = 0, with_task_ids: bool = False
    ) -> None:
        self._architecture = architecture
        self._batch_tokens = batch_tokens
        self._decoder_start = decoder_start
        self._with_task_ids = with_task_ids

    def plan(self, examples: Sequence[Encoded]) -> list[Planned]:
        """Longest first, so that memory that does not suffice is missed at once."""
        planned: list[Planned] = []
        group: list[Encoded] = []
        for example in sorted(examples, key=lambda one: (-one.tokens, one.prompt, one.target, one.task)):
            if group and self._padded_tokens([*group, example]) > self._batch_tokens:
                planned.append(self._planned(group))
                group = []
            group.append(example)
        return [*planned, self._planned(group)] if group else planned

    def build(self, planned: Planned, device: torch.device) -> Batch:
        """With `input_ids` [b, n] for a causal model; an encoder-decoder gets `input_ids`, `attention_mask` [b, s] and
        `decoder_input_ids` [b, n]."""
        examples = planned.examples
        if self._architecture == "causal":
            # The last target token is predicted, never read.
            inputs = {"input_ids": _padded([(one.prompt + one.target)[:-1] for one in examples], device)}
            first = [len(one.prompt) - 1 for one in examples]
            width = inputs["input_ids"].shape[1]
        else:
            prompts = [one.prompt for one in examples]
            inputs = {
                "input_ids": _padded(prompts, device),
                "attention_mask": _padded([[1] * len(prompt) for prompt in prompts], device),
                "decoder_input_ids": _padded([[self._decoder_start, *one.target[:-1]] for one in examples], device),
            }
            first = [0] * len(examples)
            width = inputs["decoder_input_ids"].shape[1]
        if self._with_task_ids:
            inputs["task_ids"] = torch.tensor([one.task for one in examples], device=device)
        begins = [number * width + place for number, place in enumerate(first)]
        predictors = [
            begin + place for begin, one in zip(begins, examples, strict=True) for place in range(len(one.target))
        ]
        return Batch(
            inputs,
            torch.tensor(predictors, device=device),
            torch.tensor([token for one in examples for token in one.target], device=device),
            [len(one.target) for one in examples],
        )

    def _planned(self, group: list[Encoded]) -> Planned:
        return Planned(group, sum(one.tokens for one in group), self._padded_tokens(group))

    def _padded_tokens(self, group: Sequence[Encoded]) -> int:
        if self._architecture == "causal":
            return len(group) * max(one.tokens for one in group)
        return len(group) * (max(len(one.prompt) for one in group) + max(len(one.target) for one in group))


def shares(examples: Sequence[Encoded], layout: BatchLayout, processes: int) -> list[list[Planned]]:
    """Each process's batches of one step, as long lists as the others': a collective operation waits for all.

    Where a process has fewer, it computes one of the first process's again, for nothing.
    """
    by_length = sorted(range(len(examples)), key=lambda index: -examples[index].tokens)
    plans = [layout.plan([examples[index] for index in by_length[process::processes]]) for process in range(processes)]
    longest = max(len(plan) for plan in plans)
    filler = plans[0][-1]._replace(tokens=0, is_filler=True)
    return [plan + [filler] * (longest - len(plan)) for plan in plans]


def _padded(rows: Sequence[Sequence[int]], device: torch.device) -> Tensor:
    """[b, n]; zeros on the right."""
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows], device=device)
