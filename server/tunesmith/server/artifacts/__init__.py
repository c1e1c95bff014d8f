"""The artifacts and students a workspace's code loads, read once per change."""

from tunesmith.server.artifacts.reader import (
    ArtifactReader,
    LoadedArtifact,
    SavedField,
    artifact_beside,
    candidate_paths,
)
from tunesmith.server.artifacts.students import MANIFEST, read_manifest

__all__ = [
    "MANIFEST",
    "ArtifactReader",
    "LoadedArtifact",
    "SavedField",
    "artifact_beside",
    "candidate_paths",
    "read_manifest",
]
