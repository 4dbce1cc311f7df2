"""Forms that a reviewer may choose instead of a detail, from less exact to least.

The levels are those of `codes.generalise`. Here it is made sure that none of them still holds
what it is to hide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from anonpipe.codes.generalise import levels
from anonpipe.codes.generalise.kinds import BACKGROUND
from anonpipe.detect.recognizers.background import finder
from anonpipe.transcript import ALSO, MentionType

MOST = 5
"""Forms that are suggested at most; a longer list would be read by nobody."""
_WORD = re.compile(r"[^\W\d_]+")
_RANGE = re.compile(r"\d[\d ,]*(?:–| og | and )\d[\d ,]*")

_ARTICLE = re.compile(r"^(?:an?|the|en|ei|et|ein|eit|den|det|de)\s+(?=\S)", re.IGNORECASE)


def suggested(
    mention_type: MentionType,
    text: str,
    language: str,
    *,
    context: str = "",
    also: Iterable[str] = (),
) -> tuple[str, ...]:
    """Bracketed forms for a detail, the most exact first; () for a person, who keeps a code.

    `context` is the text of the turn, in which the first `text` is the detail: a unit that follows
    it is not said twice. `also` are other words for the same thing, such as its forms in the key:
    no form holds one of them either. `language` is the transcript's (nb, nn; else English).
    """
    said = " ".join(text.split())
    if not said:
        return ()
    _, _, after = context.partition(text)
    hidden = [said, *also]
    found = levels(mention_type, said, language, after=after)
    if mention_type == "OTHER" and len(found) == 1:
        found = (*_background(said, language), *found)
    # A month is no name, though it has a capital in English.
    names = mention_type != "DATE"
    return tuple(
        form for form in found if not any(holds(form, words, names=names) for words in hidden)
    )[:MOST]


def _background(text: str, language: str) -> tuple[str, ...]:
    """«[nasjonalitet]», «[språk]» or «[tro]» for a word that is one."""
    # A language's name counts only beside a word about language.
    probes = ((text, 0), (f"snakker {text}", 8), (f"speaks {text}", 7))
    for probe, shift in probes:
        for span in finder(ALSO)(probe, language):
            if (span.start, span.end) == (shift, len(probe)):
                return (f"[{BACKGROUND[span.recognizer].of(language)}]",)
    return ()


def holds(form: str, words: str, *, names: bool = True) -> bool:
    """Whether a form still says some words: all of them in a row, or a name among them if `names`.

    A figure at the end of a range («45–49», «mellom 10 og 20») is not that figure. A word in lower
    case that stands in the form too («kommune» of «Bærum kommune») is the kind of the thing.
    """
    plain = _RANGE.sub(" ", form[1:-1])
    bare = _ARTICLE.sub("", words.strip())
    whole = rf"(?<!\w){re.escape(bare)}(?!\w)"
    if bare and re.search(whole, plain, re.IGNORECASE):
        return True
    capital = {word.lower() for word in _WORD.findall(words) if names and word[0].isupper()}
    return any(word.lower() in capital for word in _WORD.findall(plain))
