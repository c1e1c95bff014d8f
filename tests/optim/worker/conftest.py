"""A worker process and a client that speaks its link."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, cast

import pytest

from support.workspaces.user_imports import forgetting_imports
from tunesmith.optim.worker.cancellation import Cancellation
from tunesmith.optim.worker.printing import PrintCapture
from tunesmith.protocol import PROTOCOL_VERSION, ConfiguredTarget, RunSpec, decode, encode
from tunesmith.protocol.worker_messages import (
    CancelOrder,
    RpcMessage,
    RunEventNote,
    RunOrder,
    RunOutcome,
    WorkerHello,
)

APP = dedent("""
    import dspy
    from dspy.utils import DummyLM

    class Classify(dspy.Module):
        def __init__(self):
            super().__init__()
            self.predict = dspy.Predict("text -> label")

        def forward(self, text):
            return self.predict(text=text)

    program = Classify()
    trainset = [dspy.Example(text=f"text {i}", label="yes").with_inputs("text") for i in range(8)]
    dspy.configure(lm=DummyLM([{"label": "yes"}] * 1000))

    def metric(example, prediction, trace=None):
        return example.label == prediction.label
""")
TARGET = ConfiguredTarget(
    name="classify", program="app:program", metric="app:metric", trainset="app:trainset", file="pyproject.toml", line=7
)


def run_spec(root: Path, run_id: str = "run", **fields: Any) -> RunSpec:
    """An order to evaluate `TARGET`, unless `fields` say otherwise."""
    return RunSpec(
        run_id=run_id,
        run_dir=str(root / "runs" / run_id),
        root=str(root),
        interpreter=sys.executable,
        **{"optimizer": "evaluate", "target": TARGET, **fields},
    )


class Worker:
    """One worker process. Events collect in `events` while an answer is awaited."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.events: list[Any] = []
        self._last_id = 0
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tunesmith.optim.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "DSPY_CACHEDIR": str(root / ".cache"), **environment},
        )

    def send(self, method: str, params: Any) -> int:
        self._last_id += 1
        self.write(encode(RpcMessage(id=self._last_id, method=method, params=params)))
        return self._last_id

    def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def messages(self) -> Iterator[RpcMessage]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = decode(line, RpcMessage)
            if message.method == "worker/event":
                self.events.append(decode(json.dumps(message.params), RunEventNote).record.event)
            yield message

    def answer(self, request_id: int) -> RpcMessage:
        for message in self.messages():
            if message.method is None and message.id == request_id:
                return message
        raise EOFError(f"the worker ended: {self.process.wait()}")

    def wait_for_event(self, kind: str, text: str) -> None:
        for message in self.messages():
            if message.method == "worker/event":
                event = message.params["record"]["event"]
                if event["kind"] == kind and text in json.dumps(event):
                    return
        raise EOFError(f"the worker ended: {self.process.wait()}")

    def hello(self, protocol: int = PROTOCOL_VERSION) -> RpcMessage:
        return self.answer(self.send("worker/hello", WorkerHello(protocol=protocol, version="0")))

    def start(self, run_id: str = "run", **fields: Any) -> int:
        """Greet and order a run. Returns the request's id."""
        assert self.hello().error is None
        return self.send("worker/run", RunOrder(spec=run_spec(self.root, run_id, **fields)))

    def outcome(self, request_id: int) -> RunOutcome:
        answer = self.answer(request_id)
        assert answer.error is None, answer.error
        return decode(json.dumps(answer.result), RunOutcome)

    def run(self, **fields: Any) -> RunOutcome:
        return self.outcome(self.start(**fields))

    def cancel(self, reason: str = "cancelled by the user") -> None:
        self.write(encode(RpcMessage(method="worker/cancel", params=CancelOrder(reason=reason))))

    def hang_up(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def of_kind(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()


class Workers:
    """Makes workers in one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._made: list[Worker] = []
        self.write({"app.py": APP})

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")

    def extend_app(self, text: str) -> None:
        self.write({"app.py": APP + dedent(text)})

    def __call__(self, **environment: str) -> Worker:
        worker = Worker(self.root, environment)
        self._made.append(worker)
        return worker

    def end(self) -> None:
        for worker in self._made:
            worker.end()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    made = Workers(tmp_path)
    yield made
    made.end()


class NoPrints:
    """Prints of the test's own process stay pytest's."""

    def tell(self, sink: Any) -> None: ...

    def stop_telling(self) -> None: ...


class Here:
    """Executes runs in the test's own process: fast, for what needs no process of its own."""

    def __init__(self, workers: Workers) -> None:
        self.root = workers.root
        self.extend_app = workers.extend_app
        self.write = workers.write
        self.events: list[Any] = []

    def __call__(self, **fields: Any) -> RunOutcome:
        from tunesmith.optim.worker.execute import execute

        with forgetting_imports(self.root):
            return execute(
                run_spec(self.root, **fields),
                listen=lambda record: self.events.append(record.event),
                cancellation=Cancellation(when_daemon_lost=lambda: None),
                prints=cast(PrintCapture, NoPrints()),
            )


@pytest.fixture
def here(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.chdir(workers.root)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return Here(workers)
