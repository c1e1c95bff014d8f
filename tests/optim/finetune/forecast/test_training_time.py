"""Operations counted by hand, and what time follows from them."""

import msgspec
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from support.students.tiny_models import tiny_config  # noqa: E402
from tunesmith.optim.finetune.base_models.bundled import bundled_config  # noqa: E402
from tunesmith.optim.finetune.base_models.description import description_of  # noqa: E402
from tunesmith.optim.finetune.batching.encoding import Encoded  # noqa: E402
from tunesmith.optim.finetune.forecast.flops import forward_flops, training_flops  # noqa: E402
from tunesmith.optim.finetune.forecast.hardware import HARDWARE, Hardware  # noqa: E402
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes, measure_rows  # noqa: E402
from tunesmith.optim.finetune.forecast.serving_speed import queries_per_second  # noqa: E402
from tunesmith.optim.finetune.forecast.step import usual_step  # noqa: E402
from tunesmith.optim.finetune.forecast.training_time import step_seconds, training_time  # noqa: E402
from tunesmith.optim.finetune.forecast.workload import measure_workload  # noqa: E402
from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402

pytestmark = pytest.mark.finetune

SIZES = RowSizes(count=100, prompt_tokens=40, longest_prompt=48, target_tokens=8, shared_prefix=30)
# Of the tiny Llama: queries and outputs 64 x 64, keys and values 64 x 32, three products of 64 x 128; two layers.
BODY = 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128)
HEAD = 64 * 512
ADAPTERS = 2 * 16 * (2 * (64 + 64) + 2 * (64 + 32) + 3 * (64 + 128))
FLAT = Hardware(
    name="flat",
    device="cpu",
    memory_bytes=1,
    flops=1e9,
    bytes_per_second=1e18,
    is_bf16=False,
    usd_per_hour=None,
    basis="",
)


def counted(kind, count, **changes):
    settings = TrainSettings(tasks=["one"], **changes)
    description = description_of(tiny_config(kind))
    return count(description, settings, usual_step(SIZES, settings, description.architecture, torch.float32))


def attention(pairs, times):
    """Scores and weighted sums of four heads of 16, in two layers."""
    return times * 2 * 2 * 64 * 2 * pairs


# Eight rows of 40 + 8: side by side 8 · 48 tokens, or behind one prefix 30 + 8 · 17.
@pytest.mark.parametrize(
    ("settings", "flops"),
    [
        ({"method": "full", "packing": "off"}, 6 * (BODY * 384 + HEAD * 64) + attention(8 * 48**2 / 2, 3.5)),
        ({"method": "full"}, 6 * (BODY * 166 + HEAD * 64) + attention(166**2, 3.5)),
        ({"method": "lora"}, 4 * (BODY * 166 + HEAD * 64) + 6 * ADAPTERS * 166 + attention(166**2, 3.5)),
        ({"method": "prompt"}, 4 * (BODY * 8 * 68 + HEAD * 64) + attention(8 * 68**2 / 2, 3.5)),
        (
            {"method": "full", "activation_checkpointing": True},
            8 * BODY * 166 + 6 * HEAD * 64 + attention(166**2, 4.5),
        ),
    ],
)
def test_operations_of_a_causal_step(settings, flops):
    assert counted("llama", training_flops, **settings) == pytest.approx(flops)


def test_scoring_goes_forward_only():
    flops = 2 * (BODY * 384 + HEAD * 64) + attention(8 * 48**2 / 2, 1)
    assert counted("llama", forward_flops, method="full", packing="off") == pytest.approx(flops)


def test_operations_of_an_encoder_and_a_decoder():
    # Each layer: four products of 64 x 64 for attention, two of 64 x 128; the decoder has two attentions, and keys and
    # values of the second are made of the encoder's tokens.
    attend, feed = 4 * 64 * 64, 2 * 64 * 128
    source, target = 8 * 40, 8 * 8
    encoder = 2 * (attend + feed) * source
    decoder = 2 * (attend + feed + attend // 2) * target + 2 * (attend // 2) * source
    pairs = 8 * (40**2 + 8 * (40 + 8))
    head = 64 * 320 * 64
    flops = 6 * (encoder + decoder + head) + attention(pairs, 3.5)
    assert counted("t5", training_flops, method="full") == pytest.approx(flops)


def load(**settings):
    config = tiny_config("llama")
    return measure_workload(
        config, description_of(config), TrainSettings(tasks=["one"], **settings), SIZES, is_bf16=False
    )


def test_time_is_products_and_passes_times_steps():
    work = load(method="lora", epochs=2)
    assert work.steps == 2 * 13
    step = work.flops / (1e9 * 0.8) + 2 * 0.3e-3
    assert step_seconds(work, FLAT, 1) == pytest.approx(step)
    assert training_time(work, FLAT).mean == pytest.approx(12 + 26 * step)
    scored = training_time(work, FLAT, dev_rows=16).mean - training_time(work, FLAT).mean
    assert scored == pytest.approx(10 * 2 * step * work.scoring_flops / work.flops)


def test_an_interval_holds_its_mean():
    time = training_time(load(method="full"), HARDWARE["RTX 3090"])
    assert 0 < time.low < time.mean < time.high
    assert "39 steps of 166 tokens" in time.basis


def test_memory_traffic_and_updates_take_time():
    work = load(method="full")
    slow = msgspec.structs.replace(FLAT, bytes_per_second=1e9)
    traffic = (work.allocated_bytes * 3.0 + 28 * work.weights.trainable) / 1e9
    assert step_seconds(work, slow, 1) - step_seconds(work, FLAT, 1) == pytest.approx(traffic, rel=1e-3)


def test_better_cards_are_faster():
    work = load(method="full")
    cards = [HARDWARE[name] for name in ("RTX 3060", "RTX 3090", "A100 40GB", "H100 80GB")]
    times = [training_time(work, card).mean for card in cards]
    assert times == sorted(times, reverse=True)


def test_better_hardware_answers_faster():
    description = description_of(bundled_config("t5-base"))
    names = ("8-core CPU", "RTX 3060", "RTX 3090", "A100 40GB", "H100 80GB")
    speeds = [queries_per_second(description, SIZES, HARDWARE[name]) for name in names]
    assert speeds == sorted(set(speeds))


def test_rows_are_measured():
    rows = [Encoded([1, 2, 3, 4 + row], [9] * (1 + row % 2), 0) for row in range(20)]
    rows += [Encoded([7, 7], [9], 1)]
    sizes = measure_rows(rows)
    # Twenty rows share three tokens; the one of the other task shares all it has.
    assert sizes == RowSizes(count=21, prompt_tokens=4, longest_prompt=4, target_tokens=1, shared_prefix=62 // 21)
    with pytest.raises(ValueError, match="no rows"):
        measure_rows([])
