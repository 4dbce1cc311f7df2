"""One sure mention of a name makes its other occurrences in the same text mentions too.

So do the names that the study knows. How a known name may be written:

- Names of several words, and values that hold digits or «@», as a whole: in any case, with
  any blanks, hyphens and points between the words, with a genitive ending.
- A name of one word, and every word of a person's name, by itself: in any case unless it is
  a common word too («Liv», “Will”), which must stand as a name does (`plain_occurrence`).
- What was found in a text and is on no list of names, but is a word, may have been taken for
  a name wrongly: it needs a capital letter inside a sentence, a name of several such words
  one for each.
- Inside a compound («Kvassbilen», «Stavanger-kontoret»), in the definite form, and written as
  two words («rune stad»), unless it is a common word.
- Misheard (`alike`), unless the word heard is in a dictionary; such a one must have a capital
  inside a sentence. Names of four letters or fewer are never looked for so.

Dates count as values from three parts on («12.03.1984»). Of ages, occupations and shorter
dates only their surroundings tell whether they identify, so they are not looked for.
"""

from __future__ import annotations

import bisect
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from anonpipe.codes import values
from anonpipe.detect.alike import SHORTEST, edits
from anonpipe.detect.contexts import BEFORE_MONTH, MONTHS
from anonpipe.detect.legible import legible, legible_with_places
from anonpipe.detect.reader import Reader
from anonpipe.detect.spans import LISTED, Span, code_spans
from anonpipe.detect.words import Word, is_people
from anonpipe.resources import word_set
from anonpipe.transcript import KnownName, MentionType

SURE = 0.6
"""From this score on a mention's name is looked for elsewhere."""
_NAMED: frozenset[MentionType] = frozenset({"PERSON", "LOCATION", "ORG", "VEHICLE"})
_IN_CONTEXT: frozenset[MentionType] = frozenset({"DATE", "AGE", "OCCUPATION"})
_ALSO_WORDS: frozenset[MentionType] = frozenset({"ADDRESS", "OTHER"})
_NUMBERS: frozenset[MentionType] = frozenset({"PHONE", "NATIONAL_ID", "ACCOUNT"})
_PART = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_TOKEN = re.compile(r"[^\W_]+")
_BETWEEN = re.compile(r"[^\w\n]{0,3}|_")
_DIGITS = re.compile(r"(?<!\w)\+?\d(?:[ .\-/()]{0,2}\d){5,}(?!\w)")
_GENITIVE = re.compile(r"(?:['’]s|['’])(?!\w)")
_CONTRACTION = re.compile(r"['’](?:re|ve|ll|[mtds])$")
_DEFINITE = ("en", "et", "a", "n")
_LONG_PART = 6
"""Letters of a name from which a compound may hold it though nobody listed it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a name: looked for on its own."""

    type: MentionType
    plain: bool  # also a common word, so that a lower-case occurrence proves nothing
    listed: bool  # the study's own list has the name
    name: KnownName | None  # which one, of those that the study knows
    audible: bool  # may be misheard
    whole: bool  # is all of the name
    weak: bool  # one letter, or found, not listed, and more a word than a name: needs its capital


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name at a place of a text; `name` is the one of those that the study knows, if any."""

    span: Span
    name: KnownName | None


def propagate(
    text: str,
    language: str,
    spans: Sequence[Span],
    known: Iterable[KnownName],
    *,
    misheard: bool = True,
) -> list[Occurrence]:
    """The occurrences of the names in `spans` (of score `SURE` or more) and in `known`.

    Without `misheard` only those that are spelled as they should be.
    """
    shown, places = legible_with_places(text)
    if shown != text:
        spans = [
            replace(
                span,
                start=bisect.bisect_left(places, span.start),
                end=bisect.bisect_left(places, span.end),
            )
            for span in spans
        ]
    found = _Propagator(shown, language, spans, known, misheard=misheard).run()
    if shown == text:
        return found
    return [
        replace(
            each,
            span=replace(each.span, start=places[each.span.start], end=places[each.span.end]),
        )
        for each in found
    ]


class _Propagator:
    def __init__(
        self,
        text: str,
        language: str,
        spans: Sequence[Span],
        known: Iterable[KnownName],
        *,
        misheard: bool,
    ) -> None:
        self.text = text
        self.reader = Reader(text, language)
        self.norwegian = self.reader.norwegian
        self.lexicon = self.reader.lexicon
        self.context = self.reader.context
        self.words: list[Word] = self.reader.words
        self.raw = self.reader.raw
        self.misheard_too = misheard
        self.spans = spans
        self.known = list(known)
        self.heads = self.context.org_starts | self.context.org_heads | _SHIPS
        self.covered = [False] * len(text)
        for span in spans:
            self.covered[span.start : span.end] = [True] * (span.end - span.start)
        self.parts: dict[str, _Part] = {}
        self.phrases: dict[str, list[tuple[tuple[str, ...], KnownName]]] = {}
        self.numbers: dict[str, KnownName] = {}
        self.heard: dict[tuple[str, bool], str | None] = {}  # what each word was taken for

    def run(self) -> list[Occurrence]:
        for name in self.known:
            self.learn_known(name)
        for span in self.spans:
            if span.score >= SURE and span.type in _NAMED:
                self.learn(self.text[span.start : span.end], span.type, None)
        found = [*self.whole(), *self.figures()]
        for each in found:
            size = each.span.end - each.span.start
            self.covered[each.span.start : each.span.end] = [True] * size
        for i, word in enumerate(self.words):
            covered = all(self.covered[word.start : word.end])
            found += self.whose(i, word) if covered else self.at(i, word)
        return found

    def whose(self, i: int, word: Word) -> list[Occurrence]:
        """What the study knows of a word that is a name for other reasons already."""
        part = self.match(i, word)
        if part is not None and part.name is not None and part.name.listed and part.whole:
            return [_occurrence(word.start, word.end, part)]
        heard = None if self.lexicon.kinds(word.base) else self.misheard(word, known=True)
        return [] if heard is None else [_occurrence(word.start, word.end, heard, heard=True)]

    def at(self, i: int, word: Word) -> list[Occurrence]:
        """The names at word i, by itself or with the next one."""
        part = self.match(i, word)
        if part is not None:
            return [_occurrence(word.start, word.end, part)]
        together = self.split(i, word)
        if together is not None:
            return [together]
        heard = self.misheard(word)
        if heard is not None:
            return [_occurrence(word.start, word.end, heard, heard=True)]
        return self.compound(word)

    # -- learning

    def learn_known(self, name: KnownName) -> None:
        """Remember a name of the study as a whole and, if it is a name of words, by its words."""
        tokens = tuple(_TOKEN.findall(legible(name.text).lower()))
        if name.type in _IN_CONTEXT and (name.type != "DATE" or len(tokens) < 3):
            return
        if not tokens:
            return
        if name.type in _NUMBERS:
            figures = values.key(name.type, name.text)
            if figures.isdigit() and len(figures) >= 6:
                self.numbers[figures] = name
                return
        figure = any(c.isdigit() for c in name.text)
        if (len(tokens) > 1 and not _PART.fullmatch(name.text)) or (figure and len(tokens[0]) >= 5):
            self.phrases.setdefault(tokens[0], []).append((tokens, name))
            joined = "".join(tokens)
            if name.type in _NAMED and len(joined) >= 8 and not figure:
                self.phrases.setdefault(joined, []).append(((joined,), name))
        if not figure and (name.type in _NAMED or (name.type in _ALSO_WORDS and len(tokens) == 1)):
            self.learn(legible(name.text), name.type, name)

    def learn(self, name: str, kind: MentionType, source: KnownName | None) -> None:
        """Remember the words of a name that stand for it alone; `source` if the study knows it."""
        listed = source is not None and source.listed
        parts = [m.group().lower() for m in _PART.finditer(name)]
        parts = [re.sub(r"['’]s?$", "", p) for p in parts]
        while len(parts) > 1 and kind != "PERSON" and parts[0] in self.heads:
            parts.pop(0)
        for n, part in enumerate(parts):
            alone = listed and len(parts) == 1  # «Coop»: whoever lists it means it
            if len(part) < 2 and not alone:
                continue
            if len(part) < 3 and not listed and not self.lexicon.kinds(part):
                continue
            if part in self.context.particles or (
                part in self.context.never and "F" not in self.lexicon.kinds(part) and not alone
            ):
                continue
            if part in self.context.titles | self.heads and not alone:
                continue
            if kind != "PERSON" and len(parts) > 1 and (n > 0 or self.is_plain(part)):
                # Of a firm or a place only a first word that is no common word stands alone.
                continue
            for form in self.forms(part, kind):
                plain = self.is_plain(form)
                audible = listed if plain else source is None or source.fullest
                whole = form == name.lower()
                weak = source is not None and not listed and self.is_weak(form)
                weak = weak or len(form) < 2  # «Å» in Lofoten
                self.parts.setdefault(
                    form, _Part(kind, plain, listed, source, audible, whole, weak)
                )

    def forms(self, part: str, kind: MentionType) -> list[str]:
        """The word, without -s where that may be a genitive, and the halves of a double name."""
        forms = [part]
        if self.norwegian and part.endswith("s") and len(part) > 4:
            stem = part[:-1]
            if self.lexicon.kinds(stem) and not self.lexicon.kinds(part):
                forms.append(stem)
        if "-" in part:
            forms.append(part.replace("-", ""))
            if kind == "PERSON":
                forms += [p for p in part.split("-") if len(p) > 2]
        return forms

    # -- wholes

    def whole(self) -> Iterator[Occurrence]:
        """Names of several words and values, each token by token."""
        if not self.phrases:
            return
        hidden = code_spans(self.text)  # in order, and apart
        ends = [end for _, end in hidden]

        def is_hidden(at: int) -> bool:
            after = bisect_right(ends, at)
            return after < len(hidden) and hidden[after][0] <= at

        tokens = [
            (m[0].lower(), m.start(), m.end())
            for m in _TOKEN.finditer(self.text)
            if not is_hidden(m.start())
        ]
        end = -1
        for i, (first, start, _) in enumerate(tokens):
            if start < end:
                continue
            fits = [
                (stop, name)
                for form in {first, first.removesuffix("s")}
                for wanted, name in self.phrases.get(form, ())
                if (stop := self.fit(tokens[i : i + len(wanted)], wanted, name)) is not None
            ]
            if fits:
                end, name = max(fits, key=lambda fit: fit[0])
                yield Occurrence(Span(start, end, name.type, 1.0, _recognizer(name)), name)

    def fit(
        self, tokens: Sequence[tuple[str, int, int]], wanted: tuple[str, ...], name: KnownName
    ) -> int | None:
        """Where the name `wanted` ends if the tokens are that name, with or without a genitive."""
        if len(tokens) < len(wanted):
            return None
        seen = tuple(text for text, _, _ in tokens)
        if seen[:-1] != wanted[:-1] or seen[-1] not in (wanted[-1], f"{wanted[-1]}s"):
            return None
        for (_, _, stop), (_, begin, _) in pairwise(tokens):
            if not _BETWEEN.fullmatch(self.text, stop, begin):
                return None
        stop = tokens[-1][2]
        figure = any(c.isdigit() for word in wanted for c in word)
        if not (name.listed or figure or any(map(self.tells, wanted))) and (
            self.raw or not all(self.text[at].isupper() for _, at, _ in tokens)
        ):
            return None
        genitive = _GENITIVE.match(self.text, stop)
        return genitive.end() if genitive else stop

    def tells(self, word: str) -> bool:
        """Whether a word of a name says more than that it is a word."""
        return len(word) > 2 and not self.is_plain(word)

    def figures(self) -> Iterator[Occurrence]:
        """Numbers of known value, however their digits are grouped."""
        if not self.numbers:
            return
        for match in _DIGITS.finditer(self.text):
            for kind in _NUMBERS:
                name = self.numbers.get(values.key(kind, match[0]))
                if name is not None:
                    span = Span(match.start(), match.end(), name.type, 1.0, _recognizer(name))
                    yield Occurrence(span, name)
                    break

    # -- single words

    def is_weak(self, word: str) -> bool:
        """Whether a word that was once taken for a name is on no list of names."""
        if _CONTRACTION.search(word) or word in self.context.function:
            return True
        return not self.lexicon.kinds(word) and (self.is_plain(word) or self.lexicon.is_word(word))

    def is_plain(self, word: str) -> bool:
        return (
            word in self.lexicon.common
            or word in self.context.function
            or word in self.context.rare
            or word in self.context.block_before
            or (len(word) < 6 and self.lexicon.is_word(word) and not self.lexicon.kinds(word))
            or word in self.lexicon.verbs
        )

    def match(self, i: int, word: Word) -> _Part | None:
        """The part of a name that word i is, or None."""
        for form, genitive in self.candidates(word):
            part = self.parts.get(form)
            if part is None or (part.weak and (self.raw or not word.capital or word.first)):
                continue
            if not part.plain:
                # In written text a name has its capital; a dictionary word without one is the word.
                lower_case = not word.capital and not self.raw and not part.listed
                if lower_case and self.lexicon.is_word(word.base):
                    continue
                if genitive and word.base in self.lexicon.common and not word.capital:
                    continue
                return part
            if self.plain_occurrence(i, word, genitive, part):
                return part
        return None

    def candidates(self, word: Word) -> list[tuple[str, bool]]:
        forms = [(word.base, word.base_end < word.end)]
        if word.base.endswith("s") and len(word.base) > 3 and self.norwegian:
            forms.append((word.base[:-1], True))
        if "'" in word.base or "’" in word.base:
            forms.append((re.split("['’]", word.base)[0], True))
        return forms

    def plain_occurrence(self, i: int, word: Word, genitive: bool, part: _Part) -> bool:
        """Is this occurrence of a name that is also a word the name?"""
        if word.capital and not word.first:
            previous = self.words[i - 1].lower if i else ""
            return word.base not in MONTHS or previous not in BEFORE_MONTH
        if word.capital and not self.raw:
            return self.starts_as_name(i, word, genitive)
        if not self.raw:
            return False
        return self.spoken_as_name(i, word, genitive)

    def starts_as_name(self, i: int, word: Word, genitive: bool) -> bool:
        """First in a sentence: a name if a verb, a comma or another name follows."""
        following = self.reader.after(i)
        if following is None and word.base in self.context.function:
            return False  # «Jo, det …»
        if genitive and self.norwegian:
            return True
        if word.base_end < word.end:
            return True
        if following is None:
            gap = self.words[i + 1].gap if i + 1 < len(self.words) else ""
            return "," in gap or not gap.strip() or "?" in gap or "." in gap or "!" in gap
        if following.capital and following.lower not in self.context.never:
            return True
        if following.lower == word.lower:
            return True  # “Rose rose early”
        if self.norwegian:
            return following.lower in self.lexicon.verbs or following.lower in _NO_VERBS
        return following.lower in _EN_VERBS or following.lower.endswith("ed")

    def spoken_as_name(self, i: int, word: Word, genitive: bool) -> bool:
        """In raw text: no article before it, and a verb, a name or a joining word next to it."""
        previous = self.words[i - 1] if i and "\n" not in word.gap else None
        before = previous.lower if previous is not None else ""
        if "]" in word.gap:
            before = "]"  # after a code stands what stands after a name
        following = self.reader.after(i)
        after = following.lower if following is not None else ""
        if after in _STRONG_AFTER and before not in _DETERMINERS:
            return True
        if before in self.context.block_before:
            return False
        if genitive and not self.norwegian:
            return True
        if genitive:
            return after in self.context.kin or after.removesuffix("en") in self.context.kin
        if before in self.context.kin or before in self.context.titles:
            return True
        if before in self.context.support_before or before == "":
            return (
                (
                    after in _NO_VERBS or after in self.lexicon.verbs or not after
                    if self.norwegian
                    else (
                        after in _EN_VERBS
                        or after.endswith("ed")
                        or before in {"and", "with", "to"}
                        or after in {"", "um", "uh", "he", "she", "that's", "from"}
                    )
                )
                or after in self.context.apposition
                or after in self.context.fillers
            )
        if self.norwegian:
            verb = before in _NO_VERBS or before in self.lexicon.verbs
            return verb and before not in _COPULA
        return before in _EN_VERBS or before in {"mister", "my"} or after in _EN_STRONG_VERBS

    def split(self, i: int, word: Word) -> Occurrence | None:
        """A name written as two words: «rune stad» for Runestad, «ann britt» for Anne-Britt.

        One of them must be a name or no word at all, the other at least no short common word.
        """
        following = self.reader.after(i)
        if following is None or not self.misheard_too:
            return None
        first, last = word.base, following.base
        nameful = [self.may_name(word), self.may_name(following)]
        if not any(nameful) or min(len(first), len(last)) < 3:
            return None
        if any(len(w) < 4 and self.is_common(w) and not self.first_name(w) for w in (first, last)):
            return None
        part = self.parts.get(first + last)
        if part is None and all(nameful):
            part = self.alike(first + last)
        if part is None or part.plain or len(first + last) <= SHORTEST:
            return None
        return _occurrence(word.start, following.end, part, heard=True)

    def may_name(self, word: Word) -> bool:
        """Whether a word is a first name, a name that is no common word, or no word at all."""
        if self.is_common(word.base):
            return self.first_name(word.base) and len(word.base) < 4
        return bool(self.lexicon.kinds(word.base)) or self.reader.unknown(word)

    def first_name(self, word: str) -> bool:
        return "F" in self.lexicon.kinds(word)

    def is_common(self, word: str) -> bool:
        return (
            word in self.lexicon.common
            or word in self.context.function
            or word in self.context.block_before
            or word in self.context.fillers
        )

    def misheard(self, word: Word, *, known: bool = False) -> _Part | None:
        """The name that a word which is no dictionary's may be: its sound is like the name's.

        With `known` only the names that the study knows.
        """
        base = word.base.replace("-", "")
        if not self.misheard_too or len(base) < SHORTEST:
            return None
        never = self.context.never
        if self.is_common(word.base) or word.base in never or is_people(word.lower, never):
            return None
        proper = word.capital and not word.first
        if not self.reader.unknown(word) and (self.raw or not proper):
            return None
        part = self.alike(base, known=known)
        if part is None or (part.plain and not proper):
            return None
        if part.name is None and not self.raw and not word.capital:
            return None  # in written text only what the study knows has lost its capital
        return part

    def alike(self, base: str, *, known: bool = False) -> _Part | None:
        """The name that `base` is nearest to, if it is near to any."""
        if (base, known) not in self.heard:
            near = [
                (distance, part.name is None, form)
                for form, part in self.parts.items()
                if part.audible
                and not (known and (part.name is None or form == base))
                and (distance := edits(base, form)) is not None
            ]
            self.heard[base, known] = min(near)[2] if near else None
        form = self.heard[base, known]
        return None if form is None else self.parts[form]

    def compound(self, word: Word) -> list[Occurrence]:
        """«Stavangersfolk», «Kvassbilen», «Solgløttet»: the name inside a longer word."""
        if "-" in word.base:
            for piece in word.base.split("-"):
                part = self.parts.get(piece)
                if part is None or part.weak:
                    continue
                at = word.start + word.base.index(piece)
                # «NAV-kontoret»: short, or a word too, but listed and with its capital
                meant = part.listed and part.whole and self.text[at].isupper()
                if meant or (not part.plain and len(piece) >= SHORTEST):
                    return [_occurrence(at, at + len(piece), part, score=0.6)]
        proper = word.capital and not word.first and not self.raw
        if not self.norwegian or (self.lexicon.is_word(word.base) and not proper):
            return []
        for length in range(len(word.base) - 1, SHORTEST - 1, -1):
            part = self.parts.get(word.base[:length])
            if part is None or (part.plain and not (part.listed and proper)):
                continue
            rest = word.base[length:].lstrip("-")
            if part.type != "PERSON" and part.name is not None and rest in _DEFINITE:
                return [_occurrence(word.start, word.start + length, part, score=0.6)]
            if part.name is None and (length < _LONG_PART or len(word.base) < 9):
                continue
            linked = rest.startswith("s") and rest[1:] in self.lexicon.known
            if len(rest) > 2 and (linked or rest in self.lexicon.known):
                end = length + linked
                return [_occurrence(word.start, word.start + end, part, score=0.6)]
        return []


def _occurrence(
    start: int, end: int, part: _Part, *, heard: bool = False, score: float = 0.7
) -> Occurrence:
    recognizer = "misheard-name" if heard else "same-name"
    if part.name is not None and part.whole and not heard:
        recognizer = _recognizer(part.name)
    meant = part.name.text if heard and part.name is not None else ""
    return Occurrence(Span(start, end, part.type, score, recognizer, meant), part.name)


def _recognizer(name: KnownName) -> str:
    return LISTED if name.listed else "known-name"


_SHIPS = word_set("ms m s mf mk mt ss hms mv knm kv")
_DETERMINERS = word_set(
    "en et ei ein eit den det de denne dette hver kvar a an the this that no every any some"
)
_STRONG_AFTER = word_set("han hun ho he she he's she's that's who's")
_EN_STRONG_VERBS = word_set(
    "is was says said came comes got gets has had told asked called left went"
)
_COPULA = word_set("er var blir ble vart blei va' e e'")
_NO_VERBS = word_set(
    "er var har hadde sa sier seier kom kommer kjem gikk gjekk går fikk fekk får ble vart "
    "blir tok tar ga gav gir sto stod står satt sat sitter så ser lo ler dro drar la legger "
    "ba ber vil ville skal skulle kan kunne må måtte bor bur bodde budde jobber jobba jobbet "
    "ringte ringer ringde svarte svarer heter hjalp hjelper gjorde gjør gjer skrev skreiv "
    "skriver vet veit visste synes fant finn satte sette låser lås døde dør falt løp sov "
    "lever spurte spør mente mener trodde tror ropte roper henta hentet lærte møtte kjente "
    "flyttet flytta snakket fortalte forteller"
)
_EN_VERBS = word_set(
    "is was has had says said came comes come goes went got gets gave gives took takes told "
    "tells made makes knew knows thought thinks does did can could will would should might "
    "must works lives left ran runs wrote writes sat stood saw sees kept keeps started starts "
    "helped helps called calls meant means felt feels brought brings found finds used met put "
    "let asked asks looks pulled just never always still also and who from"
)
