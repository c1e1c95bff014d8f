"""A model and the loss of its targets as one module, so that whatever wraps it (autocast, DDP, FSDP) wraps both."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tunesmith.optim.finetune.batching import Batch
from tunesmith.optim.finetune.training.target_loss import (
    final_hidden,
    prompted,
    target_nll,
    target_scores,
    without_wrapper,
)

AGREES = 1e-2
"""Relative difference of losses up to which a head is understood: far above rounding in bf16, far below a scale or
a cap that is not applied."""


class TargetLoss(nn.Module):  # type: ignore[misc]  # torch is not followed
    """The loss of a transformers or a peft model on target tokens.

    `is_whole`: the model's own logits are taken, of all positions, because ours are not understood (`choose_head`).
    """

    def __init__(self, model: nn.Module, *, is_whole: bool = False) -> None:
        super().__init__()
        self.model = model
        self.is_whole = is_whole

    @property
    def _no_split_modules(self) -> list[str]:
        """What accelerate's FSDP plugin wraps one by one."""
        return list(without_wrapper(self.model)._no_split_modules or [])

    def forward(
        self, inputs: Mapping[str, Tensor], predictors: Tensor, labels: Tensor, with_scores: bool = False
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Sum of the targets' negative log-likelihoods; or `with_scores` each one's, and whether it is likeliest."""
        if self.is_whole:
            logits = self.own_logits(inputs)[predictors]
            if not with_scores:
                return cross_entropy(logits, labels, reduction="sum")
            return cross_entropy(logits, labels, reduction="none"), logits.argmax(dim=-1) == labels
        hidden = final_hidden(self.model, **inputs).flatten(0, 1).index_select(0, predictors)
        if with_scores:
            return target_scores(self.model, hidden, labels)
        return target_nll(self.model, hidden, labels)

    def own_logits(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """[b · n, vocabulary] in fp32, as the model itself computes them."""
        bare_inputs, before = prompted(self.model, inputs)
        logits: Tensor = without_wrapper(self.model)(**bare_inputs, use_cache=False).logits.float()
        return logits[:, before:].flatten(0, 1)


def choose_head(loss: TargetLoss, batch: Batch) -> None:
    """Compares both ways on a batch, and where they differ has the model compute all its logits itself.

    Families do as they like between their last layer and their logits; those we know are in `target_logits`.
    """
    was_training = loss.training
    loss.eval()
    with torch.no_grad():
        loss.is_whole = True
        own = loss(batch.inputs, batch.predictors, batch.labels)
        loss.is_whole = False
        try:
            ours = loss(batch.inputs, batch.predictors, batch.labels)
        except (AttributeError, TypeError):  # a model that is not built like the others
            loss.is_whole = True
        else:
            loss.is_whole = not bool((ours - own).abs() <= AGREES * own.abs())
    loss.train(was_training)
