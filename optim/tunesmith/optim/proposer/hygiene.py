"""What an instruction must not be: too long, in another script, a repetition, or a giveaway of the examples."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from tunesmith.optim.demos import Embedder, embed_texts
from tunesmith.optim.dspy_types import Example
from tunesmith.optim.proposer.scripts import dominant_script
from tunesmith.optim.rollouts import to_plain

MOST_CHARACTERS = 10_000
PREFERRED_CHARACTERS = 1500
FEWEST_WORD_CHARACTERS = 8
LONG_VALUE = 25
"""Characters from which a value of an example may not stand in an instruction."""
RUN_OF_WORDS = 8
RUN_OF_CHARACTERS = 16
"""The same for scripts that write no spaces."""
WORDS_READ = 1_000_000
"""Of all examples together: the runs of more would not fit into memory. Values are looked for in all."""
COMMON_SHARE = 0.2
"""A run of words in so many of the examples is their form, not their content."""
ALIKE = 0.93
"""Cosine from which two instructions say the same."""

LOOPING_WORDS = 40
DISTINCT_SHARE = 0.2
"""A small model that loops uses few words over and over."""

_REFUSAL = re.compile(r"(?:i'm|i am) sorry\b|i (?:cannot|can't|can not)\b|unfortunately\b", re.IGNORECASE)
_ABOUT_ITSELF = re.compile(
    r"\b(?i:this|these|the following|the above) instructions? (?:is|are|will|was|were)\b|"
    r"\bI (?:will|would|have|can) \w+"
)
"""What a model says around instructions, not in them."""
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")


def clean_text(text: str) -> str:
    """Without control characters, lone surrogates and needless blank lines; everything else stays."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    lines = [line.rstrip() for line in kept.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class LeakCheck:
    """Finds what an instruction has taken from examples word for word.

    `allowed`: texts that may be repeated: the instruction as it is, descriptions, labels.
    """

    def __init__(self, examples: Sequence[Example], allowed: Sequence[str] = ()) -> None:
        may = "\n".join(map(fold, allowed))
        values = [{fold(text) for text in _texts_of(dict(example.items()))} for example in examples]
        self._values = {v for of_one in values for v in of_one if len(v) > LONG_VALUE and v not in may}
        self._runs = self._runs_of(values, set(word_runs(may)))

    def _runs_of(self, values: Sequence[set[str]], allowed: set[int]) -> set[int]:
        counts: dict[int, int] = {}
        words = 0
        for of_one in values:
            runs = {run for value in of_one for run in word_runs(value)}
            words += sum(len(value) for value in of_one) // 6
            for run in runs - allowed:
                counts[run] = counts.get(run, 0) + 1
            if words > WORDS_READ:
                break
        often = max(3, COMMON_SHARE * len(values))
        return {run for run, count in counts.items() if count <= often}

    def finds(self, text: str) -> bool:
        """The text repeats an example."""
        folded = fold(text)
        return any(run in self._runs for run in word_runs(folded)) or any(value in folded for value in self._values)


def _texts_of(value: Any) -> Iterator[str]:
    plain = to_plain(value)
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for item in plain.values():
            yield from _texts_of(item)
    elif isinstance(plain, list):
        for item in plain:
            yield from _texts_of(item)


def fold(text: str) -> str:
    """Case and whitespace made alike."""
    return _SPACES.sub(" ", text).strip().casefold()


def word_runs(folded: str) -> Iterator[int]:
    """Hashes of every run of words, and of characters where no spaces are written. Stable within a process."""
    words = _WORD.findall(folded)
    for start in range(len(words) - RUN_OF_WORDS + 1):
        yield hash(tuple(words[start : start + RUN_OF_WORDS]))
    characters = _UNSPACED.findall(folded)
    for start in range(len(characters) - RUN_OF_CHARACTERS + 1):
        yield hash("".join(characters[start : start + RUN_OF_CHARACTERS]))


class Bounds:
    """What a text alone can violate."""

    def __init__(self, *, scripts: set[str], leaks: LeakCheck, max_characters: int = MOST_CHARACTERS) -> None:
        """`scripts`: those an instruction may be written in; none: any."""
        self._scripts, self._leaks, self._max_characters = scripts, leaks, max_characters

    def violated(self, text: str, *, any_script: bool = False) -> str | None:
        """What is wrong with a cleaned text, in words for people; None: nothing."""
        if sum(character.isalpha() for character in text) < FEWEST_WORD_CHARACTERS and not _UNSPACED.search(text):
            return "no instruction"
        if _REFUSAL.match(text):
            return "a refusal"
        if _ABOUT_ITSELF.search(text):
            return "talks about itself"
        words = _WORD.findall(text.casefold())
        if len(words) >= LOOPING_WORDS and len(set(words)) < DISTINCT_SHARE * len(words):
            return "repeats itself"
        if len(text) > self._max_characters:
            return f"longer than {self._max_characters:,} characters"
        script = dominant_script(text)
        if not any_script and self._scripts and script not in self._scripts:
            return f"written in {script or 'no'} script"
        if self._leaks.finds(text):
            return "repeats an example"
        return None


def without_repeats(
    texts: Sequence[str], earlier: Sequence[str], embedder: Embedder | str | None = None, *, alike: float = ALIKE
) -> list[int]:
    """Places of the texts that say something else than `earlier` and the texts before them."""
    if not texts:
        return []
    vectors = embed_texts([*earlier, *texts], embedder)
    similarity = vectors @ vectors.T
    kept = list(range(len(earlier)))
    seen = {_bare(text) for text in earlier}
    for place, text in enumerate(texts, start=len(earlier)):
        if _bare(text) in seen or (kept and float(similarity[place, kept].max()) >= alike):
            continue
        kept.append(place)
        seen.add(_bare(text))
    return [place - len(earlier) for place in kept[len(earlier) :]]


def _bare(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
