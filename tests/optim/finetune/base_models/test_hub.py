from pathlib import Path
from typing import Any

import pytest

from support.students.tiny_models import tiny_model_folder

pytestmark = pytest.mark.finetune
pytest.importorskip("torch")
huggingface_hub = pytest.importorskip("huggingface_hub")
from huggingface_hub import constants, errors  # noqa: E402

from tunesmith.optim.finetune.base_models.hub import from_hub  # noqa: E402
from tunesmith.optim.finetune.base_models.loading import load_config, load_model, load_tokenizer  # noqa: E402
from tunesmith.optim.finetune.errors import ModelOutOfReach  # noqa: E402
from tunesmith.protocol.student import ModelSource  # noqa: E402

TINY = ModelSource(name="some/tiny", kind="hub")


class Response:
    headers: dict[str, str] = {}
    request = None


RESPONSE: Any = Response()
"""As much of one as the hub's errors read."""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return tmp_path


def answer_with(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> list[str]:
    asked: list[str] = []

    def model_info(_: object, name: str, **__: object) -> None:
        asked.append(name)
        if error is not None:
            raise error

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    return asked


def fetched(cache: Path) -> Path:
    """A snapshot of a model as the hub's library keeps it."""
    repository = cache / "models--some--tiny"
    revision = "0123456789abcdef0123456789abcdef01234567"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(revision)
    return tiny_model_folder(repository / "snapshots" / revision, "llama")


def test_what_was_fetched_needs_no_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer_with(monkeypatch, ConnectionError("no network"))
    fetched(cache)
    assert load_config(TINY).hidden_size == 64
    assert load_model(TINY).name_or_path == "some/tiny"
    assert load_tokenizer(TINY).pad_token == "<|im_end|>"
    assert asked == []


def test_a_half_fetched_model_asks_the_network_for_the_rest(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer_with(monkeypatch, ConnectionError("no network"))
    (fetched(cache) / "model.safetensors").unlink()
    with pytest.raises(ModelOutOfReach, match=r"some/tiny cannot be fetched: the hub cannot be reached \(no network\)"):
        load_model(TINY)
    assert asked == ["some/tiny"]


def test_offline_by_choice_asks_nobody(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answer_with(monkeypatch, None)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelOutOfReach, match="never fetched, and HF_HUB_OFFLINE forbids the network"):
        load_config(TINY)
    assert asked == []


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.RepositoryNotFoundError("404 Client Error", response=RESPONSE), "has no model of this name"),
        (errors.HfHubHTTPError("500 Server Error: later.", response=RESPONSE), "the hub answered 500 Server Error"),
        (OSError("[Errno -2] Name or service not known"), r"cannot be reached \(\[Errno -2\] Name or service"),
        (RuntimeError(), r"cannot be reached \(RuntimeError\)"),
    ],
)
def test_why_a_model_is_out_of_reach(
    cache: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    answer_with(monkeypatch, error)
    with pytest.raises(ModelOutOfReach, match=message) as raised:
        load_config(TINY)
    assert "Check the id and the network" in str(raised.value)


def test_the_network_is_asked_once_the_hub_answers(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, None)
    fetched(cache)

    def load(place: str | Path, local_files_only: bool = False) -> str:
        if local_files_only:
            raise OSError("a file is missing")
        return f"{place} from the network"

    assert from_hub("some/tiny", load) == "some/tiny from the network"


def test_a_gated_model_says_how_to_get_in(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_with(monkeypatch, None)

    def load(name: str, **_: object) -> str:
        raise OSError(f"You are trying to access a gated repo.\nMake sure to have access to it at {name}.")

    with pytest.raises(ModelOutOfReach, match=r"asks for consent.*hf auth login"):
        from_hub("meta-llama/Llama-3.2-1B", load)
