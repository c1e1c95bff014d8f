"""A student's manifest: all of it for who loads it, its identity for who shows it, whatever version wrote it."""

import json
from pathlib import Path

import msgspec
import pytest

from tunesmith.protocol.student import (
    ADAPTER,
    MANIFEST,
    ModelSource,
    Student,
    StudentManifest,
    has_weights,
    read_manifest,
    read_student,
    weight_files,
    write_student,
)

STUDENT = Student(
    source=ModelSource(name="local/smollm2-135m", kind="gguf", path="/models/it.gguf"),
    architecture="causal",
    method="lora",
    tasks=["sort"],
    weights="adapter",
    max_new_tokens=24,
    fingerprint="f" * 64,
    created=1.0,
)


def test_both_readers_read_what_is_written(tmp_path: Path) -> None:
    write_student(tmp_path, STUDENT)
    assert read_student(tmp_path) == STUDENT
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert (manifest.source["name"], manifest.method, manifest.tasks) == ("local/smollm2-135m", "lora", ["sort"])
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_the_manifest_is_a_part_of_the_student() -> None:
    assert set(StudentManifest.__struct_fields__) <= set(Student.__struct_fields__)


def test_a_later_version_is_shown_and_not_loaded(tmp_path: Path) -> None:
    written = msgspec.to_builtins(STUDENT) | {"version": 2, "method": "dora", "architecture": "mamba", "new": [1]}
    (tmp_path / MANIFEST).write_text(json.dumps(written), encoding="utf-8")
    assert read_manifest(tmp_path) == StudentManifest(
        source=written["source"], method="dora", tasks=["sort"], weights="adapter", fingerprint="f" * 64
    )
    with pytest.raises(msgspec.ValidationError):
        read_student(tmp_path)


@pytest.mark.parametrize("text", [None, "{", "{}", "\xff"])
def test_what_cannot_be_read_is_no_manifest(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / MANIFEST).write_text(text, encoding="latin-1")
    assert read_manifest(tmp_path) is None


def test_weights_are_looked_for_where_the_manifest_says(tmp_path: Path) -> None:
    write_student(tmp_path, STUDENT)
    manifest = read_manifest(tmp_path)
    assert manifest is not None
    assert not has_weights(tmp_path, manifest)
    assert weight_files(tmp_path) == []
    (tmp_path / ADAPTER).mkdir()
    (tmp_path / ADAPTER / "adapter_model.safetensors").touch()
    assert has_weights(tmp_path, manifest)
    assert weight_files(tmp_path) == [tmp_path / ADAPTER / "adapter_model.safetensors"]
