"""Which models there are, and which of them lie on this machine."""

from pathlib import Path
from typing import Literal

from tunesmith.protocol.models import MODELS, is_fetched, model_path
from tunesmith.protocol.wire import Wire


class ModelState(Wire, frozen=True, kw_only=True):
    """A line of `tunesmith model list`."""

    name: str
    title: str
    licence: str
    state: Literal["fetched", "damaged", "missing"]
    """Damaged: the file is there and has another size than the one published."""
    path: str
    megabytes: int


def list_models() -> list[ModelState]:
    """Every model of the catalog, by name."""
    return [
        ModelState(
            name=model.name,
            title=model.title,
            licence=model.licence,
            state="fetched" if is_fetched(model) else _state_of(model_path(model)),
            path=str(model_path(model)),
            megabytes=round(model.size / 1e6),
        )
        for _, model in sorted(MODELS.items())
    ]


def _state_of(path: Path) -> Literal["damaged", "missing"]:
    return "damaged" if path.exists() else "missing"
