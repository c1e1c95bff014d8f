"""Models of the Hugging Face hub: what was fetched before first, then the network."""

from collections.abc import Callable
from typing import TypeVar

from tunesmith.optim.finetune.errors import ExtraMissing, ModelOutOfReach

Loaded = TypeVar("Loaded")


def from_hub(name: str, load: Callable[..., Loaded]) -> Loaded:
    """`load(name, **options)` from the cache, or else over the network. Raises `ModelOutOfReach`."""
    try:
        return load(name, local_files_only=True)
    except ImportError as error:
        raise ExtraMissing(error.name or "sentencepiece") from error
    except (OSError, ValueError):
        pass  # not in the cache, or not all of it
    _check_reachable(name)
    try:
        return load(name)
    except ImportError as error:
        raise ExtraMissing(error.name or "sentencepiece") from error
    except (OSError, ValueError) as error:
        raise ModelOutOfReach(name, _reason(error)) from error


def _check_reachable(name: str) -> None:
    """One question, for one clear answer: transformers would try for half a minute and say less."""
    import huggingface_hub
    from huggingface_hub import errors

    if huggingface_hub.constants.HF_HUB_OFFLINE:
        raise ModelOutOfReach(name, "it was never fetched, and HF_HUB_OFFLINE forbids the network")
    try:
        huggingface_hub.HfApi().model_info(name, timeout=10)
    except errors.GatedRepoError as error:
        raise ModelOutOfReach(name, "its owner asks for consent; give it on the hub and run `hf auth login`") from error
    except errors.RepositoryNotFoundError as error:
        raise ModelOutOfReach(name, "the hub has no such public model") from error
    except errors.HfHubHTTPError as error:
        raise ModelOutOfReach(name, f"the hub answered {_reason(error)}") from error
    except Exception as error:
        # Whatever HTTP client the hub's library is built on has errors of its own.
        raise ModelOutOfReach(name, f"the hub cannot be reached ({_reason(error)})") from error


def _reason(error: BaseException) -> str:
    text = str(error)
    if "trust_remote_code" in text:
        return "it needs code of its own, which is not run here"
    if "safetensors" in text:
        return "it has no safetensors weights, and nothing else is loaded"
    return next(iter(text.strip().splitlines()), type(error).__name__).rstrip(".:")[:200]
