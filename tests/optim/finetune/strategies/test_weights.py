import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.students.tiny_models import Kind, tiny_model, tiny_model_folder, tiny_tokenizer

pytestmark = pytest.mark.finetune
torch = pytest.importorskip("torch")
pytest.importorskip("peft")
from safetensors.torch import load_file, save_file  # noqa: E402

from tunesmith.optim.finetune.base_models.loading import (  # noqa: E402
    architecture_of,
    load_model,
    model_from_config,
)
from tunesmith.optim.finetune.errors import StudentMissing  # noqa: E402
from tunesmith.optim.finetune.settings import LoraSettings, PromptSettings, TrainSettings  # noqa: E402
from tunesmith.optim.finetune.strategies.apply import apply_method, takes_task_ids  # noqa: E402
from tunesmith.optim.finetune.strategies.weights import (  # noqa: E402
    attach_weights,
    save_weights,
    weights_fingerprint,
)
from tunesmith.protocol.student import ModelSource  # noqa: E402

FULL = TrainSettings(method="full", tasks=["a"])
LORA = TrainSettings(method="lora", tasks=["a"], lora=LoraSettings(rank=2))
DORA = TrainSettings(method="lora", tasks=["a"], lora=LoraSettings(rank=2, dora=True, rslora=True))
PROMPT = TrainSettings(method="prompt", tasks=["a"], prompt=PromptSettings(tokens=3))
PROMPTS = TrainSettings(method="prompt", tasks=["a", "b"], prompt=PromptSettings(tokens=3))
STRATEGIES = {"full": FULL, "lora": LORA, "dora": DORA, "prompt": PROMPT, "multitask prompt": PROMPTS}


def trained(model: Any, settings: TrainSettings, seed: int = 1) -> Any:
    """As training would leave it: everything that trains has moved."""
    architecture = architecture_of(model.config, "tiny")
    tokenizer = tiny_tokenizer("t5" if architecture == "seq2seq" else "llama")
    model = apply_method(model, settings, architecture=architecture, prompt_text="card", tokenizer=tokenizer)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
    return model.eval()


@torch.no_grad()
def loss_of(model: Any, settings: TrainSettings) -> float:
    ids = torch.tensor([[7, 8, 9, 10], [11, 12, 13, 14]])
    inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}
    if takes_task_ids(settings):
        inputs["task_ids"] = torch.tensor([0, 1])
    return float(model(**inputs).loss)


@pytest.mark.parametrize("kind", ["llama", "smollm", "qwen2", "t5", "flan-t5", "mt5"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_was_saved_comes_back(tmp_path: Path, kind: Kind, strategy: str) -> None:
    settings = STRATEGIES[strategy]
    model = trained(tiny_model(kind), settings)
    kept = save_weights(model, tmp_path, settings)
    assert kept == ("model" if settings.method == "full" else "adapter")
    student = attach_weights(None if kept == "model" else tiny_model(kind), tmp_path)
    assert not student.training
    assert loss_of(student, settings) == loss_of(model, settings) != loss_of(tiny_model(kind), FULL)
    assert sorted(path.suffix for path in tmp_path.rglob("*.*")) in (
        [".json", ".safetensors"],
        [".json", ".json", ".safetensors"],
    )


def test_a_complete_model_takes_the_place_of_the_base(tmp_path: Path) -> None:
    model = trained(tiny_model("llama"), FULL)
    save_weights(model, tmp_path, FULL)
    base = tiny_model("llama")
    student = attach_weights(base, tmp_path)
    assert student is not base
    assert loss_of(student, FULL) == loss_of(model, FULL)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_path_of_this_machine_is_saved(tmp_path: Path, strategy: str) -> None:
    folder = tiny_model_folder(tmp_path / "base", "llama")
    model = load_model(ModelSource(name="some/tiny", kind="folder", path=str(folder)))
    student = tmp_path / "student"
    save_weights(trained(model, STRATEGIES[strategy]), student, STRATEGIES[strategy])
    for file in student.rglob("*.json"):
        assert str(tmp_path) not in file.read_text()
    for file in student.rglob("adapter_config.json"):
        assert json.loads(file.read_text())["base_model_name_or_path"] == "some/tiny"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_equal_weights_give_equal_files(tmp_path: Path, strategy: str) -> None:
    settings = STRATEGIES[strategy]
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        save_weights(trained(tiny_model("t5"), settings, seed), tmp_path / name, settings)
    first, again, other = (contents(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again
    assert first.keys() == other.keys()
    prints = [weights_fingerprint(tmp_path / name) for name in ("first", "again", "other")]
    assert prints[0] == prints[1] != prints[2]
    assert all(len(fingerprint) == 64 for fingerprint in prints)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_targets_are_in_an_order_that_is_the_same_everywhere(tmp_path: Path) -> None:
    save_weights(trained(tiny_model("t5"), LORA), tmp_path, LORA)
    targets = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())["target_modules"]
    assert targets == ["k", "o", "q", "v", "wi", "wo"]


@pytest.mark.parametrize("strategy", ["lora", "prompt"])
def test_peft_itself_reads_an_adapter(tmp_path: Path, strategy: str) -> None:
    import peft

    settings = STRATEGIES[strategy]
    model = trained(tiny_model("llama"), settings)
    save_weights(model, tmp_path, settings)
    loaded = peft.PeftModel.from_pretrained(tiny_model("llama"), str(tmp_path / "adapter")).eval()
    assert loss_of(loaded, settings) == loss_of(model, settings)


def edit(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def on_disk(folder: Path) -> None:
        file = next(folder.rglob("*.safetensors"))
        tensors = load_file(file)
        change(tensors)
        save_file(tensors, file, metadata={"format": "pt"})

    return on_disk


def drop_one(tensors: dict[str, Any]) -> None:
    del tensors[min(tensors)]


def add_one(tensors: dict[str, Any]) -> None:
    tensors["base_model.model.lm_head.lora_A.weight"] = torch.zeros(2, 64)


def widen_one(tensors: dict[str, Any]) -> None:
    name = min(tensors)
    tensors[name] = torch.cat([tensors[name], tensors[name]], dim=-1)


def tear(folder: Path) -> None:
    file = next(folder.rglob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:100])


def remove(pattern: str) -> Callable[[Path], None]:
    return lambda folder: next(folder.rglob(pattern)).unlink()


@pytest.mark.parametrize(
    ("strategy", "damage", "message"),
    [
        ("lora", edit(drop_one), "1 tensors are missing, such as base_model"),
        ("prompt", edit(drop_one), "1 tensors are missing, such as prompt_embeddings"),
        ("multitask prompt", edit(drop_one), "1 tensors are missing, such as prefix_task_cols"),
        ("full", edit(drop_one), "lacks 1 of its tensors"),
        ("lora", edit(add_one), r"1 tensors belong to another model, such as base_model\.model\.lm_head"),
        ("lora", edit(widen_one), "1 tensors fit another model"),
        ("prompt", edit(widen_one), "1 tensors fit another model"),
        ("full", edit(widen_one), "cannot be read as a model"),
        ("lora", tear, "its adapter cannot be read"),
        ("full", tear, "cannot be read as a model"),
        ("lora", remove("*.safetensors"), "its adapter cannot be read: .*adapter_model.safetensors"),
        ("lora", remove("adapter_config.json"), "its adapter cannot be read: .*adapter_config.json"),
        ("full", remove("*.safetensors"), "it has no weights as safetensors"),
        ("full", remove("config.json"), "it holds neither a model nor an adapter"),
    ],
)
def test_damaged_students_are_one_sentence(
    tmp_path: Path, strategy: str, damage: Callable[[Path], None], message: str
) -> None:
    settings = STRATEGIES[strategy]
    save_weights(trained(tiny_model("llama"), settings), tmp_path, settings)
    damage(tmp_path)
    with pytest.raises(StudentMissing, match=message) as raised:
        attach_weights(tiny_model("llama"), tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [("lora", "tensors are missing"), ("prompt", "its prompt is 64 wide, and the model 32")],
)
def test_an_adapter_of_another_model(tmp_path: Path, strategy: str, message: str) -> None:
    settings = STRATEGIES[strategy]
    save_weights(trained(tiny_model("llama"), settings), tmp_path, settings)
    config = tiny_model("llama").config
    config.hidden_size, config.num_hidden_layers = 32, 3
    with pytest.raises(StudentMissing, match=message):
        attach_weights(model_from_config(config), tmp_path)


def test_an_adapter_without_its_model(tmp_path: Path) -> None:
    save_weights(trained(tiny_model("llama"), LORA), tmp_path, LORA)
    with pytest.raises(StudentMissing, match="the model it belongs to is not loaded"):
        attach_weights(None, tmp_path)


def test_an_adapter_is_never_unpickled(tmp_path: Path) -> None:
    save_weights(trained(tiny_model("llama"), LORA), tmp_path, LORA)
    file = tmp_path / "adapter" / "adapter_model.safetensors"
    torch.save(load_file(file), tmp_path / "adapter" / "adapter_model.bin")
    file.unlink()
    with pytest.raises(StudentMissing, match="its adapter cannot be read"):
        attach_weights(tiny_model("llama"), tmp_path)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(StudentMissing, match="neither a model nor an adapter"):
        attach_weights(None, tmp_path / "gone")
    with pytest.raises(StudentMissing, match="it holds no weights"):
        weights_fingerprint(tmp_path / "gone")
