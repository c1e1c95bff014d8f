"""Who shares a server and when it stops, with a server that only counts."""

import builtins
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tunesmith.optim.local_lms import LocalRuntimeMissing, serve
from tunesmith.optim.local_lms import server as server_module
from tunesmith.optim.local_lms.server import LocalServer, kept_server
from tunesmith.protocol.errors import ModelMissing, UnknownModel
from tunesmith.protocol.models import MODELS, LocalModel

NAME = "smollm2-135m"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[LocalServer]]:
    servers: list[LocalServer] = []

    def start(model: LocalModel) -> LocalServer:
        servers.append(LocalServer(model, f"http://127.0.0.1:{len(servers)}/v1", "key", None))
        return servers[-1]

    with monkeypatch.context() as patch:
        patch.setattr(server_module, "start_server", start)
        patch.setattr(server_module, "_running", {})
        patch.setattr(server_module, "_users", Counter())
        patch.setattr(server_module, "_kept", set())
        yield servers


def test_blocks_share_one_server_until_the_last_ends(started: list[LocalServer]) -> None:
    with serve(NAME) as first:
        with serve(f"local/{NAME}") as second:
            assert second is first
        with serve(NAME) as third:
            assert third is first
    with serve(NAME) as anew:
        assert anew is not first
    assert len(started) == 2


def test_a_kept_server_stays(started: list[LocalServer]) -> None:
    with serve(NAME) as server:
        assert kept_server(NAME) is server
    assert kept_server(NAME) is server
    with serve(NAME) as again:
        assert again is server


def test_a_block_that_fails_lets_go(started: list[LocalServer]) -> None:
    with pytest.raises(KeyError), serve(NAME):
        raise KeyError
    with serve(NAME):
        assert len(started) == 2


def test_a_forked_child_starts_its_own(started: list[LocalServer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_abandoned", [])
    parents = kept_server(NAME)
    server_module._forget_after_fork()
    assert kept_server(NAME) is not parents
    assert server_module._abandoned == [parents]


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("TUNESMITH_MODELS", str(tmp_path))
    monkeypatch.setattr(server_module, "_running", {})  # other tests of this process may keep a real one
    with pytest.raises(UnknownModel), serve("gpt-9"):
        pass
    with pytest.raises(ModelMissing, match="tunesmith model pull"), serve(NAME):
        pass
    with (tmp_path / MODELS[NAME].file).open("wb") as file:
        file.truncate(MODELS[NAME].size)

    real_import = builtins.__import__

    def without_runtime(name: str, *rest: Any) -> Any:
        if name == "xllamacpp":
            raise ImportError(name)
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_runtime)
    with pytest.raises(LocalRuntimeMissing, match=r"pip install 'tunesmith\[local\]'"), serve(NAME):
        pass
