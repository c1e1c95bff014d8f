"""What a data set looks like, before anything is asked of a model."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from msgspec import Struct

from tunesmith.optim.demos import as_text
from tunesmith.optim.dspy_types import Example
from tunesmith.optim.proposer.label_words import distinguishing_words
from tunesmith.optim.proposer.scripts import dominant_script, guess_language
from tunesmith.optim.rollouts import digest, to_plain
from tunesmith.optim.statistics import label_field

TEXTS_READ = 500
"""Values looked at for scripts and languages."""
OUTLIERS_SHOWN = 5
OUTLIER_FACTOR = 5
"""A value is very long if it has so many times the median's characters,"""
OUTLIER_CHARACTERS = 200
"""and at least this many more."""


class FieldPattern(Struct, frozen=True, kw_only=True):
    """One field over all examples. Lengths are of the values as text, of those not missing."""

    name: str
    is_input: bool
    types: dict[str, int]
    """In words people know, most frequent first."""
    missing: int
    """Absent, None or empty."""
    distinct: int
    median_characters: float
    p95_characters: float
    median_words: float
    p95_words: float
    scripts: dict[str, float]
    """Shares of the values with letters, most frequent first."""
    language: str | None
    """None: not known."""
    copied: float
    """Of an output: the share of its values that stand word for word in an input."""


class Outlier(Struct, frozen=True):
    """An example that is unlike the others in a field."""

    index: int
    field: str
    why: str


class DataPatterns(Struct, frozen=True, kw_only=True):
    """What a data set looks like."""

    count: int
    """Of its examples."""
    fields: list[FieldPattern]
    label: str | None
    """The field that says which class an example belongs to."""
    labels: dict[str, int]
    """Examples of each class, most frequent first."""
    label_words: dict[str, list[str]]
    """Words that set a class apart from the others; see `label_words.py`."""
    duplicates: int
    """Examples that repeat an earlier one in every field."""
    conflicts: list[tuple[int, int]]
    """Pairs of examples with the same inputs and other outputs."""
    outliers: list[Outlier]

    @property
    def imbalance(self) -> float | None:
        """How many times the largest class has the examples of the smallest; None without classes."""
        return max(self.labels.values()) / min(self.labels.values()) if self.labels else None

    @property
    def scripts(self) -> set[str]:
        """Of the inputs."""
        return {script for field in self.fields if field.is_input for script, share in field.scripts.items() if share}


def find_patterns(examples: Sequence[Example]) -> DataPatterns:
    """`examples` are `dspy.Example`s with their inputs marked; none at all gives an empty pattern."""
    inputs = list(examples[0].inputs().keys()) if examples else []
    names = list(dict.fromkeys(name for example in examples for name in example.keys()))  # noqa: SIM118
    names.sort(key=lambda name: name not in inputs)
    label = label_field(examples)
    counted = Counter(str(example[label]) for example in examples) if label else Counter[str]()
    duplicates, conflicts = _repeats(examples, inputs)
    return DataPatterns(
        count=len(examples),
        fields=[_field_pattern(examples, name, inputs) for name in names],
        label=label,
        labels=dict(counted.most_common()),
        label_words=_label_words(examples, label, inputs) if label else {},
        duplicates=duplicates,
        conflicts=conflicts,
        outliers=_outliers(examples, names),
    )


def _field_pattern(examples: Sequence[Example], name: str, inputs: Sequence[str]) -> FieldPattern:
    values = [example[name] for example in examples if not is_missing(example.get(name))]
    texts = [as_text({name: value}) for value in values]
    characters, words = [len(text) for text in texts], [len(text.split()) for text in texts]
    written = [text for value, text in zip(values, texts, strict=True) if isinstance(value, str | list)][:TEXTS_READ]
    scripts = Counter(script for script in map(dominant_script, written) if script)
    return FieldPattern(
        name=name,
        is_input=name in inputs,
        types=dict(Counter(map(type_in_words, values)).most_common()),
        missing=len(examples) - len(values),
        distinct=len(set(texts)),
        median_characters=median(characters) if characters else 0,
        p95_characters=_percentile(characters, 0.95),
        median_words=median(words) if words else 0,
        p95_words=_percentile(words, 0.95),
        scripts={script: count / scripts.total() for script, count in scripts.most_common()},
        language=guess_language(written),
        copied=0.0 if name in inputs else _copied_share(examples, name, inputs),
    )


def _copied_share(examples: Sequence[Example], name: str, inputs: Sequence[str]) -> float:
    present = [example for example in examples if not is_missing(example.get(name))]
    copied = 0
    for example in present:
        read = as_text({field: example[field] for field in inputs if field in example}).casefold()
        copied += as_text({name: example[name]}).strip().casefold() in read
    return copied / len(present) if present else 0.0


def is_missing(value: Any) -> bool:
    """None or empty."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def type_in_words(value: Any) -> str:
    """Its type in words people know."""
    kinds = (
        (bool, "yes/no"),
        (int, "whole number"),
        (float, "number"),
        (str, "text"),
        (list, "list"),
        (dict, "mapping"),
    )
    return next((words for kind, words in kinds if isinstance(value, kind)), type(value).__name__)


def _percentile(values: Sequence[float], share: float) -> float:
    """The smallest value at least `share` of the values do not exceed; 0 for none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0


def _label_words(examples: Sequence[Example], label: str, inputs: Sequence[str]) -> dict[str, list[str]]:
    texts = [as_text({name: example[name] for name in inputs if name in example}) for example in examples]
    return distinguishing_words(texts, [str(example[label]) for example in examples])


def _repeats(examples: Sequence[Example], inputs: Sequence[str]) -> tuple[int, list[tuple[int, int]]]:
    duplicates = 0
    conflicts: list[tuple[int, int]] = []
    first: dict[str, int] = {}
    seen: set[tuple[str, str]] = set()
    for index, example in enumerate(examples):
        values = {name: to_plain(value) for name, value in example.items()}
        question = digest({name: values.get(name) for name in inputs})
        answer = digest({name: value for name, value in values.items() if name not in inputs})
        if (question, answer) in seen:
            duplicates += 1
        elif question in first:
            conflicts.append((first[question], index))
        seen.add((question, answer))
        first.setdefault(question, index)
    return duplicates, conflicts


def _outliers(examples: Sequence[Example], names: Sequence[str]) -> list[Outlier]:
    found: list[Outlier] = []
    for name in names:
        lengths = [len(as_text({name: example[name]})) if name in example else 0 for example in examples]
        middle = median(lengths)
        for index, length in enumerate(lengths):
            if is_missing(examples[index].get(name)):
                found.append(Outlier(index, name, "empty"))
            elif length > max(OUTLIER_FACTOR * middle, middle + OUTLIER_CHARACTERS):
                found.append(Outlier(index, name, f"{length:,} characters, where {middle:,.0f} is usual"))
    # A field that is often empty is no outlier: `missing` says it.
    often = {name for name, count in Counter(o.field for o in found).items() if count > max(2, len(examples) / 4)}
    return [outlier for outlier in found if outlier.field not in often][:OUTLIERS_SHOWN]
