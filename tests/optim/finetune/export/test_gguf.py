"""GGUF files of students: read back by transformers, and computed by llama.cpp."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")
gguf = pytest.importorskip("gguf")

from support.students.tiny_students import train_settings  # noqa: E402
from tunesmith.optim.adapters.messages import Message  # noqa: E402
from tunesmith.optim.finetune.base_models.identifying import identify  # noqa: E402
from tunesmith.optim.finetune.base_models.loading import load_model, load_tokenizer  # noqa: E402
from tunesmith.optim.finetune.export.export import export_student  # noqa: E402
from tunesmith.optim.finetune.export.gguf import interleaved  # noqa: E402
from tunesmith.optim.finetune.serving.asks import Ask  # noqa: E402
from tunesmith.optim.finetune.serving.backends import backend_of  # noqa: E402
from tunesmith.optim.finetune.serving.opening import served_student  # noqa: E402
from tunesmith.optim.finetune.serving.torch_models import _with_tensors_of, base_model  # noqa: E402
from tunesmith.optim.finetune.strategies.apply import apply_method  # noqa: E402
from tunesmith.optim.finetune.strategies.weights import save_weights, weights_fingerprint  # noqa: E402
from tunesmith.protocol.student import (  # noqa: E402
    TOKENIZER,
    ModelSource,
    Student,
    write_student,
)

pytestmark = pytest.mark.finetune


def test_rows_are_ordered_for_neighbouring_rotations() -> None:
    rows = np.arange(8, dtype=np.float32)[:, None]
    assert interleaved(rows, 1)[:, 0].tolist() == [0, 4, 1, 5, 2, 6, 3, 7]
    assert interleaved(rows, 2)[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


@pytest.mark.model
@pytest.mark.timeout(900)  # the model is read from GGUF three times
def test_the_embedded_models_student_speaks_alike_everywhere(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    torch.set_num_threads(1)
    source = identify("local/smollm2-135m")
    folder = student_of(source, tmp_path)
    written = export_student(folder, "gguf") / "student.gguf"

    source_fields, fields = gguf.GGUFReader(source.path).fields, gguf.GGUFReader(written).fields
    for name in ("tokenizer.chat_template", "tokenizer.ggml.tokens", "tokenizer.ggml.merges", "llama.rope.freq_base"):
        assert fields[name].contents() == source_fields[name].contents()

    torch_backend, llama_backend = (backend_of(served_student(folder, engine)[1]) for engine in ("torch", "llama"))
    system = Message(role="system", content="Answer in one short sentence.")
    question = Message(role="user", content="What is the capital of France?")
    ask = Ask(messages=[system, question], max_tokens=6)
    one, two = torch_backend.answer(ask), llama_backend.answer(ask)
    assert (one.text, one.finish, one.prompt_tokens) == (two.text, two.finish, two.prompt_tokens)

    back = load_model(ModelSource(name=str(written), kind="gguf", path=str(written)))
    student = torch_backend._model  # type: ignore[attr-defined]
    ids = torch.tensor([load_tokenizer(source)("The capital of France is Paris, and").input_ids])
    with torch.no_grad():
        expected, found = student(ids).logits, back(ids).logits
        assert (expected - found).norm() < 0.1 * expected.norm()
        for name in ("q_proj", "k_proj", "v_proj"):
            layer = getattr(student.model.layers[3].self_attn, name)
            learned = layer.get_delta_weight("default")
            read = getattr(back.model.layers[3].self_attn, name).weight
            # Eight bits a weight move it less than training did; without what was learned it would be 1 and more.
            assert (read - layer.base_layer.weight - learned).norm() < 0.9 * learned.norm()


def student_of(source: ModelSource, folder: Path) -> Path:
    model, tokenizer = _with_tensors_of(base_model(source)), load_tokenizer(source)
    settings = train_settings("lora", ["predict"])
    model = apply_method(model, settings, architecture="causal", prompt_text=None, tokenizer=tokenizer)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.02)
    weights = save_weights(model, folder / "student", settings)
    tokenizer.save_pretrained(folder / "student" / TOKENIZER)
    manifest = Student(
        source=source,
        architecture="causal",
        method="lora",
        tasks=["predict"],
        weights=weights,
        max_new_tokens=24,
        fingerprint=weights_fingerprint(folder / "student"),
        created=0.0,
    )
    write_student(folder / "student", manifest)
    return folder / "student"
