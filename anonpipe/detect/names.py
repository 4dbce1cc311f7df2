"""Names in a text, from lists, capitals and the words around them.

What the name model overlooks: `tag_names` takes a text and returns labelled spans. In written
text a capital inside a sentence is the strongest sign; in raw recogniser text, where capitals are
rare, unambiguous names from the lists, words that no dictionary knows and words such as «heter»
take its place.
"""

from __future__ import annotations

import re

from anonpipe.detect.contexts import BEFORE_MONTH, MONTHS
from anonpipe.detect.nicknames import Nicknames
from anonpipe.detect.reader import Mark, NameSpan
from anonpipe.detect.words import Word, is_people
from anonpipe.resources import word_set

_OBJECT = word_set("ham han henne ho meg deg oss dem him her me seg hun den")
_SKIP_AFTER_INTRODUCE = word_set(
    "jo bare egentlig altså da vel nok just only um uh er eh ehm for jeg eg visst to as"
)
_NAME_NOUNS = frozenset({"heter", "heiter", "heite", "heitte", "hette", "het", "hete"})
_ADJECTIVE = (
    "isk", "iske", "lig", "lige", "leg", "lege", "ende", "ande", "al", "alt", "ale", "ell", "elt",
    "elle", "iv", "ivt", "ive", "bar", "som", "ert", "erte", "et", "ig", "ige", "s", "ed", "ing",
    "ic", "ous", "ful", "less", "able", "ary", "ial", "ent", "ant", "ern", "er",
)  # fmt: skip
# What may follow «heter» or a title without being the name.
_NEVER_INTRODUCED = word_set(
    "jeg eg han hun ho det vi de som og er i the a and he she it my to at in min mi mitt for en et "
    "så da på har is was has who that when til of from with said sa sier hadde var kom ikke did "
    "will may are do or on an even per line live like ham henne him her them"
    " hans hennes oss meg deg seg dem den"
    " us me"
)
# Forms of address, after which even a word of the dictionary is a name: «fru Vassenden».
_ADDRESS = word_set(
    "fru frøken herr hr tante onkel doktor dr pater søster mr mrs ms miss mister auntie uncle "
    "doctor"
)
_HOLIDAYS = frozenset({("christmas", "eve"), ("year's", "eve"), ("years", "eve")})
_COUNTRIES = frozenset({"USA", "UK", "UAE", "DDR", "USSR", "GB"})
_INTRODUCERS = word_set("jeg eg æ han hun ho hon som i name")
# Nobody knows yet that it is a name, so that less speaks for a month.
_BEFORE_MONTH = BEFORE_MONTH | word_set(
    "to from for before after during around the and or each through"
)


def tag_names(text: str, language: str) -> list[NameSpan]:
    """The names of `text`, sorted, without overlaps; `language` is nb, nn or en."""
    return _Tagger(text, language).run()


class _Tagger(Nicknames):
    # -- passes

    def run(self) -> list[NameSpan]:
        for i, word in enumerate(self.words):
            if word.lower in self.context.never and not self.rescued(i):
                continue
            before = self.before(i)
            if before is not None and (before.lower, word.lower) in _HOLIDAYS:
                continue
            if not self.norwegian and word.capital and is_people(word.lower, self.context.never):
                continue
            if self.raw:
                self.raw_word(i, word)
            else:
                self.cased_word(i, word)
            self.introduced(i, word)
        for i in range(len(self.words)):
            self.nicknamed(i)
        if self.raw:
            self.corrected()
        self.phrases()
        return self.group()

    def rescued(self, i: int) -> bool:
        """True for a capitalised word that is usually no name but is one here.

        It is followed by a name («Mai Olsen»), or is a month that is said as people are.
        """
        word, following = self.words[i], self.after(i)
        if word.lower in MONTHS and not self.norwegian and not self.raw:
            # “April in marketing” but “last April”, “April 2020”
            previous = self.before(i)
            dated = re.match(r",? ?\d", self.text[word.end : word.end + 3])
            return (
                word.capital
                and not word.first
                and not dated
                and previous is not None
                and previous.lower not in _BEFORE_MONTH
                and not self.text[max(0, word.start - 2) : word.start].strip().isdigit()
            )
        return (
            "F" in self.kinds(word)
            and word.capital
            and following is not None
            and following.capital
            and following.lower not in self.context.never
            and not following.acronym
        )

    def cased_word(self, i: int, word: Word) -> None:
        if not word.capital or len(word.base) < 2:
            return
        if self.norwegian and "-" in word.text:
            head, _, tail = word.text.partition("-")
            if tail[:1].islower() and len(tail) > 2 and self.known(tail.lower()):
                self.compounded(i, word, head)
                return
        if word.acronym and (len(word.text) <= 5 or not self.kinds(word)):
            if word.text in _COUNTRIES:
                self.mark(i, 0.8, "LOCATION")
            return
        kinds = self.kinds(word)
        previous = self.words[i - 1] if self.adjacent(i) else None
        if previous is not None and previous.lower.rstrip(".") in self.context.titles:
            self.mark(i, 0.95, "PERSON")
        elif not word.first:
            self.inside_sentence(i, word, kinds)
        else:
            self.sentence_start(i, word, kinds)

    def compounded(self, i: int, word: Word, head: str) -> None:
        """«Hamar-kontoret»: only the name in front identifies."""
        lower = head.lower()
        if len(head) < 3 or head.isupper() or lower in self.context.never:
            return
        if self.lexicon.kinds(lower) or not self.known(lower):
            self.marks[i] = Mark(0.7, "LOCATION" if "P" in self.lexicon.kinds(lower) else None)
            self.marks[i].end = word.start + len(head)

    def inside_sentence(self, i: int, word: Word, kinds: str) -> None:
        if self.norwegian:
            self.mark(i, 0.85 if kinds or not self.known(word.base) else 0.7)
            return
        if word.base in self.lexicon.languages and "F" not in kinds:
            return
        # English capitalises titles and headings too: a plain word needs a list or a neighbour.
        if kinds and (not self.core(word) or set(kinds) & set("FL")):
            self.mark(i, 0.8 if not self.ambiguous(word) else 0.65)
        elif not self.known(word.base):
            self.mark(i, 0.75)

    def sentence_start(self, i: int, word: Word, kinds: str) -> None:
        following = self.after(i)
        pair = (
            following is not None
            and following.capital
            and not following.acronym
            and following.lower not in self.context.never
            and (self.norwegian or self.kinds(following) != "" or not self.known(following.base))
            and (self.norwegian or not self.core(word) or word.base in self.context.core_names)
        )
        firm = following is not None and following.lower in self.context.org_heads
        if pair and (
            "F" in kinds or not self.known(word.base) or ((kinds or firm) and not self.core(word))
        ):
            self.mark(i, 0.85)
        elif kinds and not self.ambiguous(word) and len(word.base) > 2:
            self.mark(i, 0.75 if not self.known(word.base) else 0.6)
        elif self.unknown(word) and word.lower not in self.lower_seen:
            self.mark(i, 0.5)

    def raw_word(self, i: int, word: Word) -> None:
        if word.lower in self.context.never:
            return
        kinds = self.kinds(word)
        if word.capital and len(word.base) > 1 and not word.acronym:
            if kinds or not self.known(word.base) or (self.norwegian and not word.first):
                self.mark(i, 0.8)
            return
        if len(word.base) < 3 or (self.core(word) and not self.unknown(word)):
            self.raw_pair(i, word, kinds)
            return
        if kinds and not self.known(word.base) and not self.ambiguous(word):
            self.mark(i, 0.75 if len(word.base) > 3 else 0.55)
        elif "F" in kinds and not self.ambiguous(word):
            self.mark(i, 0.6)
        elif "P" in kinds and not self.core(word) and self.after_place_word(i):
            if word.base not in self.lexicon.common and not self.definite(word):
                self.mark(i, 0.6, "LOCATION")
        elif self.unknown(word) and self.in_name_position(i):
            self.mark(i, 0.55)
        elif (kinds and self.before_is(i, self.context.org_starts)) or (
            not self.core(word) and self.names_a_place_of_work(i, word)
        ):
            self.mark(i, 0.6, "ORG")
        self.raw_pair(i, word, kinds)

    def raw_pair(self, i: int, word: Word, kinds: str) -> None:
        """A first name that is also a word counts before a surname: «dag berg», «stein vik»."""
        following = self.after(i)
        if "F" not in kinds or following is None or i in self.marks:
            return
        next_kinds = self.kinds(following)
        previous = self.before(i)
        blocked = previous is not None and previous.lower in self.context.block_before
        if self.core(word):
            surname = (
                word.base in self.context.core_names
                and not self.core(following)
                and not self.known(following.base)
                and ("L" in next_kinds or (self.unknown(following) and not blocked))
            )
        else:
            surname = bool(set(next_kinds) & set("FL")) and not self.core(following)
            surname = surname or (self.unknown(following) and not blocked)
            surname = surname and (
                not blocked or ("L" in next_kinds and not self.known(following.base))
            )
            surname = surname and following.base not in self.lexicon.verbs
        if surname:
            self.mark(i, 0.7, "PERSON")
            self.mark(i + 1, 0.7, "PERSON")

    def after_place_word(self, i: int) -> bool:
        previous = self.before(i)
        return previous is not None and previous.lower in self.context.place_before

    def before_is(self, i: int, words: frozenset[str]) -> bool:
        previous = self.before(i)
        return previous is not None and previous.lower in words

    def names_a_place_of_work(self, i: int, word: Word) -> bool:
        """«på solhaug sykehjem», “the norvale logistics”: a rare word before a firm's head noun."""
        following = self.after(i)
        if following is None or not self.is_head(following):
            return False
        if self.unknown(word):
            return True
        # An adjective or a common noun before the head makes an ordinary phrase.
        return (
            following.lower in self.context.org_heads
            and word.base not in self.lexicon.common
            and not word.base.endswith(_ADJECTIVE)
            and self.before_is(i, self.context.work_before)
        )

    def in_name_position(self, i: int) -> bool:
        """True if the words around an unknown word of raw text speak for a name."""
        previous = self.before(i)
        if previous is None:
            return False
        lower = previous.lower
        return (
            lower in self.context.place_before
            or lower in self.context.work_before
            or lower in self.context.kin
            or lower in self.context.titles
            or lower in self.context.support_before
            or (i - 1) in self.marks
        )

    def introduced(self, i: int, word: Word) -> None:
        """«heter X», «X heter jeg», «kalte ham X», «kona X», «doktor X», «X mannen min»."""
        kinds = self.kinds(word)
        if i in self.marks and self.marks[i].label == "PERSON":
            return
        if not self.raw and not word.capital:
            return
        candidate = "F" in kinds or self.unknown(word) or (word.capital and self.raw)
        j = i
        while self.adjacent(j) and self.words[j - 1].lower in _SKIP_AFTER_INTRODUCE:
            j -= 1
        previous = self.words[j - 1] if self.adjacent(j) else None
        if previous is not None:
            if previous.lower in self.context.introduce and not self.filler_like(word):
                stated = previous.lower in _NAME_NOUNS and (
                    (j > 1 and self.adjacent(j - 1) and self.words[j - 2].lower in _INTRODUCERS)
                    or j < i
                )
                plain = self.core(word) or word.base.endswith(("lig", "leg", "isk"))
                if candidate or (stated and not plain):
                    self.mark(i, 0.85, "PERSON")
                    return
            if previous.lower in _OBJECT and j > 1 and self.adjacent(j - 1) and self.raw:
                verb = self.words[j - 2].lower
                if verb.startswith(("kall", "kalt", "call")) and (not self.core(word) or candidate):
                    if word.base not in self.lexicon.common or candidate:
                        self.mark(i, 0.7, "PERSON")
                    return
            titled = previous.lower in self.context.titles or previous.lower in self.context.kin
            if titled and not self.filler_like(word):
                named = "F" in kinds or self.unknown(word)
                if previous.lower in self.context.titles and not self.core(word):
                    named = named or "L" in kinds
                named = named or (
                    previous.lower in self.context.kin
                    and len(word.base) > 2
                    and not self.known(word.base)
                )
                named = named or (
                    previous.lower in _ADDRESS
                    and word.base not in self.lexicon.common
                    and word.base not in self.lexicon.verbs
                    and len(word.base) > 3
                )
                if named and (not self.core(word) or (word.capital and not word.first)):
                    self.mark(i, 0.8, "PERSON")
                    return
        following = self.after(i)
        if following is None or self.filler_like(word):
            return
        then = self.after(i + 1)
        if (
            following.lower in _NAME_NOUNS
            and then is not None
            and then.lower in {"jeg", "eg", "æ"}
            and not self.core(word)
        ):
            self.mark(i, 0.85, "PERSON")
        elif "F" not in kinds:
            return
        elif (
            self.norwegian
            and following.lower in self.context.apposition
            and then is not None
            and then.lower in {"min", "mi", "hans", "hennes", "hennar", "vår", "din", "til"}
            and not self.core(word)
        ):
            self.mark(i, 0.8, "PERSON")

    def filler_like(self, word: Word) -> bool:
        return word.lower in self.context.fillers or word.lower in _NEVER_INTRODUCED

    def phrases(self) -> None:
        """Places of several words: «Mo i Rana», “New York”."""
        for i, word in enumerate(self.words):
            for phrase in self.lexicon.phrases.get(word.lower, ()):
                end = word.start + len(phrase)
                if self.text[word.start : end].lower() != phrase:
                    continue
                if end < len(self.text) and self.text[end].isalpha():
                    continue
                if not self.raw and not word.capital:
                    continue
                length = 0
                while i + length < len(self.words) and self.words[i + length].start < end:
                    length += 1
                pieces = self.words[i : i + length]
                plain = all(p.base in self.lexicon.common for p in pieces)
                if plain and (self.raw or not pieces[-1].capital):
                    continue
                for j in range(i, i + length):
                    self.mark(j, 0.75, "LOCATION")
                break
