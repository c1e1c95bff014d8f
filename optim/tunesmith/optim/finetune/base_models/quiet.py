"""transformers without its progress bars and advice: what matters of it reaches our users as events and errors."""

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
