from random import Random
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from support.students.tiny_models import tiny_model  # noqa: E402
from tunesmith.optim.finetune.batching.batches import BatchLayout, BucketedBatches, shares  # noqa: E402
from tunesmith.optim.finetune.batching.encoding import Encoded  # noqa: E402
from tunesmith.optim.finetune.batching.packed_batches import PackedBatches  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402
from tunesmith.optim.finetune.training.layouts import choose_layout  # noqa: E402
from tunesmith.optim.finetune.training.loss_module import TargetLoss  # noqa: E402
from tunesmith.optim.finetune.training.schedule import Schedule  # noqa: E402
from tunesmith.protocol.student import Architecture  # noqa: E402

pytestmark = pytest.mark.finetune

CPU = torch.device("cpu")


def examples(count: int, *, prefix: int = 0, seed: int = 0) -> list[Encoded]:
    random = Random(seed)
    shared = random.choices(range(5, 90), k=prefix)
    return [
        Encoded(
            shared + random.choices(range(5, 90), k=random.randint(1, 30)),
            random.choices(range(5, 90), k=random.randint(1, 9)),
            number % 2,
        )
        for number in range(count)
    ]


def gradients(model: Any, layout: BatchLayout, rows: list[Encoded]) -> tuple[float, list[Any]]:
    loss = TargetLoss(model)
    model.zero_grad()
    total = 0.0
    for planned in layout.plan(rows):
        batch = layout.build(planned, CPU)
        part = loss(batch.inputs, batch.predictors, batch.labels)
        part.backward()
        total += float(part.detach())
    return total, [weight.grad.clone() for weight in model.parameters()]


def check_same_step(one: tuple[float, list[Any]], other: tuple[float, list[Any]]) -> None:
    assert one[0] == pytest.approx(other[0], rel=1e-5)
    scale = max(float(gradient.abs().max()) for gradient in other[1])
    for mine, theirs in zip(one[1], other[1], strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-4, atol=1e-5 * scale)


@pytest.mark.parametrize("architecture", ["causal", "seq2seq"])
def test_batches_hold_all_within_the_budget(architecture: Any) -> None:
    rows = [*examples(40), Encoded([1] * 500, [2, 3], 0)]
    layout = BucketedBatches(architecture, 120)
    plan = layout.plan(rows)
    assert sorted(map(repr, (one for planned in plan for one in planned.examples))) == sorted(map(repr, rows))
    assert [len(planned.examples) for planned in plan if planned.padded_tokens > 120] == [1]
    assert sum(planned.tokens for planned in plan) == sum(row.tokens for row in rows)
    # Longest first, and so alike within a batch.
    lengths = [one.tokens for planned in plan for one in planned.examples]
    assert lengths == sorted(lengths, reverse=True)
    assert layout.plan(rows[::-1]) == plan
    for planned in plan:
        batch = layout.build(planned, CPU)
        assert batch.target_tokens == len(batch.labels) == len(batch.predictors)
        assert batch.inputs["input_ids"].shape[0] == len(planned.examples)


@pytest.mark.parametrize("kind", ["smollm", "qwen2", "t5"])
def test_a_step_is_the_same_in_any_batches(kind: Any) -> None:
    model, rows = tiny_model(kind), examples(12, prefix=15)
    architecture: Architecture = "seq2seq" if kind == "t5" else "causal"
    alone = gradients(model, BucketedBatches(architecture, 1), rows)
    check_same_step(gradients(model, BucketedBatches(architecture, 150), rows), alone)
    if kind != "t5":
        check_same_step(gradients(model, PackedBatches(150, torch.float32), rows), alone)


@pytest.mark.parametrize("count", [1, 2, 9])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_get_equally_many_batches_and_every_example_once(count: int, processes: int) -> None:
    rows = examples(count)
    plans = shares(rows, BucketedBatches("causal", 60), processes)
    assert len({len(plan) for plan in plans}) == 1
    counted = [one for plan in plans for planned in plan if not planned.is_filler for one in planned.examples]
    assert sorted(map(repr, counted)) == sorted(map(repr, rows))
    assert all(planned.tokens == 0 for plan in plans for planned in plan if planned.is_filler)


@pytest.mark.parametrize(
    ("kind", "method", "packing", "prefix", "says"),
    [
        ("smollm", "full", "auto", 60, "packed behind shared prefixes"),
        ("smollm", "full", "auto", 0, "packing would compute only"),
        ("smollm", "full", "off", 60, "packing is off"),
        ("smollm", "prompt", "auto", 60, "a soft prompt stands before every row"),
        ("t5", "full", "auto", 60, "an encoder-decoder"),
    ],
)
def test_layout_says_what_it_is_and_why(kind: Any, method: Any, packing: Any, prefix: int, says: str) -> None:
    rows = examples(16, prefix=prefix)
    if not prefix:  # without padding to save either
        rows = [Encoded([number + 1] * 20, [1, 2], 0) for number in range(16)]
    settings = TrainSettings(tasks=["a"], method=method, packing=packing)
    schedule = Schedule(examples=16, batch_examples=8, epochs=1, seed=0)
    architecture: Architecture = "seq2seq" if kind == "t5" else "causal"
    bucketed = BucketedBatches(architecture, 2048)
    layout, told = choose_layout(tiny_model(kind), rows, schedule, settings, architecture, bucketed, torch.float32)
    assert says in told
    assert isinstance(layout, PackedBatches if says.startswith("packed") else BucketedBatches)
