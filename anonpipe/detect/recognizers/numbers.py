"""Numbers in words: Norwegian (bokmål, nynorsk, old and new counting) and English."""

from __future__ import annotations

import re

_NO_UNITS = {
    "null": 0, "en": 1, "én": 1, "ein": 1, "éin": 1, "ett": 1, "eitt": 1, "et": 1, "ei": 1,
    "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "sju": 7, "syv": 7, "åtte": 8, "ni": 9,
}  # fmt: skip
_NO_TEENS = {
    "ti": 10, "elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14, "femten": 15,
    "seksten": 16, "sytten": 17, "atten": 18, "nitten": 19,
}  # fmt: skip
_NO_TENS = {
    "tjue": 20, "tyve": 20, "tretti": 30, "tredve": 30, "førti": 40, "førr": 40, "femti": 50,
    "seksti": 60, "sytti": 70, "åtti": 80, "nitti": 90,
}  # fmt: skip
_NO_OLD_UNITS = {
    "en": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "syv": 7, "åtte": 8, "ni": 9
}  # fmt: skip
_EN_UNITS = {
    "zero": 0, "oh": 0, "o": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
_EN_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_EN_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip


def _norwegian() -> dict[str, int]:
    table = {**_NO_UNITS, **_NO_TEENS, **_NO_TENS}
    for ten, value in _NO_TENS.items():
        for unit, add in _NO_UNITS.items():
            if add and unit not in {"et", "ei"}:
                table[ten + unit] = value + add
                table[f"{ten}-{unit}"] = value + add
        for unit, add in _NO_OLD_UNITS.items():  # the old way: «femogtjue»
            table[f"{unit}og{ten}"] = value + add
    return table


NORWEGIAN = _norwegian()
"""Norwegian number words of one word, 0 to 99."""
ENGLISH = {
    **_EN_UNITS,
    **_EN_TEENS,
    **_EN_TENS,
    **{
        f"{ten}-{unit}": value + add
        for ten, value in _EN_TENS.items()
        for unit, add in _EN_UNITS.items()
        if add
    },
}
"""English number words of one word, 0 to 99."""


def alternatives(words: dict[str, int]) -> str:
    """A regular expression that matches any of the words, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


NO_WORD = rf"(?:{alternatives(NORWEGIAN)})"
_EN_ONE_TO_NINE = {word: value for word, value in _EN_UNITS.items() if value}
EN_WORD = (
    rf"(?:(?:{alternatives(_EN_TENS)})[ -](?:{alternatives(_EN_ONE_TO_NINE)})"
    rf"|{alternatives(ENGLISH)})"
)

NO_ORDINAL = (
    r"(?:(?:tjue|tyve|tretti|tredve)(?:første|fyrste|andre|annen|tredje|fjerde|femte|sjette|"
    r"syvende|sjuende|sjuande|åttende|åttande|niende|niande)|"
    r"(?:første|fyrste|andre|annen|tredje|fjerde|femte|sjette|syvende|sjuende|sjuande|åttende|"
    r"åttande|niende|niande|tiende|tiande|ellevte|tolvte|trettende|trettande|fjortende|fjortande|"
    r"femtende|femtande|sekstende|sekstande|syttende|syttande|attende|attande|nittende|nittande|"
    r"tjuende|tjuande|tyvende|trettiende|trettiande)|"
    r"(?:en|to|tre|fire|fem|seks|syv|åtte|ni)og(?:tyvende|tjuende|tredevte|trettiende))"
)
EN_ORDINAL = (
    r"(?:(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|"
    r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|"
    r"thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|"
    r"thirtieth)"
)
_NO_BELOW_100 = (
    rf"(?:(?:{alternatives(_NO_TENS)})(?:{alternatives(_NO_UNITS)})?|{alternatives(_NO_TEENS)})"
)
NO_YEAR = (
    rf"(?:to ?tusen(?: ?(?:og ?)?(?:{alternatives(NORWEGIAN)}))?"
    rf"|(?:nitten ?(?:hundre)?|tjue) ?(?:og ?)?(?:{_NO_BELOW_100}|null "
    rf"?(?:{alternatives(_NO_UNITS)})))"
)
EN_YEAR = (
    rf"(?:two thousand(?: and)?(?: {EN_WORD})?"
    rf"|(?:nineteen|twenty)[ -](?:hundred|oh[ -](?:{alternatives(_EN_UNITS)})|{EN_WORD}))"
)

NO_BIG = (
    rf"(?:(?:{alternatives(_NO_UNITS)})? ?hundre ?(?:og ?)?(?:{alternatives(NORWEGIAN)})?"
    rf"|{alternatives(NORWEGIAN)})"
)
"""A house number in words: «tjuesju», «hundreogti»."""


def as_digits(word: str, language: str) -> str | None:
    """The digits a dictated word stands for: «nittini» 99, «null» 0; None if it is no number."""
    word = word.lower()
    if word.isdecimal():
        return word
    table = NORWEGIAN if language in {"nb", "nn"} else ENGLISH
    value = table.get(word)
    return None if value is None else str(value)


NO_ORDINALS = {
    word: value
    for value, words in enumerate(
        (
            "første fyrste", "andre annen", "tredje", "fjerde", "femte", "sjette",
            "syvende sjuende sjuande", "åttende åttande", "niende niande", "tiende tiande",
            "ellevte", "tolvte",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
"""Norwegian ordinals from 1 to 12, which number the months («andre i tredje»)."""
_HUNDRED = frozenset({"hundre", "hundred"})
_JOINING = frozenset({"og", "and"})


def _table(language: str) -> dict[str, int]:
    return NORWEGIAN if language in {"nb", "nn"} else ENGLISH


def numbers_in(text: str, language: str) -> tuple[int, ...]:
    """The numbers that a text says in figures or words, in order.

    «førti» and «to» in two words are 42, as in English, and what follows «hundre og» is added.
    """
    table = _table(language)
    found: list[int] = []
    adds = 0  # below this a number is added to the one before
    for word in re.findall(r"\d+|[^\W\d_]+", text.lower()):
        value = int(word) if word.isdecimal() else table.get(word)
        if word in _HUNDRED:
            times = found.pop() if found and 0 < found[-1] < 10 else 1
            found.append(100 * times)
            adds = 100
        elif value is None:
            adds = adds if word in _JOINING and adds == 100 else 0
        elif found and 0 < value < adds:
            found[-1] += value
            adds = 10 if value in range(20, 100, 10) else 0
        else:
            found.append(value)
            adds = 10 if not word.isdecimal() and value in range(20, 100, 10) else 0
    return tuple(found)


_YEAR_IN_FIGURES = re.compile(r"(?<!\d)(?:1[89]\d\d|20\d\d)(?!\d)")
_YEAR_IN_WORDS = {
    # «to tusen og tjue to» in five words; not «to tusen» of «to tusen og» and an unknown number.
    "no": re.compile(
        rf"\b(?:{NO_YEAR})(?: (?:{alternatives(_NO_UNITS)}))?(?!\w)(?! og\b)", re.IGNORECASE
    ),
    "en": re.compile(rf"\b(?:{EN_YEAR})(?!\w)", re.IGNORECASE),
}
_CENTURY = re.compile(
    r"(?P<thousand>to ?tusen|two thousand)|(?P<past>nitten ?(?:hundre)?|nineteen(?:[ -]hundred)?)"
    r"|tjue|twenty(?:[ -]hundred)?",
    re.IGNORECASE,
)


def years_in(text: str, language: str) -> tuple[int, ...]:
    """The years that a text says: 2019, «nitten åttito», “two thousand and five”."""
    written = tuple(int(match[0]) for match in _YEAR_IN_FIGURES.finditer(text))
    pattern = _YEAR_IN_WORDS["no" if language in {"nb", "nn"} else "en"]
    return written + tuple(_year(match[0], language) for match in pattern.finditer(text))


def _year(words: str, language: str) -> int:
    century = _CENTURY.match(words)
    assert century is not None  # both patterns of years begin with one
    rest = numbers_in(re.sub(r"^og(?=\w)", "", words[century.end() :].strip()), language)
    # «null fem» are two numbers; any other second number belongs to what follows the year.
    return (1900 if century["past"] else 2000) + (sum(rest[:1]) or sum(rest))
