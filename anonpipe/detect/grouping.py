"""From marked words to names: how far a name reaches and what it names."""

from __future__ import annotations

import re

from anonpipe.detect.reader import Label, Mark, NameSpan, Reader
from anonpipe.detect.words import Word
from anonpipe.resources import word_set

# Part of a nickname rather than a title: “Mama Ruth”, “Miss Ella”.
_NICKNAMES = word_set("mama papa miss nana nan big lil aunty auntie granny")


class Grouping(Reader):
    """A reader that joins marked words into names."""

    # -- grouping

    def group(self) -> list[NameSpan]:
        spans: list[NameSpan] = []
        i = 0
        while i < len(self.words):
            if i not in self.marks:
                i += 1
                continue
            first, last = self.extend(i)
            spans.append(self.span(first, last))
            i = last + 1
        return spans

    def extend(self, i: int) -> tuple[int, int]:
        """The first and last word of the name that the mark at i is part of."""
        first, last = i, i
        # An organisation's first word may be common: «Stiftelsen Ny Start», «Kafé Utsikten».
        if self.adjacent(i) and i - 1 not in self.marks:
            previous = self.words[i - 1]
            if (
                (previous.capital and previous.lower in self.context.org_starts)
                or (previous.lower in _NICKNAMES and not self.norwegian)
                or previous.lower in {"nav"}
                or (
                    self.raw
                    and previous.lower in self.context.org_starts
                    and previous.lower not in {"if", "il", "st", "local", "helse", "blå", "mental"}
                )
            ):
                first = i - 1
        while last + 1 < len(self.words) and self.adjacent(last + 1):
            if self.marks[last].end is not None if last in self.marks else False:
                break
            step = self.next_part(last)
            if step is None:
                break
            last = step
        return self.reach_back(first), last

    def reach_back(self, first: int) -> int:
        """«Høgskolen i Molde», «Høgskulen på Austøya»: the head noun and its preposition."""
        if first >= 2 and self.adjacent(first) and self.adjacent(first - 1):
            prep, head = self.words[first - 1], self.words[first - 2]
            if (
                prep.lower in {"i", "på", "for", "ved", "of"}
                and head.lower in self.context.org_starts | self.context.org_heads
                and head.capital
                and first - 2 not in self.marks
                and (not head.first or self.norwegian)
            ):
                return first - 2
        return first

    def next_part(self, last: int) -> int | None:
        """The index of the last word that the next part of a name adds, or None."""
        following = self.words[last + 1]
        if last + 1 in self.marks:
            if self.ends_genitive(self.words[last]):
                return None
            return last + 1
        if following.lower in self.context.never and not following.capital:
            return None
        if following.capital and not following.first and not self.raw:
            if following.lower in {"as", "asa", "il", "if", "fk", "sk", "ltd", "inc", "llc", "plc"}:
                return last + 1
            if following.acronym or (
                following.lower in self.context.never and "F" not in self.kinds(following)
            ):
                return None
            return last + 1
        if following.lower in self.context.particles | {"&"} and last + 2 < len(self.words):
            target = self.words[last + 2]
            if self.adjacent(last + 2) and (
                (target.capital and not self.raw)
                or (last + 2 in self.marks and following.lower not in {"i", "y", "den", "de", "av"})
            ):
                return last + 2
        if following.lower == "og" and last + 2 < len(self.words) and not self.raw:
            mine, target = self.words[last], self.words[last + 2]
            if (
                self.adjacent(last + 2)
                and target.capital
                and mine.base in self.lexicon.known
                and target.base in self.lexicon.known
                and (last - 1 in self.marks or "F" not in self.kinds(mine) + self.kinds(target))
            ):
                return last + 2
        if (
            following.lower in {"i", "på", "for", "ved", "of", "am", "an", "der", "des"}
            and last + 2 < len(self.words)
            and self.adjacent(last + 2)
            and self.words[last + 2].capital
            and not self.raw
            and self.words[last].lower in self.context.org_starts | self.context.org_heads
        ):
            return last + 2
        if following.lower.split("-")[0] in self.context.particles and re.search(
            r"-[A-ZÆØÅ]", following.text
        ):
            return last + 1  # «al-Khatib»
        if self.is_head(following) and not self.ends_genitive_person(last):
            return last + 1
        if (
            last + 2 < len(self.words)
            and self.adjacent(last + 2)
            and following.lower in {"videregående", "vidaregående", "barne-", "primary", "high"}
            and self.is_head(self.words[last + 2])
        ):
            return last + 2
        if self.raw and self.continues_raw(last):
            return last + 1
        return None

    def continues_raw(self, last: int) -> bool:
        """In raw text a surname follows a first name, even if it is also a word («solfrid vik»)."""
        word, following = self.words[last], self.words[last + 1]
        mark = self.marks.get(last)
        person = mark is not None and mark.label == "PERSON"
        if "F" not in self.kinds(word) and not self.unknown(word) and not person:
            return False
        if self.core(following) or following.base in self.lexicon.verbs or len(following.base) < 2:
            return False
        if self.ends_genitive(word):
            return False
        kinds = self.kinds(following)
        return (
            "L" in kinds
            or ("F" in kinds and not self.known(following.base))
            or (("F" in self.kinds(word) or person) and self.unknown(following))
        )

    def ends_genitive(self, word: Word) -> bool:
        return word.base_end < word.end

    def ends_genitive_person(self, last: int) -> bool:
        """«Karis skole»: a person's genitive before a noun is no firm."""
        word = self.words[last]
        key = self.key(word)
        genitive = key != word.base or self.ends_genitive(word)
        return genitive and "F" in self.lexicon.kinds(key)

    def is_head(self, word: Word) -> bool:
        """A lower-case noun that ends an organisation's name: «Nordby legesenter»."""
        if word.capital:
            return False
        if word.lower in self.context.org_heads:
            return True
        return any(
            word.lower.endswith(s) and len(word.lower) > len(s) + 2
            for s in self.context.org_suffixes
        )

    def span(self, first: int, last: int) -> NameSpan:
        words = self.words[first : last + 1]
        marks = [self.marks[i] for i in range(first, last + 1) if i in self.marks]
        label = self.label(first, last, words, marks)
        score = max(m.score for m in marks)
        cut = self.marks[last].end if last in self.marks else None
        # “Kari's” goes as a whole: half a word left over helps nobody.
        end = cut if cut is not None else words[-1].end
        # A user name's digits belong to it: «Ravn77».
        while cut is None and end < len(self.text) and self.text[end] in "0123456789_":
            end += 1
        return NameSpan(words[0].start, end, label, score)

    def label(self, first: int, last: int, words: list[Word], marks: list[Mark]) -> Label:
        """Person, place or organisation, by list and by the word before."""
        heads = self.context.org_heads | {"as", "asa", "il", "if", "fk", "sk"}
        if any(m.label == "PERSON" for m in marks):
            return "PERSON"
        tail = words[-1]
        if len(words) > 1 and (
            tail.lower in heads
            or any(self.is_head(word) for word in words[1:])  # «Granli skole i Lom» too
            or words[0].lower in self.context.org_starts
            or (words[0].lower == "nav")
        ):
            return "ORG"
        if any(m.label == "LOCATION" for m in marks):
            return "LOCATION"
        kinds = [self.kinds(w) for w in words]
        previous = self.before(first)
        place = previous is not None and previous.lower in self.context.place_before
        if "F" in kinds[0] and not (place and "P" in kinds[0] and len(words) == 1):
            return "PERSON"
        if "P" in kinds[0] and ("L" not in kinds[0] or place):
            return "LOCATION"
        if len(words) == 1 and place and not kinds[0]:
            return "LOCATION"
        if len(words) == 1 and not kinds[0] and previous is not None:
            if previous.lower in {"hos", "for", "at"}:
                return "ORG"
            if words[0].base.endswith(self.context.place_suffixes) and not kinds[0]:
                return "LOCATION" if self.norwegian else "PERSON"
        return "PERSON"
