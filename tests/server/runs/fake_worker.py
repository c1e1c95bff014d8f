"""A worker that behaves as `FAKE_WORKER` in its environment says. Started through a shell script named `python`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tunesmith.protocol import (
    PROTOCOL_VERSION,
    ArtifactReport,
    LmCall,
    Progressed,
    RunEvent,
    RunReport,
    RunSpec,
    RunStatus,
    Score,
    StatusChanged,
)
from tunesmith.protocol.store import RunStore
from tunesmith.protocol.wire import decode, encode
from tunesmith.protocol.worker_messages import RunOutcome

mode = os.environ.get("FAKE_WORKER", "finish")


def send(message: object) -> None:
    sys.stdout.buffer.write(encode(message) + b"\n")
    sys.stdout.buffer.flush()


def receive() -> dict[str, object] | None:
    line = sys.stdin.buffer.readline()
    return json.loads(line) if line else None


class Run:
    def __init__(self, spec: RunSpec) -> None:
        self.spec = spec
        self.store = RunStore.open(Path(spec.run_dir))
        self.tell(StatusChanged(status="running"))

    def tell(self, event: RunEvent) -> None:
        record = self.store.append_event(event)
        params = {"run_id": self.spec.run_id, "record": record}
        send({"jsonrpc": "2.0", "method": "worker/event", "params": params})

    def end(self, status: RunStatus) -> RunOutcome:
        report = self.report(status)
        run_dir = Path(self.spec.run_dir)
        if report.artifact:
            (run_dir / "program.json").write_text('{"made": "by the fake"}')
            artifact = ArtifactReport(
                report=report,
                target=self.spec.target,
                fingerprint=None,
                source_digests={},
                predictors=["answer"],
                demos=[],
                literal_demos=True,
                warnings=[],
                created=1.0,
            )
            (run_dir / "report.json").write_bytes(encode(artifact))
        self.store.commit_report(report)
        self.tell(StatusChanged(status=status))
        self.store.close()
        return RunOutcome(status=status, report=report)

    def report(self, status: RunStatus) -> RunReport:
        ships = status == "finished" and self.spec.optimizer != "evaluate"
        return RunReport(
            run_id=self.spec.run_id,
            status=status,
            optimizer=self.spec.optimizer,
            target=self.spec.target.name,
            baseline=Score(score=0.5, low=0.4, high=0.6, n=20),
            tuned=None,
            gain=None,
            calls=self.store.totals().calls,
            tokens=0,
            usd=None,
            seconds=1.0,
            artifact=str(Path(self.spec.run_dir) / "program.json") if ships else None,
        )

    def pay_for(self, key: str) -> None:
        """A call to a model, counted in a file that no resume forgets."""
        if self.store.call(key) is not None:
            return
        with (Path(self.spec.root) / f"paid-{self.spec.run_id}.txt").open("a") as paid:
            paid.write(key + "\n")
        call = LmCall(
            key=key,
            rollout=None,
            model="m",
            request={},
            outputs=[],
            prompt_tokens=1,
            completion_tokens=1,
            usd=None,
            seconds=0.0,
            cache_hit=False,
        )
        self.store.commit_call(call)


def execute(spec: RunSpec) -> RunOutcome | None:
    """None: leave without an outcome."""
    run = Run(spec)
    match mode:
        case "wait":
            run.tell(Progressed(phase="waiting", done=1, total=2))
            asked = receive()
            return run.end("cancelled" if asked else "interrupted")
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            run.tell(Progressed(phase="deaf", done=0, total=None))
            while True:
                time.sleep(3600)
        case "segfault":
            sys.stderr.write(f"the key is {os.environ.get('TEST_API_KEY')}\nlast words\n")
            sys.stderr.flush()
            signal.signal(signal.SIGSEGV, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exit":
            os._exit(7)
        case "shut":  # closes its end and lives on
            os.close(1)
            while True:
                time.sleep(3600)
        case "child":
            alive = os.open(Path(spec.root) / "alive", os.O_WRONLY)
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], pass_fds=[alive])
            run.tell(Progressed(phase="child", done=0, total=None))
            os._exit(0)
        case "junk":
            other = {
                "run_id": "another",
                "record": {"seq": 1, "time": 1.0, "event": {"kind": "warning", "message": ""}},
            }
            for line in (b"not json", b"\xff\xfe", b"[]", b'{"id": 77, "result": {}}', b'{"method": "worker/event"}'):
                sys.stdout.buffer.write(line + b"\n")
            send({"jsonrpc": "2.0", "method": "worker/event", "params": other})
            sys.stdout.buffer.write(b"x" * (17 * 1024 * 1024) + b"\n")
        case "flood":
            for number in range(2000):
                sys.stderr.write(f"noise {number}\n")
            for number in range(300):
                run.tell(Progressed(phase="flood", done=number, total=300))
        case "steps":
            for number in range(4):
                run.pay_for(f"call {number}")
                run.tell(Progressed(phase="paying", done=number + 1, total=4))
                if number == 1 and not (Path(spec.root) / "go-on").exists():
                    while receive() is not None:  # until it is killed, or has lost its daemon
                        pass
                    return run.end("interrupted")
        case "no key":
            run.store.close()
            return RunOutcome(status="needs credentials")
        case "no end":
            return RunOutcome(status="queued")
        case "environment":
            (Path(spec.root) / "environment.json").write_text(json.dumps(dict(os.environ)))
    return run.end("finished")


def main() -> None:
    if sys.argv[1] == "-c":
        sys.stdout.write(os.environ.get("FAKE_PROBE", "") + "\n")
        return
    if mode == "absent":
        sys.stderr.write("No module named tunesmith\n")
        sys.exit(1)
    hello = receive()
    assert hello is not None
    if mode == "silent":
        while receive() is not None:
            pass
        return
    if mode == "refuse":
        data = {"missing": "dspy", "found": None, "interpreter": "p", "install": "p -m pip install dspy"}
        send({"jsonrpc": "2.0", "id": hello["id"], "error": {"code": -32001, "message": "no dspy", "data": data}})
        return
    protocol = 0 if mode == "old" else 99 if mode == "new" else PROTOCOL_VERSION
    ready = {"protocol": protocol, "version": "0.0.9", "python": "3.11", "dspy": "3.4.1"}
    send({"jsonrpc": "2.0", "id": hello["id"], "result": ready})
    order = receive()
    if order is None:
        return
    params = order["params"]
    assert isinstance(params, dict)
    outcome = execute(decode(json.dumps(params["spec"]), RunSpec))
    if outcome is not None:
        send({"jsonrpc": "2.0", "id": order["id"], "result": outcome})
    while mode == "lingers":
        time.sleep(3600)


main()
