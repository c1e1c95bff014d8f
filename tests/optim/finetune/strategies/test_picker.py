import pytest

from tunesmith.optim.finetune.base_models.description import LinearModule, ModelDescription
from tunesmith.optim.finetune.errors import MemoryTooSmall
from tunesmith.optim.finetune.strategies.picker import pick_strategy, strategy_warnings
from tunesmith.protocol.student import Method

GB = 1_000_000_000


def model(parameters: float) -> ModelDescription:
    return ModelDescription(
        name="a model",
        architecture="causal",
        model_type="llama",
        parameters=int(parameters),
        embedding_parameters=0,
        head_parameters=0,
        layers=1,
        encoder_layers=0,
        hidden=100,
        feed_forward=400,
        heads=1,
        kv_heads=1,
        head_width=100,
        vocabulary=100,
        is_tied=True,
        context=None,
        linears=[LinearModule("q", 30_000, 32_500)],
    )


def needs(full: float, lora: float, prompt: float) -> dict[Method, int]:
    return {"full": int(full * GB), "lora": int(lora * GB), "prompt": int(prompt * GB)}


SMALL = needs(2, 1, 0.9)


@pytest.mark.parametrize(
    ("parameters", "rows", "tasks", "free", "method", "multitask"),
    [
        (135e6, 100, 1, 16, "lora", False),
        (135e6, 999, 1, 16, "lora", False),
        (135e6, 1000, 1, 16, "full", False),
        (135e6, 5000, 1, 1.9, "lora", False),
        (135e6, 5000, 1, 2.0, "full", False),
        (135e6, 5000, 1, 0.95, "prompt", False),
        (7e9, 5000, 1, 16, "lora", False),
        (7e9, 5000, 1, 0.9, "prompt", False),
        (135e6, 599, 2, 16, "lora", True),
        (135e6, 600, 2, 16, "lora", False),
        (135e6, 3000, 2, 16, "full", True),
        (7e9, 6000, 2, 16, "lora", False),
    ],
)
def test_what_is_picked(parameters: float, rows: int, tasks: int, free: float, method: Method, multitask: bool) -> None:
    pick = pick_strategy(model(parameters), rows=rows, tasks=tasks, memory=SMALL, free_bytes=int(free * GB))
    assert (pick.method, pick.multitask) == (method, multitask)


def test_lora_is_explained() -> None:
    pick = pick_strategy(model(135e6), rows=96, tasks=3, memory=SMALL.__getitem__, free_bytes=6 * GB)
    assert pick.why == [
        "LoRA: 1.0M parameters are trained beside the 135.0M of a model, on every linear layer.",
        "Full finetuning wants about 1,000 rows, and there are 96.",
        "It needs about 1.0 GB of the 6.0 GB free on this machine.",
        "One student for all 3 predictors: about 32 rows each are few alone.",
    ]
    assert pick.warnings == []


def test_what_memory_forbids_is_explained() -> None:
    pick = pick_strategy(model(135e6), rows=5000, tasks=1, memory=needs(4, 2, 0.5), free_bytes=GB, where="an RTX 3060")
    assert pick.why == [
        "Prompt tuning: a few input vectors are trained, and none of the 135.0M parameters.",
        "Full finetuning would need about 4.0 GB, more than the 1.0 GB free on an RTX 3060.",
        "LoRA would need about 2.0 GB, more than the 1.0 GB free on an RTX 3060.",
        "It needs about 500 MB of the 1.0 GB free on an RTX 3060.",
    ]
    assert len(pick.warnings) == 1


def test_nothing_fits() -> None:
    with pytest.raises(MemoryTooSmall, match=r"Finetuning a model needs about 0\.9 GB, and this machine has 0\.5 GB"):
        pick_strategy(model(135e6), rows=100, tasks=1, memory=SMALL, free_bytes=GB // 2)


@pytest.mark.parametrize("free", [0.9, 0.95, 1.0, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("rows", [10, 1000])
@pytest.mark.parametrize("memory", [SMALL, needs(0.8, 2, 2), needs(3, 0.5, 2), needs(0.9, 3, 0.9)])
def test_nothing_is_picked_that_does_not_fit(memory: dict[Method, int], rows: int, free: float) -> None:
    pick = pick_strategy(model(135e6), rows=rows, tasks=1, memory=memory, free_bytes=int(free * GB))
    assert memory[pick.method] <= free * GB


@pytest.mark.parametrize(
    ("parameters", "method", "rows", "tasks", "warnings"),
    [
        (135e6, "lora", 50, 1, []),
        (135e6, "lora", 49, 1, ["49 training rows are few"]),
        (135e6, "prompt", 200, 1, ["Prompt tuning is weak on models below about 3.0B parameters"]),
        (2.99e9, "prompt", 200, 1, ["a model has 3.0B. Prefer LoRA"]),
        (135e6, "prompt", 200, 2, ["has 135.0M, though prompts that tasks share do better than plain ones. Prefer"]),
        (3e9, "prompt", 200, 1, []),
        (135e6, "prompt", 3, 1, ["try `--optimizer bootstrap-fewshot`", "Prompt tuning is weak"]),
        (135e6, "full", 1000, 1, []),
        (135e6, "full", 120, 1, ["wants about 1,000 rows, and there are 120. Prefer LoRA."]),
        (7e9, "full", 5000, 1, ["Full finetuning of 7.0B parameters gains little over LoRA. Prefer LoRA."]),
    ],
)
def test_warnings_of_what_was_asked_for(
    parameters: float, method: Method, rows: int, tasks: int, warnings: list[str]
) -> None:
    found = strategy_warnings(model(parameters), method, rows=rows, tasks=tasks)
    assert len(found) == len(warnings)
    for text, part in zip(found, warnings, strict=True):
        assert part in text
