"""Students beside an applied artifact: what is copied, shared, replaced and refused."""

import json
import os
from pathlib import Path

import pytest

from support.runs.finetune_samples import write_student
from tunesmith.server.applying.student_copy import copy_students
from tunesmith.server.edits.program_edit import StudentFolder
from tunesmith.server.errors import EditRefused

PATH = "compiled/desk-student"
COPIED = [
    "adapter/adapter_config.json",
    "adapter/adapter_model.safetensors",
    "exports/gguf/student.gguf",
    "student.json",
    "tokenizer/tokenizer.json",
]


def folder_of(*, is_final: bool = True, **parts: Path) -> StudentFolder:
    """`itself` stands for the folder itself."""
    named = {"" if part == "itself" else part: str(source) for part, source in parts.items()}
    return StudentFolder(path=PATH, parts=named, weights_bytes=7, is_final=is_final)


def files_in(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_student(tmp_path / "run" / "students" / "sort")


def test_what_answers_is_copied_and_what_trained_is_not(tmp_path: Path, source: Path) -> None:
    copy_students(tmp_path, folder_of(itself=source))
    target = tmp_path / PATH
    assert files_in(target) == [".gitignore", *COPIED]
    assert files_in(tmp_path / "compiled") == [f"desk-student/{name}" for name in (".gitignore", *COPIED)]
    assert "*.safetensors\n*.gguf\n*.bin\n" in (target / ".gitignore").read_text()


def test_several_have_a_folder_each_and_one_gitignore(tmp_path: Path, source: Path) -> None:
    other = write_student(tmp_path / "run" / "students" / "reply", fingerprint="e" * 64)
    copy_students(tmp_path, folder_of(sort=source, reply=other))
    expected = [".gitignore", *(f"{part}/{name}" for part in ("reply", "sort") for name in COPIED)]
    assert files_in(tmp_path / PATH) == expected


@pytest.mark.parametrize("is_final", [True, False])
def test_files_are_shared_with_a_run_that_has_ended_for_good(tmp_path: Path, source: Path, is_final: bool) -> None:
    copy_students(tmp_path, folder_of(itself=source, is_final=is_final))
    weights = "adapter/adapter_model.safetensors"
    assert (source / weights).samefile(tmp_path / PATH / weights) is is_final
    assert (tmp_path / PATH / weights).read_text() == "weights"
    assert not (source / "student.json").samefile(tmp_path / PATH / "student.json")


def test_without_links_files_are_copied(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another file system")

    monkeypatch.setattr(os, "link", refuse)
    copy_students(tmp_path, folder_of(itself=source))
    assert files_in(tmp_path / PATH) == [".gitignore", *COPIED]


@pytest.mark.parametrize(
    ("name", "path"),
    [("local/smollm2-135m", "smollm2.gguf"), ("/models/own.gguf", "/home/someone/models/smollm2.gguf")],
)
def test_the_copy_names_no_place_of_this_machine_that_a_name_stands_for(tmp_path: Path, name: str, path: str) -> None:
    source = write_student(tmp_path / "run", name=name)
    copy_students(tmp_path, folder_of(itself=source))
    told = json.loads((tmp_path / PATH / "student.json").read_text())
    assert told["source"] == {"name": name, "kind": "gguf", "path": path}
    assert told["fingerprint"] == "f" * 64


def test_another_run_replaces_all_of_it(tmp_path: Path, source: Path) -> None:
    copy_students(tmp_path, folder_of(itself=source))
    (tmp_path / PATH / "exports" / "gguf" / "student.gguf").write_text("of the old one")
    newer = write_student(tmp_path / "newer", fingerprint="e" * 64)
    (newer / "adapter" / "adapter_model.safetensors").write_text("newer")
    copy_students(tmp_path, folder_of(itself=newer, is_final=False))
    assert (tmp_path / PATH / "adapter" / "adapter_model.safetensors").read_text() == "newer"
    assert files_in(tmp_path / "compiled") == [f"desk-student/{name}" for name in (".gitignore", *COPIED)]


def test_the_same_one_is_left_alone(tmp_path: Path, source: Path) -> None:
    copy_students(tmp_path, folder_of(itself=source))
    export = tmp_path / PATH / "exports" / "ctranslate2" / "model.bin"
    export.parent.mkdir()
    export.touch()
    copy_students(tmp_path, folder_of(itself=source))
    assert export.exists()


def test_missing_weights_are_put_back(tmp_path: Path, source: Path) -> None:
    copy_students(tmp_path, folder_of(itself=source))
    (tmp_path / PATH / "adapter" / "adapter_model.safetensors").unlink()
    copy_students(tmp_path, folder_of(itself=source))
    assert (tmp_path / PATH / "adapter" / "adapter_model.safetensors").read_text() == "weights"


def test_a_folder_of_somebody_else_is_not_replaced(tmp_path: Path, source: Path) -> None:
    (tmp_path / PATH).mkdir(parents=True)
    (tmp_path / PATH / "notes.txt").touch()
    with pytest.raises(EditRefused, match=r"compiled/desk-student is there already .* Move it"):
        copy_students(tmp_path, folder_of(itself=source))
    assert files_in(tmp_path / PATH) == ["notes.txt"]


def test_a_student_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(EditRefused, match="is gone"):
        copy_students(tmp_path, folder_of(itself=tmp_path / "nowhere"))
    assert not (tmp_path / "compiled").exists()


@pytest.mark.parametrize("step", ["copyfile", "rename"])
def test_a_copy_that_fails_leaves_what_was_there(
    tmp_path: Path, source: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_students(tmp_path, folder_of(itself=source))
    newer = write_student(tmp_path / "newer", fingerprint="e" * 64)
    rename = Path.rename

    def full_disk(*_: object) -> None:
        raise OSError("no space left")

    def no_new_folder(self: Path, target: Path) -> Path:
        if self.name == "desk-student" and Path(target).parent.name == "compiled":
            raise OSError("no")
        return rename(self, target)

    with monkeypatch.context() as patched:
        if step == "copyfile":
            patched.setattr("shutil.copyfile", full_disk)
        else:
            patched.setattr(Path, "rename", no_new_folder)
        with pytest.raises(OSError, match="no"):
            copy_students(tmp_path, folder_of(itself=newer, is_final=False))
    assert json.loads((tmp_path / PATH / "student.json").read_text())["fingerprint"] == "f" * 64
    assert files_in(tmp_path / "compiled") == [f"desk-student/{name}" for name in (".gitignore", *COPIED)]
