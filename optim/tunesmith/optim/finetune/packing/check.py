"""Whether a model computes packed rows as it computes their examples one by one.

A mask that says what each token sees and positions that say where it stands are enough for most models. Not for those
that measure distances in the row (ALiBi), look back over a window of their own, or carry a state along. Which is which
is not written in a configuration, so it is tried, on the data at hand.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tunesmith.optim.finetune.packing.batch import packed_batch
from tunesmith.optim.finetune.packing.layout import one_row
from tunesmith.optim.finetune.packing.loss import packed_nll
from tunesmith.optim.finetune.training.encoding import Encoded
from tunesmith.optim.finetune.training.target_loss import final_hidden, target_nll, without_wrapper

EXACT = 1e-4
"""Relative difference of the loss and of the sampled gradients in fp32: the order of summation and no more."""
ROUNDED_LOSS, ROUNDED_GRADIENTS = 1e-2, 1e-1
"""The same where factors are rounded to bf16, fp16 or TF32. Examples that see each other differ by more."""
SAMPLED_WEIGHTS = 8
LARGE_WEIGHT = 1 << 25
"""Elements above which a weight's gradient is not sampled: embeddings of large vocabularies."""


def packing_is_exact(model: nn.Module, encoded: Sequence[Encoded]) -> tuple[bool, str]:
    """Whether it is, and in half a sentence why.

    Computes the longest example and two others both ways, in eval mode and within the caller's autocast, and leaves
    gradients, modes and random state as they were. Something in `model` has to require gradients.
    """
    examples = _telling_examples(encoded)
    weights = _sampled_weights(model)
    device = weights[0].device
    try:
        with _undisturbed(model, device):
            apart = _loss_and_gradients(_nll_one_by_one(model, examples, device), weights)
            batch = packed_batch([one_row(examples)], dtype=without_wrapper(model).dtype, device=device)
            packed = _loss_and_gradients(packed_nll(model, batch), weights)
    except Exception as error:  # noqa: BLE001 (a model that does not take such a mask raises what it likes)
        return False, f"the model does not compute packed rows ({type(error).__name__})"
    return _compared(apart, packed, is_rounded=_is_rounded(model, device))


def _telling_examples(encoded: Sequence[Encoded]) -> list[Encoded]:
    """The longest, which outgrows a window first; what shares most with it; and the shortest."""
    distinct = sorted({(tuple(example.prompt), tuple(example.target)) for example in encoded})
    longest = max(range(len(distinct)), key=lambda index: sum(map(len, distinct[index])))
    neighbour = longest - 1 if longest else 1
    shortest = min(range(len(distinct)), key=lambda index: sum(map(len, distinct[index])))
    chosen = sorted({longest, neighbour, shortest} & set(range(len(distinct))))
    return [Encoded(list(distinct[index][0]), list(distinct[index][1]), 0) for index in chosen]


def _sampled_weights(model: nn.Module) -> list[nn.Parameter]:
    """From both ends: the first layer's gradients have been through all others, and of LoRA's pairs each half."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    small = [weight for weight in trained if weight.numel() <= LARGE_WEIGHT] or trained
    half = SAMPLED_WEIGHTS // 2
    return small if len(small) <= SAMPLED_WEIGHTS else small[:half] + small[-half:]


def _nll_one_by_one(model: nn.Module, examples: Sequence[Encoded], device: torch.device) -> Tensor:
    total = torch.zeros((), device=device)
    for example in examples:
        ids = torch.tensor([example.prompt + example.target], device=device)
        hidden = final_hidden(model, input_ids=ids, attention_mask=torch.ones_like(ids))
        first = len(example.prompt)
        total = total + target_nll(model, hidden[0, first - 1 : -1], ids[0, first:])
    return total


def _loss_and_gradients(loss: Tensor, weights: list[nn.Parameter]) -> tuple[Tensor, list[Tensor]]:
    """Without touching the weights' `.grad`."""
    gradients = torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)
    return loss.detach().double(), [gradient.double() for gradient in gradients]


def _compared(
    apart: tuple[Tensor, list[Tensor]], packed: tuple[Tensor, list[Tensor]], *, is_rounded: bool
) -> tuple[bool, str]:
    loss_difference = float((packed[0] - apart[0]).abs() / apart[0].abs().clamp(min=1e-12))
    gradient_difference = _norm([one - other for one, other in zip(packed[1], apart[1], strict=True)]) / max(
        _norm(apart[1]), 1e-12
    )
    allowed_loss, allowed_gradients = (ROUNDED_LOSS, ROUNDED_GRADIENTS) if is_rounded else (EXACT, EXACT)
    # Written so that what is not a number is not exact.
    if loss_difference <= allowed_loss and gradient_difference <= allowed_gradients:
        return True, f"packed rows differ by {loss_difference:.0e} in loss and {gradient_difference:.0e} in gradients"
    return False, (
        f"the model computes packed rows differently (by {loss_difference:.0e} in loss and "
        f"{gradient_difference:.0e} in gradients)"
    )


def _norm(tensors: list[Tensor]) -> float:
    return float(torch.stack([tensor.norm() for tensor in tensors]).norm())


def _is_rounded(model: nn.Module, device: torch.device) -> bool:
    is_fp32 = without_wrapper(model).dtype == torch.float32 and torch.get_float32_matmul_precision() == "highest"
    return not is_fp32 or bool(torch.is_autocast_enabled(device.type))


@contextmanager
def _undisturbed(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Eval mode within; modes and random state as before afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), torch.enable_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode
