"""Local models: what there is (`list_models`), and fetching one (`pull_model`)."""

from tunesmith.server.model_download.catalog import ModelState, list_models
from tunesmith.server.model_download.errors import DamagedDownload, DownloadFailed, FolderUnwritable, NoPip, PullError
from tunesmith.server.model_download.pull import Progress, pull_model

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
