"""Clean verbatim: a coded transcript without fillers and immediate repetitions.

It works on a transcript whose mentions are codes already, so nothing is hidden from
detection. Characters are only taken away, except that a sentence whose first word
went gets its capital back, and that a turn of nothing but fillers becomes «(…)»: it
stays in its place, because flags count turns.

What goes: «eh», «ehm», «øh» and the like (“um”, “er”, “erm” in English); «mm» inside
a sentence, but not at its start or end, where it is an answer; a word or up to four
words said twice at once («jeg jeg», «kan du kan du»). What stays though repeated:
answers and emphasis («ja ja», «veldig veldig», “no no”, «stor, stor»), negations,
numbers and letters (they spell things). A code is never changed; one of two equal
codes side by side goes like any word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from anonpipe.resources import word_set
from anonpipe.transcript import Transcript, Turn, Word

EMPTY = "(…)"
"""The text of a turn that held nothing but fillers."""


@dataclass(frozen=True, slots=True)
class _Language:
    """`fillers` always go, `hums` go inside sentences; a word of `kept` may be said twice.

    `numbers` may be read out digit by digit; `small` are words whose repetition across a
    comma is a stutter, where that of other words is emphasis.
    """

    fillers: re.Pattern[str]
    hums: re.Pattern[str]
    kept: frozenset[str]
    numbers: frozenset[str]
    small: frozenset[str]


_HUMS = re.compile(r"h*m{2,}|hm+")
_NORWEGIAN = _Language(
    # «øm», «æ», «e» and «um» are words or parts of dialects: not in the list.
    fillers=re.compile(r"e+h+m*|ø+h+m*|æ+h+m*|u+h+m+|ehm+"),
    hums=_HUMS,
    kept=word_set(
        """
        ja jo nei joda jada neida mhm aha oi ok okei okay takk hei hallo hadet ha he hi hysj
        stopp veldig svært kjempe utrolig ekstremt skikkelig ordentlig bra fint flott godt god
        gode dårlig mange mye mykje lite litt lenge langt lang lange mer meir mest stor stort
        store små liten lita ikke ikkje aldri alltid aldeles ingen inga ingenting alle alt rett
        fort sakte sakta tett bla tja vel hele heile helt heilt
        """
    ),
    numbers=word_set(
        """
        null en ein ett eitt to tre fire fem seks sju syv åtte ni ti elleve tolv tretten fjorten
        femten seksten sytten atten nitten tjue tyve tretti førti femti seksti sytti åtti nitti
        hundre tusen
        """
    ),
    small=word_set(
        """
        jeg eg du han hun ho det den de dei vi me dere de man en ei et ein eit i på til fra frå
        med av for om ved hos mot over under etter og eller men at som da då når hvis så der her
        nå no er var har hadde kan kunne skal skulle vil ville må måtte blir ble blei vart bli å
        min mi mitt mine din sin si sitt sine vår vårt hva kva hvor kor hvem kven hvordan
        korleis hvorfor kvifor denne dette disse noe noko noen nokon bare berre også òg jo altså
        liksom sånn slik
        """
    ),
)
_ENGLISH = _Language(
    fillers=re.compile(r"u+h+|u+h*m+|e+r+|e+r+m+|e+h+|e+h+m+"),
    hums=_HUMS,
    kept=word_set(
        """
        yes yeah yep no nope not never mhm aha ah oh ok okay right thanks bye hello hi hey ha he
        ho very really much many more most long far big great good bad little small old all
        always well now there blah bla had too quite super stop go come
        """
    ),
    numbers=word_set(
        """
        zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy
        eighty ninety hundred thousand double triple
        """
    ),
    small=word_set(
        """
        i you he she it we they the a an in on at to from with of for about by and or but that
        which who when if as is are was were be been have has do does did can could will would
        shall should may might must my your his her its our their this these those what where
        how why some any just then than there's it's i'm you're we're they're that's i've don't
        """
    ),
)
_ARTICLES = frozenset({"en", "ein"})
"""Norwegian “a” and “one”: a number only beside another number («en en null»)."""

_LANGUAGES = {"nb": _NORWEGIAN, "nn": _NORWEGIAN, "no": _NORWEGIAN, "en": _ENGLISH}

# A code with what may be attached to it («[Person 1]s»), or a word with inner
# apostrophes, points and hyphens («e-post», "don't").
_UNIT = re.compile(r"\[[^\[\]\n]{1,60}\](?:['’\-]?\w+)*|\w+(?:['’.\-]\w+)*")
_LONGEST_REPEAT = 4  # words
_OPEN, _CLOSE = "«“\"'‘(", "»”\"'’)"
# What may stand around a filler, and between two of the same words.
_LOOSE = re.compile(rf"[\s,.;:!?…\-–—{re.escape(_OPEN + _CLOSE)}]*")
_BETWEEN = re.compile(r"[ \t\u00a0]*(?:,|…|\.{2,}|-|–|—)?[ \t\u00a0]+")
_ENDED = re.compile(r"[.?!…]")

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


@dataclass(frozen=True, slots=True)
class _Unit:
    start: int
    end: int
    text: str
    fold: str


def clean(transcript: Transcript, language: str) -> Transcript:
    """The transcript in clean verbatim; doing it twice changes nothing more.

    The number of turns and their speakers, times and flags stay; words that went
    leave `Turn.words`, the others' offsets point into the new text. A language other
    than nb, nn and en is left as it is, since its fillers are not known.
    """
    rules = _LANGUAGES.get(language)
    if rules is None:
        return transcript
    return replace(transcript, turns=tuple(_clean_turn(turn, rules) for turn in transcript.turns))


def _clean_turn(turn: Turn, rules: _Language) -> Turn:
    while True:
        cleaned = _pass(turn, rules)
        if cleaned == turn:
            return turn
        turn = cleaned


def _pass(turn: Turn, rules: _Language) -> Turn:
    """One round: fillers that are not neighbours; else the shortest repetitions there are.

    What stands beside something removed is looked at again in the next round, so a
    turn that a round leaves unchanged stays unchanged for good.
    """
    units = [
        _Unit(match.start(), match.end(), match[0], match[0].casefold().replace("’", "'"))
        for match in _UNIT.finditer(turn.text)
    ]
    gone: set[int] = set()
    capitals: set[int] = set()
    taken = -2
    for index in range(len(units)):
        if index > taken + 1 and _is_filler(turn.text, units, index, rules):
            if len(units) == 1:
                return replace(turn, text=EMPTY, words=())
            taken = index
            gone |= _without(turn.text, units, index)
            if _leaves_capital(turn.text, units, index):
                capitals.add(units[index + 1].start)
    for size in range(1, _LONGEST_REPEAT + 1):
        if gone:
            break
        taken = 0
        for first in range(len(units) - 2 * size + 1):
            second = first + size
            if first >= taken and _is_stutter(turn.text, units, first, size, rules):
                taken = second + size
                gone.update(range(units[second - 1].end, units[taken - 1].end))
    return _rebuilt(turn, gone, capitals) if gone else turn


def _gaps(text: str, units: Sequence[_Unit], index: int) -> tuple[str, str]:
    """What stands between a unit and its neighbours, or the ends of the text."""
    start = units[index - 1].end if index else 0
    end = units[index + 1].start if index + 1 < len(units) else len(text)
    return text[start : units[index].start], text[units[index].end : end]


def _is_filler(text: str, units: Sequence[_Unit], index: int, rules: _Language) -> bool:
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
    return inside and not _ENDED.search(before) and not _ENDED.search(after)


def _is_meant(units: Sequence[_Unit], index: int, after: str, rules: _Language) -> bool:
    """Whether what looks like a filler is a word: “the ER”, “nice, eh?”."""
    unit = units[index]
    if len(unit.text) > 1 and unit.text.isupper():
        return True
    if rules is not _ENGLISH:
        return False
    previous = units[index - 1].fold if index else ""
    following = units[index + 1].fold if index + 1 < len(units) else ""
    if unit.fold == "er" and previous in ("the", "an") and following != previous:
        return True
    return unit.fold == "eh" and after.startswith("?")


def _leaves_capital(text: str, units: Sequence[_Unit], index: int) -> bool:
    """Whether the unit began a sentence with a capital that the next word must take over."""
    if index + 1 == len(units) or not units[index].text[0].isupper():
        return False
    before, after = _gaps(text, units, index)
    return (
        (index == 0 or _ENDED.search(before) is not None)
        and _ENDED.search(after.replace("…", "").replace("...", "")) is None
        and units[index + 1].text.islower()
        and len(units[index + 1].text[0].upper()) == 1
    )


def _is_stutter(text: str, units: Sequence[_Unit], first: int, size: int, rules: _Language) -> bool:
    """Whether `size` units from `first` are said once more at once, and without meaning."""
    both = units[first : first + 2 * size]
    run = both[:size]
    if any(a.fold != b.fold for a, b in zip(run, both[size:], strict=True)):
        return False
    gaps = [text[a.end : b.start] for a, b in pairwise(both)]
    if not all(_BETWEEN.fullmatch(gap) for gap in gaps):
        return False
    if all(unit.fold in rules.kept for unit in run):
        return False
    end = first + 2 * size
    around = [*units[max(0, first - 1) : first], *units[end : end + 1]]
    if any(_spells(unit, around, rules) for unit in run):
        return False
    return "," not in gaps[size - 1] or any(unit.fold in rules.small for unit in run)


def _spells(unit: _Unit, around: Sequence[_Unit], rules: _Language) -> bool:
    """Whether a unit may be part of something spelled or counted, where a repeat has meaning."""
    if unit.text.startswith("["):
        return False
    if unit.fold in _ARTICLES:
        return any(other.fold in rules.numbers for other in around)
    if unit.fold in rules.numbers or any(character.isdigit() for character in unit.text):
        return True
    return len(unit.text) == 1 and unit.fold not in rules.small


def _without(text: str, units: Sequence[_Unit], index: int) -> set[int]:
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
