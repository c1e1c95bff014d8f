"""Instructions out of a prompt model's answer, whatever form it chose.

Looked for in this order: `<instruction>` tags, as asked for; JSON; numbered items; headings; paragraphs between rules.
Nothing is deleted up to a colon: an instruction may well begin with one.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

_TAGGED = re.compile(r"<instruction\b[^>]*>(.*?)(?:</instruction>|(?=<instruction\b)|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?instruction\b[^>]*>", re.IGNORECASE)
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCED = re.compile(r"```[\w-]*\n(.*?)(?:```|\Z)", re.DOTALL)
_NUMBER = re.compile(r"^[ ]{0,3}(?:\*\*)?(?:\(?(\d{1,2})[.):]\)?)(?:\*\*)?[ \t]+(?=\S)", re.MULTILINE)
_HEADING = re.compile(
    r"^[ ]{0,3}(?:#{1,6}[ ]*|\*\*)?(?:instruction|variant|version|option|prompt)[ ]*#?[ ]*\d{1,2}[ ]*"
    r"(?:\*\*)?[:.)]?(?:\*\*)?[ ]*",
    re.MULTILINE | re.IGNORECASE,
)
_RULE = re.compile(r"^[ ]*(?:-{3,}|={3,}|\*{3,})[ ]*$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n[ \t]*\n+")
_PREFIX = re.compile(
    r"^(?:\*\*|__)?(?:(?:proposed|new|revised|improved|final)[ ])?(?:instructions?|prompt|variant)[ ]?\d{0,2}[ ]?"
    r":(?:\*\*|__)?\s*",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(r"^(?:here (?:are|is)|sure|certainly|of course|below (?:are|is))\b[^\n]*:$", re.IGNORECASE)
_JSON_START = re.compile(r"(?:```\w*\s*)?[\[{]\s*(?:[\[{\]}\"]|\Z)")
_JSON_TEXT = re.compile(r'"(?=[^"]{0,400}\s)(?:[^"\\]|\\.){25,}"(?=\s*[,\]}])')
"""A complete text of some length, with a space in it: no key."""
_TEXT_KEYS = ("instruction", "instructions", "text", "prompt", "proposed_instruction", "content", "variant")
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "`": "`", "「": "」"}


def parse_instructions(answer: str) -> list[str]:
    """The instructions in `answer`, in order, each without numbering, prefix, fence and quotes around it."""
    answer = _THOUGHTS.sub("", answer).replace("\r\n", "\n").strip()
    found = _tagged(answer) or _from_json(answer)
    if not found and not _is_json(answer):
        found = _split_text(_TAG.sub("", _without_fences(answer)))
    bare = (strip_wrapping(text) for text in found)
    return list(dict.fromkeys(text for text in bare if text))


def strip_wrapping(text: str) -> str:
    """Without an "Instruction:" before it, a code fence or a pair of quotes around it."""
    text = text.strip()
    while True:
        bare = _PREFIX.sub("", text)
        if (fenced := re.fullmatch(r"```[\w-]*\n(.*?)\n?```", bare, re.DOTALL)) is not None:
            bare = fenced.group(1)
        bare = _unquoted(bare.strip()).strip()
        if bare.startswith("**") and bare.endswith("**") and "**" not in bare[2:-2]:
            bare = bare[2:-2].strip()
        if bare == text:
            return text
        text = bare


def _unquoted(text: str) -> str:
    """One pair of quotes around the whole is dropped; quotes that close earlier belong to the text."""
    closing = _QUOTES.get(text[:1])
    if closing is None or len(text) < 3 or not text.endswith(closing):
        return text
    inner = text[1:-1]
    return text if closing in inner or text[0] in inner else inner


def _tagged(answer: str) -> list[str]:
    return [text for text in _TAGGED.findall(answer) if text.strip()]


def _from_json(answer: str) -> list[str]:
    for text in [*_FENCED.findall(answer), answer]:
        for value in _json_values(text):
            if found := list(_texts_in(value)):
                return found
    # An answer that was cut off: the texts that are complete.
    return [json.loads(text, strict=False) for text in _JSON_TEXT.findall(answer)] if _is_json(answer) else []


def _is_json(answer: str) -> bool:
    return _JSON_START.match(answer) is not None


def _json_values(text: str) -> Iterator[Any]:
    """Arrays and objects that begin a line: a model may talk around them."""
    decoder = json.JSONDecoder(strict=False)
    for start in (match.start(1) for match in re.finditer(r"^\s*([\[{])", text, re.MULTILINE)):
        try:
            yield decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        return


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts_in(item)
    elif isinstance(value, dict):
        named = [value[key] for key in _TEXT_KEYS if key in value]
        nested = [item for item in value.values() if isinstance(item, list | dict)]
        # {"1": "…", "2": "…"} names nothing: all its texts are meant.
        numbered = [item for key, item in value.items() if isinstance(item, str) and re.search(r"\d+$", str(key))]
        for item in named or nested or numbered:
            yield from _texts_in(item)


def _without_fences(answer: str) -> str:
    return _FENCED.sub(lambda found: found.group(1), answer)


def _split_text(answer: str) -> list[str]:
    for split in (_by_headings, _by_numbers, _by_rules):
        if len(parts := split(answer)) > 1:
            return parts
    paragraphs = [part for part in _BLANK_LINES.split(answer) if not _PREAMBLE.match(part.strip())]
    one = "\n\n".join(paragraphs).strip()
    lines = [line for line in one.splitlines() if line.strip()]
    if len(lines) > 1 and all(re.match(r"[ ]{0,3}[-*•] ", line) for line in lines) and min(map(len, lines)) > 40:
        return [re.sub(r"^[ ]*[-*•] ", "", line) for line in lines]
    single = _by_headings(one) or _by_numbers(one)
    return single or ([one] if one else [])


def _by_headings(answer: str) -> list[str]:
    return _pieces(answer, [(match.start(), match.end()) for match in _HEADING.finditer(answer)])


def _by_numbers(answer: str) -> list[str]:
    """Items of a list that counts 1, 2, 3 …; a list inside an item starts again at 1 and stays in it."""
    places: list[tuple[int, int]] = []
    inside = 0  # the last number of a list inside the item
    for match in _NUMBER.finditer(answer):
        number = int(match.group(1))
        if places and (number == 1 or (inside and number == inside + 1)):
            inside = number
        elif number == len(places) + 1:
            places.append((match.start(), match.end()))
            inside = 0
    return _pieces(answer, places)


def _by_rules(answer: str) -> list[str]:
    return [part for part in _RULE.split(answer) if part.strip() and not _PREAMBLE.match(part.strip())]


def _pieces(answer: str, places: list[tuple[int, int]]) -> list[str]:
    """From each place to the next; what stands before the first is talk."""
    ends = [*(start for start, _ in places[1:]), len(answer)][: len(places)]
    return [answer[begin:end] for (_, begin), end in zip(places, ends, strict=True) if answer[begin:end].strip()]
