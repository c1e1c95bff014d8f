"""Whether a model computes packed rows as it computes their examples one by one.

A mask that says what each token sees and positions that say where it stands are enough for most models. Not for those
that measure distances in the row (ALiBi), look back over a window of their own, or carry a state along. Which is which
is not written in a configuration, so it is tried, on the data at hand.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tunesmith.optim.finetune.batching import Encoded, one_row, packed_batch
from tunesmith.optim.finetune.training.target_loss import final_hidden, packed_nll, target_nll, without_wrapper

EXACT = 1e-4
"""Relative difference of the loss and of the sampled gradients in fp32: the order of summation and no more."""
ROUNDED = 5e-2
"""The same where factors are rounded to bf16: 1e-2 is seen in 30 layers, and more where examples see each other."""
SAMPLED_WEIGHTS = 8
LARGE_WEIGHT = 1 << 25
"""Elements above which a weight's gradient is not sampled: embeddings of large vocabularies."""


def packing_is_exact(model: nn.Module, encoded: Sequence[Encoded]) -> tuple[bool, str]:
    """Whether it is, and in half a sentence why.

    Computes the longest example and two others both ways, in eval mode, in fp32 where the weights are, and within the
    caller's autocast where there is one. Gradients, modes and random state are left as they were. Something in
    `model` has to require gradients.
    """
    examples = _telling_examples(encoded)
    weights = _sampled_weights(model)
    device = weights[0].device
    is_autocast = bool(torch.is_autocast_enabled(device.type))
    is_exact, why = False, ""
    for autocast in (False, True) if is_autocast else (False,):
        allowed = ROUNDED if autocast or without_wrapper(model).dtype != torch.float32 else EXACT
        try:
            with _undisturbed(model, device), torch.autocast(device.type, enabled=autocast):
                is_exact, why = _compared(model, examples, weights, allowed)
        except Exception as error:  # noqa: BLE001 (a model that does not take such a mask raises what it likes)
            return False, f"the model does not compute packed rows ({type(error).__name__})"
        if not is_exact:
            break
    return is_exact, why


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
    return loss.detach().float(), [gradient.float() for gradient in gradients]


def _compared(
    model: nn.Module, examples: Sequence[Encoded], weights: list[nn.Parameter], allowed: float
) -> tuple[bool, str]:
    device = weights[0].device
    apart_loss, apart = _loss_and_gradients(_nll_one_by_one(model, examples, device), weights)
    batch = packed_batch([one_row(examples)], dtype=without_wrapper(model).dtype, device=device)
    packed_loss, packed = _loss_and_gradients(packed_nll(model, batch), weights)
    in_loss = float((packed_loss - apart_loss).abs() / apart_loss.abs().clamp(min=1e-12))
    in_gradients = _norm([one - other for one, other in zip(packed, apart, strict=True)]) / max(_norm(apart), 1e-12)
    # Written so that what is not a number is not exact.
    if in_loss <= allowed and in_gradients <= allowed:
        return True, f"the same within {max(in_loss, in_gradients):.0e}"
    return False, f"the model computes packed rows differently: loss by {in_loss:.1%}, gradients by {in_gradients:.1%}"


def _norm(tensors: list[Tensor]) -> float:
    return float(torch.stack([tensor.norm() for tensor in tensors]).norm())


@contextmanager
def _undisturbed(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Eval mode and products without TF32 within; all as before afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    precision = torch.get_float32_matmul_precision()
    model.eval()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), torch.enable_grad():
            yield
    finally:
        torch.set_float32_matmul_precision(precision)
        for module, mode in modes:
            module.training = mode
