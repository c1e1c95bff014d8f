import json
from pathlib import Path

import pytest

from tunesmith.optim.finetune.base_models.identifying import identify
from tunesmith.optim.finetune.errors import FinetuneError, ModelUnknown
from tunesmith.protocol.errors import ModelMissing
from tunesmith.protocol.models import MODELS, MODELS_VARIABLE


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path / "fetched"))
    return tmp_path


@pytest.mark.parametrize("name", ["google/flan-t5-small", "meta-llama/Llama-3.2-1B", "t5-11b", "gpt2", "a_b/c.d-e"])
def test_ids_of_the_hub(here: Path, name: str) -> None:
    source = identify(name)
    assert (source.name, source.kind, source.path) == (name, "hub", None)


@pytest.mark.parametrize(
    "name", ["", "flan-t5-small", "a/b/c", "/a/b", "../a", "google/", "https://example.org/x", "google/flan t5"]
)
def test_what_is_no_model(here: Path, name: str) -> None:
    with pytest.raises(ModelUnknown, match=r"is no model.*local/smollm2-135m.*Give a folder with config\.json"):
        identify(name) if name else identify("nothing")


def test_a_local_model_that_was_fetched(here: Path) -> None:
    file = here / "fetched" / MODELS["smollm2-135m"].file
    file.parent.mkdir()
    with file.open("wb") as opened:
        opened.truncate(MODELS["smollm2-135m"].size)
    source = identify("local/smollm2-135m")
    assert (source.name, source.kind, source.path) == ("local/smollm2-135m", "gguf", str(file.resolve()))


def test_a_local_model_that_was_not_fetched(here: Path) -> None:
    with pytest.raises(ModelMissing, match="tunesmith model pull smollm2-135m"):
        identify("local/smollm2-135m")


def test_an_unknown_local_model_is_no_id_of_the_hub(here: Path) -> None:
    with pytest.raises(ModelUnknown, match="'local/gpt-5' is no model"):
        identify("local/gpt-5")


def test_a_gguf_file_by_its_content(here: Path) -> None:
    (here / "some.gguf").write_bytes(b"GGUF\x03\x00")
    assert identify("some.gguf").path == str((here / "some.gguf").resolve())
    (here / "other.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(FinetuneError, match="is a file, and no GGUF"):
        identify("other.gguf")


def test_a_folder_goes_before_an_id_of_the_hub(here: Path) -> None:
    folder = here / "google" / "flan-t5-small"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    source = identify("google/flan-t5-small")
    assert (source.kind, source.path) == ("folder", str(folder.resolve()))


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("student.json", "is a finetuned student, not a model to start from.*`source` in"),
        ("adapter_config.json", "holds an adapter, not a model"),
        ("README.md", r"is a folder without config\.json"),
    ],
)
def test_folders_that_are_something_else(here: Path, file: str, message: str) -> None:
    (here / "folder").mkdir()
    (here / "folder" / file).write_text(json.dumps({}))
    with pytest.raises(FinetuneError, match=message):
        identify("folder")
