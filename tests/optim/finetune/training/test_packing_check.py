"""Models that packing would change are found out, and nothing is left behind by looking."""

from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

import torch
import transformers
from peft import LoraConfig, PromptTuningConfig, get_peft_model

from support.students.tiny_models import CAUSAL_KINDS, Kind, tiny_model
from tunesmith.optim.finetune.batching.encoding import Encoded
from tunesmith.optim.finetune.training.packing_check import packing_is_exact

pytestmark = pytest.mark.finetune

EXAMPLES = [
    Encoded(list(range(3, 43)) + [100 + 7 * n + place for place in range(6 + n)], [200 + n, 5, 2], 0) for n in range(6)
]
SIZES = {
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def built(config: Any) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()


def mistral(window: int) -> Any:
    return built(transformers.MistralConfig(**SIZES, sliding_window=window))


@pytest.mark.parametrize("kind", CAUSAL_KINDS)
def test_models_of_our_families_pass(kind: Kind) -> None:
    assert packing_is_exact(tiny_model(kind), EXAMPLES)[0]


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: mistral(window=64), id="a window wider than any example"),
        pytest.param(
            lambda: built(transformers.GPT2Config(vocab_size=512, n_embd=64, n_layer=2, n_head=4)),
            id="learned positions",
        ),
        pytest.param(lambda: built(transformers.Gemma3TextConfig(**SIZES, head_dim=16)), id="windows on some layers"),
    ],
)
def test_models_that_look_doubtful_and_are_exact_pass(build: Any) -> None:
    is_exact, why = packing_is_exact(build(), EXAMPLES)
    assert is_exact, why


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: mistral(window=16), id="a window narrower than an example"),
        pytest.param(lambda: mistral(window=50), id="a window narrower than the longest example alone"),
        pytest.param(
            lambda: built(transformers.BloomConfig(vocab_size=512, hidden_size=64, n_layer=2, n_head=4)), id="ALiBi"
        ),
        pytest.param(
            lambda: built(transformers.MptConfig(vocab_size=512, d_model=64, n_layers=2, n_heads=4, max_seq_len=512)),
            id="ALiBi, another way",
        ),
        pytest.param(
            lambda: built(transformers.MambaConfig(vocab_size=512, hidden_size=64, num_hidden_layers=2, state_size=8)),
            id="a state carried along",
        ),
        pytest.param(
            lambda: get_peft_model(
                tiny_model("llama"), PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4)
            ),
            id="a soft prompt in front",
        ),
    ],
)
def test_models_that_packing_would_change_are_found_out(build: Any) -> None:
    is_exact, why = packing_is_exact(build(), EXAMPLES)
    assert not is_exact
    assert "the model" in why


@pytest.mark.parametrize("count", [1, 2])
def test_few_examples_are_enough(count: int) -> None:
    assert packing_is_exact(tiny_model("llama"), EXAMPLES[:count])[0]


def test_rounding_to_bf16_is_no_difference_but_another_model_s_window_is() -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert packing_is_exact(tiny_model("qwen2"), EXAMPLES)[0]
        assert not packing_is_exact(mistral(window=16), EXAMPLES)[0]
    assert packing_is_exact(tiny_model("qwen2").to(torch.bfloat16), EXAMPLES)[0]


@pytest.mark.parametrize("method", ["full", "lora"])
def test_gradients_that_differ_alone_are_found_out(method: str) -> None:
    """Of adapters as they start one half has gradients, and the loss says nothing of either."""
    model = tiny_model("llama")

    def cut_the_way_back(_: Any, args: Any, inputs: dict[str, Any]) -> Any:
        is_packed = inputs["attention_mask"] is not None
        return (args[0].detach() if is_packed else args[0], *args[1:]), inputs

    model.model.layers[1].register_forward_pre_hook(cut_the_way_back, with_kwargs=True)
    if method == "lora":
        model = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM"))
    is_exact, why = packing_is_exact(model, EXAMPLES)
    assert not is_exact
    assert "loss by 0.0%" in why


def test_a_loss_that_is_no_number_is_not_exact() -> None:
    model = tiny_model("llama")
    torch.nn.init.constant_(model.model.norm.weight, float("nan"))
    assert not packing_is_exact(model, EXAMPLES)[0]


def test_gradients_modes_and_random_state_are_as_before() -> None:
    model = get_peft_model(
        tiny_model("llama"),
        LoraConfig(r=4, target_modules="all-linear", lora_dropout=0.5, task_type="CAUSAL_LM"),
    )
    model.train()
    model.base_model.model.model.layers[0].eval()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    weights[0].grad = torch.ones_like(weights[0])
    modes = [module.training for module in model.modules()]
    random_state = torch.get_rng_state()
    assert packing_is_exact(model, EXAMPLES)[0]
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random_state)
    assert torch.equal(weights[0].grad, torch.ones_like(weights[0]))
    assert all(weight.grad is None for weight in weights[1:])
