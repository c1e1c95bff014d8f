import sys

import numpy as np
import pytest

from tunesmith.optim.demos.embedding import embed_texts
from tunesmith.optim.errors import OptimError

TEXTS = [
    "My card has not arrived yet",
    "when will my new card arrive?",
    "What is the exchange rate for euros",
    "exchange rates of the euro today",
]


def test_near_texts_are_near() -> None:
    similarity = embed_texts(TEXTS) @ embed_texts(TEXTS).T
    assert np.allclose(np.diag(similarity), 1, atol=1e-5)
    assert similarity[0, 1] > similarity[0, 2]
    assert similarity[2, 3] > similarity[2, 0]


def test_an_empty_text_is_a_row_of_zeros_and_no_texts_no_rows() -> None:
    assert not embed_texts(["", "card"])[0].any()
    assert embed_texts([]).shape[0] == 0


def test_an_embedder_of_the_users_is_asked_and_normalized() -> None:
    rows = embed_texts(["a", "bb"], lambda texts: [[len(text), 0.0] for text in texts])
    assert rows.tolist() == [[1, 0], [1, 0]]


def test_an_embedder_that_returns_the_wrong_shape_is_named() -> None:
    with pytest.raises(OptimError, match=r"shape \(1, 1\) for 2 texts"):
        embed_texts(["a", "b"], lambda texts: [[1.0]])


def test_a_model_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(OptimError, match=r"pip install 'tunesmith\[embed\]'"):
        embed_texts(["a"], "all-MiniLM-L6-v2")
