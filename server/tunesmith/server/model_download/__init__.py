"""Local models: what there is (`list_models`), and fetching one (`pull_model`)."""

from tunesmith.server.model_download.catalog import ModelState, list_models
from tunesmith.server.model_download.errors import PullError
from tunesmith.server.model_download.pull import pull_model

__all__ = [
    "ModelState",
    "PullError",
    "list_models",
    "pull_model",
]
