import pytest

from support.students.tiny_models import CAUSAL_KINDS, SEQ2SEQ_KINDS, Kind, tiny_model, tiny_model_folder

pytestmark = pytest.mark.finetune
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from tunesmith.optim.finetune.base_models.bundled import CONFIGS, HUB_IDS, bundled_config, config_of  # noqa: E402
from tunesmith.optim.finetune.base_models.description import description_of  # noqa: E402
from tunesmith.optim.finetune.base_models.identifying import identify  # noqa: E402
from tunesmith.optim.finetune.errors import ModelUnsupported  # noqa: E402
from tunesmith.protocol.student import ModelSource  # noqa: E402

PUBLISHED = {
    "t5-small": 60_506_624,
    "t5-base": 222_903_552,
    "t5-large": 737_668_096,
    "t5-3b": 2_851_598_336,
    "t5-11b": 11_307_321_344,
    "flan-t5-small": 76_961_152,
    "flan-t5-base": 247_577_856,
    "flan-t5-large": 783_150_080,
    "flan-t5-xl": 2_849_757_184,
    "flan-t5-xxl": 11_135_332_352,
    "mt5-small": 300_176_768,
    "mt5-base": 582_401_280,
    "llama-2-7b": 6_738_415_616,
    "llama-2-13b": 13_015_864_320,
    "llama-3.1-8b": 8_030_261_248,
    "llama-3.2-1b": 1_235_814_400,
    "llama-3.2-3b": 3_212_749_824,
    "qwen2.5-0.5b": 494_032_768,
    "qwen2.5-1.5b": 1_543_714_304,
    "qwen2.5-7b": 7_615_616_512,
    "qwen3-0.6b": 596_049_920,
    "smollm2-135m": 134_515_008,
    "smollm2-360m": 361_821_120,
    "smollm2-1.7b": 1_711_376_384,
}
"""Parameters as the hub counts them in the published weight files, a tied head once."""


def test_every_bundled_configuration_is_checked() -> None:
    assert {path.stem for path in CONFIGS.glob("*.json")} == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_the_published_ones(name: str) -> None:
    assert description_of(bundled_config(name)).parameters == PUBLISHED[name]


def test_t5_11b_in_numbers() -> None:
    found = description_of(bundled_config("t5-11b"))
    assert (found.name, found.architecture, found.model_type) == ("t5-11b", "seq2seq", "t5")
    assert (found.layers, found.encoder_layers, found.hidden, found.feed_forward) == (24, 24, 1024, 65536)
    assert (found.heads, found.kv_heads, found.head_width) == (128, 128, 128)
    assert (found.vocabulary, found.is_tied, found.head_parameters, found.context) == (32128, True, 0, None)
    # 24 encoder layers of q, k, v, o, wi, wo, 24 decoder layers with cross-attention.
    assert len(found.linears) == 24 * 6 + 24 * 10


def test_llama_2_13b_in_numbers() -> None:
    found = description_of(bundled_config("llama-2-13b"))
    assert (found.architecture, found.model_type, found.context) == ("causal", "llama", 4096)
    assert (found.layers, found.encoder_layers, found.hidden, found.feed_forward) == (40, 0, 5120, 13824)
    assert found.embedding_parameters == found.head_parameters == 32000 * 5120
    assert not found.is_tied
    assert len(found.linears) == 40 * 7


def test_grouped_attention_and_wide_heads() -> None:
    found = description_of(bundled_config("qwen3-0.6b"))
    assert (found.heads, found.kv_heads, found.head_width, found.hidden) == (16, 8, 128, 1024)


@pytest.mark.parametrize("name", ["flan-t5-base", "mt5-small"])
def test_t5_of_version_1_1_has_a_head_of_its_own(name: str) -> None:
    found = description_of(bundled_config(name))
    assert found.head_parameters == found.embedding_parameters > 0
    assert not found.is_tied


@pytest.mark.parametrize("kind", [*CAUSAL_KINDS, *SEQ2SEQ_KINDS])
def test_a_description_is_what_loading_gives(tmp_path, kind: Kind) -> None:
    source = identify(str(tiny_model_folder(tmp_path, kind)))
    found = description_of(config_of(source), source.name)
    model = tiny_model(kind)
    assert found.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert found.is_tied == (model.lm_head.weight is model.get_input_embeddings().weight)
    assert found.architecture == ("causal" if kind in CAUSAL_KINDS else "seq2seq")


def test_lora_parameters_are_peft_s() -> None:
    from tunesmith.optim.finetune.settings import LoraSettings, TrainSettings
    from tunesmith.optim.finetune.strategies.apply import apply_method

    for kind in (*CAUSAL_KINDS, *SEQ2SEQ_KINDS):
        model = tiny_model(kind)
        found = description_of(model.config)
        settings = TrainSettings(method="lora", tasks=["a"], lora=LoraSettings(rank=3))
        adapted = apply_method(model, settings, architecture=found.architecture, prompt_text=None, tokenizer=None)
        trained = sum(parameter.numel() for parameter in adapted.parameters() if parameter.requires_grad)
        assert trained == found.lora_parameters(3)


def test_gpt2_s_transposed_layers() -> None:
    config = transformers.GPT2Config(n_embd=48, n_layer=2, n_head=4, vocab_size=100)
    found = description_of(config, "tiny")
    attention = next(linear for linear in found.linears if linear.name.endswith("0.attn.c_attn"))
    assert (attention.inputs, attention.outputs) == (48, 144)
    assert (found.layers, found.feed_forward, found.context, found.name) == (2, 192, 1024, "tiny")


@pytest.mark.parametrize("config", ["BertConfig", "ViTConfig", "WhisperConfig"])
def test_models_that_generate_no_text_are_refused(config: str) -> None:
    with pytest.raises(ModelUnsupported, match=r"tiny is a \w+ model.*neither a causal nor a sequence-to-sequence"):
        description_of(getattr(transformers, config)(), "tiny")


def test_well_known_models_of_the_hub_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: pytest.fail("asked the hub"))
    source = ModelSource(name="google/flan-t5-base", kind="hub")
    found = description_of(config_of(source), source.name)
    assert (found.name, found.parameters) == ("google/flan-t5-base", PUBLISHED["flan-t5-base"])


def test_ids_of_the_hub_name_configurations_that_are_there() -> None:
    assert set(HUB_IDS.values()) == {path.stem for path in CONFIGS.glob("*.json")}
