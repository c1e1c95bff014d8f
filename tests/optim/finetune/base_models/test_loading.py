import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from support.students.tiny_models import (
    CAUSAL_KINDS,
    SEQ2SEQ_KINDS,
    Kind,
    tiny_model,
    tiny_model_folder,
    tiny_tokenizer,
)

pytestmark = pytest.mark.finetune
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
from safetensors.torch import load_file, save_file  # noqa: E402

from tunesmith.optim.finetune.base_models.identifying import identify  # noqa: E402
from tunesmith.optim.finetune.base_models.loading import load_config, load_model, load_tokenizer  # noqa: E402
from tunesmith.optim.finetune.errors import ExtraMissing, FinetuneError, ModelUnsupported  # noqa: E402
from tunesmith.protocol.student import ModelSource  # noqa: E402


@pytest.mark.parametrize("kind", [*CAUSAL_KINDS, *SEQ2SEQ_KINDS])
def test_a_folder_gives_the_same_weights_and_words(tmp_path: Path, kind: Kind) -> None:
    source = identify(str(tiny_model_folder(tmp_path, kind)))
    model, saved = load_model(source), tiny_model(kind)
    assert not model.training
    assert model.state_dict().keys() == saved.state_dict().keys()
    for name, tensor in saved.state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor), name
    text = "the answer is card"
    assert load_tokenizer(source)(text)["input_ids"] == tiny_tokenizer(kind)(text)["input_ids"]


def test_a_bf16_folder_is_loaded_in_fp32_unless_told(tmp_path: Path) -> None:
    tiny_model("llama").to(torch.bfloat16).save_pretrained(tmp_path)
    source = identify(str(tmp_path))
    assert {parameter.dtype for parameter in load_model(source).parameters()} == {torch.float32}
    assert {parameter.dtype for parameter in load_model(source, dtype="bfloat16").parameters()} == {torch.bfloat16}


def test_a_model_knows_itself_by_the_user_s_name(tmp_path: Path) -> None:
    folder = tiny_model_folder(tmp_path, "llama")
    model = load_model(ModelSource(name="mine", kind="folder", path=str(folder)))
    assert model.name_or_path == "mine"
    assert model.config.name_or_path == "mine"


def test_a_pad_token_is_one_the_model_has(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(identify(str(tiny_model_folder(tmp_path, "llama"))))
    assert tokenizer.pad_token == tokenizer.eos_token == "<|im_end|>"
    assert len(tokenizer) == len(tiny_tokenizer("llama"))


def test_a_pad_token_that_is_there_stays(tmp_path: Path) -> None:
    assert load_tokenizer(identify(str(tiny_model_folder(tmp_path, "t5")))).pad_token == "<pad>"


def test_nothing_of_transformers_state_changes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from transformers.utils import logging as transformers_logging

    logger = logging.getLogger("transformers")
    source = identify(str(tiny_model_folder(tmp_path, "flan-t5")))
    before = (logger.level, transformers_logging.is_progress_bar_enabled(), torch.get_rng_state().tolist())
    capfd.readouterr()
    load_model(source)
    assert capfd.readouterr() == ("", "")
    assert before == (logger.level, transformers_logging.is_progress_bar_enabled(), torch.get_rng_state().tolist())


def edit_config(folder: Path, **fields: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | fields))


def drop_head(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    del tensors["lm_head.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def only_a_pickle(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (drop_head, r"lacks 1 of its tensors, such as lm_head\.weight"),
        (only_a_pickle, "cannot be read as a model: it has no weights as safetensors, and no other format is loaded"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"torn"), "cannot be read as a model"),
        (lambda folder: (folder / "config.json").write_text("{"), "cannot be read as a model: .*config.json"),
        (lambda folder: edit_config(folder, model_type="unheard-of"), "cannot be read as a model: .*unheard-of"),
        (lambda folder: edit_config(folder, hidden_size=32, head_dim=8), "cannot be read as a model"),
        (
            lambda folder: edit_config(
                folder, model_type="own", auto_map={"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"}
            ),
            "it needs code of its own, which is not run here",
        ),
    ],
)
def test_damaged_folders_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage, message: str
) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: "y")  # what transformers asks a terminal is not asked
    folder = tiny_model_folder(tmp_path, "llama")
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    damage(folder)
    with pytest.raises(FinetuneError, match=message) as raised:
        load_model(identify(str(folder)))
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "ran").exists()


def test_an_encoder_is_refused_before_its_weights_are_read(tmp_path: Path) -> None:
    transformers.BertConfig().save_pretrained(tmp_path)
    with pytest.raises(ModelUnsupported, match="bert model"):
        load_model(identify(str(tmp_path)))


@pytest.mark.parametrize("kind", ["llama", "qwen2", "t5"])
def test_a_folder_without_vocabulary_has_no_tokenizer(tmp_path: Path, kind: Kind) -> None:
    tiny_model(kind).save_pretrained(tmp_path)
    with pytest.raises(FinetuneError, match="cannot be read as a model: "):
        load_tokenizer(identify(str(tmp_path)))


def tiny_gguf(file: Path) -> dict[str, Any]:
    """A Llama of one layer as llama.cpp keeps it; its tensors by GGUF's names."""
    gguf = pytest.importorskip("gguf")
    shapes = {"token_embd": (48, 32), "output_norm": (32,), "output": (48, 32)}
    shapes |= {f"blk.0.{name}": (32, 32) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
    shapes |= {"blk.0.ffn_gate": (64, 32), "blk.0.ffn_up": (64, 32), "blk.0.ffn_down": (32, 64)}
    shapes |= {"blk.0.attn_norm": (32,), "blk.0.ffn_norm": (32,)}
    tensors = {f"{name}.weight": torch.randn(shape).numpy() for name, shape in shapes.items()}
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_vocab_size(48)
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(4)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tensors


def test_a_gguf_gives_a_plain_model_that_can_be_saved(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tensors = tiny_gguf(tmp_path / "tiny.gguf")
    capfd.readouterr()
    model = load_model(identify(str(tmp_path / "tiny.gguf")))
    assert capfd.readouterr() == ("", "")
    assert torch.equal(model.model.embed_tokens.weight, torch.from_numpy(tensors["token_embd.weight"]))
    assert torch.equal(model.lm_head.weight, torch.from_numpy(tensors["output.weight"]))
    model.save_pretrained(tmp_path / "saved")
    saved = load_model(identify(str(tmp_path / "saved")))
    assert all(torch.equal(tensor, model.state_dict()[name]) for name, tensor in saved.state_dict().items())


def test_a_gguf_s_configuration_is_read_again_once_the_file_changed(tmp_path: Path) -> None:
    tiny_gguf(tmp_path / "tiny.gguf")
    source = identify(str(tmp_path / "tiny.gguf"))
    first = load_config(source)
    first.vocab_size = 0  # each caller's own
    assert load_config(source).vocab_size == 48
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    os.utime(tmp_path / "tiny.gguf", ns=(0, 0))
    with pytest.raises(FinetuneError, match="cannot be read as a model"):
        load_config(source)


def test_a_quantized_model_is_refused(tmp_path: Path) -> None:
    folder = tiny_model_folder(tmp_path, "llama")
    edit_config(folder, quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True})
    with pytest.raises(FinetuneError, match="is quantized, and training needs plain weights"):
        load_model(identify(str(folder)))


def test_a_torn_gguf_file(tmp_path: Path) -> None:
    pytest.importorskip("gguf")
    (tmp_path / "torn.gguf").write_bytes(b"GGUF\x03\x00\x00\x00")
    with pytest.raises(FinetuneError, match=r"torn\.gguf cannot be read as a model"):
        load_model(identify(str(tmp_path / "torn.gguf")))


def test_a_missing_module_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_gguf(*_: object, **__: object) -> None:
        raise ImportError("Please install torch and gguf>=0.10.0 to load a GGUF checkpoint in PyTorch.")

    monkeypatch.setattr(transformers.AutoConfig, "from_pretrained", without_gguf)
    with pytest.raises(ExtraMissing, match=r"needs gguf.*pip install 'tunesmith\[finetune\]'"):
        load_config(ModelSource(name="a.gguf", kind="gguf", path=str(tmp_path / "a.gguf")))


@pytest.mark.model
def test_the_embedded_model() -> None:
    source = identify("local/smollm2-135m")
    model, tokenizer = load_model(source), load_tokenizer(source)
    assert sum(parameter.numel() for parameter in model.parameters()) == 134_515_008
    assert model.name_or_path == "local/smollm2-135m"
    assert model.dtype == torch.float32
    ids = tokenizer("The capital of France is", return_tensors="pt")
    reply = model.generate(**ids, max_new_tokens=1, do_sample=False)
    assert tokenizer.decode(reply[0, -1]) == " Paris"
