"""What is known of a transcript's words before anybody looks at its mentions.

Slow once a transcript (`read`), so that the queue is made anew in no time after every decision.
"""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from anonpipe.codes import Place
from anonpipe.codes.spelling import other_script
from anonpipe.detect.chances import Chance, settled
from anonpipe.detect.reader import Reader
from anonpipe.detect.spans import code_spans
from anonpipe.detect.words import Word
from anonpipe.resources import word_set
from anonpipe.review.questions.indirect import details
from anonpipe.review.questions.remains import Remain, remains
from anonpipe.review.questions.weights import suspicion
from anonpipe.transcript import MentionType, Transcript
from anonpipe.transcript import Word as Spoken

UNSURE = 0.5
"""Probability below which the recogniser may have meant another word."""
_CLOSE = {"no": "nb", "da": "nb", "sv": "nb"}
_FIGURE = re.compile(r"\d+")
_CALLED = re.compile(
    r"\b(?:kall[ae][rst]?|kalte|kalt|called?|calls|calling|nicknamed|known as|goes by"
    r"|kallenavn\w*|oppnavn\w*|klengenavn\w*|utnavn\w*)\b"
)
_REACH = 45
"""Characters in which what somebody is called follows on the word that says so."""
_VERBS = word_set(
    "er var har hadde sa sier seier kom kommer gikk får fikk ble blir tok ga sto satt "
    "ringte ringer svarte bor jobber skrev vet mener spurte fortalte "
    "is was has had says said came comes went "
    "got gave told asked works lives wrote rang called"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A word or figure, at characters `start` to `end` of a turn.

    `form` is what it is looked up by, in lower case and without a genitive. `clues` are names of
    what speaks for or against a name (`weights`), `chance` and `type` are what the network
    thinks. `probability` is the recogniser's, 1.0 in text; `suspected` are the log-odds that it
    belongs to an identifier, as far as the text alone tells.
    """

    turn: int
    start: int
    end: int
    text: str
    form: str
    clues: frozenset[str]
    chance: float
    type: MentionType | None
    probability: float
    suspected: float

    @property
    def is_word(self) -> bool:
        """False for figures."""
        return "figure" not in self.clues


Heard = tuple[int, int, str]
"""Numbers of the first and the last of some words, and the name that they sound like."""


@dataclass(slots=True)
class Reading:
    """A transcript as the queue reads it.

    `told` are its words and figures in order, outside codes and roles; `by_form` finds them by
    form. `by_turn` are the network's chances, `remains` pieces of numbers and addresses, `details`
    what may point to somebody without naming them. `heard`
    remembers which of them sound like names, by those names (`unsure`).
    """

    transcript: Transcript
    language: str
    told: tuple[Told, ...]
    by_form: Mapping[str, Sequence[int]]
    by_turn: Mapping[int, Sequence[Chance]]
    remains: tuple[Remain, ...] = ()
    details: tuple[Place, ...] = ()
    heard: dict[tuple[str, ...], tuple[Heard, ...]] = field(default_factory=dict)

    def chance_in(self, turn: int, start: int, end: int) -> float:
        """The greatest chance that the network gave to anything in a place; 0.0 if none."""
        found = self.by_turn.get(turn, ())
        at = bisect.bisect_right(found, start, key=lambda chance: chance.end)
        best = 0.0
        for chance in found[at:]:
            if chance.start >= end:
                break
            best = max(best, chance.score)
        return best


def read(transcript: Transcript, chances: Sequence[Chance] = ()) -> Reading:
    """Read a transcript in nb, nn or en (any other language is read as English).

    `chances` are those of the name model (`detect.chances`); without them only lists and
    neighbours tell what looks like a name.
    """
    language = _CLOSE.get(transcript.language, transcript.language)
    reader = Reader(transcript.text, language)
    by_turn: dict[int, list[Chance]] = defaultdict(list)
    for chance in settled(chances, transcript):
        by_turn[chance.turn].append(chance)
    told = tuple(_told(transcript, reader, by_turn))
    by_form: dict[str, list[int]] = defaultdict(list)
    for index, each in enumerate(told):
        by_form[each.form].append(index)
    return Reading(
        transcript,
        language,
        told,
        by_form,
        by_turn,
        tuple(remains(transcript)),
        tuple(details(transcript, language)),
    )


def _told(
    transcript: Transcript, reader: Reader, by_turn: Mapping[int, Sequence[Chance]]
) -> Iterator[Told]:
    starts = transcript.starts
    lower = transcript.text.lower()
    called = [match.end() for match in _CALLED.finditer(lower)]
    forms: dict[tuple[str, bool], frozenset[str]] = {}
    words = 0
    for turn, spoken in enumerate(transcript.turns):
        pieces: list[tuple[int, int, Word | None, int]] = []
        while words < len(reader.words) and reader.words[words].start < starts[turn + 1]:
            word = reader.words[words]
            pieces.append((word.start - starts[turn], word.end - starts[turn], word, words))
            words += 1
        hidden = code_spans(spoken.text)
        for match in _FIGURE.finditer(spoken.text):
            if not any(start < match.end() and match.start() < end for start, end in hidden):
                pieces.append((*match.span(), None, -1))
        of_network = _network(by_turn.get(turn, ()))
        probability = _recogniser(spoken.words)
        for start, end, one, index in sorted(pieces, key=lambda piece: piece[0]):
            chance, kind = of_network(start, end)
            if one is None:
                clues, form = frozenset({"figure"}), spoken.text[start:end]
            else:
                key = (one.base, one.capital)
                if key not in forms:
                    forms[key] = _of_form(reader, one)
                clues, form = forms[key] | _of_place(reader, index, one), reader.key(one)
                at = bisect.bisect_left(called, one.start - _REACH)
                if at < len(called) and called[at] <= one.start:
                    clues |= {"called"}
            yield Told(
                turn, start, end, spoken.text[start:end], form, clues, chance, kind,
                probability(start), suspicion(chance, clues),
            )  # fmt: skip


def _network(
    chances: Sequence[Chance],
) -> Callable[[int, int], tuple[float, MentionType | None]]:
    """Tells the best chance of a place of one turn; to be asked in order of the text."""
    first = 0

    def at(start: int, end: int) -> tuple[float, MentionType | None]:
        nonlocal first
        while first < len(chances) and chances[first].end <= start:
            first += 1
        best: Chance | None = None
        for n in range(first, len(chances)):
            if chances[n].start >= end:
                break
            if best is None or chances[n].score > best.score:
                best = chances[n]
        return (0.0, None) if best is None else (best.score, best.type)

    return at


def _recogniser(words: Sequence[Spoken]) -> Callable[[int], float]:
    """Tells the recogniser's probability of the word at a character of a turn, 1.0 for text."""
    offsets = [word.offset for word in words]
    sure = [word.probability for word in words]

    def at(start: int) -> float:
        found = bisect.bisect_right(offsets, start) - 1
        return float(sure[found]) if found >= 0 else 1.0

    return at


def _of_form(reader: Reader, word: Word) -> frozenset[str]:
    """What the lists say of a word by itself."""
    lexicon, context = reader.lexicon, reader.context
    clues = set()
    kinds, plain = reader.kinds(word), reader.ambiguous(word)
    if word.lower in context.never and not {"F", "L"}.intersection(kinds):
        clues.add("never")
    for kind, clue in (("F", "first"), ("L", "last"), ("P", "place")):
        if kind in kinds:
            clues.add(f"{clue}-word" if plain else clue)
    if other_script(word.text):
        clues.add("other-script")
    if reader.core(word):
        clues.add("core")
    elif word.base in lexicon.common:
        clues.add("common")
    if reader.unknown(word):
        clues.add("strange")
    if len(word.base) > 5 and word.base.endswith(context.place_suffixes):
        clues.add("place-ending")
    return frozenset(clues)


def _of_place(reader: Reader, index: int, word: Word) -> frozenset[str]:
    """What the neighbours of a word say of it."""
    context = reader.context
    clues = set()
    if word.capital and not word.first:
        clues.add("capital")
    before, after = reader.before(index), reader.after(index)
    if before is not None:
        for clue, words in (
            ("introduced", context.introduce),
            ("titled", context.titles),
            ("titled", context.kin),
            ("blocked", context.block_before),
            ("supported", context.support_before),
        ):
            if before.lower in words:
                clues.add(clue)
    if after is not None and after.lower in _VERBS:
        clues.add("verb-after")
    return frozenset(clues)
