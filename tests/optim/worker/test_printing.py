"""What user code prints, as few, bounded, clean events."""

import os
from typing import Any

import pytest

from tunesmith.optim.worker import printing
from tunesmith.optim.worker.printing import PrintCapture
from tunesmith.optim.worker.redaction import redact
from tunesmith.protocol import Printed, StoreUnwritable, Warned


@pytest.fixture
def capture():
    (out_read, out), (err_read, err) = os.pipe(), os.pipe()
    yield PrintCapture(out_read, err_read), out, err
    for descriptor in (out, err):
        os.close(descriptor)


WRITTEN = {
    "lines are joined": ([b"a\n", b"b\n"], "a\nb\n"),
    "a character in two pieces": (["ü".encode()[:1], "ü".encode()[1:]], "ü"),
    "no text": ([b"\xff\xfe"], "\ufffd\ufffd"),
    "a progress bar": ([b" 10%\r 50%\r100%\ndone\r\n"], "100%\ndone\n"),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_text(capture, what):
    prints, out, _ = capture
    pieces, expected = WRITTEN[what]
    events: list[Any] = []
    for piece in pieces:
        os.write(out, piece)
    prints.tell(events.append)
    prints.stop_telling()
    assert events == [Printed(stream="stdout", text=expected)]


def test_streams_are_kept_apart(capture):
    prints, out, err = capture
    events: list[Any] = []
    os.write(out, b"out")
    os.write(err, b"err")
    prints.tell(events.append)
    prints.drain()
    os.write(err, b"late")
    prints.stop_telling()
    os.write(out, b"too late")
    prints.drain()
    assert sorted((event.stream, event.text) for event in events) == [
        ("stderr", "err"),
        ("stderr", "late"),
        ("stdout", "out"),
    ]


def test_a_bounded_amount(capture, monkeypatch):
    """Everything is read, so the writer never waits; the rest is dropped, and that is said once."""
    monkeypatch.setattr(printing, "KEPT_CHARACTERS", 20_000)
    (out_read, out), (err_read, err) = os.pipe(), os.pipe()
    prints = PrintCapture(out_read, err_read)
    events: list[Any] = []
    prints.tell(events.append)
    for _ in range(100):
        os.write(out, b"x" * 60_000)
    os.write(err, b"dropped as well")
    prints.stop_telling()
    told = [event for event in events if isinstance(event, Printed)]
    assert sum(len(event.text) for event in told) == printing.KEPT_CHARACTERS
    assert max(len(event.text) for event in told) <= printing.EVENT_CHARACTERS
    assert [type(event) for event in events if event not in told] == [Warned]


def test_a_store_that_cannot_be_written(capture, tmp_path):
    prints, out, _ = capture
    seen = []

    def full(event: object) -> None:
        seen.append(event)
        raise StoreUnwritable(tmp_path, "disk full")

    prints.tell(full)
    for _ in range(3):
        os.write(out, b"text\n")
        prints.drain()
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key long-secret-value here", "key [redacted] here"),
        ("Incorrect API key: sk-proj-abcdefghijklmnop.", "Incorrect API key: [redacted]."),
        ("a task-based approach, monkey business", "a task-based approach, monkey business"),
        ("short", "short"),
    ],
)
def test_redaction(monkeypatch, text, expected):
    monkeypatch.setenv("SOME_API_KEY", "long-secret-value")
    monkeypatch.setenv("KEYBOARD", "monkey business")
    monkeypatch.setenv("PIN_TOKEN", "short")
    assert redact(text) == expected
