"""The pool: every turn of every predictor in the traces the metric accepted."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from tunesmith.optim.adapters import CHARACTERS_PER_TOKEN
from tunesmith.optim.rollouts import to_plain


class DemoCandidate(Struct, frozen=True, kw_only=True):
    """One turn of a predictor that may become a demo."""

    predictor: str
    example: int
    """Index in the training data."""
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    score: float
    """What the metric gave the whole trace."""
    label: Any
    """The example's class, None where the data has none."""

    @property
    def values(self) -> dict[str, Any]:
        """Inputs and outputs, by field."""
        return {**self.inputs, **self.outputs}

    @property
    def tokens(self) -> int:
        """Estimated."""
        return estimate_tokens(self.values)


class DemoPool:
    """Candidates by predictor, in the order of their examples and turns."""

    def __init__(self, predictors: Iterable[str]) -> None:
        self._by_predictor: dict[str, list[DemoCandidate]] = {name: [] for name in predictors}
        self._examples: set[int] = set()

    def add(
        self, example: int, turns: Iterable[tuple[str, dict[str, Any], dict[str, Any]]], *, score: float, label: Any
    ) -> None:
        """Add an accepted trace. Each turn of a predictor is a candidate; turns of others are left out."""
        self._examples.add(example)
        for name, inputs, outputs in turns:
            if name in self._by_predictor:
                self._by_predictor[name].append(
                    DemoCandidate(
                        predictor=name, example=example, inputs=inputs, outputs=outputs, score=score, label=label
                    )
                )

    def __len__(self) -> int:
        """Examples with an accepted trace."""
        return len(self._examples)

    def __contains__(self, example: int) -> bool:
        return example in self._examples

    @property
    def predictors(self) -> list[str]:
        """Their names."""
        return list(self._by_predictor)

    def candidates(self, predictor: str) -> list[DemoCandidate]:
        """In the order of the training data, the same demo once."""
        ordered = sorted(self._by_predictor[predictor], key=lambda candidate: candidate.example)
        distinct: dict[str, DemoCandidate] = {}
        for candidate in ordered:
            distinct.setdefault(as_text(candidate.values), candidate)
        return list(distinct.values())


def as_text(values: Mapping[str, Any]) -> str:
    """Field values as one text: for embedding, measuring and comparing."""
    return "\n".join(
        value if isinstance(value, str) else json.dumps(to_plain(value), ensure_ascii=False)
        for value in values.values()
    )


def estimate_tokens(values: Mapping[str, Any]) -> int:
    """Of field values, from the length of their text."""
    return -(-len(as_text(values)) // CHARACTERS_PER_TOKEN)
