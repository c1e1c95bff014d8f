"""From names to LMs, and what a user is told when a local one is not ready."""

from pathlib import Path

import dspy
import pytest

from tunesmith.optim.adapters import takes_engines
from tunesmith.optim.local_lms.resolve import resolve_lm
from tunesmith.protocol.errors import ModelMissing, UnknownModel
from tunesmith.protocol.models import MODELS, fetched_path, is_fetched, model_path, models_dir

MODEL = MODELS["smollm2-135m"]


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path))
    return tmp_path


def test_any_other_name_is_dspys() -> None:
    lm = resolve_lm("openai/gpt-4o-mini", temperature=0.5)
    assert isinstance(lm, dspy.LM)
    assert (lm.model, lm.kwargs["temperature"]) == ("openai/gpt-4o-mini", 0.5)
    assert not getattr(lm, "is_local", False)


def test_unknown_and_missing_models_name_the_next_step(models: Path) -> None:
    with pytest.raises(UnknownModel, match=r"Known: smollm2-135m"):
        resolve_lm("local/gpt-9")
    with pytest.raises(ModelMissing, match=r"Run `tunesmith model pull smollm2-135m` \(93 MB, once\)"):
        resolve_lm("local/smollm2-135m")


def test_a_torn_file_counts_as_missing(models: Path) -> None:
    model_path(MODEL).write_bytes(b"GGUF")
    assert not is_fetched(MODEL)
    with pytest.raises(ModelMissing):
        fetched_path(MODEL)


@pytest.mark.skipif(not takes_engines(), reason="this dspy has no engine seam")
def test_a_local_lm_starts_nothing_until_it_is_called(models: Path) -> None:
    with model_path(MODEL).open("wb") as file:
        file.truncate(MODEL.size)  # not a model: loading it would fail
    lm = resolve_lm("local/smollm2-135m", max_tokens=9)
    assert lm.is_local
    assert lm.copy(temperature=1.0).is_local
    assert (lm.kwargs["temperature"], lm.kwargs["max_tokens"]) == (0.0, 9)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"TUNESMITH_MODELS": "/m"}, "/m"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/tunesmith/models"),
        ("linux", {}, "/home/me/.local/share/tunesmith/models"),
        ("darwin", {}, "/home/me/Library/Application Support/tunesmith/models"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/tunesmith/models"),
    ],
)
def test_models_folder(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], expected: str
) -> None:
    for name in ("TUNESMITH_MODELS", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    monkeypatch.setattr("sys.platform", platform)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert models_dir() == Path(expected)
