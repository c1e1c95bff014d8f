"""The link: greeting, refusals, and an interpreter that lacks something."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import tunesmith.optim.worker
from tunesmith.optim.worker import requirements
from tunesmith.protocol import PROTOCOL_VERSION

ROOTS = [Path(requirements.__file__).parents[3], Path(requirements.__file__).parents[4] / "protocol"]


def test_greeting(workers):
    answer = workers().hello()
    assert answer.error is None
    assert answer.result == {
        "protocol": PROTOCOL_VERSION,
        "version": version("tunesmith"),
        "python": sys.executable,
        "dspy": version("dspy"),
    }


def test_another_protocol(workers):
    worker = workers()
    older, newer = worker.hello(PROTOCOL_VERSION - 1).error, worker.hello(PROTOCOL_VERSION + 1).error
    assert "Update the daemon: " in older.message
    assert f"{sys.executable} -m pip install" in newer.message
    assert worker.answer(worker.send("worker/run", None)).error is not None


BAD_MESSAGES = {
    "no JSON": (b"hello", -32700),
    "unknown method": (b'{"jsonrpc":"2.0","id":1,"method":"worker/dance"}', -32601),
    "the daemon's own": (b'{"jsonrpc":"2.0","id":1,"method":"worker/event","params":{}}', -32601),
    "wrong parameters": (b'{"jsonrpc":"2.0","id":1,"method":"worker/hello","params":{"protocol":"x"}}', -32602),
    "a run before the greeting": (None, -32600),
}


def test_bad_messages(workers):
    worker = workers()
    for line, code in BAD_MESSAGES.values():
        if line is None:
            spec = {"run_id": "r", "run_dir": "r", "root": ".", "interpreter": "p", "optimizer": "evaluate"}
            target = {"kind": "configured", "name": "t", "program": "a:b", "metric": None, "trainset": None}
            worker.send("worker/run", {"spec": {**spec, "target": {**target, "file": "f", "line": 1}}})
        else:
            worker.write(line)
        assert next(worker.messages()).error.code == code
    assert worker.hello().error is None


def test_the_daemon_leaves_before_it_orders(workers):
    worker = workers()
    worker.hello()
    worker.hang_up()
    assert worker.process.wait() == 0


def test_nothing_heavy_before_the_greeting():
    heavy = {"dspy", "litellm", "numpy", "optuna"}
    code = f"import sys, tunesmith.optim.worker.serve; print({heavy!r} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_an_interpreter_with_nothing_installed():
    """`-S`: no site-packages at all; the first reply still says what to do."""
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-m", tunesmith.optim.worker.__name__],
        input=b'{"jsonrpc":"2.0","id":5,"method":"worker/hello","params":{}}\n',
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, ROOTS))},
        capture_output=True,
        check=False,
    )
    reply = json.loads(done.stdout)
    assert (done.returncode, reply["id"], reply["error"]["data"]["missing"]) == (3, 5, "msgspec")
    assert reply["error"]["data"]["install"] == f"{sys.executable} -m pip install 'tunesmith'"


@pytest.mark.parametrize(
    ("found", "is_fine"), [("3.3.0", True), ("3.3.0b1", True), ("3.10.2", True), ("3.2.9", False), ("4.0.0", False)]
)
def test_dspy_versions(monkeypatch, found, is_fine):
    monkeypatch.setattr(requirements, "dspy_version", lambda: found)
    data = requirements.missing_requirement()
    assert (None if data is None else (data["missing"], data["found"])) == (None if is_fine else ("dspy", found))


def test_dspy_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "dspy", None)
    assert requirements.missing_requirement() == {
        "missing": "dspy",
        "found": None,
        "interpreter": sys.executable,
        "install": f"{sys.executable} -m pip install 'dspy>=3.3,<4'",
    }
