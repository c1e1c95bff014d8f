"""Fake tensors allocate what real ones do, and layers add up."""

import msgspec
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from support.students.tiny_models import tiny_config, tiny_model  # noqa: E402
from tunesmith.optim.finetune.base_models.loading import model_from_config  # noqa: E402
from tunesmith.optim.finetune.forecast.allocations import AllocationWatch  # noqa: E402
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes, sample_rows  # noqa: E402
from tunesmith.optim.finetune.forecast.simulation import (  # noqa: E402
    activations_of,
    simulate,
    weights_of,
    with_layers,
)
from tunesmith.optim.finetune.forecast.step import Step, largest_step  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402
from tunesmith.optim.finetune.strategies.apply import apply_method, enable_checkpointing  # noqa: E402
from tunesmith.optim.finetune.training.loss_module import TargetLoss  # noqa: E402
from tunesmith.protocol.student import Architecture  # noqa: E402

pytestmark = pytest.mark.finetune

SIZES = RowSizes(count=50, prompt_tokens=40, longest_prompt=48, target_tokens=8, shared_prefix=30)
CAUSAL, SEQ2SEQ = ("llama", "qwen3"), ("t5", "flan-t5")
CASES = [(kind, method) for kind in CAUSAL + SEQ2SEQ for method in ("full", "lora", "prompt")]


class OneToken:
    def encode(self, text, add_special_tokens):
        return [0]


def settings_of(method, **changes):
    return TrainSettings(method=method, tasks=["one"], **changes)


def step_of(kind, settings, is_bf16=False):
    architecture: Architecture = "seq2seq" if kind in SEQ2SEQ else "causal"
    dtype = torch.bfloat16 if is_bf16 and settings.method != "full" else torch.float32
    step = largest_step(SIZES, settings, architecture, dtype)
    if architecture == "causal":
        return step
    # Of two lengths: where all are of one, an encoder that can look at its mask leaves it out.
    rows = sample_rows(4, prompt=48, target=8, shared=0) + sample_rows(4, prompt=40, target=8, shared=0)
    return msgspec.structs.replace(step, batches=step.layout.plan(rows))


def really_allocated(config, settings, step: Step, is_bf16):
    """The peak beside weights and gradients with real tensors."""
    model = model_from_config(config)
    if is_bf16 and settings.method != "full":
        model = model.to(torch.bfloat16)
    architecture: Architecture = "seq2seq" if config.is_encoder_decoder else "causal"
    model = apply_method(model, settings, architecture=architecture, prompt_text="-", tokenizer=OneToken())
    if settings.activation_checkpointing:
        enable_checkpointing(model)
    model.train()
    watch = AllocationWatch()
    for weight in model.parameters():
        watch.add(weight)
        if weight.requires_grad:
            weight.grad = torch.zeros_like(weight)
            watch.add(weight.grad)
    for buffer in model.buffers():
        watch.add(buffer)
    before = watch.live
    with watch:
        batch = step.build(step.largest(), torch.device("cpu"))
        with torch.autocast("cpu", torch.bfloat16, enabled=is_bf16):
            loss = TargetLoss(model)(batch.inputs, batch.predictors, batch.labels)
        loss.backward()
    return watch.peak - before


@pytest.mark.parametrize(("kind", "method"), CASES)
def test_fake_tensors_allocate_what_real_ones_do(kind, method):
    settings = settings_of(method)
    step = step_of(kind, settings)
    predicted = activations_of(tiny_config(kind), settings, step, is_bf16=False).peak
    assert predicted == pytest.approx(really_allocated(tiny_config(kind), settings, step, False), rel=0.001)


@pytest.mark.parametrize(
    ("changes", "is_bf16"), [({}, True), ({"activation_checkpointing": True}, False), ({"packing": "off"}, False)]
)
@pytest.mark.parametrize("method", ["full", "lora"])
def test_so_they_do_whatever_it_is_computed_in(method, changes, is_bf16):
    settings = settings_of(method, **changes)
    step = step_of("llama", settings, is_bf16)
    predicted = activations_of(tiny_config("llama"), settings, step, is_bf16=is_bf16).peak
    assert predicted == pytest.approx(really_allocated(tiny_config("llama"), settings, step, is_bf16), rel=0.01)


@pytest.mark.parametrize(("kind", "method"), [("llama", "full"), ("qwen3", "lora"), ("t5", "full"), ("t5", "lora")])
def test_a_deep_model_follows_from_shallow_ones(kind, method):
    config, settings = with_layers(tiny_config(kind), 7), settings_of(method)
    step = step_of(kind, settings)
    whole = simulate(config, settings, step, is_bf16=False, autocast=False)
    extrapolated = activations_of(config, settings, step, is_bf16=False)
    assert extrapolated.peak == whole.peak
    assert extrapolated.allocated == whole.allocated


@pytest.mark.parametrize(("kind", "method"), CASES)
@pytest.mark.parametrize("tasks", [["one"], ["one", "two"]])
def test_weights_are_those_of_the_model_with_its_method(kind, method, tasks):
    settings = msgspec.structs.replace(settings_of(method), tasks=tasks)
    architecture: Architecture = "seq2seq" if kind in SEQ2SEQ else "causal"
    model = apply_method(tiny_model(kind), settings, architecture=architecture, prompt_text="-", tokenizer=OneToken())
    weights = weights_of(tiny_config(kind), settings, is_bf16=False)
    trained = [weight.numel() for weight in model.parameters() if weight.requires_grad]
    assert weights.trainable == sum(trained)
    assert weights.parameters == sum(weight.numel() for weight in model.parameters())
    assert weights.trainable_bytes == 4 * sum(trained)
    assert weights.largest_trainable_bytes == 4 * max(trained)


def test_frozen_weights_are_halved_in_bf16():
    full, half = (weights_of(tiny_config("llama"), settings_of("lora"), is_bf16=is_bf16) for is_bf16 in (False, True))
    assert half.frozen_bytes * 2 == full.frozen_bytes
    assert half.trainable_bytes == full.trainable_bytes


def test_packed_rows_are_simulated_packed():
    step = step_of("llama", settings_of("lora"))
    assert step.is_packed
    # Eight rows behind one prefix of 30; the last target token of each is not read.
    assert step.tokens == 30 + 8 * (48 - 30 + 8 - 1)
    assert not step_of("llama", settings_of("lora", packing="off")).is_packed
    assert not step_of("llama", settings_of("prompt")).is_packed
