"""Local models: what there is (`list_models`), and fetching one (`pull_model`)."""

from tunesmith.server.models.catalog import ModelState, list_models
from tunesmith.server.models.errors import DamagedDownload, DownloadFailed, FolderUnwritable, NoPip, PullError
from tunesmith.server.models.pull import Progress, pull_model

__all__ = [
    "DamagedDownload",
    "DownloadFailed",
    "FolderUnwritable",
    "ModelState",
    "NoPip",
    "Progress",
    "PullError",
    "list_models",
    "pull_model",
]
