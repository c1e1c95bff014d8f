"""What other programs get answers what the student answers."""

import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from support.students.tiny_models import Kind, tiny_tokenizer  # noqa: E402
from support.students.tiny_students import architecture_of, tiny_student  # noqa: E402
from tunesmith.optim.adapters.messages import Message  # noqa: E402
from tunesmith.optim.finetune.errors import ExportRefused, FinetuneError, StudentMissing  # noqa: E402
from tunesmith.optim.finetune.export.__main__ import main  # noqa: E402
from tunesmith.optim.finetune.export.export import export_student  # noqa: E402
from tunesmith.optim.finetune.export.formats import Format, exported  # noqa: E402
from tunesmith.optim.finetune.serving.asks import Ask  # noqa: E402
from tunesmith.optim.finetune.serving.backends import backend_of  # noqa: E402
from tunesmith.optim.finetune.serving.opening import served_student  # noqa: E402
from tunesmith.protocol.student import Method, read_student  # noqa: E402

pytestmark = pytest.mark.finetune

ASKS = [
    Ask(messages=[Message(role="system", content="label it"), Message(role="user", content=text)], max_tokens=9)
    for text in ("a card", "where is my balance?", "the list of names, yes")
]


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def answers(folder: Path, engine: str) -> list[str]:
    backend = backend_of(served_student(folder, engine)[1])
    return [backend.answer(ask).text for ask in ASKS]


@pytest.mark.parametrize(("kind", "method"), [("llama", "lora"), ("qwen3", "full"), ("t5", "lora"), ("mt5", "full")])
def test_a_merged_folder_is_the_same_model(tmp_path: Path, kind: Kind, method: Method) -> None:
    import transformers

    folder, student = tiny_student(tmp_path, kind, method)
    merged = export_student(folder, "hf")
    is_causal = architecture_of(kind) == "causal"
    family = transformers.AutoModelForCausalLM if is_causal else transformers.AutoModelForSeq2SeqLM
    model = family.from_pretrained(merged)
    ids = torch.tensor([tiny_tokenizer(kind)("the label of the card").input_ids])
    decoder = {} if is_causal else {"decoder_input_ids": torch.tensor([[0, 5, 6]])}
    with torch.no_grad():
        torch.testing.assert_close(model(ids, **decoder).logits, student(ids, **decoder).logits, atol=1e-3, rtol=1e-4)
    assert model.generation_config.eos_token_id == [2 if is_causal else 1]
    assert not list(merged.glob("*.bin"))
    assert transformers.AutoTokenizer.from_pretrained(merged).get_vocab() == tiny_tokenizer(kind).get_vocab()


@pytest.mark.parametrize(("kind", "method"), [("t5", "lora"), ("flan-t5", "full"), ("mt5", "lora"), ("qwen2", "lora")])
def test_ctranslate2_computes_the_same_model(
    tmp_path: Path, kind: Kind, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    converters = pytest.importorskip("ctranslate2.converters")
    convert = converters.TransformersConverter.convert

    def in_full(self: Any, output: str, *, quantization: str, force: bool) -> Any:
        # Eight bits change a random model's answers; all else about the way must change nothing.
        assert quantization == "int8"
        return convert(self, output, quantization="float32", force=force)

    monkeypatch.setattr(converters.TransformersConverter, "convert", in_full)
    folder, _ = tiny_student(tmp_path, kind, method)
    export_student(folder, "ctranslate2")
    said = answers(folder, "ctranslate2")
    assert said == answers(folder, "torch")
    assert len(set(said)) > 1


def test_ctranslate2_samples_stops_and_batches(tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2")
    folder, _ = tiny_student(tmp_path, "llama", "lora")
    export_student(folder, "ctranslate2")
    assert (folder / "exports" / "ctranslate2" / "model.bin").stat().st_size < 200_000
    backend = backend_of(served_student(folder, "auto")[1])
    messages = ASKS[0].messages

    drawn = {backend.answer(Ask(messages=messages, max_tokens=9, temperature=3.0)).text for _ in range(5)}
    assert len(drawn) > 1
    whole = backend.answer(ASKS[0])
    cut = backend.answer(Ask(messages=messages, max_tokens=9, stop=[whole.text[3:5]]))
    assert (cut.text, cut.finish) == (whole.text[: whole.text.index(whole.text[3:5])], "stop")
    assert backend.answer(Ask(messages=messages, max_tokens=2)).completion_tokens == 2


def test_an_export_of_other_weights_is_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ctranslate2")
    one, two = (tiny_student(tmp_path, "llama", "lora", seed=seed)[0] for seed in (1, 2))
    export_student(one, "ctranslate2")
    assert served_student(one, "auto")[1].engine == "ctranslate2"
    assert served_student(one, "torch")[1].engine == "torch"
    with monkeypatch.context() as without:
        without.setattr("tunesmith.optim.finetune.serving.opening.find_spec", lambda name: None)
        assert served_student(one, "auto")[1].engine == "torch"
    shutil.copytree(two / "adapter", one / "adapter", dirs_exist_ok=True)
    shutil.copy(two / "student.json", one / "student.json")
    assert served_student(one, "auto")[1].engine == "torch"
    with pytest.raises(FinetuneError, match="no ctranslate2 export of its present weights"):
        served_student(one, "ctranslate2")


@pytest.mark.parametrize("format_", ["hf", "ctranslate2", "gguf"])
def test_a_soft_prompt_is_refused(tmp_path: Path, format_: Format) -> None:
    folder, _ = tiny_student(tmp_path, "t5", "prompt")
    with pytest.raises(ExportRefused, match="model serve"):
        export_student(folder, format_)
    assert exported(folder, format_, read_student(folder).fingerprint) is None
    assert not list((folder / "exports").iterdir())


def test_gguf_needs_a_gguf_source(tmp_path: Path) -> None:
    folder, _ = tiny_student(tmp_path, "llama", "lora")
    with pytest.raises(ExportRefused, match="Export it as `hf`"):
        export_student(folder, "gguf")


def test_a_family_that_ctranslate2_does_not_know_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converters = pytest.importorskip("ctranslate2.converters.transformers")
    monkeypatch.delitem(converters._MODEL_LOADERS, "LlamaConfig")
    folder, _ = tiny_student(tmp_path, "llama", "lora")
    with pytest.raises(ExportRefused, match="No conversion is registered"):
        export_student(folder, "ctranslate2")


def test_an_export_elsewhere_overwrites_nothing(tmp_path: Path) -> None:
    folder, _ = tiny_student(tmp_path, "llama", "full")
    out = tmp_path / "out"
    assert export_student(folder, "hf", out) == out
    assert (out / "config.json").is_file()
    with pytest.raises(FinetuneError, match="is no empty folder"):
        export_student(folder, "hf", out)
    assert export_student(folder, "hf") == export_student(folder, "hf") == folder / "exports" / "hf"


def test_the_command_prints_the_place_or_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, _ = tiny_student(tmp_path, "t5", "full")
    assert main([str(folder), "--format", "hf"]) == 0
    assert capsys.readouterr().out == f"{folder / 'exports' / 'hf'}\n"
    assert main([str(tmp_path / "none"), "--format", "hf"]) == 1
    assert "no such folder" in capsys.readouterr().err


def test_a_damaged_student_is_not_exported(tmp_path: Path) -> None:
    folder, _ = tiny_student(tmp_path, "llama", "lora")
    (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"x")
    with pytest.raises(StudentMissing):
        export_student(folder, "hf")
