"""Finetuned models copied beside an applied artifact: whole or not at all, weights shared with the run where they can
be, and kept out of commits."""

import contextlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from tunesmith.protocol.student import EXPORTS, MANIFEST, PARTS, WEIGHT_FILES, read_manifest
from tunesmith.server.edits import StudentFolder
from tunesmith.server.errors import EditRefused

IGNORED = f"# Weights, and what is made from them: too large for a commit.\n{WEIGHT_FILES}\n*.gguf\n*.bin\n{EXPORTS}/\n"


def copy_students(root: Path, folder: StudentFolder) -> None:
    """Make `folder.path` hold its students, unless it does. `folder.parts` are absolute.

    Raises `EditRefused` where a student is gone or the folder is taken, `OSError`.
    """
    target = (root / folder.path).resolve()  # a link stays a link
    sources = {part: Path(source) for part, source in folder.parts.items()}
    for source in sources.values():
        if not (source / MANIFEST).is_file():
            raise EditRefused(f"the finetuned model in {source} is gone.", next_step="Tune again.")
    if all(is_same(source, target / part) for part, source in sources.items()):
        return
    if target.exists() and not _holds_students(target):
        raise EditRefused(
            f"{folder.path} is there already and holds no finetuned model.", next_step="Move it, then apply again."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    made = scratch / target.name
    try:
        for part, source in sources.items():
            _copy(source, made / part, linked=folder.is_final)
        (made / ".gitignore").write_text(IGNORED, encoding="utf-8")
        if target.exists():
            target.rename(scratch / "before")
        try:
            made.rename(target)
        except OSError:
            if (scratch / "before").exists():
                (scratch / "before").rename(target)
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def is_same(source: Path, target: Path) -> bool:
    """The target holds the same weights, and all of them."""
    ours, theirs = read_manifest(source), read_manifest(target)
    if ours is None or theirs is None or ours.fingerprint != theirs.fingerprint:
        return False
    return all((target / name).is_file() for name in _files(source) if not name.startswith(f"{EXPORTS}/"))


def _holds_students(folder: Path) -> bool:
    return (folder / MANIFEST).exists() or any(folder.glob(f"*/{MANIFEST}"))


def _copy(source: Path, target: Path, *, linked: bool) -> None:
    for name in _files(source):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if linked:
            with contextlib.suppress(OSError):  # another file system, or one without links
                os.link((source / name).resolve(), place)
                continue
        shutil.copyfile(source / name, place)
    (target / MANIFEST).write_text(_portable(source / MANIFEST), encoding="utf-8")


def _files(student: Path) -> list[str]:
    """Relative to the student's folder, with forward slashes."""
    found = (file for part in PARTS for file in (student / part).rglob("*") if file.is_file())
    return sorted(file.relative_to(student).as_posix() for file in found)


def _portable(manifest: Path) -> str:
    """The manifest without the folder where this machine keeps a model that is known by its name."""
    content = json.loads(manifest.read_bytes())
    source = content.get("source")
    if isinstance(source, dict) and str(source.get("name", "")).startswith("local/") and source.get("path"):
        # Where no such file is, the model is looked for by its name.
        content["source"] = {**source, "path": Path(source["path"]).name}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
