"""Laughter as recognisers and people write it, made one mark.

Only what stands in the text is marked: «haha», «hehe», «[latter]», «(ler)», «*ler*»,
“(laughs)”. Nothing here listens for laughter, and a recogniser that writes none of it leaves
none to mark. «He he», «ho ho» and «hi hi» may be words, and a single «ha» is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from anonpipe.splicing import Piece, splice_turn
from anonpipe.transcript import Transcript
from anonpipe.wording.marks import laughter

_TOLD = (
    r"[\[(*]\s*(?:(?:de|vi|begge|alle|both|all|they)\s+)?"
    r"(?:ler|le|lo|lett latter|latter|lått|humrer|humrar|fniser|knegger|knis|kniser|"
    r"laughs?|laughing|laughter|chuckles?|chuckling|giggles?)"
    r"(?:\s+(?:litt|høyt|høgt|kort|godt|mye|mykje|begge|softly|lightly|loudly|a bit|a little))?"
    r"\s*[\])*]"
)
_HEARD = (
    r"(?<![\w\-])(?:(?:ha){2,}h?|(?:he){2,}h?|(?:hi){2,}h?"
    r"|ha(?:[,\-] ?ha)+|ha(?: ha){2,})(?![\w\-])"
)
_ONE = rf"(?:{_TOLD}|{_HEARD})"
_LAUGHTER = re.compile(rf"{_ONE}(?:[\s,]*{_ONE})*", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:^|[.?!…])[\s\"'«“]*$")
_NEXT = re.compile(r"\s*[^\W\d_]")


def with_laughter(transcript: Transcript) -> Transcript:
    """The transcript with one mark for each laugh; doing it twice changes nothing more.

    The commas around a laugh go where it stands for a word of the sentence, and a sentence
    that it began begins with the next word.
    """
    mark = laughter(transcript.language)
    turns = (splice_turn(turn, list(_pieces(turn.text, mark))) for turn in transcript.turns)
    return replace(transcript, turns=tuple(turns))


def _pieces(text: str, mark: str) -> Iterator[Piece]:
    for match in _LAUGHTER.finditer(text):
        start, end = match.span()
        if match[0] == mark:
            continue
        rest = text[end:]
        if _SENTENCE.search(text[:start]):
            signs = re.match(r"[,.!…]+", rest)
            end += len(signs[0]) if signs else 0
            following = _NEXT.match(rest[len(signs[0]) :]) if signs else None
            yield Piece(start, end, mark)
            goes_on = signs is not None and signs[0] == "," and match[0][:1].isupper()
            if goes_on and following is not None:
                last = end + following.end()
                yield Piece(last - 1, last, text[last - 1 : last].upper())
            continue
        if before := re.search(r",\s*$", text[:start]):
            if not rest.strip() or re.match(r"\s*[.?!…]", rest):
                start, mark_here = before.start(), f" {mark}"
                yield Piece(start, end, mark_here)
                continue
            end += rest.startswith(",")
        yield Piece(start, end, mark)
