"""The loss of a packed batch."""

from torch import Tensor, nn

from tunesmith.optim.finetune.batching import PackedBatch
from tunesmith.optim.finetune.training.target_loss import final_hidden, target_nll


def packed_nll(model: nn.Module, batch: PackedBatch) -> Tensor:
    """Sum over the batch's target tokens of their negative log-likelihoods, in nats: what the examples one by one
    would sum to."""
    hidden = final_hidden(
        model,
        input_ids=batch.input_ids,
        position_ids=batch.position_ids,
        attention_mask=batch.attention_mask,
    )
    return target_nll(model, hidden.flatten(0, 1)[batch.predictors], batch.labels)
