"""What an instruction asks for, as numbers: plain code, no model.

`FEATURES` is the table; a feature is a line in it. Values lie in 0..1, but for `length`, which is about −2..2.
Wording is recognised in English, and its commonest forms in German, French and Spanish; what is structure (labels,
field names, bullets, length) in any language.
"""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

USUAL_WORDS = 40
"""Of an instruction: where `length` is 0."""


class FeatureContext(Struct, frozen=True, kw_only=True):
    """What a predictor's instruction may name."""

    labels: tuple[str, ...] = ()
    """The values its output may take; empty where it is no classification."""
    fields: tuple[str, ...] = ()
    """Names of its inputs and outputs."""
    confusions: tuple[tuple[str, str], ...] = ()
    """Label pairs (expected, given) the baseline confuses."""
    error_phrases: tuple[str, ...] = ()
    """Words of the baseline's other known errors."""


class Feature(NamedTuple):
    """Something an instruction may ask for."""

    meaning: str
    """One line for people, that completes "the instruction …"."""
    measure: Callable[[str, FeatureContext], float]
    """How much of it a text has."""


def extract_features(text: str, context: FeatureContext) -> dict[str, float]:
    """Every feature of `FEATURES`, in its order."""
    return {name: feature.measure(text, context) for name, feature in FEATURES.items()}


def matching(*patterns: str, negated_too: bool = True) -> Callable[[str, FeatureContext], float]:
    """1 where the text matches any, else 0. Without `negated_too`, "do not think aloud" is no request to think."""
    compiled = re.compile("|".join(patterns), re.IGNORECASE)

    def measure(text: str, _: FeatureContext) -> float:
        return float(compiled.search(text if negated_too else _NEGATED.sub(" ", text)) is not None)

    return measure


def share_named(names: tuple[str, ...], text: str) -> float:
    """The share of `names` that stand in the text as whole words."""
    if not names:
        return 0.0
    folded = text.casefold()
    return sum(_is_named(name, folded) for name in names) / len(names)


def _is_named(name: str, folded: str) -> bool:
    """Underscores may be written as spaces. Scripts without spaces between words have no word boundaries."""
    if not (name := name.casefold().strip()):
        return False
    spellings = {name, name.replace("_", " ")}
    return any(
        re.search(rf"(?<![^\W_]){re.escape(one)}(?![^\W_])", folded) or (_UNSPACED.search(one) and one in folded)
        for one in spellings
    )


def _warns_of_error(text: str, context: FeatureContext) -> float:
    """1: names a known error of this program. ½: warns in general."""
    cautions = [part for part in _SENTENCE_END.split(text) if _CAUTION.search(part)]
    for part in cautions:
        if any(share_named(pair, part) == 1 for pair in context.confusions):
            return 1.0
        if any(phrase.casefold() in part.casefold() for phrase in context.error_phrases if phrase):
            return 1.0
    return 0.5 if cautions else 0.0


def _structure(text: str, _: FeatureContext) -> float:
    return min(1.0, len(_BULLET.findall(text)) / 3)


def _length(text: str, _: FeatureContext) -> float:
    """Doubling the words adds ½."""
    words = len(_WORD.findall(_UNSPACED.sub(" ", text))) + len(_UNSPACED.findall(text)) / 2
    return max(-2.5, min(2.5, math.log2((1 + words) / (1 + USUAL_WORDS)) / 2))


_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")
"""Kana, Chinese characters, Thai."""
_SENTENCE_END = re.compile(r"(?<=[.!?;。！？])\s|\n")
_NEGATED = re.compile(
    r"\b(?:do not|don't|never|without|no|not|nicht|ohne|kein\w*|sans|sin)\b[^.;:,\n]{0,80}", re.IGNORECASE
)
_CAUTION = re.compile(
    r"\b(?:confus\w*|mistak\w*|mix(?:ing|ed)? up|mixed|careful\w*|beware|avoid|watch out|wrongly|errors?|"
    r"do not|don't|never|not|verwechs\w*|nicht|achte|ne pas|attention|éviter?|evita|cuidado|no confund\w*)\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[ \t]*(?:[-*•–]|\d{1,2}[.)]|[a-z][.)])[ \t]+\S", re.MULTILINE)

FEATURES: dict[str, Feature] = {
    "asks_for_steps": Feature(
        "asks for steps or reasoning before the answer",
        matching(
            r"step[- ]by[- ]step|\bsteps?\b|\bthink\b|\breason(?:ing)?\b|\bfirst\b[^\n]{0,120}\bthen\b",
            r"\bschritt|\bétapes?\b|\bpaso a paso\b",
            negated_too=False,
        ),
    ),
    "names_format": Feature(
        "names the output format",
        matching(
            r"\bformat\b|\bjson\b|\byaml\b|\b(?:one|single|(?:as|with|is) an?) "
            r"(?:word|label|number|integer|value|line|sentence|name|date|list)\b",
            r"\bdigits\b|\b(?:lower|upper) ?case\b|\bcomma[- ]separated\b|yyyy",
            r"\bin the form\b|\bspelled exactly\b",
            r"\bein(?:e|er)? (?:wort|zahl|zeile)\b|\bun (?:mot|nombre)\b|\buna palabra\b",
        ),
    ),
    "lists_labels": Feature(
        "lists the labels (share of them)", lambda text, context: share_named(context.labels, text)
    ),
    "warns_of_error": Feature("warns of an error the program makes", _warns_of_error),
    "persona": Feature(
        "gives the model a role",
        matching(
            r"\byou are (?:an?|the)\b|\bact as\b|\byour (?:role|job) is\b|\bas an? (?:\w+ )?expert\b",
            r"\bdu bist\b|\bvous êtes\b|\beres un",
        ),
    ),
    "states_stakes": Feature(
        "says that much depends on it",
        matching(
            r"\b(?:important|critical|crucial|essential|vital|urgent\w*|matters)\b",
            r"\b(?:wichtig|entscheidend|importante?)\b",
            r"high[- ]stakes|depends? on",
        ),
    ),
    "gives_example": Feature(
        "shows an example or part of one",
        matching(
            r"\bfor (?:example|instance)\b|\be\.\s?g\.|\bexamples?:|->|→|=>",
            r"\bzum beispiel\b|\bz\. ?b\.|\bpar exemple\b|\bpor ejemplo\b",
        ),
    ),
    "forbids_explanation": Feature(
        "wants the answer alone, without explanation",
        matching(
            r"\bnothing (?:else|more)\b|\b(?:value|answer|label|number|word)s? alone\b",
            r"\bno (?:explanation|other text|extra)",
            r"\b(?:without|don't|do not|never) (?:any |an |further )?expla",
            r"\bonly (?:the|with|one of)\b",
            r"\b(?:answer|respond|reply|output|return|write|give)\b[^.\n]{0,60}\b(?:only|just|alone)\b|\bjust the\b",
            r"\bnur (?:mit|das|die|den)\b|\bohne erklärung|\buniquement\b|\bsolamente\b|\bsolo con\b",
        ),
    ),
    "asks_to_quote": Feature(
        "asks to copy from the input",
        matching(
            r"\bquot(?:e|ing)\b|\bcopy\b|\bcopied\b|\bverbatim\b|\bword for word\b",
            r"\b(?:exactly )?as (?:it|they) (?:stands?|appears?|(?:is|are) written)\b|\bexactly as written\b|"
            r"\bwörtlich\b|\bmot à mot\b|\btextual",
        ),
    ),
    "edge_cases": Feature(
        "says what to do in doubtful cases",
        matching(
            r"\bif\b[^.\n]{1,160}\b"
            r"(?:otherwise|none|neither|several|unclear|missing|more than one|both|unsure|absent|not)\b",
            r"\bif in doubt\b|\bwhen (?:unsure|in doubt)\b|\botherwise\b|\bunless\b",
            r"\bambiguous\b|\bborderline\b",
            r"\bim zweifel\b|\bandernfalls\b|\bsinon\b|\ben caso de duda\b",
        ),
    ),
    "bullet_structure": Feature("is laid out in bullets or numbered lines", _structure),
    "length": Feature(f"is long (0: about {USUAL_WORDS} words; +½: twice as many)", _length),
    "politeness": Feature(
        "is polite",
        matching(r"\bplease\b|\bkindly\b|\bthank(?:s| you)\b|\bbitte\b|s'il (?:vous|te) pla|\bpor favor\b|请"),
    ),
    "names_fields": Feature(
        "mentions the fields by name (share)", lambda text, context: share_named(context.fields, text)
    ),
}
