"""The run folder: one writer, any number of readers."""

from tunesmith.protocol.store.columns import ColumnReader, Outcome
from tunesmith.protocol.store.reader import RunReader, open_reader
from tunesmith.protocol.store.writer import RunStore

__all__ = [
    "ColumnReader",
    "Outcome",
    "RunReader",
    "RunStore",
    "open_reader",
]
