"""A training step on tensors without memory: the trainer's own modules run, and what they allocate is added up.

What is seen is exact: the same operators allocate the same storages with real tensors (tested). Models are cut to two
and three layers, and the rest follows, because every layer more allocates the same.
"""

import copy
import functools
from typing import Any

import torch
from msgspec import Struct
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from tunesmith.optim.finetune.base_models import architecture_of, model_from_config
from tunesmith.optim.finetune.forecast.allocations import AllocationWatch
from tunesmith.optim.finetune.forecast.step import Step
from tunesmith.optim.finetune.settings import TrainSettings
from tunesmith.optim.finetune.strategies import apply_method, enable_checkpointing
from tunesmith.optim.finetune.training import TargetLoss, without_wrapper

LAYER_FIELDS = ("num_hidden_layers", "num_decoder_layers", "encoder_layers", "decoder_layers")
SIMULATED_LAYERS = (2, 3)
ATTENTION = "tunesmith_sized"


class Weights(Struct, frozen=True, kw_only=True):
    """Of a model with a method applied."""

    parameters: int
    trainable: int
    frozen_bytes: int
    trainable_bytes: int
    largest_trainable_bytes: int


class Activations(Struct, frozen=True, kw_only=True):
    """Bytes beside weights and their gradients at the peaks of a step's parts."""

    head: int
    """Forward, and back through the language-model head."""
    top: int
    """Back through the last layer: all other layers' activations are still held."""
    rest: int
    """Back through the rest, down to the embeddings."""
    allocated: int
    """By all operators of the batch together: what moves through memory is a few times that."""

    @property
    def peak(self) -> int:
        """The most of the three."""
        return max(self.head, self.top, self.rest)


def weights_of(config: Any, settings: TrainSettings, *, is_bf16: bool) -> Weights:
    """Exact: the method is applied to the whole model, on the meta device."""
    model = meta_model(config, settings, is_bf16=is_bf16)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    frozen = [weight for weight in model.parameters() if not weight.requires_grad]
    return Weights(
        parameters=sum(weight.numel() for weight in [*trained, *frozen]),
        trainable=sum(weight.numel() for weight in trained),
        frozen_bytes=_bytes(frozen),
        trainable_bytes=_bytes(trained),
        largest_trainable_bytes=max(map(_size, trained)),
    )


def activations_of(
    config: Any, settings: TrainSettings, step: Step, *, is_bf16: bool, autocast: bool | None = None
) -> Activations:
    """Of the step's largest batch, gradients of an earlier batch being there. `autocast` None: as in training."""
    autocast = is_bf16 if autocast is None else autocast
    layers = layers_of(config)
    few, more = SIMULATED_LAYERS
    if max(layers.values()) <= more:
        return simulate(config, settings, step, is_bf16=is_bf16, autocast=autocast)
    parts = [
        simulate(with_layers(config, count), settings, step, is_bf16=is_bf16, autocast=autocast)
        for count in SIMULATED_LAYERS
    ]
    further = max(layers.values()) - more
    low, high = ([part.head, part.top, part.rest, part.allocated] for part in parts)
    head, top, rest, allocated = (
        after + further * (after - before) // (more - few) for before, after in zip(low, high, strict=True)
    )
    return Activations(head=head, top=top, rest=rest, allocated=allocated)


def meta_model(config: Any, settings: TrainSettings, *, is_bf16: bool) -> Any:
    """The model as the trainer builds it, on the meta device."""
    with torch.device("meta"):
        model = model_from_config(config)
        if is_bf16 and settings.method != "full":
            model = model.to(torch.bfloat16)
        return apply_method(
            model,
            settings,
            architecture=architecture_of(config, config.name_or_path or config.model_type),
            prompt_text="-",
            tokenizer=_OneToken(),
        )


def layers_of(config: Any) -> dict[str, int]:
    """Fields of the configuration that count layers."""
    text = config.get_text_config()
    return {name: int(getattr(text, name)) for name in LAYER_FIELDS if getattr(text, name, None)}


def with_layers(config: Any, count: int) -> Any:
    """The same model with so many layers, in encoder and decoder each."""
    cut = copy.deepcopy(config)
    text = cut.get_text_config()
    for name in layers_of(cut):
        setattr(text, name, count)
    if kinds := getattr(text, "layer_types", None):
        text.layer_types = [kinds[number % len(kinds)] for number in range(count)]
    return cut


def with_fake_memory(model: nn.Module) -> None:
    """Weights and buffers of a model on the meta device become fake ones on the CPU, ties kept.

    To be called in `FakeTensorMode`.
    """
    made: dict[int, Any] = {}
    for module in model.modules():
        for owned in (module._parameters, module._buffers):
            for name, tensor in owned.items():
                if tensor is None:
                    continue
                if id(tensor) not in made:
                    empty = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
                    is_weight = isinstance(tensor, nn.Parameter)
                    made[id(tensor)] = nn.Parameter(empty, tensor.requires_grad) if is_weight else empty
                owned[name] = made[id(tensor)]
    soft_prompts: dict[str, Any] = getattr(model, "prompt_tokens", {})  # peft's, no buffers
    for name, ids in soft_prompts.items():
        soft_prompts[name] = torch.zeros(ids.shape, dtype=ids.dtype)


def simulate(config: Any, settings: TrainSettings, step: Step, *, is_bf16: bool, autocast: bool) -> Activations:
    """All layers, one by one."""
    model = meta_model(_with_plain_attention(config), settings, is_bf16=is_bf16)
    with FakeTensorMode():
        with_fake_memory(model)
        if settings.activation_checkpointing:
            enable_checkpointing(model)
        model.train()
        watch = AllocationWatch()
        for weight in model.parameters():
            watch.add(weight)
            if weight.requires_grad:
                weight.grad = torch.empty_like(weight)
                watch.add(weight.grad)
        for buffer in model.buffers():
            watch.add(buffer)
        before, earlier = watch.live, watch.allocated
        _mark_backward(model, watch)
        with watch:
            batch = step.build(step.largest(), torch.device("cpu"))
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                loss = TargetLoss(model)(batch.inputs, batch.predictors, batch.labels)
            loss.backward()
        watch.mark("rest")
    # Where nothing below asks for gradients, the way back ends early.
    head, top = (watch.peaks.get(name, watch.peaks["rest"]) for name in ("head", "top"))
    return Activations(
        head=head - before,
        top=top - before,
        rest=watch.peaks["rest"] - before,
        allocated=watch.allocated - earlier,
    )


def _mark_backward(model: nn.Module, watch: AllocationWatch) -> None:
    """Marks when the gradient leaves the head, and when it leaves the last layer of the decoder."""
    decoder = without_wrapper(model).get_decoder()
    stacks = [module for module in decoder.modules() if isinstance(module, nn.ModuleList) and len(module) > 0]

    def mark(name: str, tensor: torch.Tensor) -> None:
        if tensor.requires_grad:
            tensor.register_hook(lambda _: watch.mark(name))

    def left_decoder(module: nn.Module, args: Any, output: Any) -> None:
        mark("head", output.last_hidden_state)

    def entered_layer(module: nn.Module, args: Any, kwargs: Any) -> None:
        mark("top", args[0] if args else kwargs["hidden_states"])

    decoder.register_forward_hook(left_decoder)
    if stacks:
        stacks[0][-1].register_forward_pre_hook(entered_layer, with_kwargs=True)


def _with_plain_attention(config: Any) -> Any:
    """The configuration with an attention that needs no mask where the real one needs none.

    transformers builds masks for fake tensors that it leaves out for real ones, whose values it can look at.
    """
    _register_attention()
    plain = copy.deepcopy(config)
    plain._attn_implementation = ATTENTION
    return plain


@functools.cache
def _register_attention() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import sdpa_mask

    def mask(*args: Any, attention_mask: Any = None, local_size: int | None = None, **kwargs: Any) -> Any:
        if attention_mask is None and local_size is None:
            return None
        return sdpa_mask(*args, attention_mask=attention_mask, local_size=local_size, **kwargs)

    AttentionInterface.register(ATTENTION, sdpa_attention_forward)
    AttentionMaskInterface.register(ATTENTION, mask)


def _bytes(weights: list[nn.Parameter]) -> int:
    return sum(map(_size, weights))


def _size(weight: nn.Parameter) -> int:
    return int(weight.numel() * weight.element_size())


class _OneToken:
    """Stands in for a tokenizer: a soft prompt's length counts here, not its text."""

    def encode(self, text: str, add_special_tokens: bool) -> list[int]:
        return [0]
