from typing import Any

import pytest

from support.students.tiny_models import CAUSAL_KINDS, SEQ2SEQ_KINDS, Kind, tiny_model, tiny_tokenizer

pytestmark = pytest.mark.finetune
torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from tunesmith.optim.finetune.base_models.bundled import CONFIGS, bundled_config  # noqa: E402
from tunesmith.optim.finetune.base_models.loading import architecture_of, model_from_config  # noqa: E402
from tunesmith.optim.finetune.settings import LoraSettings, PromptSettings, TrainSettings  # noqa: E402
from tunesmith.optim.finetune.strategies.apply import (  # noqa: E402
    apply_method,
    enable_checkpointing,
    takes_task_ids,
)

FULL = TrainSettings(method="full", tasks=["a"])
LORA = TrainSettings(method="lora", tasks=["a"], lora=LoraSettings(rank=4, alpha=8))
PROMPT = TrainSettings(method="prompt", tasks=["a"], prompt=PromptSettings(tokens=5))
PROMPTS = TrainSettings(method="prompt", tasks=["a", "b", "c"], prompt=PromptSettings(tokens=5))
STRATEGIES = {"full": FULL, "lora": LORA, "prompt": PROMPT, "multitask prompt": PROMPTS}
KINDS = [*CAUSAL_KINDS, *SEQ2SEQ_KINDS]
TEXT = "the answer is card"


def applied(model: Any, settings: TrainSettings, text: str | None = TEXT) -> Any:
    architecture = architecture_of(model.config, "tiny")
    tokenizer = tiny_tokenizer("t5" if architecture == "seq2seq" else "llama")
    return apply_method(model, settings, architecture=architecture, prompt_text=text, tokenizer=tokenizer)


def loss_of(model: Any, settings: TrainSettings) -> Any:
    ids = torch.tensor([[7, 8, 9, 10], [11, 12, 13, 14]])
    inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}
    if takes_task_ids(settings):
        inputs["task_ids"] = torch.tensor([0, 2])
    return model(**inputs).loss


def shrunken(config: Any) -> Any:
    """The family of a published model at a size for a test: what is wide and deep is cut, the rest stays."""
    sizes = {"vocab_size": 512}
    if config.is_encoder_decoder:
        sizes |= {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4}
    else:
        groups = config.num_attention_heads // config.num_key_value_heads
        sizes |= {"hidden_size": 16 * groups, "intermediate_size": 64, "num_hidden_layers": 2, "head_dim": 8}
        sizes |= {"num_attention_heads": 2 * groups, "num_key_value_heads": 2}
        sizes |= {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 0, "max_position_embeddings": 256}
    fields = {name: value for name, value in config.to_dict().items() if name not in ("layer_types", "model_type")}
    if config.model_type in ("t5", "mt5"):
        fields["tie_word_embeddings"] = config.feed_forward_proj == "relu"
    return type(config)(**fields | sizes)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("*.json")))
def test_every_family_learns_by_every_strategy(name: str, strategy: str) -> None:
    settings = STRATEGIES[strategy]
    torch.manual_seed(0)
    model = applied(model_from_config(shrunken(bundled_config(name))).eval(), settings)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.01)
    first = loss_of(model, settings)
    first.backward()
    optimizer.step()
    assert loss_of(model, settings) < first
    changed = {name for name, parameter in model.named_parameters() if not torch.equal(parameter, before[name])}
    meant = {name for name in before if is_trained_by(strategy, name)}
    assert changed <= meant
    # A LoRA's A gets no gradient while its B is zero.
    unmoved = {name for name in meant - changed if ".lora_A." not in name}
    assert unmoved == set()
    assert {parameter.dtype for parameter in trained} == {torch.float32}


def is_trained_by(strategy: str, parameter: str) -> bool:
    if strategy == "full":
        return True
    return ".lora_" in parameter if strategy == "lora" else parameter.startswith("prompt_encoder.")


def test_lora_adds_to_every_linear_layer_but_the_head() -> None:
    def targets(kind: Kind) -> list[str]:
        return applied(tiny_model(kind), LORA).active_peft_config.target_modules

    causal = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
    assert sorted(targets("llama")) == sorted(targets("qwen3")) == causal
    assert sorted(targets("t5")) == ["k", "o", "q", "v", "wi", "wo"]
    assert sorted(targets("flan-t5")) == ["k", "o", "q", "v", "wi_0", "wi_1", "wo"]


def test_lora_starts_as_the_model_it_is_added_to() -> None:
    for kind in KINDS:
        added = loss_of(applied(tiny_model(kind), LORA), LORA)
        torch.testing.assert_close(added, loss_of(tiny_model(kind), LORA), rtol=1e-6, atol=0)


def test_lora_s_options_reach_peft() -> None:
    lora = LoraSettings(rank=4, alpha=6, dropout=0.25, rslora=True, dora=True)
    model = applied(tiny_model("llama"), TrainSettings(tasks=["a"], lora=lora))
    config = model.active_peft_config
    assert (config.r, config.lora_alpha, config.lora_dropout) == (4, 6, 0.25)
    layer = model.base_model.model.model.layers[0].self_attn.q_proj
    assert layer.scaling["default"] == 6 / 4**0.5
    assert any("lora_magnitude_vector" in name for name, _ in model.named_parameters())


@pytest.mark.parametrize("settings", [LORA, PROMPT, PROMPTS])
@pytest.mark.parametrize("text", [TEXT, None])
def test_equal_seeds_give_equal_beginnings(settings: TrainSettings, text: str | None) -> None:
    import msgspec

    torch.manual_seed(7)
    state = torch.get_rng_state()
    first = trainable(applied(tiny_model("qwen2"), settings, text))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(8)
    again = trainable(applied(tiny_model("qwen2"), settings, text))
    assert all(torch.equal(again[name], tensor) for name, tensor in first.items())
    if settings.method == "lora" or text is None:
        other = trainable(applied(tiny_model("qwen2"), msgspec.structs.replace(settings, seed=1), text))
        assert any(not torch.equal(other[name], tensor) for name, tensor in first.items())


def trainable(model: Any) -> dict[str, Any]:
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("kind", ["llama", "t5"])
@pytest.mark.parametrize("tokens", [2, 9])
def test_a_soft_prompt_starts_as_its_text(kind: Kind, tokens: int) -> None:
    ids = tiny_tokenizer(kind).encode(TEXT, add_special_tokens=False)
    wanted = tiny_model(kind).get_input_embeddings().weight[(ids * tokens)[:tokens]]
    for tasks in (["a"], ["a", "b"]):
        settings = TrainSettings(method="prompt", tasks=tasks, prompt=PromptSettings(tokens=tokens))
        model = applied(tiny_model(kind), settings)
        task_ids = torch.tensor([1]) if len(tasks) > 1 else None
        assert torch.equal(model.get_prompt(batch_size=1, task_ids=task_ids)[0], wanted)


def test_the_settings_text_goes_before_the_tasks_instructions() -> None:
    settings = TrainSettings(method="prompt", tasks=["a"], prompt=PromptSettings(tokens=3, text="cash"))
    model = applied(tiny_model("llama"), settings, text="transfer")
    first = tiny_tokenizer("llama").encode("cash")[0]
    wanted = tiny_model("llama").get_input_embeddings().weight[first]
    assert torch.equal(model.prompt_encoder["default"].embedding.weight[0], wanted)


def test_tasks_part_once_they_are_trained_apart() -> None:
    model = applied(tiny_model("llama"), PROMPTS)
    ids = torch.tensor([[7, 8, 9]])
    model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids, task_ids=torch.tensor([1])).loss.backward()
    gradient = model.prompt_encoder["default"].prefix_task_rows.grad
    assert gradient[1].abs().sum() > 0
    assert gradient[0].abs().sum() == gradient[2].abs().sum() == 0


@pytest.mark.parametrize(("settings", "takes"), [(FULL, False), (LORA, False), (PROMPT, False), (PROMPTS, True)])
def test_who_takes_task_ids(settings: TrainSettings, takes: bool) -> None:
    assert takes_task_ids(settings) is takes


def test_full_finetuning_of_a_bf16_model_is_in_fp32() -> None:
    model = applied(tiny_model("llama").to(torch.bfloat16), FULL)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_adapters_of_a_bf16_model_are_in_fp32() -> None:
    for settings in (LORA, PROMPT, PROMPTS):
        model = applied(tiny_model("llama").to(torch.bfloat16), settings)
        assert {parameter.dtype for parameter in trainable(model).values()} == {torch.float32}


@pytest.mark.parametrize("kind", ["llama", "t5"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_checkpointing_changes_no_gradient(kind: Kind, strategy: str) -> None:
    def gradients(checkpointed: bool) -> dict[str, Any]:
        model = applied(tiny_model(kind), STRATEGIES[strategy]).train()
        if checkpointed:
            enable_checkpointing(model)
            assert any(getattr(module, "gradient_checkpointing", False) for module in model.modules())
        loss_of(model, STRATEGIES[strategy]).backward()
        return {name: parameter.grad for name, parameter in trainable(model).items()}

    plain = gradients(False)
    for name, gradient in gradients(True).items():
        torch.testing.assert_close(gradient, plain[name], rtol=1e-5, atol=1e-7)
