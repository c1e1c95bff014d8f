"""One window of an editor: `tunesmith lsp --standalone` over stdio, asked one question after the other.

What the server says by itself comes when it comes. So it is kept by channel, apart from questions and answers.
"""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from golden.calls import with_steady_events
from golden.events import is_middle, steady_records
from golden.machine import DEADLINE, TUNESMITH, Machine

ANSWERS: dict[str, Any] = {
    "window/showMessageRequest": {"title": "Run the script"},
    "window/showDocument": {"success": True},
    "workspace/applyEdit": {"applied": True},
}
"""To the server's own questions; others are answered with null."""


class Editor:
    def __init__(self, machine: Machine, root: Path) -> None:
        self.root = root
        self.transcript: list[dict[str, Any]] = []
        """Questions and notifications of ours, with their answers."""
        self._heard: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._ended = False
        self._number = 0
        self._process = subprocess.Popen(
            [*TUNESMITH, "lsp", "--standalone"],
            cwd=root,
            env=machine.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._writing = threading.Lock()
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def ask(self, method: str, params: Any = None) -> Any:
        """The result; None for an error, which the transcript has."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        answer = self.until(lambda one: one.get("id") == number and "method" not in one, f"the answer to {method}")
        told = {key: with_steady_events(value) for key, value in answer.items() if key in ("result", "error")}
        self.transcript.append({"method": method, "params": params, **told})
        return answer.get("result")

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})
        self.transcript.append({"method": method, "params": params})

    def until(self, holds: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first message for which it holds, which may have come before. Raises `TimeoutError`."""

        def found() -> dict[str, Any] | None:
            return next((one for one in self._heard if holds(one)), None)

        with self._news:
            self._news.wait_for(lambda: found() or self._ended, DEADLINE)
            message = found()
        if message is None:
            last = [one.get("method", one.get("id")) for one in self._heard[-9:]]
            raise TimeoutError(f"{what} did not come; ended: {self._ended}; the last messages: {last}")
        return message

    def until_run_rests(self, run_id: str) -> None:
        """Of a run that is watched."""
        resting = {"finished", "failed", "cancelled"}
        self.until(
            lambda one: (
                one.get("method") == "tunesmith/runEvent"
                and one["params"]["run_id"] == run_id
                and one["params"]["record"]["event"].get("status") in resting
            ),
            f"the end of run {run_id}",
        )

    def until_messages(self, count: int) -> None:
        """So many sentences for the user in all: a run that ends says how."""
        self.until(lambda _: len(list(self._of("window/showMessage"))) >= count, "a sentence")

    def open(self, path: Path) -> dict[str, Any]:
        """The document's identifier."""
        item = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": path.read_text(encoding="utf-8")}
        self.tell("textDocument/didOpen", {"textDocument": item})
        return {"uri": path.as_uri()}

    def type(self, document: dict[str, Any], text: str, version: int) -> None:
        """Replace the whole text."""
        changed = {"textDocument": {**document, "version": version}, "contentChanges": [{"text": text}]}
        self.tell("textDocument/didChange", changed)

    def leave(self) -> int:
        """The exit code."""
        self.ask("shutdown")
        self.tell("exit", None)
        return self.close()

    def close(self) -> int:
        """Nothing more is asked, and what was heard is complete. A server that stays is ended."""
        stream = self._stream(self._process.stdin)
        if not stream.closed:
            stream.close()
        try:
            code = self._process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        self._reader.join()
        self._stream(self._process.stdout).close()
        return code

    def told(self) -> dict[str, Any]:
        """What the server said by itself: messages in order, events by run, progress by bar, and what is otherwise
        repeated at moments of its own, once."""
        published = {one["params"]["uri"]: one["params"] for one in self._of("textDocument/publishDiagnostics")}
        events: dict[str, list[Any]] = {}
        for one in self._of("tunesmith/runEvent"):
            events.setdefault(one["params"]["run_id"], []).append(one["params"]["record"])
        asked = [one for one in self._heard if "method" in one and "id" in one]
        refreshed = {one["method"] for one in asked if one["method"].endswith("/refresh")}
        others = [{"method": one["method"], "params": one.get("params")} for one in asked]
        return {
            "messages": [one["params"] for one in self._of("window/showMessage")],
            "questions": [one for one in others if one["method"] not in refreshed],
            "refreshed": sorted(refreshed),
            "progress": self._progress(),
            "events": {run: steady_records(records) for run, records in events.items()},
            "published": published,
        }

    def _progress(self) -> dict[str, list[Any]]:
        bars: dict[str, list[Any]] = {}
        for one in self._of("$/progress"):
            value = one["params"]["value"]
            if not (value["kind"] == "report" and is_middle(value.get("message", ""))):
                bars.setdefault(one["params"]["token"], []).append({**value, "percentage": None})
        return bars

    def _of(self, method: str) -> Iterator[dict[str, Any]]:
        return (one for one in self._heard if one.get("method") == method)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._writing:
            stream = self._stream(self._process.stdin)
            stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            stream.flush()

    def _listen(self) -> None:
        stream = self._stream(self._process.stdout)
        while header := stream.readline():
            length = int(header.partition(b":")[2])
            while stream.readline().strip():
                pass
            message = json.loads(stream.read(length))
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": ANSWERS.get(message["method"])})
            with self._news:
                self._heard.append(message)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream
