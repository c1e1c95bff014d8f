"""Which script and, for Latin ones, which language a text is probably in: plain code that may say it cannot tell."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

CHARACTERS_READ = 1000

_WORD = re.compile(r"[^\W\d_]+")
_COMMON_WORDS = {
    "English": "the and is of to in that it for with was this are not my have what how you your can",
    "German": "der die das und ist nicht ich zu mit ein eine den auf für wie was mein dem wird kann bitte",
    "French": "le la les et est pas je de des un une que pour dans mon ma avec ce vous sur du comment",
    "Spanish": "el la los las y es no de que un una para con mi en por se lo cómo qué está",
    "Italian": "il lo la gli e è non di che un una per con mio mia in si come sono del della",
    "Portuguese": "o a os as e é não de que um uma para com meu minha em por se como do da",
    "Dutch": "de het een en is niet ik van te met op voor dat mijn hoe wat zijn heb kan bij",
}
_ENGLISH_FUNCTION_WORDS = (
    "about after again all also although always among another any anything because been before being between both but "
    "could did does doing done down each either else even ever every everything few from get gets got had has her here "
    "him his however into its just last less like made make many may might more most much must myself never nothing "
    "now off often once one only other our out over own please put said same she should since some something still "
    "such than their them then there these they thing those though through too two under until upon use used very want "
    "were when where whether which while who whom whose why will within without would yet yours let way really cannot "
    "don doesn didn isn wasn won ain aren couldn hasn haven shouldn wouldn needs need going"
)
FUNCTION_WORDS = frozenset(" ".join([*_COMMON_WORDS.values(), _ENGLISH_FUNCTION_WORDS]).split())
"""Words that say nothing of a text's subject."""
_LANGUAGES_OF: dict[str, list[str]] = {}
for _language, _words in _COMMON_WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_language)


def dominant_script(text: str) -> str | None:
    """The script most of the letters belong to, in Unicode's words (`Latin`, `Cyrillic`, `Cjk`); None: no letters."""
    counts = Counter(_script(character) for character in text[:CHARACTERS_READ] if character.isalpha())
    # Japanese mixes three scripts, which says more than the most frequent of them.
    if counts["Hiragana"] or counts["Katakana"]:
        return "Japanese"
    return max(counts, key=counts.__getitem__) if counts else None


def guess_language(texts: Iterable[str]) -> str | None:
    """The language whose commonest words are clearly the most frequent; None: cannot tell."""
    hits: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(text[:CHARACTERS_READ].lower()):
            hits.update(_LANGUAGES_OF.get(word, ()))
    ranked = hits.most_common(2)
    if not ranked or ranked[0][1] < 3 or (len(ranked) > 1 and ranked[0][1] < 1.4 * ranked[1][1]):
        return None
    return ranked[0][0]


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    return unicodedata.name(character, "unknown").split()[0].split("-")[0].capitalize()
