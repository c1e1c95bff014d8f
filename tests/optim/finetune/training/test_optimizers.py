import importlib.util
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from tunesmith.optim.finetune.errors import ExtraMissing  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402
from tunesmith.optim.finetune.training.optimizers import (  # noqa: E402
    default_learning_rate,
    make_optimizer,
    rate_at,
    set_rate,
)

pytestmark = pytest.mark.finetune


@pytest.mark.parametrize(
    ("method", "optimizer", "architecture", "steps", "parameters", "expected"),
    [
        ("full", "adamw", "causal", 100, 135e6, 1e-4),
        ("full", "adamw", "causal", 100, 1.1e9, 5e-5),
        ("full", "adamw", "causal", 100, 7e9, 2e-5),
        ("full", "adamw", "seq2seq", 100, 220e6, 3e-4),
        ("full", "adamw", "seq2seq", 100, 3e9, 1e-4),
        ("lora", "adamw", "causal", 60, 135e6, 5e-4),
        ("lora", "adamw", "seq2seq", 3000, 11e9, 2e-4),
        ("prompt", "adamw", "causal", 60, 135e6, 0.03),
        ("prompt", "adafactor", "seq2seq", 60, 11e9, 0.3),
    ],
)
def test_default_learning_rates(
    method: Any, optimizer: Any, architecture: Any, steps: int, parameters: float, expected: float
) -> None:
    settings = TrainSettings(tasks=["a"], method=method, optimizer=optimizer)
    assert default_learning_rate(settings, architecture, steps=steps, parameters=int(parameters)) == expected


@pytest.mark.parametrize(
    ("steps", "warmup", "expected"),
    [
        (4, 0.0, [1.0, 0.75, 0.5, 0.25]),
        (4, 0.5, [1 / 3, 2 / 3, 1.0, 0.5]),
        (1, 0.05, [1.0]),
    ],
)
def test_rate_rises_and_falls_and_is_never_zero(steps: int, warmup: float, expected: list[float]) -> None:
    assert [rate_at(step, steps, warmup) for step in range(steps)] == pytest.approx(expected)


@pytest.mark.parametrize("name", ["adamw", "adamw-fused", "adafactor"])
def test_norms_and_biases_do_not_decay(name: Any) -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.LayerNorm(3))
    model[0].bias.data.fill_(0.5)
    before = [weight.detach().clone() for weight in model.parameters()]
    optimizer = make_optimizer(model, TrainSettings(tasks=["a"], optimizer=name, weight_decay=0.5), 0.1)
    set_rate(optimizer, 0.01)
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    after = dict(model.named_parameters())
    assert torch.allclose(after["0.weight"], before[0] * (1 - 0.01 * 0.5), atol=1e-6)
    assert [torch.equal(now, then) for now, then in zip(model.parameters(), before, strict=True)] == [
        False,
        True,
        True,
        True,
    ]


def test_what_is_frozen_is_not_optimized() -> None:
    model = torch.nn.Linear(3, 3)
    model.weight.requires_grad_(False)
    groups = make_optimizer(model, TrainSettings(tasks=["a"]), 0.1).param_groups
    assert [parameter for group in groups for parameter in group["params"]] == [model.bias]


@pytest.mark.skipif(importlib.util.find_spec("bitsandbytes") is not None, reason="bitsandbytes is there")
def test_eight_bits_need_a_package() -> None:
    with pytest.raises(ExtraMissing, match="bitsandbytes"):
        make_optimizer(torch.nn.Linear(3, 3), TrainSettings(tasks=["a"], optimizer="adamw-8bit"), 0.1)
