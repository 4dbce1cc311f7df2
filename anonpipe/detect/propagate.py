"""One sure mention of a name makes its other occurrences in the same text mentions too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anonpipe.detect.contexts import Contexts, contexts, word_set
from anonpipe.detect.lexicon import Lexicon, load_lexicon
from anonpipe.detect.spans import Span
from anonpipe.detect.words import Word, is_raw, words_of
from anonpipe.transcript import KnownName, MentionType

SURE = 0.6
"""From this score on a mention's name is looked for elsewhere."""
_NAMED: frozenset[MentionType] = frozenset({"PERSON", "LOCATION", "ORG", "VEHICLE"})
_PART = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class _Part:
    """A word of a name: looked for on its own."""

    type: MentionType
    plain: bool  # also a common word, so that a lower-case occurrence proves nothing
    known: bool  # the study knows the name


def skeleton(word: str) -> str:
    """A spelling that mishearings share: «Cathrine», «Katrine» and «Kathrine» give one skeleton."""
    word = unicodedata.normalize("NFKD", word.lower().replace("ø", "o").replace("æ", "e"))
    word = "".join(c for c in word if c.isalpha())
    for pattern, simple in (
        ("sch|skj|sj|sh|kj|tsj|cz|ch", "s"),
        ("th|dt", "t"),
        ("ph", "f"),
        ("ck|c|q", "k"),
        ("w", "v"),
        ("z", "s"),
        ("aa", "a"),
        ("y|j", "i"),
        ("gh|hg", "g"),
        (r"(.)\1+", r"\1"),
    ):
        word = re.sub(pattern, simple, word)
    return word.replace("h", "") if len(word) > 4 else word


def near_miss(a: str, b: str) -> bool:
    """True if two words of five letters or more differ by one letter (two from nine letters on)."""
    if min(len(a), len(b)) < 5 or a[0] != b[0]:
        return False
    allowed = 1 if min(len(a), len(b)) < 9 else 2
    if abs(len(a) - len(b)) > allowed:
        return False
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (x != y)))
        row = new
    return row[-1] <= allowed


def propagate(
    text: str, language: str, spans: Sequence[Span], known: Iterable[KnownName]
) -> list[Span]:
    """The occurrences of the names in `spans` (of score `SURE` or more) and in `known`."""
    return _Propagator(text, language, spans, known).run()


class _Propagator:
    def __init__(
        self, text: str, language: str, spans: Sequence[Span], known: Iterable[KnownName]
    ) -> None:
        self.text = text
        self.norwegian = language in {"nb", "nn", "no"}
        self.lexicon: Lexicon = load_lexicon(language)
        self.context: Contexts = contexts(language)
        self.words: list[Word] = words_of(text)
        self.raw = is_raw(text)
        self.spans = spans
        self.known = list(known)
        self.heads = self.context.org_starts | self.context.org_heads | _SHIPS
        self.covered = [False] * len(text)
        for span in spans:
            self.covered[span.start : span.end] = [True] * (span.end - span.start)
        self.parts: dict[str, _Part] = {}
        self.skeletons: dict[str, str] = {}

    def run(self) -> list[Span]:
        found: list[Span] = []
        for name in self.known:
            found += self.phrase(name.text, name.type)
            self.learn(name.text, name.type, known=True)
        for span in self.spans:
            if span.score >= SURE and span.type in _NAMED:
                self.learn(self.text[span.start : span.end], span.type, known=False)
        for key in self.parts:
            if len(key) >= 5:
                self.skeletons.setdefault(skeleton(key), key)
        for i, word in enumerate(self.words):
            if all(self.covered[word.start : word.end]):
                continue
            part = self.match(i, word)
            if part is not None:
                found.append(Span(word.start, word.end, part.type, 0.7, "same-name"))
            else:
                found += self.compound(word)
        return found

    def phrase(self, name: str, kind: MentionType) -> list[Span]:
        """Every occurrence of a known name as a whole, in any case, with a genitive ending."""
        words = name.split()
        if not words:
            return []
        pattern = re.compile(
            r"(?<![\w])" + r"[\s-]+".join(map(re.escape, words)) + r"(?:s|'s|’s|['’])?(?!\w)",
            re.IGNORECASE,
        )
        return [
            Span(m.start(), m.end(), kind, 1.0, "known-name") for m in pattern.finditer(self.text)
        ]

    def learn(self, name: str, kind: MentionType, known: bool) -> None:
        parts = [m.group().lower() for m in _PART.finditer(name)]
        parts = [re.sub(r"['’]s?$", "", p) for p in parts]
        while len(parts) > 1 and kind != "PERSON" and parts[0] in self.heads:
            parts.pop(0)
        for n, part in enumerate(parts):
            if len(part) < 2 or (len(part) < 3 and not known and not self.lexicon.kinds(part)):
                continue
            if part in self.context.particles or (
                part in self.context.never and "F" not in self.lexicon.kinds(part)
            ):
                continue
            if part in self.context.titles | self.heads:
                continue
            if kind != "PERSON" and len(parts) > 1 and (n > 0 or self.is_plain(part)):
                # Of a firm or a place only a first word that is no common word stands alone.
                continue
            for form in self.forms(part, kind):
                plain = self.is_plain(form)
                self.parts.setdefault(form, _Part(kind, plain, known))

    def forms(self, part: str, kind: MentionType) -> list[str]:
        """The word and, where it may be a genitive, the word without -s."""
        forms = [part]
        if self.norwegian and part.endswith("s") and len(part) > 4:
            stem = part[:-1]
            if self.lexicon.kinds(stem) and not self.lexicon.kinds(part):
                forms.append(stem)
        if "-" in part and kind == "PERSON":
            forms += [p for p in part.split("-") if len(p) > 2]
        return forms

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
            if part is None:
                continue
            if not part.plain:
                # In written text a name has its capital; a dictionary word without one is the word.
                lower_case = not word.capital and not self.raw and not part.known
                if lower_case and self.lexicon.is_word(word.base):
                    continue
                if genitive and word.base in self.lexicon.common and not word.capital:
                    continue
                return part
            if self.plain_occurrence(i, word, genitive, part):
                return part
        return self.misheard(word)

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
            return word.base not in _MONTHS or previous not in _MONTH_BEFORE
        if word.capital and not self.raw:
            return self.starts_as_name(i, word, genitive)
        if not self.raw:
            return False
        return self.spoken_as_name(i, word, genitive)

    def following(self, i: int) -> Word | None:
        if i + 1 < len(self.words) and re.fullmatch(r"[ \u00a0]+", self.words[i + 1].gap):
            return self.words[i + 1]
        return None

    def starts_as_name(self, i: int, word: Word, genitive: bool) -> bool:
        """First in a sentence: a name if a verb, a comma or another name follows."""
        following = self.following(i)
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
        if self.norwegian:
            return following.lower in self.lexicon.verbs or following.lower in _NO_VERBS
        return following.lower in _EN_VERBS or following.lower.endswith("ed")

    def spoken_as_name(self, i: int, word: Word, genitive: bool) -> bool:
        """In raw text: no article before it, and a verb, a name or a joining word next to it."""
        previous = self.words[i - 1] if i and "\n" not in word.gap else None
        before = previous.lower if previous is not None else ""
        following = self.following(i)
        after = following.lower if following is not None else ""
        if after in _STRONG_AFTER and before not in _DETERMINERS:
            return True
        if before in self.context.block_before:
            return False
        if genitive and not self.norwegian:
            return True
        if genitive:
            return after in self.context.kin or after.rstrip("en") in self.context.kin
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

    def misheard(self, word: Word) -> _Part | None:
        """A word that no dictionary knows and that sounds like a name found elsewhere."""
        base = word.base
        if len(base) < 5 or base in self.lexicon.common or base in self.context.function:
            return None
        if self.lexicon.is_word(base) and not (self.raw and len(base) > 5):
            return None
        if not self.raw and not word.capital:
            return None
        other = self.skeletons.get(skeleton(base))
        if other is None:
            close = [k for k in self.parts if not self.parts[k].plain and near_miss(base, k)]
            other = min(close) if close else None
        return self.parts[other] if other is not None else None

    def compound(self, word: Word) -> list[Span]:
        """«Stavangersfolk», «bergensvær»: the name inside a compound."""
        if not self.norwegian or len(word.base) < 9:
            return []
        for length in range(len(word.base) - 3, 5, -1):
            part = self.parts.get(word.base[:length])
            if part is None or part.plain:
                continue
            rest = word.base[length:].lstrip("-")
            linked = rest.startswith("s") and rest[1:] in self.lexicon.known
            if len(rest) > 2 and (linked or rest in self.lexicon.known):
                end = length + linked
                return [Span(word.start, word.start + end, part.type, 0.6, "same-name")]
        return []


_SHIPS = word_set("ms m s mf mk mt ss hms mv knm kv")
_DETERMINERS = word_set(
    "en et ei ein eit den det de denne dette hver kvar a an the this that no every any some"
)
_MONTHS = word_set("april may june august")
_MONTH_BEFORE = word_set("in last next this since until till of by early late every mid")
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
