"""The run folder: one writer, any number of readers."""

from tunesmith.protocol.store.reader import RunReader, open_reader
from tunesmith.protocol.store.writer import RunStore

__all__ = [
    "RunReader",
    "RunStore",
    "open_reader",
]
