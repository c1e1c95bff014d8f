import platform
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tunesmith.optim.finetune.settings import TrainSettings  # noqa: E402
from tunesmith.optim.finetune.training.device import computes_in_bf16  # noqa: E402

pytestmark = pytest.mark.finetune


@pytest.mark.parametrize(
    ("precision", "method", "has_cuda", "has_fast_bf16", "expected"),
    [
        ("fp32", "full", True, True, False),
        ("bf16", "lora", False, False, True),
        ("auto", "lora", True, True, True),
        ("auto", "lora", True, False, False),
        ("auto", "full", False, True, True),
        ("auto", "full", False, False, False),
        ("auto", "lora", False, True, False),
    ],
)
def test_bf16_where_it_pays(
    monkeypatch: pytest.MonkeyPatch,
    precision: Any,
    method: Any,
    has_cuda: bool,
    has_fast_bf16: bool,
    expected: bool,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: has_fast_bf16)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: has_fast_bf16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert computes_in_bf16(TrainSettings(tasks=["a"], method=method, precision=precision)) is expected
