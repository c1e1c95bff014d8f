"""Models of the Hugging Face hub: what was fetched before first, then the network."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tunesmith.optim.finetune.base_models.quiet import reason_of
from tunesmith.optim.finetune.errors import ModelOutOfReach

Loaded = TypeVar("Loaded")


def from_hub(name: str, load: Callable[..., Loaded]) -> Loaded:
    """`load(place, **options)` from the cache, or else over the network. Raises `ModelOutOfReach`."""
    if (snapshot := _cached_snapshot(name)) is not None:
        try:
            return load(snapshot, local_files_only=True)
        except (OSError, ValueError):
            pass  # not all of it was fetched
    _check_reachable(name)
    try:
        return load(name)
    except (OSError, ValueError) as error:
        raise ModelOutOfReach(name, reason_of(error)) from error


def _cached_snapshot(name: str) -> Path | None:
    """The model's folder in the cache. Given its name, transformers asks the network even where it is told not to."""
    from huggingface_hub import constants, try_to_load_from_cache

    config = try_to_load_from_cache(name, "config.json", cache_dir=constants.HF_HUB_CACHE)
    return Path(config).parent if isinstance(config, str) else None


def _check_reachable(name: str) -> None:
    """One question, for one clear answer: transformers would try for half a minute and say less."""
    from huggingface_hub import HfApi, constants, errors

    if constants.HF_HUB_OFFLINE:
        raise ModelOutOfReach(name, "it was never fetched, and HF_HUB_OFFLINE forbids the network")
    try:
        HfApi().model_info(name, timeout=10)
    except errors.RepositoryNotFoundError as error:
        raise ModelOutOfReach(name, "the hub has no model of this name, or it is private") from error
    except errors.HfHubHTTPError as error:
        raise ModelOutOfReach(name, f"the hub answered {reason_of(error)}") from error
    except Exception as error:
        # Whatever HTTP client the hub's library is built on has errors of its own.
        raise ModelOutOfReach(name, f"the hub cannot be reached ({reason_of(error)})") from error
