"""Packed rows have the loss and the gradients of their examples one by one, in fp32."""

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

import torch
from peft import LoraConfig, get_peft_model

from support.students.tiny_models import CAUSAL_KINDS, Kind, tiny_model
from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.optim.finetune.batching.packed_batches import packed_batch
from tunesmith.optim.finetune.batching.packed_rows import one_row, plan_rows
from tunesmith.optim.finetune.training.target_loss import packed_nll

pytestmark = pytest.mark.finetune


def tokens(seed: int, length: int) -> list[int]:
    return [int(token) for token in torch.randint(3, 500, (length,), generator=torch.Generator().manual_seed(seed))]


def of_module(seed: int, count: int, prefix: int = 40) -> list[Encoded]:
    return [
        Encoded(tokens(seed, prefix) + tokens(seed + 10 * n, 5 + n), tokens(seed + 7 * n, 2 + n % 3), 0)
        for n in range(1, count + 1)
    ]


CASES = {
    "one prefix": of_module(1, 5),
    "several prefixes": [*of_module(1, 3), *of_module(2, 4), *of_module(3, 1)],
    "no suffix": [Encoded(tokens(1, 30), tokens(seed, 3), 0) for seed in (2, 3, 4)],
    "one example": of_module(1, 1),
    "the same twice": of_module(1, 1) * 2,
    "turns that follow each other": [
        Encoded(tokens(1, 20), tokens(2, 4), 0),
        Encoded(tokens(1, 20) + tokens(2, 4) + tokens(3, 6), tokens(4, 4), 0),
    ],
}


def with_lora(model: Any) -> Any:
    adapted = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    generator = torch.Generator().manual_seed(5)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:  # starts as zero, and A's gradients with it
            torch.nn.init.normal_(weight, std=0.05, generator=generator)
    return adapted.eval()


def one_by_one(model: Any, examples: list[Encoded]) -> torch.Tensor:
    """As transformers computes it: labels of the prompt left out, a mean a sequence."""
    total = torch.zeros(())
    for example in examples:
        ids = torch.tensor([example.prompt + example.target])
        labels = ids.clone()
        labels[0, : len(example.prompt)] = -100
        total = total + model(input_ids=ids, labels=labels).loss * len(example.target)
    return total


def loss_and_gradients(model: Any, loss: torch.Tensor) -> tuple[float, dict[str, torch.Tensor]]:
    model.zero_grad()
    loss.backward()
    return float(loss.detach()), {
        name: weight.grad.clone() for name, weight in model.named_parameters() if weight.requires_grad
    }


def check_equal(model: Any, examples: list[Encoded], packed: torch.Tensor) -> None:
    loss, gradients = loss_and_gradients(model, packed)
    expected_loss, expected_gradients = loss_and_gradients(model, one_by_one(model, examples))
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert gradients.keys() == expected_gradients.keys()
    largest = max(gradient.norm() for gradient in expected_gradients.values())
    for name, expected in expected_gradients.items():
        # What cancels to nothing, such as a key's bias, is noise in both.
        scale = max(expected.norm(), 1e-3 * largest)
        assert (gradients[name] - expected).norm() <= 1e-5 * scale, name


@pytest.mark.parametrize("kind", CAUSAL_KINDS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_packed_row_is_its_examples_one_by_one(kind: Kind, case: str, method: str) -> None:
    model = tiny_model(kind)
    if method == "lora":
        model = with_lora(model)
    check_equal(model, CASES[case], packed_nll(model, packed_batch([one_row(CASES[case])])))


@pytest.mark.parametrize("kind", CAUSAL_KINDS)
def test_padded_rows_are_their_examples_one_by_one(kind: Kind) -> None:
    examples = CASES["several prefixes"]
    rows = plan_rows(examples, 90)
    assert len({len(row.tokens) for row in rows}) > 1
    model = tiny_model(kind)
    check_equal(model, examples, packed_nll(model, packed_batch(rows)))


def test_rows_sum_to_the_same_step_however_they_are_cut() -> None:
    examples = CASES["several prefixes"]
    model = tiny_model("qwen3")
    losses = [packed_nll(model, packed_batch([row])) for row in plan_rows(examples, 70)]
    assert len(losses) > 2
    check_equal(model, examples, torch.stack(losses).sum())


def test_the_mask_has_the_model_s_dtype() -> None:
    row = one_row(CASES["one prefix"])
    model = tiny_model("llama").to(torch.bfloat16)
    loss = packed_nll(model, packed_batch([row], dtype=torch.bfloat16))
    expected = packed_nll(model.float(), packed_batch([row]))
    assert loss.item() == pytest.approx(expected.item(), rel=0.02)
