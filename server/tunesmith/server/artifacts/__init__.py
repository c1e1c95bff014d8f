"""The artifacts and students a workspace's code loads, read once per change."""

from tunesmith.server.artifacts.reader import (
    ArtifactReader,
    LoadedArtifact,
    SavedField,
    candidate_paths,
)

__all__ = [
    "ArtifactReader",
    "LoadedArtifact",
    "SavedField",
    "candidate_paths",
]
