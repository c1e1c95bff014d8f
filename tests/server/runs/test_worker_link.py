"""Lines of a byte stream, however they are cut."""

import pytest
from anyio import EndOfStream
from anyio.abc import ByteReceiveStream

from tunesmith.server.runs.worker_link import read_lines


class Chunks(ByteReceiveStream):
    def __init__(self, *chunks: bytes) -> None:
        self._chunks = list(chunks)

    async def receive(self, max_bytes: int = 65536) -> bytes:
        if not self._chunks:
            raise EndOfStream
        return self._chunks.pop(0)

    async def aclose(self) -> None:
        self._chunks.clear()


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([], []),
        ([b"one\ntwo\n"], [b"one", b"two"]),
        ([b"o", b"ne\nt", b"wo", b"\n"], [b"one", b"two"]),
        ([b"one\nunfinished"], [b"one", b"unfinished"]),
        ([b"\n\n"], [b"", b""]),
        ([b"1234567890\nok\n"], [b"1234567890", b"ok"]),
        ([b"12345678901\nok\n"], [b"ok"]),
        ([b"123456", b"789012", b"345678", b"9\nok\n"], [b"ok"]),
        ([b"123456", b"7890", b"1"], []),
    ],
)
async def test_lines(chunks: list[bytes], expected: list[bytes]) -> None:
    assert [line async for line in read_lines(Chunks(*chunks), 10)] == expected
