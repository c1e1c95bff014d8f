"""transformers without its progress bars and advice; what went wrong in it, as one clause of ours."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

_lock = threading.Lock()
_inside = 0
_loud_again = ExitStack()


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Inside, transformers, peft and huggingface_hub are silent; once the last thread has left, as they were."""
    global _inside
    with _lock:
        if _inside == 0:
            _loud_again.enter_context(_quiet())
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _loud_again.close()


def reason_of(error: BaseException) -> str:
    """What transformers, the hub or a reader of weights raised, as a clause to follow a colon: no final stop."""
    text = str(error)
    if "trust_remote_code" in text:
        return "it needs code of its own, which is not run here"
    if "gated repo" in text:
        return "its owner asks for consent, so agree on its page and run `hf auth login`"
    if "safetensors" in text and ("no file named" in text or "have a file named" in text):
        return "it has no weights as safetensors, and no other format is loaded"
    lines = text.strip().splitlines() or [type(error).__name__]
    return lines[0].strip().rstrip(".:")[:200]


def missing_module(error: ImportError) -> str:
    """The module that an import failed for; transformers names some in its text only."""
    optional = ("gguf", "sentencepiece", "accelerate", "tiktoken", "protobuf")
    return error.name or next((name for name in optional if name in str(error)), "transformers")


@contextmanager
def _quiet() -> Iterator[None]:
    import transformers.utils.logging as transformers_logging

    loggers = [logging.getLogger(name) for name in ("transformers", "huggingface_hub", "peft")]
    levels = [logger.level for logger in loggers]
    had_bars = transformers_logging.is_progress_bar_enabled()
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    if had_bars:
        transformers_logging.disable_progress_bar()
    try:
        with _no_gguf_bar(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if had_bars:
            transformers_logging.enable_progress_bar()


@contextmanager
def _no_gguf_bar() -> Iterator[None]:
    """The bar of reading a GGUF is tqdm's own, which transformers' switch does not reach."""
    from transformers import modeling_gguf_pytorch_utils as reading

    bar = reading.tqdm
    reading.tqdm = partial(bar, disable=True)
    try:
        yield
    finally:
        reading.tqdm = bar
