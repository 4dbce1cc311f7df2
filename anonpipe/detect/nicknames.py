"""Names that only their surroundings give away: what somebody is called, and names said twice."""

from __future__ import annotations

from anonpipe.detect.grouping import Grouping
from anonpipe.detect.words import Word
from anonpipe.resources import word_set

_OBJECT = word_set("ham han henne ho hun meg deg oss dem den him her me us them it you everyone")
_ACTIVE = word_set(
    "kaller kallar kalte kalla kalle kalt call calls called calling nicknamed nickname"
)
_PASSIVE = word_set("kalles kallast kalla kalt heter heiter hette heitte het nicknamed")
_SUBJECT = word_set("jeg eg æ han hun ho hon som ble blei vart blir bli er var")
_CALLED_WHO = word_set(
    "guy man woman girl boy lad lass kid friend bloke fella someone somebody dog cat neighbour "
    "neighbor colleague teacher boss chap lady foreman mate manager nurse person one"
)
_KNOWN = (("known", "as"), ("goes", "by"), ("went", "by"), ("go", "by"), ("kjent", "som"))
_SKIP = word_set("bare berre alltid jo gjerne visst just always only the for um uh eh ehm øh")
_STOP = word_set(
    "yesterday today tonight tomorrow last next every once twice again back up out over off later "
    "when because while before after about then there here names stuff things something anything "
    "nothing everything that this what which who straight right away instead first again early "
    "late often sometimes never noe noko ting slik sånn dette hva kva som når fordi dum tull opp "
    "inn ned tilbake igjen siden sidan etter senere seinare hver kvar"
)
_CORRECTION = word_set("nei no sorry unnskyld orsak mener meiner mean altså eller")


class Nicknames(Grouping):
    """A reader that marks names by what is said about them."""

    def nicknamed(self, i: int) -> None:
        """«kaller han X», “we call her X”, “a lad called X”, “known as X”: one to three words."""
        lower = self.words[i].lower
        start: int | None = None
        before = self.before(i)
        previous = before.lower if before is not None else ""
        if lower in _ACTIVE and self.joined(i + 1) and self.words[i + 1].lower in _OBJECT:
            start = i + 2
        elif (lower in _PASSIVE and previous in _SUBJECT and self.norwegian) or (
            lower in {"called", "nicknamed"} and previous in _CALLED_WHO
        ):
            start = i + 1
        elif self.joined(i + 1) and (lower, self.words[i + 1].lower) in _KNOWN:
            start = i + 2
        if start is None:
            return
        while self.joined(start) and self.words[start].lower in _SKIP:
            start += 1
        for n in range(3):
            at = start + n
            if not self.joined(at) or not self.may_be_called(at, n):
                return
            self.mark(at, 0.7, "PERSON")

    def joined(self, i: int) -> bool:
        """True if word i exists and only a space is before it."""
        return i < len(self.words) and self.adjacent(i)

    def may_be_called(self, i: int, n: int) -> bool:
        """May word i be part n (from 0) of what somebody is called?"""
        word = self.words[i]
        if not self.raw and word.capital and word.lower in self.context.titles:
            return True
        if word.lower in _STOP or word.lower in self.context.never:
            return False
        if not self.raw:
            return word.capital
        if self.core(word) or len(word.base) < 3:
            return False
        if n == 0:
            return not (self.norwegian and word.base.endswith(("lig", "leg")))
        return word.base not in self.lexicon.verbs and (
            bool(self.kinds(word)) or not self.known(word.base)
        )

    def corrected(self) -> None:
        """A name begun and said again («ras eh rashida»): what stands beside a name is one too."""
        for i in list(self.marks):
            again = self.beside(i, 1)
            if again is not None and again > i + 1:
                same = self.words[again].base == self.words[i].base
                if same and not self.known(self.words[i].base):
                    self.mark(i, 0.65, "PERSON")
                    self.mark(again, 0.65, "PERSON")
        names = [i for i, mark in self.marks.items() if self.is_person(i, mark.label)]
        for i in names:
            for step in (-1, 1):
                j = self.beside(i, step)
                if j is not None and j not in self.marks and self.same_name(self.words[j], i, j):
                    self.mark(j, 0.65, "PERSON")

    def is_person(self, i: int, label: str | None) -> bool:
        return label == "PERSON" or (label is None and bool(set(self.kinds(self.words[i])) & {"F"}))

    def beside(self, i: int, step: int) -> int | None:
        """The next word in a direction, hesitation and words of correction left out."""
        j = i
        for _ in range(4):
            edge = j if step < 0 else j + 1
            if not self.joined(edge) or edge == 0:
                return None
            j += step
            lower = self.words[j].lower
            if lower not in self.context.fillers and lower not in _CORRECTION:
                return j
        return None

    def same_name(self, word: Word, i: int, j: int) -> bool:
        if self.core(word) or word.lower in self.context.never or len(word.base) < 3:
            return False
        if word.base == self.words[i].base:
            return True
        kinds = set(self.kinds(word))
        if kinds & {"F", "L"} and not self.known(word.base):
            return True
        if self.known(word.base) or word.base in self.foreign or "'" in word.base:
            return False
        apart = abs(i - j) > 1
        begun = self.words[i].base.startswith(word.base[:2])
        return (begun if apart else True) and not self.compound(word.base)
