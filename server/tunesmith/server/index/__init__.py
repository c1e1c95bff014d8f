"""The static index: text → syntax → facts → resolved programs. Reads files, executes nothing."""

from tunesmith.server.index.chunks import Chunk, split_chunks
from tunesmith.server.index.configured_names import References
from tunesmith.server.index.dspy_names import PREDICTORS
from tunesmith.server.index.facts import (
    CompileFact,
    ConstructionFact,
    FieldFact,
    FileFacts,
    LoadFact,
    Program,
    ResolvedPredictor,
    ResolvedSignature,
    Span,
    StudentFact,
)
from tunesmith.server.index.fingerprint import fingerprint_of, source_digests
from tunesmith.server.index.fingerprint_diff import FingerprintChange, Kind, diff_fingerprints
from tunesmith.server.index.index import Index
from tunesmith.server.index.report import index_report
from tunesmith.server.index.source import line_starts, span_between
from tunesmith.server.index.user_syntax import NotPython, parse_source
from tunesmith.server.index.view import IndexView

__all__ = [
    "PREDICTORS",
    "Chunk",
    "CompileFact",
    "ConstructionFact",
    "FieldFact",
    "FileFacts",
    "FingerprintChange",
    "Index",
    "IndexView",
    "Kind",
    "LoadFact",
    "NotPython",
    "Program",
    "References",
    "ResolvedPredictor",
    "ResolvedSignature",
    "Span",
    "StudentFact",
    "diff_fingerprints",
    "fingerprint_of",
    "index_report",
    "line_starts",
    "parse_source",
    "source_digests",
    "span_between",
    "split_chunks",
]
