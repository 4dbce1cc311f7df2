"""Clean verbatim: a coded transcript without fillers, repetitions and false starts.

It works on a transcript whose mentions are codes already, so nothing is hidden from
detection. Characters are only taken away, except that a sentence whose first word
went gets its capital back, and that a turn of nothing but fillers becomes «(…)»: it
stays in its place, because flags count turns.

What goes: «eh», «ehm», «øh» and the like (“um”, “er”, “erm” in English); «mm» and «hm»
inside a sentence, but not at its start or end, where they are answers; a word or up to four
words said twice at once («jeg jeg», «kan du kan du»); what was broken off and begun again
(`false_starts`). What stays though repeated: answers and emphasis («ja ja», «veldig veldig»,
“no no”, «stor, stor»), negations, numbers and letters (they spell things), and words that mean
something each time («det var det det var»). «Liksom», «på en måte», “like” and “you know” are
words and stay. A code is never changed; one of two equal codes side by side goes like any word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from anonpipe.transcript import Transcript, Turn, Word
from anonpipe.wording.false_starts import false_start
from anonpipe.wording.repetitions import LONGEST as LONGEST_REPEAT
from anonpipe.wording.repetitions import is_repeated
from anonpipe.wording.words import (
    ENDED,
    ENGLISH,
    LANGUAGES,
    Language,
    Unit,
    takes_capital,
    units_of,
)

EMPTY = "(…)"
"""The text of a turn that held nothing but fillers."""


_OPEN, _CLOSE = "«“\"'‘(", "»”\"'’)"
# What may stand around a filler, and between two of the same words.
_LOOSE = re.compile(rf"[\s,.;:!?…\-–—{re.escape(_OPEN + _CLOSE)}]*")

# Characters that are in excess where a word went; group 1 is what goes.
_EXCESS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\s(\s+)",
        r",\s*(,\s*)",
        r"(,\s*)[.?!…;:]",
        r"(?:\.{2,}|…)(\s*(?:\.{2,}|…))",
        r"[.?!…](\s*[,;:]+|\s+[.?!…]+|\s+[\-–—]+(?=\s))",
        r"[–—\-](\s*[–—\-])",
        r"[,;:](\s*[–—\-])(?=\s)",
        r"(\s+)[,.?!;:…](?!\.)",
        r"[«“(](\s*[,;:–—\-]+\s*|\s+)",
        r"(\s+)[»”)]",
    )
)


def clean(transcript: Transcript, language: str) -> Transcript:
    """The transcript in clean verbatim; doing it twice changes nothing more.

    The number of turns and their speakers, times and flags stay; words that went
    leave `Turn.words`, the others' offsets point into the new text. A language other
    than nb, nn and en is left as it is, since its fillers are not known.
    """
    rules = LANGUAGES.get(language)
    if rules is None:
        return transcript
    return replace(transcript, turns=tuple(_clean_turn(turn, rules) for turn in transcript.turns))


def is_filler(text: str, language: str) -> bool:
    """Whether a word, with the signs around it, is a filler or a hum in itself."""
    rules = LANGUAGES.get(language)
    word = text.strip(".,;:!?…-–—«»\"'“”()").casefold()
    return rules is not None and bool(rules.fillers.fullmatch(word) or rules.hums.fullmatch(word))


def _clean_turn(turn: Turn, rules: Language) -> Turn:
    while True:
        cleaned = _pass(turn, rules)
        if cleaned == turn:
            return turn
        turn = cleaned


def _pass(turn: Turn, rules: Language) -> Turn:
    """One round: fillers that are not neighbours; else false starts; else repetitions.

    Of repetitions the shortest go first. What stands beside something removed is looked at
    again in the next round, so a turn that a round leaves unchanged stays unchanged for good.
    """
    units = units_of(turn.text)
    if len(units) == 1 and _is_filler(turn.text, units, 0, rules):
        return replace(turn, text=EMPTY, words=())
    for step in (_fillers, _false_starts, _repetitions):
        gone, capitals = step(turn.text, units, rules)
        if gone:
            return _rebuilt(turn, gone, capitals)
    return turn


def _fillers(text: str, units: Sequence[Unit], rules: Language) -> tuple[set[int], set[int]]:
    gone: set[int] = set()
    capitals: set[int] = set()
    taken = -2
    for index in range(len(units)):
        if index > taken + 1 and _is_filler(text, units, index, rules):
            taken = index
            gone |= _without(text, units, index)
            if _leaves_capital(text, units, index):
                capitals.add(units[index + 1].start)
    return gone, capitals


def _false_starts(text: str, units: Sequence[Unit], rules: Language) -> tuple[set[int], set[int]]:
    gone: set[int] = set()
    capitals: set[int] = set()
    taken = 0  # what a false start may not reach back over
    for index in range(1, len(units)):
        found = false_start(text, units, index, rules)
        if found is not None and found.first >= taken:
            taken = found.restart + 1
            gone.update(range(units[found.first].start, units[found.restart].start))
            if takes_capital(text, units, found.first, found.restart):
                capitals.add(units[found.restart].start)
    return gone, capitals


def _repetitions(text: str, units: Sequence[Unit], rules: Language) -> tuple[set[int], set[int]]:
    gone: set[int] = set()
    for size in range(1, LONGEST_REPEAT + 1):
        if gone:
            break
        taken = 0
        for first in range(len(units) - 2 * size + 1):
            second = first + size
            if first >= taken and is_repeated(text, units, first, size, rules):
                taken = second + size
                gone.update(range(units[second - 1].end, units[taken - 1].end))
    return gone, set()


def _gaps(text: str, units: Sequence[Unit], index: int) -> tuple[str, str]:
    """What stands between a unit and its neighbours, or the ends of the text."""
    start = units[index - 1].end if index else 0
    end = units[index + 1].start if index + 1 < len(units) else len(text)
    return text[start : units[index].start], text[units[index].end : end]


def _is_filler(text: str, units: Sequence[Unit], index: int, rules: Language) -> bool:
    unit = units[index]
    filler = rules.fillers.fullmatch(unit.fold) is not None
    if not filler and not rules.hums.fullmatch(unit.fold):
        return False
    before, after = _gaps(text, units, index)
    if not (_LOOSE.fullmatch(before) and _LOOSE.fullmatch(after)):
        return False  # part of an address or the like
    if before[-1:] and before[-1] in _OPEN and after[:1] and after[0] in _CLOSE:
        return False  # «eh» in quotation marks is spoken about
    if filler:
        return not _is_meant(units, index, after, rules)
    inside = 0 < index < len(units) - 1
    return inside and not ENDED.search(before) and not ENDED.search(after)


def _is_meant(units: Sequence[Unit], index: int, after: str, rules: Language) -> bool:
    """Whether what looks like a filler is a word: “the ER”, “nice, eh?”."""
    unit = units[index]
    if len(unit.text) > 1 and unit.text.isupper():
        return True
    if rules is not ENGLISH:
        return False
    previous = units[index - 1].fold if index else ""
    following = units[index + 1].fold if index + 1 < len(units) else ""
    if unit.fold == "er" and previous in ("the", "an") and following != previous:
        return True
    return unit.fold == "eh" and after.startswith("?")


def _leaves_capital(text: str, units: Sequence[Unit], index: int) -> bool:
    """Whether the unit began a sentence with a capital that the next word must take over."""
    if index + 1 == len(units):
        return False
    after = _gaps(text, units, index)[1].replace("…", "").replace("...", "")
    return ENDED.search(after) is None and takes_capital(text, units, index, index + 1)


def _without(text: str, units: Sequence[Unit], index: int) -> set[int]:
    """Indexes of the characters that go with a unit: its own, and signs then in excess."""
    before, after = _gaps(text, units, index)
    unit = units[index]
    gone = set(range(unit.start, unit.end))
    left = [
        *range(unit.start - len(before), unit.start),
        *range(unit.end, unit.end + len(after)),
    ]
    if index == 0:
        # At the start of a turn only what opens (a quotation) stays.
        return gone | {at for at in left if text[at] not in _OPEN}
    while True:
        signs = "".join(text[at] for at in left)
        match = next((match for pattern in _EXCESS if (match := pattern.search(signs))), None)
        if match is None:
            break
        gone.update(left[match.start(1) : match.end(1)])
        del left[match.start(1) : match.end(1)]
    if index == len(units) - 1:
        while left and text[left[-1]] in " \t\u00a0,;:–—-":
            gone.add(left.pop())
    return gone


def _rebuilt(turn: Turn, gone: set[int], capitals: set[int]) -> Turn:
    """The turn without some characters, its words moved along."""
    kept = [at for at in range(len(turn.text)) if at not in gone]
    text = "".join(turn.text[at].upper() if at in capitals else turn.text[at] for at in kept)
    place = {at: new for new, at in enumerate(kept)}
    return replace(turn, text=text, words=tuple(_moved(turn.words, text, place)))


def _moved(words: Sequence[Word], text: str, place: Mapping[int, int]) -> Iterator[Word]:
    for word in words:
        new = [place[at] for at in range(word.offset, word.offset + len(word.text)) if at in place]
        while new and text[new[0]].isspace():
            new.pop(0)
        while new and text[new[-1]].isspace():
            new.pop()
        if any(text[at].isalnum() for at in new):
            yield replace(word, text=text[new[0] : new[-1] + 1], offset=new[0])
