"""Organisations by the words around their name, in raw text and in written text.

«firmaet nordlys rør», “the harlow echo”, «Dahl og Vik dekk». A telling word alone is common; it
counts with a name-like word beside it: one that no dictionary knows, that is on a list of names,
or (in written text) that has a capital.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.reader import Reader
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span
from anonpipe.resources import word_set

_NO_TAIL = word_set(
    "sparebank sparekasse forsikring omsorg avis tidende tidend direkte kraft energi bygg dekk "
    "rør elektro regnskap eiendom transport maskin mekaniske verft bilverksted auto trafikk "
    "trykkeri forlag rederi kraftlag bakeri meieri ysteri trelast anlegg fiskeindustri laks "
    "hjemmetjeneste blad posten budstikke dagblad"
)
_EN_TAIL = word_set(
    "homecare trust echo gazette courier herald chronicle advertiser newspaper argus bugle "
    "tribune observer housing logistics haulage joinery plumbing roofing electrical caterers "
    "bakery brewery foundry shipyard motors tyres solicitors surveyors ferries"
)
# Words between a name and its tail: «learning trust», «omsorg og helse».
_EN_MIDDLE = word_set("learning academy school schools housing community valley evening daily")
_NO_HEAD = word_set(
    "sparebank sparebanken sparekassa fagforeninga fagforeningen forlaget firmaet firma bedriften "
    "bedrifta selskapet rederiet avisa avisen stiftelsen stiftinga bandet verftet bruket kafeen "
    "kafeén hotellet puben restauranten bakeriet trykkeriet kjeden kjeda byrået bilverkstedet "
    "meieriet mølla slakteriet brødrene brørne"
)
_EN_HEAD = word_set("firm company newspaper charity publisher employer startup bakery brewery")
_WORK_VERB = word_set("work works worked working job employed started shifts apprentice temping")
_CHILDREN = word_set(
    "sønn sønner søn sønnar søner døtre døtrer son sons daughters daughter brothers bros co "
    "company partners partnere"
)
_AND = word_set("og and &")
_NOT_NAMES = word_set(
    "mødre mor far fedre mother mothers father fathers wife wives kone koner husband husbands "
    "daughters sons sønner døtre time god ny egen min vår gratis mye all any our my their his her"
)
_GOING_ON = word_set("til fra over inn ut ned opp mot of that to")


def find(text: str, language: str) -> list[Span]:
    """The organisations that a telling word gives away; offsets are of `text`."""
    reader = Reader(text, language)
    return list(_Finder(reader).run())


class _Finder:
    def __init__(self, reader: Reader) -> None:
        self.r = reader
        self.words = reader.words
        self.tails = _NO_TAIL if reader.norwegian else _EN_TAIL
        self.heads = _NO_HEAD if reader.norwegian else _EN_HEAD

    def run(self) -> Iterator[Span]:
        for i, word in enumerate(self.words):
            if word.lower in self.tails and (not word.capital or i):
                yield from self.before_tail(i)
            if word.lower in self.heads:
                yield from self.after_head(i)
            if word.lower in _CHILDREN:
                yield from self.family(i)
            if not self.r.norwegian and word.lower in {"at", "for", "with"}:
                yield from self.workplace(i)

    def name_like(self, i: int) -> bool:
        """May word i be a name here? In written text only with a capital."""
        word = self.words[i]
        if (
            word.lower in self.r.context.never
            or word.lower in _NOT_NAMES
            or self.r.core(word)
            or len(word.base) < 2
        ):
            return False
        if not self.r.raw:
            return word.capital
        if word.base in self.r.lexicon.common or word.base in self.r.lexicon.verbs:
            return bool(set(self.r.kinds(word)) & set("LP")) and not self.r.core(word)
        return bool(self.r.kinds(word)) or not self.r.known(word.base)

    def adjacent(self, i: int) -> bool:
        return self.r.adjacent(i)

    def before_tail(self, i: int) -> Iterator[Span]:
        following = self.r.after(i)
        if following is not None and following.lower in _GOING_ON and not self.words[i].capital:
            return  # «direkte til», «mekaniske i»
        j = i - 1
        if j >= 0 and self.adjacent(i) and self.words[j].lower in _EN_MIDDLE:
            j -= 1
        first = j + 1
        while j >= 0 and self.adjacent(j + 1) and i - j <= 3 and self.name_like(j):
            if self.words[j].first and not self.r.raw and j != first - 1:
                break
            first = j
            j -= 1
        names = self.words[first:i]
        if first < i and any(w.lower not in _EN_MIDDLE for w in names):
            opens = not self.r.raw and names[0].first and self.r.known(names[0].base)
            if opens and not self.r.kinds(names[0]):
                return  # capitalised only for its place
            yield self.span(first, i, 0.65)

    def after_head(self, i: int) -> Iterator[Span]:
        last = i
        while (
            last + 1 < len(self.words)
            and last - i < 3
            and self.adjacent(last + 1)
            and self.name_like(last + 1)
        ):
            last += 1
        if last == i:
            return
        head = self.words[i]
        keeps = head.lower.startswith(("sparebank", "brødrene", "brørne")) or (
            head.capital and not head.first
        )
        yield self.span(i if keeps else i + 1, last, 0.65)

    def family(self, i: int) -> Iterator[Span]:
        """«berge og sønner», “pratt and daughters”."""
        if i < 2 or not self.adjacent(i):
            return
        joined = self.words[i - 1].lower in _AND and self.adjacent(i - 1)
        first = i - 2
        if not joined:
            if "&" not in self.words[i].gap:
                return
            first = i - 1
        if not self.name_like(first) or self.r.kinds(self.words[first]) == "F":
            return
        if first > 0 and self.adjacent(first) and self.name_like(first - 1):
            first -= 1
        yield self.span(first, i, 0.75)

    def workplace(self, i: int) -> Iterator[Span]:
        """“works at tallow bright”: words after, one of them no common word."""
        if not self.r.raw or not i or not self.adjacent(i):
            return
        if self.words[i - 1].lower not in _WORK_VERB:
            return
        last = i
        while (
            last + 1 < len(self.words)
            and last - i < 3
            and self.adjacent(last + 1)
            and self.name_like(last + 1)
        ):
            last += 1
        if last > i:
            yield self.span(i + 1, last, 0.6)

    def span(self, first: int, last: int, score: float) -> Span:
        return Span(self.words[first].start, self.words[last].end, "ORG", score, "firm-words")


_CAP = r"[A-ZÆØÅÄÖÜÉ][\w'’-]+"
_FIRM_WORD = (
    r"(?:AS|ASA|ANS|DA|Ltd|Limited|LLP|PLC|Inc|[Ss]ønner|[Ss]ønnar|[Ss]ønn|[Dd]øtre|[Ss]ons|[Ss]on|"
    r"[Dd]aughters?|[Bb]rothers|Bros|Co|[Pp]artners|[Dd]ekk|[Bb]ygg|[Rr]ør|[Rr]egnskap|[Ee]lektro)"
)
_JOINED = re.compile(rf"(?<![\w-])(?:{_CAP} )?{_CAP},? (?:og|and|&) (?:{_CAP} )?{_FIRM_WORD}(?!\w)")
_AMPERSAND = re.compile(rf"(?<![\w-])(?:{_CAP} )?{_CAP} & {_CAP}(?: {_CAP})?")
_POSSESSED = re.compile(
    # “the Drovers' Arms”: a plural or a personal name, and a common noun with a capital
    r"(?<![.!?:\n] )(?<!^)(?<![\w-])[A-Z][a-z]{2,}(?:'s|’s|s'|s’) "
    r"(?:Rest|Arms|Inn|Head|Kitchen|Corner|House|Haven|Cottage|Place|Yard|Bar|Café|Cafe|Tavern|"
    r"Hall|Trust|Society|Mission|Institute|Club|Union|Hospice|Bakery|Bookshop|Books|Garage|Farm|"
    r"Market|Return|Table|Retreat|Guild|Lodge|Hotel|Home|Church|School|Hospital|Nursery)"
    r"(?: [A-Z][a-z]+)?(?!\w)"
)
_BROTHERS = re.compile(rf"(?<!\w)(?:Brødrene|Brørne|Gebrüder|Bröderna) {_CAP}(?: {_CAP})?")

RULES: tuple[Rule, ...] = (
    Rule("firm-joined", "ORG", _JOINED, 0.8),
    Rule("firm-ampersand", "ORG", _AMPERSAND, 0.7),
    Rule("firm-possessed", "ORG", _POSSESSED, 0.7),
    Rule("firm-brothers", "ORG", _BROTHERS, 0.8),
)
