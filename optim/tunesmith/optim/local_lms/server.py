"""Local models served by llama.cpp in this process, on a loopback port any dspy version can talk to.

One server a model and process. It starts on first use and stops with its last user; what `resolve_lm` hands out
keeps it until the process ends.

Prompt prefixes are reused rather than calls reordered: every slot keeps what it last read, a call goes to the slot
that shares most of its prompt, and what a slot drops is kept in memory for the next call that starts the same way.
So the alternating prompts of a program with several predictors (or of several candidates scored side by side) cost
their common prefix once, whatever their order.
"""

import os
import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tunesmith.protocol.models import LocalModel, fetched_path, find_model

SLOTS = 4
"""Calls in flight, and prompt prefixes at hand. Two predictors with two demo sets each fit."""

SLOT_TOKENS = 4096
"""Context of one call: sixteen demos of a hundred tokens with room to spare."""

PREFIX_CACHE_MIB = 256
"""Prefixes that lost their slot; about 11,000 tokens of the smallest model."""


class LocalRuntimeMissing(ImportError):
    """llama.cpp's Python package is not installed beside dspy."""

    def __init__(self) -> None:
        super().__init__("local models need xllamacpp in this environment. Run `pip install 'tunesmith[local]'`.")


class LocalServer(NamedTuple):
    """A running server. `chat` is `/v1/chat/completions` without the network."""

    model: LocalModel
    api_base: str
    api_key: str
    native: Any

    def chat(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer one request body, or say why not under `error`. Blocks without holding the interpreter's lock."""
        answer: dict[str, Any] = self.native.handle_chat_completions(body)
        return answer


def compute_threads() -> int:
    """All cores but one: two compute threads beside one busy process spin on each other a hundredfold."""
    return max(1, (os.cpu_count() or 2) - 1)


def start_server(model: LocalModel) -> LocalServer:
    """Load a model and listen on a free loopback port.

    Raises `ModelMissing` (the command that fetches it) and `LocalRuntimeMissing`.
    """
    return LocalServer(model, *serve_file(fetched_path(model), model.name))


def serve_file(path: Path, name: str) -> tuple[str, str, Any]:
    """Load a GGUF file and listen on a free loopback port: its base URL, its key, and the server itself.

    Raises `LocalRuntimeMissing`.
    """
    try:
        import xllamacpp
    except ImportError as error:
        raise LocalRuntimeMissing from error
    key = secrets.token_urlsafe(24)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.verbosity = -1
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * SLOT_TOKENS
    params.cache_ram_mib = PREFIX_CACHE_MIB
    params.cpuparams.n_threads = compute_threads()
    params.cpuparams_batch.n_threads = compute_threads()
    native = xllamacpp.Server(params)
    return f"{native.listening_address}/v1", key, native


_lock = threading.Lock()
_running: dict[str, LocalServer] = {}
_users: Counter[str] = Counter()
_kept: set[str] = set()
_abandoned: list[LocalServer] = []
"""Servers of a parent process, never stopped here: stopping waits for threads that do not exist."""


def _forget_after_fork() -> None:
    # A forked child has the parent's memory but none of its threads: it starts its own server on first use.
    global _lock
    _lock = threading.Lock()
    _abandoned.extend(_running.values())
    _running.clear()
    _users.clear()
    _kept.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def kept_server(name: str) -> LocalServer:
    """The process's server of a model, started if need be; it stays until the process ends."""
    model = find_model(name)
    with _lock:
        if model.name not in _kept:
            _acquire(model)
            _kept.add(model.name)
        return _running[model.name]


def _acquire(model: LocalModel) -> LocalServer:
    if model.name not in _running:
        _running[model.name] = start_server(model)
    _users[model.name] += 1
    return _running[model.name]


def _release(server: LocalServer) -> None:
    """The last user's release stops the server."""
    _users[server.model.name] -= 1
    if not _users[server.model.name]:
        del _running[server.model.name]


@contextmanager
def serve(name: str) -> Iterator[LocalServer]:
    """A local model for any dspy version, while the block runs:

    ```python
    with serve("smollm2-135m") as server:
        lm = dspy.LM("openai/smollm2-135m", api_base=server.api_base, api_key=server.api_key)
    ```
    """
    model = find_model(name)
    with _lock:
        server = _acquire(model)
    try:
        yield server
    finally:
        with _lock:
            _release(server)
