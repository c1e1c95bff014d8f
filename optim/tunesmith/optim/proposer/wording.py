"""Field names and labels as parts of an English sentence.

Sentences are imperatives, so that nothing has to agree with a field's number: "give the topic", "give the topics".
"""

import re
from collections.abc import Sequence

FIELDS_NAMED = 3
"""Fields a sentence can name and still be read."""

_QUESTION_WORDS = frozenset(
    {"is", "are", "has", "have", "was", "should", "can", "does", "do", "will", "needs", "needed"}
)
_PLAIN_LABEL = re.compile(r"[\w.+/-]+(?: [\w.+/-]+){0,3}")


def noun(name: str) -> str:
    """`bike_number` → the bike number; what does not read as an English noun is quoted as code: `is_spam`, `q`."""
    words = [word for word in name.split("_") if word]
    readable = (
        words
        and all(word.isascii() and word.isalpha() and word.islower() for word in words)
        and words[0] not in _QUESTION_WORDS
        and len(name) > 2
    )
    return f"the {' '.join(words)}" if readable else f"`{name}`"


def nouns(names: Sequence[str], *, otherwise: str) -> str:
    """Up to three fields by name; more, or none, as `otherwise`."""
    return enumerate_words([noun(name) for name in names]) if 0 < len(names) <= FIELDS_NAMED else otherwise


def enumerate_words(words: Sequence[str], last: str = "and") -> str:
    """a; a and b; a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def quote(text: str) -> str:
    """In double quotes, single ones where it holds double ones."""
    return f"'{text}'" if '"' in text else f'"{text}"'


def label_list(labels: Sequence[str], last: str | None = None) -> str:
    """The labels, quoted all where one would blur into the sentence; `last`: the word before the last one."""
    plain = all(_PLAIN_LABEL.fullmatch(label) for label in labels)
    shown = list(labels) if plain else [quote(label) for label in labels]
    return enumerate_words(shown, last) if last else ", ".join(shown)


def as_sentence(text: str) -> str:
    """With a capital and a full stop, where the text has neither. Text in other scripts stays as it is."""
    text = text.strip()
    if text and text[-1].isascii() and (text[-1].isalnum() or text[-1] in "\"'`)"):
        text += "."
    return text[:1].upper() + text[1:] if text[:1].isascii() else text
