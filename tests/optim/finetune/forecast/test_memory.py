"""Parts of memory, by hand and against a real training."""

import json
import os
import subprocess
import sys

import msgspec
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from support.students.tiny_models import tiny_config  # noqa: E402
from tunesmith.optim.finetune.base_models.description import description_of  # noqa: E402
from tunesmith.optim.finetune.forecast.memory import serving_memory, training_memory  # noqa: E402
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes  # noqa: E402
from tunesmith.optim.finetune.forecast.workload import measure_workload  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402

pytestmark = pytest.mark.finetune

SIZES = RowSizes(count=50, prompt_tokens=40, longest_prompt=48, target_tokens=8, shared_prefix=30)

REAL_TRAINING = """
import json, sys
import torch, transformers, peft, accelerate
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes
from tunesmith.optim.finetune.forecast.step import largest_step
from tunesmith.optim.finetune.base_models.loading import model_from_config
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies.apply import apply_method
from tunesmith.optim.finetune.training.loss_module import TargetLoss
from tunesmith.optim.finetune.training.device import peak_bytes
from tunesmith.optim.finetune.training.optimizers import make_optimizer
import msgspec

torch.set_num_threads(1)
device = torch.device("cpu")
before = peak_bytes(device)
given = json.loads(sys.argv[1])
settings = msgspec.convert(given["settings"], TrainSettings)
config = transformers.LlamaConfig(**given["config"])
model = model_from_config(config)
model = apply_method(model, settings, architecture="causal", prompt_text=None, tokenizer=None)
loss = TargetLoss(model.train())
optimizer = make_optimizer(loss, settings, 1e-4)
step = largest_step(msgspec.convert(given["sizes"], RowSizes), settings, "causal", torch.float32)
for _ in range(2):
    for planned in step.batches:
        batch = step.build(planned, device)
        loss(batch.inputs, batch.predictors, batch.labels).backward()
    optimizer.step()
    optimizer.zero_grad()
print(json.dumps([before, peak_bytes(device)]))
"""


def workload(kind, sizes=SIZES, is_bf16=False, **changes):
    config = tiny_config(kind)
    settings = TrainSettings(tasks=["one"], **changes)
    return measure_workload(config, description_of(config), settings, sizes, is_bf16=is_bf16)


@pytest.mark.parametrize(
    ("optimizer", "a_parameter"), [("adamw", 8), ("adamw-fused", 8), ("adamw-8bit", 2.1), ("adafactor", 0.1)]
)
def test_states_are_of_what_trains(optimizer, a_parameter):
    load = workload("llama", method="full", optimizer=optimizer)
    memory = training_memory(load, "cuda")
    parameters = description_of(tiny_config("llama")).parameters
    assert memory.bytes_of("weights") == memory.bytes_of("gradients") == 4 * parameters
    assert memory.bytes_of("optimizer") == round(a_parameter * parameters)
    assert memory.total_bytes == sum(part.bytes for part in memory.parts)


def test_adapters_need_gradients_and_states_of_their_own_only():
    load = workload("llama", method="lora")
    description = description_of(tiny_config("llama"))
    adapters = description.lora_parameters(16)
    memory = training_memory(load, "cuda")
    assert memory.bytes_of("gradients") == 4 * adapters
    assert memory.bytes_of("optimizer") == 8 * adapters
    assert memory.bytes_of("weights") == 4 * (description.parameters + adapters)


def test_less_at_once_takes_less():
    sizes = msgspec.structs.replace(SIZES, shared_prefix=0)
    totals = [
        training_memory(workload("llama", sizes, method="lora", **settings), "cuda").total_bytes
        for settings in ({}, {"batch_tokens": 112}, {"batch_tokens": 112, "activation_checkpointing": True})
    ]
    assert totals[0] > totals[1] > totals[2]


def test_gradients_of_one_batch_take_the_place_of_its_activations():
    one = workload("llama", method="full")
    two = msgspec.structs.replace(one, most_batches=2)
    assert training_memory(one, "cpu").bytes_of("activations") <= training_memory(two, "cpu").bytes_of("activations")


def test_loading_can_be_the_most_there_is():
    description = msgspec.structs.replace(description_of(tiny_config("llama")), parameters=1_000_000_000)
    load = msgspec.structs.replace(workload("llama", method="prompt"), description=description)
    on_cpu = training_memory(load, "cpu")
    assert on_cpu.total_bytes == on_cpu.bytes_of("process") + 6_000_000_000
    assert training_memory(load, "cuda").bytes_of("before training") == 0


@pytest.mark.parametrize(("kind", "times"), [("llama", 1), ("t5", 2)])
def test_serving_keeps_keys_and_values(kind, times):
    description = description_of(tiny_config(kind))
    memory = serving_memory(description, "cuda", rows=3, tokens=10)
    # Two layers; Llama has 2 heads of keys and values, T5 has 4; 16 wide; in bf16.
    heads = 2 if kind == "llama" else 4
    assert memory.bytes_of("keys and values") == times * 2 * 2 * (3 * 10) * heads * 16 * 2
    assert memory.bytes_of("weights") == 2 * description.parameters
    assert memory.bytes_of("logits") == 4 * 3 * description.vocabulary


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_real_training_takes_what_was_estimated(method, monkeypatch):
    if not os.path.exists("/proc/self/status"):  # noqa: PTH110
        pytest.skip("no peak of a process that started small is known here")
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "262144")
    shape = {
        "vocab_size": 8000,
        "hidden_size": 256,
        "intermediate_size": 704,
        "num_hidden_layers": 6,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "tie_word_embeddings": True,
    }
    sizes = RowSizes(count=50, prompt_tokens=200, longest_prompt=200, target_tokens=24)
    settings = TrainSettings(method=method, tasks=["one"], batch_tokens=1024)
    given = {"config": shape, "sizes": msgspec.to_builtins(sizes), "settings": msgspec.to_builtins(settings)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", REAL_TRAINING, json.dumps(given)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    before, peak = json.loads(done.stdout.splitlines()[-1])

    from transformers import LlamaConfig

    config = LlamaConfig(**shape)
    load = measure_workload(config, description_of(config, "small"), settings, sizes, is_bf16=False)
    memory = training_memory(load, "cpu")
    # What imports take differs between builds of torch; the rest is what is estimated.
    assert memory.total_bytes - memory.bytes_of("process") == pytest.approx(peak - before, rel=0.15)
