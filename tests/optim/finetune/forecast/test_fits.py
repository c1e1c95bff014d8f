"""What fits where a training does not, and memory as containers limit it."""

import msgspec
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from support.students.tiny_models import tiny_config
from tunesmith.optim.finetune.base_models.description import description_of
from tunesmith.optim.finetune.errors import MemoryTooSmall
from tunesmith.optim.finetune.forecast.fits import check_memory, nearest_settings
from tunesmith.optim.finetune.forecast.free_memory import free_memory, memory_limit, total_memory
from tunesmith.optim.finetune.settings import TrainSettings

pytestmark = pytest.mark.finetune

GB = 1_000_000_000
STATES = {"full": 16 * GB, "lora": 2 * GB, "prompt": GB}


def memory(settings):
    activations = settings.batch_tokens * 4_000_000
    return STATES[settings.method] + (activations // 8 if settings.activation_checkpointing else activations)


@pytest.mark.parametrize(
    ("free", "fits"),
    [
        (21, "batch_tokens=1024"),
        (19, "batch_tokens=512"),
        (17.1, "activation_checkpointing=True"),
        (16.6, "batch_tokens=1024 and activation_checkpointing=True"),
        (11, "LoRA (`--strategy lora`)"),
        (5, "LoRA (`--strategy lora`) with batch_tokens=512"),
        (1.3, "prompt tuning (`--strategy prompt`) with batch_tokens=512 and activation_checkpointing=True"),
    ],
)
def test_names_the_nearest_that_fits(free, fits):
    settings = TrainSettings(method="full", tasks=["one"])
    with pytest.raises(MemoryTooSmall) as raised:
        check_memory(description_of(tiny_config("llama"), "tiny"), settings, memory=memory, free_bytes=int(free * GB))
    assert (
        raised.value.message == f"Full finetuning of tiny needs about 24.2 GB, and this machine has {free:.1f} GB free."
    )
    assert raised.value.next_step == f"What fits: {fits}."


def test_says_where_nothing_fits():
    with pytest.raises(MemoryTooSmall, match="Nothing fits: choose a smaller model"):
        check_memory(
            description_of(tiny_config("llama"), "tiny"),
            TrainSettings(method="lora", tasks=["one"]),
            memory=memory,
            free_bytes=GB // 2,
        )


def test_is_silent_where_it_fits():
    settings = TrainSettings(method="lora", tasks=["one"])
    description = description_of(tiny_config("llama"), "tiny")
    check_memory(description, settings, memory=memory, free_bytes=memory(settings))


def test_nearest_settings_change_as_little_as_they_can():
    settings = TrainSettings(method="prompt", tasks=["one"], batch_tokens=600, activation_checkpointing=True)
    found = list(nearest_settings(settings))
    assert [words for _, words in found] == ["batch_tokens=300"]
    assert found[0][0] == msgspec.structs.replace(settings, batch_tokens=300)


@pytest.mark.parametrize(
    ("file", "text", "limit"),
    [
        ("memory.max", "2147483648\n", 1 << 31),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "1073741824\n", 1 << 30),
        ("memory/memory.limit_in_bytes", "9223372036854771712\n", None),
        ("other", "", None),
    ],
)
def test_a_container_limits_memory(tmp_path, file, text, limit):
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert memory_limit(tmp_path) == limit


def test_what_is_free_is_less_than_all():
    pytest.importorskip("psutil")
    assert 0 < free_memory("cpu") < total_memory("cpu")
