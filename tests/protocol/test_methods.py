"""The wire: every struct survives the trip, unknown fields are tolerated, TypeScript follows."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tunesmith.protocol import (
    METHODS,
    PROTOCOL_VERSION,
    CompileTarget,
    ConfiguredTarget,
    EventRecord,
    Method,
    Progressed,
    Wire,
    decode,
    encode,
)
from tunesmith.protocol.run_spec import RunSpec
from tunesmith.protocol.typescript import generate, main
from tunesmith.protocol.worker_messages import RpcMessage, WorkerHello

TYPESCRIPT = Path(__file__).parents[2] / "extension" / "src" / "protocol.ts"


def structs() -> list[type[Wire]]:
    found = {method.params for method in METHODS.values()} | {m.result for m in METHODS.values() if m.result}
    return sorted(found, key=lambda struct: struct.__name__)


@pytest.mark.parametrize("struct", structs(), ids=lambda struct: struct.__name__)
def test_structs_are_frozen_keyword_only_and_tolerant(struct: type[Wire]) -> None:
    config = struct.__struct_config__
    assert config.frozen
    assert not config.forbid_unknown_fields
    assert not config.array_like


def test_unknown_fields_are_ignored() -> None:
    hello = decode(b'{"protocol": 1, "version": "9", "added_later": {"x": 1}}', WorkerHello)
    assert hello == WorkerHello(protocol=1, version="9")


def test_wrong_types_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="protocol"):
        decode(b'{"protocol": "one", "version": "9"}', WorkerHello)


@pytest.mark.parametrize(
    "target",
    [
        ConfiguredTarget(name="t", program="m:p", metric="m:f", trainset="d.jsonl", file="pyproject.toml", line=3),
        CompileTarget(
            name="t", file="a.py", line=1, program="p", metric="m", trainset="d", valset=None, importable=True
        ),
    ],
)
def test_tagged_unions_keep_their_kind(target: ConfiguredTarget | CompileTarget) -> None:
    spec = RunSpec(
        run_id="r", run_dir="d", root="r", interpreter="python", target=target, optimizer="bootstrap-fewshot"
    )
    assert decode(encode(spec), RunSpec) == spec


def test_events_keep_their_kind() -> None:
    record = EventRecord(seq=1, time=2.0, event=Progressed(phase="bootstrapping", done=1, total=None))
    assert decode(encode(record), EventRecord) == record


def test_rpc_messages_leave_out_what_they_do_not_carry() -> None:
    assert encode(RpcMessage(method="worker/cancel", params={})) == (
        b'{"jsonrpc":"2.0","method":"worker/cancel","params":{}}'
    )


def test_committed_typescript_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(TYPESCRIPT), "--check"]) == 0, capsys.readouterr().err


def test_drift_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stale = tmp_path / "protocol.ts"
    stale.write_text(generate().replace("PROTOCOL_VERSION", "OLD_VERSION"))
    assert main([str(stale), "--check"]) == 1
    assert "make generate" in capsys.readouterr().err


def test_typescript_names_every_method() -> None:
    text = generate()
    assert f"PROTOCOL_VERSION = {PROTOCOL_VERSION}" in text
    for name in METHODS:
        assert f'"{name}"' in text


def test_two_structs_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    namesake: Any = msgspec.defstruct("RunRef", [("run", str)], bases=(Wire,), frozen=True, kw_only=True)
    monkeypatch.setitem(METHODS, "x", Method(name="x", link="page→server", params=namesake, result=None))
    with pytest.raises(ValueError, match=r"tunesmith\.protocol\.session_messages and .* both have a struct RunRef"):
        generate()
