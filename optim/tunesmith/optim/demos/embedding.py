"""Texts as unit vectors, so that near texts mean near examples.

The default needs no download: words, word pairs and characters in threes and fours inside words, hashed into a fixed
number of columns (Weinberger et al. 2009, feature hashing), weighted by TF-IDF over the texts at hand.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tunesmith.optim.errors import OptimError

Vectors = np.ndarray[Any, np.dtype[np.float32]]
Embedder = Callable[[list[str]], Any]

COLUMNS = 2048
CHARACTERS_READ = 2000
"""Of each text: enough to tell long passages apart, and it bounds the work."""

_WORD = re.compile(r"\w+|[^\w\s]")


def embed_texts(texts: Sequence[str], embedder: Embedder | str | None = None) -> Vectors:
    """One row of length 1 a text (all zeros for an empty one).

    `embedder`: None for hashed n-grams; a function from texts to rows (`dspy.Embedder` is one); the name of a
    sentence-transformers model. Raises `OptimError` where the model's package is missing or the rows do not fit.
    """
    if embedder is None:
        rows: Vectors = _hashed_ngrams(texts)
    else:
        embed = _sentence_transformer(embedder) if isinstance(embedder, str) else embedder
        rows = np.asarray(embed(list(texts)), dtype=np.float32)
        if rows.ndim != 2 or len(rows) != len(texts):
            raise OptimError(
                f"The embedder returned an array of shape {rows.shape} for {len(texts)} texts: "
                "it must return one row of numbers for each text."
            )
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vectors = (rows / np.where(norms > 0, norms, 1)).astype(np.float32)
    return unit


def _hashed_ngrams(texts: Sequence[str]) -> Vectors:
    counts = np.zeros((len(texts), COLUMNS), dtype=np.float32)
    for row, text in enumerate(texts):
        for ngram in _ngrams(text[:CHARACTERS_READ].lower()):
            # CRC-32 is the same in every process, unlike hash(); its top bit gives the sign.
            code = zlib.crc32(ngram.encode())
            counts[row, code % COLUMNS] += 1 if code < 2**31 else -1
    frequency = np.sign(counts) * np.log1p(np.abs(counts))
    containing = np.count_nonzero(counts, axis=0)
    inverse = np.log((1 + len(texts)) / (1 + containing)) + 1
    weighted: Vectors = (frequency * inverse).astype(np.float32)
    return weighted


def _ngrams(text: str) -> Iterator[str]:
    words = _WORD.findall(text)
    yield from words
    yield from map(" ".join, pairwise(words))
    for word in words:
        padded = f"<{word}>"
        for size in (3, 4):
            for start in range(max(0, len(padded) - size + 1)):
                yield padded[start : start + size]


def _sentence_transformer(name: str) -> Embedder:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise OptimError(
            f"The embedder {name!r} needs sentence-transformers, which is not installed: "
            "pip install 'tunesmith[embed]'."
        ) from error
    encode: Embedder = SentenceTransformer(name).encode
    return encode
