"""The artifacts and students a workspace's code loads, read once per change: what rules and features know of them."""

import json
import posixpath
from pathlib import Path
from typing import Any

import msgspec

from tunesmith.protocol import ArtifactReport
from tunesmith.protocol.folder_layout import ARTIFACT_SUFFIX, artifact_beside
from tunesmith.protocol.student import MANIFEST, StudentManifest, has_weights, read_manifest
from tunesmith.server.index import LoadFact, StudentFact
from tunesmith.server.workspace import WorkspaceSnapshot

_LARGEST = 64 * 2**20
"""Bytes. What is larger is no program state, and reading it would stall the daemon."""


class SavedField(msgspec.Struct, frozen=True):
    """A field as `dump_state()` keeps it: by position, without its name."""

    prefix: str
    description: str


class LoadedArtifact(msgspec.Struct, frozen=True, kw_only=True):
    """A file that some `load` call names, or a folder that some `load_student` call does."""

    path: str
    """Relative to the root, with forward slashes."""
    exists: bool
    loaded_in: list[str] = []
    """The source files whose calls may read it."""
    problem: str | None = None
    """Why it cannot be read as a program's state, or as a student."""
    report: ArtifactReport | None = None
    """`metadata.tunesmith`: None where the file was saved by dspy itself."""
    predictors: dict[str, list[SavedField]] = {}
    """The saved fields by predictor name; a bare predictor is `self`."""
    student: StudentManifest | None = None
    """Of a folder."""


def candidate_paths(load: LoadFact | StudentFact, source_path: str) -> list[str]:
    """Where a `load` or `load_student` may look, relative to the root, likeliest first; empty where nobody can know.

    A relative path starts at the working directory, mostly the root, else the script's folder.
    """
    if load.path is None or posixpath.isabs(load.path):
        return []
    if isinstance(load, LoadFact) and not load.path.endswith(ARTIFACT_SUFFIX):
        return []
    folder = posixpath.dirname(source_path)
    starts = [folder] if load.from_file else ["", folder]
    paths = [posixpath.normpath(posixpath.join(start, load.path)) for start in starts]
    return list(dict.fromkeys(path for path in paths if not path.startswith("..")))


class ArtifactReader:
    """Reads artifacts from disk, and again only where a file's time or size changed."""

    def __init__(self) -> None:
        """Has read nothing yet."""
        self._read: dict[Path, tuple[tuple[int, int], LoadedArtifact]] = {}

    def read(self, workspace: WorkspaceSnapshot) -> dict[str, LoadedArtifact]:
        """Every artifact and student the workspace's code may load, by path relative to the root. With a student
        comes the artifact it was applied with."""
        sources: dict[str, list[str]] = {}
        folders: set[str] = set()
        for source in workspace.index.paths():
            facts = workspace.index.facts(source)
            for load in facts.loads if facts else []:
                for path in candidate_paths(load, source):
                    sources.setdefault(path, []).append(source)
            for student in facts.students if facts else []:
                for path in candidate_paths(student, source):
                    folders.add(path)
                    for read in filter(None, (path, artifact_beside(path))):
                        sources.setdefault(read, []).append(source)
        return {
            path: msgspec.structs.replace(
                (self._read_student if path in folders else self._read_one)(workspace.root, path),
                loaded_in=sorted(set(sources[path])),
            )
            for path in sorted(sources)
        }

    def _read_student(self, root: Path, path: str) -> LoadedArtifact:
        folder = root / path
        try:
            status = (folder / MANIFEST).stat()
        except OSError:
            exists = folder.is_dir()
            return LoadedArtifact(path=path, exists=exists, problem=f"it has no {MANIFEST}" if exists else None)
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._read.get(folder)
        if known is None or known[0] != stamp:
            manifest = read_manifest(folder)
            problem = None if manifest else f"its {MANIFEST} cannot be read"
            known = (stamp, LoadedArtifact(path=path, exists=True, problem=problem, student=manifest))
            self._read[folder] = known
        found = known[1]
        if found.student is not None and not has_weights(folder, found.student):
            return msgspec.structs.replace(found, problem="its weights are not there")
        return found

    def _read_one(self, root: Path, path: str) -> LoadedArtifact:
        file = root / path
        try:
            status = file.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            known = self._read.get(file)
            if known is None or known[0] != stamp:
                known = (stamp, _parse(path, file, status.st_size))
                self._read[file] = known
        except (FileNotFoundError, NotADirectoryError):
            self._read.pop(file, None)
            return LoadedArtifact(path=path, exists=False)
        except OSError as error:
            return LoadedArtifact(path=path, exists=True, problem=error.strerror or str(error))
        return known[1]


def _parse(path: str, file: Path, size: int) -> LoadedArtifact:
    if size > _LARGEST:
        return LoadedArtifact(path=path, exists=True, problem=f"it is larger than {_LARGEST // 2**20} MiB")
    try:
        state = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        return LoadedArtifact(path=path, exists=True, problem=f"it is not JSON ({error})")
    if not isinstance(state, dict):
        return LoadedArtifact(path=path, exists=True, problem="it is not a program's state")
    metadata = state.get("metadata")
    ours = metadata.get("tunesmith") if isinstance(metadata, dict) else None
    try:
        report = None if ours is None else msgspec.convert(ours, ArtifactReport)
    except msgspec.ValidationError as error:
        return LoadedArtifact(path=path, exists=True, problem=f"its metadata cannot be read ({error})")
    return LoadedArtifact(path=path, exists=True, report=report, predictors=_saved_fields(state))


def _saved_fields(state: dict[str, Any]) -> dict[str, list[SavedField]]:
    nested = {"self": state} if "signature" in state else state
    return {
        name: [SavedField(str(field.get("prefix", "")), str(field.get("description", ""))) for field in fields]
        for name, one in nested.items()
        if isinstance(one, dict)
        and isinstance(signature := one.get("signature"), dict)
        and isinstance(fields := signature.get("fields"), list)
        and all(isinstance(field, dict) for field in fields)
    }
