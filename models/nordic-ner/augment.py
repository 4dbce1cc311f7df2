"""Makes new text of old: other names, misheard names, text as a speech recogniser writes it.

Each function takes a `random.Random`, so that a seed gives the same training again.
"""

from __future__ import annotations

import random
import re

from num2words import num2words
from text import NAMES, Document, Token, spans_of, tokens_of

FILLERS = {
    "nb": "eh ehm øh altså liksom hm",
    "nn": "eh ehm øh altså liksom",
    "en": "um uh er like hm",
}
# Names that are also words, in the sense of a name; the interviews have both senses.
COMMON_FIRST = (
    "Bjørn Stein Liv Odd Dag Vår Bo Even Tor Jo Alf Siv My Sol Storm Gro Tone Rose Mark "
    "Will Grace Hope Faith Joy May June Bill Jack Frank Rob Grant Dean Art Pat Sue Jan Mai "
    "Juni Eli Åse Hauk Ørn Falk Unn"
).split()
COMMON_LAST = (
    "Vik Berg Holm Lie Moe Strand Dal Eng Haug Bakke Lund Vang Ås Skog Li Foss Nes Sand "
    "Young Long Wood Price Day Banks Cook Baker Read Page Bell Hill Field Ford Stone Rice "
    "Brown Green White Black"
).split()
_FARM = (
    "Sol Gran Fure Bjørk Eike Ask Hassel Røys Stein Berg Lang Øver Nedre Små Store Kvit "
    "Svart Raud Grøn Ulv Bjørn Rev Ørn Hauk Tran Laks Sild Kråk Måse Hest Sau Geit Korn Høy "
    "Myr Lyng Mose Tjern Vass Elve Fosse Bru Kvern Sag Møll Hammar Smed Preste Kyrkje "
    "Kloster Konge Finn Trond Hall Sig Tor Frøy Odin Njard"
).split()
_FARM_END = (
    "vik dal nes stad heim set seter land rud bø tveit ås haug berg bakken lia moen øya "
    "sund fjord vatn voll gard hus strand foss li eid mark hamn våg holmen skogen kroken "
    "myra"
).split()
_HEARD = (
    ("th", "t"), ("t", "th"), ("ch", "k"), ("ck", "k"), ("k", "ck"), ("c", "k"), ("k", "c"),
    ("y", "i"), ("i", "y"), ("j", "i"), ("ø", "o"), ("ø", "ö"), ("å", "o"), ("aa", "å"),
    ("æ", "e"), ("e", "æ"), ("v", "w"), ("w", "v"), ("z", "s"), ("s", "z"), ("d", "t"),
    ("b", "p"), ("g", "k"), ("ph", "f"), ("h", ""), ("kj", "sj"), ("skj", "sj"), ("ei", "ai"),
    ("øy", "oi"), ("u", "o"), ("o", "å"), ("a", "e"), ("e", "a"), ("m", "n"), ("n", "m"),
    ("ll", "l"), ("nn", "n"), ("tt", "t"), ("l", "ll"), ("s", "ss"), ("x", "ks"), ("qu", "kv"),
    ("rd", "r"), ("ld", "l"), ("nd", "n"), ("e", ""), ("r", ""), ("ou", "u"),
)  # fmt: skip


def misheard(word: str, rng: random.Random) -> str:
    """A spelling that sounds much the same: «Tveiten» → «tveitan»."""
    for _ in range(rng.choice((1, 1, 2))):
        rules = [
            (a, b) for a, b in _HEARD if a in word[1:].lower() or (len(a) < 3 and a == word[:1])
        ]
        if not rules:
            return word
        old, new = rng.choice(rules)
        places = [m.start() for m in re.finditer(re.escape(old), word.lower())]
        at = rng.choice(places)
        made = word[:at] + new + word[at + len(old) :]
        if len(made) > 1:
            word = made
    return word


def like(word: str, model: str) -> str:
    """`word` with the capitals of `model`."""
    if model.islower():
        return word.lower()
    return word.upper() if model.isupper() and len(model) > 2 else word


class Names:
    """Draws names: half as people in Norway are called, half from all lists of the world."""

    def __init__(self, lists: dict[str, list[str]]) -> None:
        self.lists = lists
        self.first = {n.lower() for n in (*lists["F"], *lists["N"])}
        self.last = {n.lower() for n in (*lists["L"], *lists["M"])}
        self.all = self.first | self.last

    def first_name(self, rng: random.Random) -> str:
        dice = rng.random()
        if dice < 0.06:
            return rng.choice(COMMON_FIRST)
        name = rng.choice(self.lists["N" if dice < 0.4 else "F"])
        return misheard(name, rng).capitalize() if dice > 0.9 else name

    def last_name(self, rng: random.Random) -> str:
        dice = rng.random()
        if dice < 0.08:
            return rng.choice(COMMON_LAST)
        if dice < 0.2:
            return rng.choice(_FARM) + rng.choice(_FARM_END)
        name = rng.choice(self.lists["M" if dice < 0.5 else "L"])
        return misheard(name, rng).capitalize() if dice > 0.9 else name

    def any_name(self, rng: random.Random) -> str:
        return self.first_name(rng) if rng.random() < 0.5 else self.last_name(rng)

    def place(self, rng: random.Random) -> str:
        if rng.random() < 0.35:
            return rng.choice(_FARM) + rng.choice(_FARM_END)
        return rng.choice(self.lists["P"])

    def person(self, word: str, alone: bool, final: bool, rng: random.Random) -> str:
        """A name in place of `word`, the first or last of several or alone."""
        lower = word.lower()
        family = final and not alone
        if alone and lower in self.last and lower not in self.first:
            family = True
        return self.last_name(rng) if family else self.first_name(rng)


def rename(document: Document, names: Names, rng: random.Random, share: float) -> None:
    """Give people (`share`) and places (half of `share`) other names, the same throughout."""
    people: dict[str, str] = {}
    places: dict[str, str] = {}
    norwegian = document.language in ("nb", "nn")
    everyone = rng.random() < 0.5
    for line in document.lines:
        for start, end, kind in reversed(spans_of(line)):
            words = [i for i in range(start, end) if line[i].text.isalpha()]
            if kind == "PERSON":
                for n, i in enumerate(words):
                    token = line[i]
                    stem, genitive = token.text, ""
                    if (
                        norwegian and n == len(words) - 1 and len(stem) > 3 and stem[-1] == "s"
                        and stem[:-1].lower() in names.all
                        and stem.lower() not in names.all
                    ):  # fmt: skip
                        stem, genitive = stem[:-1], "s"
                    key = stem.lower()
                    if len(key) < 2 or not (
                        key in names.first or key in names.last or len(words) > 1
                    ):
                        continue
                    if key not in people:
                        chosen = everyone or rng.random() < share
                        final = n == len(words) - 1
                        people[key] = (
                            names.person(stem, len(words) == 1, final, rng) if chosen else ""
                        )
                    if people[key]:
                        token.text = like(people[key].split()[0], token.text) + genitive
            elif kind == "LOCATION" and len(words) == 1 == end - start:
                token = line[start]
                key = token.text.lower()
                if key not in places:
                    places[key] = names.place(rng) if rng.random() < share / 2 else ""
                if places[key]:
                    new = tokens_of(like(places[key], token.text), kind, token.glued)
                    line[start:end] = new


_NUMBERED = frozenset(
    ("PHONE", "NATIONAL_ID", "ACCOUNT", "VEHICLE", "OTHER", "ADDRESS", "AGE", "EMAIL", "URL")
)


class Surfaces:
    """What stands in the interviews for each type, by language and style, to be exchanged."""

    def __init__(self, documents: list[Document]) -> None:
        self.found: dict[tuple[str, bool, str], list[list[Token]]] = {}
        for document in documents:
            for line in document.lines:
                for start, end, kind in spans_of(line):
                    key = (document.language == "en", document.raw, kind)
                    self.found.setdefault(key, []).append(line[start:end])

    def exchange(self, document: Document, names: Names, rng: random.Random, share: float) -> None:
        """Put other surfaces of the same type in place of mentions other than people.

        Numbers in them become other numbers, names in addresses other names.
        """
        chosen: dict[str, list[Token] | None] = {}
        for line in document.lines:
            for start, end, kind in reversed(spans_of(line)):
                if kind == "PERSON":
                    continue
                old = " ".join(t.text for t in line[start:end]).lower()
                if old not in chosen:
                    pool = self.found.get((document.language == "en", document.raw, kind))
                    pick = pool and rng.random() < share
                    chosen[old] = rng.choice(pool) if pool and pick else None
                new = chosen[old]
                if new:
                    copies = [Token(t.text, t.label, t.glued) for t in new]
                    copies[0].glued = line[start].glued
                    line[start:end] = copies
                    end = start + len(copies)
                if kind in _NUMBERED and rng.random() < 0.6:
                    for token in line[start:end]:
                        token.text = _digits(token.text, rng)
                if kind in ("EMAIL", "URL") and rng.random() < 0.5:
                    for token in line[start:end]:
                        lower = token.text.lower()
                        if len(lower) > 3 and lower in names.all:
                            token.text = like(names.any_name(rng), token.text)


_NUMBER_WORDS = tuple(
    tuple(row.split())
    for row in (
        "null en to tre fire fem seks sju åtte ni",
        "null ein to tre fire fem seks sju åtte ni",
        "ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
        "tjue tretti førti femti seksti sytti åtti nitti",
        "hundre hundreogti hundreogfem hundreogtolv",
        "oh zero one two three four five six seven eight nine",
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
        "twenty thirty forty fifty sixty seventy eighty ninety",
        "double triple",
    )
)
_TENS = _NUMBER_WORDS[3]
_ONES = _NUMBER_WORDS[0][1:]


def _digits(word: str, rng: random.Random) -> str:
    """Another number of the same form: «54» → «71», «femtito» → «åttini», “nine” → “three”."""
    if word.isdigit() and len(word) > 1:
        return "".join(str(rng.randrange(10)) for _ in word)
    lower = word.lower()
    for row in _NUMBER_WORDS:
        if lower in row:
            return like(rng.choice(row), word)
    for tens in _TENS:
        if lower.startswith(tens) and lower[len(tens) :] in _ONES:
            return like(rng.choice(_TENS) + rng.choice(_ONES), word)
    return word


def spoken(word: str, language: str) -> list[str]:
    """A number in words: «54» → «femtifire»; longer ones stay."""
    if len(word) > 4 or (word[0] == "0" and len(word) > 1):
        return [word]
    if language == "en":
        number = int(word)
        kind = "year" if 1500 < number < 2100 else "cardinal"
        return re.findall(r"[a-z]+", num2words(number, lang="en", to=kind).replace(" and ", " "))
    return [num2words(int(word), lang="no").replace(" ", "").replace("-", "").replace(",", "")]


def mishear(document: Document, rng: random.Random) -> None:
    """Misspell names as a recogniser does that writes capitals and punctuation."""
    share = rng.choice((0.1, 0.3, 0.6))
    for line in document.lines:
        for token in line:
            named = token.label is not None and token.label[2:] in NAMES
            if named and len(token.text) > 3 and token.text.isalpha() and rng.random() < share:
                token.text = like(misheard(token.text, rng).capitalize(), token.text)


def raw(document: Document, rng: random.Random) -> None:
    """Write the document as a recogniser would, in one of several manners."""
    lower = rng.random() < 0.92
    points = rng.random() < 0.15
    spoken_numbers = rng.random() < 0.6
    fillers = FILLERS.get(document.language, FILLERS["en"]).split()
    filled = rng.choice((0.0, 0.02, 0.05))
    twice = rng.choice((0.0, 0.01, 0.03))
    misspelled = rng.choice((0.0, 0.1, 0.3))
    capitals = rng.choice((0.004, 0.004, 0.05, 0.5))  # of names that keep theirs
    document.raw = True
    lines = []
    for line in document.lines:
        new: list[Token] = []
        for n, token in enumerate(line):
            label = token.label
            inside = label is not None and label[0] == "I"
            kind = label[2:] if label and label != "O" else ""
            if not token.text.isalnum():
                keep = points or (
                    kind in ("EMAIL", "URL", "ACCOUNT", "PHONE") and rng.random() < 0.7
                )
                if keep or token.text in "'’" or rng.random() < 0.03:
                    new.append(token)
                elif label is not None and label[0] == "B" and n + 1 < len(line):
                    following = line[n + 1]
                    if following.label == f"I-{kind}":
                        following.label = label
                continue
            if rng.random() < filled and (not inside or kind not in NAMES):
                new.append(Token(rng.choice(fillers), label if inside else "O"))
            text = token.text
            if lower and rng.random() > (capitals if kind in NAMES else 0.004):
                text = text.lower()
            named = kind in NAMES and len(text) > 3 and text.isalpha()
            if named and rng.random() < misspelled:
                text = misheard(text, rng)
            if text.isdigit() and spoken_numbers:
                for m, part in enumerate(spoken(text, document.language)):
                    mark = label if not m or label is None or label == "O" else f"I-{kind}"
                    new.append(Token(part, mark))
                continue
            glued = token.glued and n > 0 and line[n - 1].text in "'’"
            if rng.random() < twice and not kind:
                new.append(Token(text, label))
            new.append(Token(text, label, glued or (points and token.glued)))
        if new:
            lines.append(new)
    document.lines = lines


def augmented(
    document: Document, names: Names, surfaces: Surfaces | None, rng: random.Random, to_raw: float
) -> Document:
    """A changed copy of a document."""
    copy = Document(
        [[Token(t.text, t.label, t.glued) for t in line] for line in document.lines],
        document.language, document.types, document.raw, document.source, document.speakers,
    )  # fmt: skip
    if surfaces is not None:
        surfaces.exchange(copy, names, rng, 0.35)
    if copy.language in ("nb", "nn", "en", "sv", "da") and rng.random() < 0.75:
        rename(copy, names, rng, 0.5)
    dice = rng.random()
    if not copy.raw and dice < to_raw:
        raw(copy, rng)
    elif not copy.raw and dice > 0.9:
        mishear(copy, rng)
    return copy
