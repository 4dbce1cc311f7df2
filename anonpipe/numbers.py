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

REPEATS = {"double": 2, "dobbel": 2, "dobbelt": 2, "triple": 3, "trippel": 3, "treble": 3}
"""Words that say how often the digit after them stands."""


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


NO_WORD = (
    # «nitti to», «to og åtti»: apart, as recognisers write them too
    rf"(?:(?:{alternatives(_NO_TENS)})[ -](?:to|tre|fire|fem|seks|sju|syv|åtte|ni)"
    rf"|(?:{alternatives(_NO_OLD_UNITS)}) og (?:{alternatives(_NO_TENS)})"
    rf"|{alternatives(NORWEGIAN)})"
)
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


_COMPOUNDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (form, re.compile(pattern))
    for form, pattern in (
        # «hundreogtolv», «trehundreogtolv»; «nittenåttifem», «totusenogseks»; «nullseks»
        ("{}{:02}", rf"(?P<a>{alternatives(_NO_UNITS)})?hundre(?:og)?(?P<b>{NO_WORD})?"),
        ("19{1:02}", rf"(?P<a>nitten)(?:hundre)?(?:og)?(?P<b>{_NO_BELOW_100})"),
        ("20{1:02}", rf"(?P<a>tjue)(?:og)?(?P<b>{_NO_BELOW_100})"),
        ("20{1:02}", rf"(?P<a>to)tusen(?:og)?(?P<b>{NO_WORD})?"),
        ("0{1}", rf"(?P<a>null)(?P<b>{NO_WORD})"),
    )
)
_NO_ORDINALS = {
    "første": 1, "fyrste": 1, "andre": 2, "annen": 2, "tredje": 3, "fjerde": 4, "femte": 5,
    "sjette": 6, "sjuende": 7, "syvende": 7, "åttende": 8, "niende": 9, "tiende": 10,
    "ellevte": 11, "tolvte": 12, "trettende": 13, "fjortende": 14, "femtende": 15,
    "sekstende": 16, "syttende": 17, "attende": 18, "nittende": 19, "tjuende": 20,
    "tyvende": 20, "trettiende": 30,
}  # fmt: skip


def as_digits(word: str, language: str) -> str | None:
    """The digits a dictated word stands for: «nittini» 99, «null» 0; None if it is no number."""
    word = word.lower()
    if word.isdecimal():
        return word
    norwegian = language in {"nb", "nn"}
    value = (NORWEGIAN if norwegian else ENGLISH).get(word)
    if value is not None or not norwegian:
        return None if value is None else str(value)
    for form, pattern in _COMPOUNDS:
        if match := pattern.fullmatch(word):
            head = NORWEGIAN.get(match["a"] or "en", 0)
            return form.format(head, NORWEGIAN.get(match["b"] or "null", 0))
    return None


def ordinal(word: str, language: str) -> str | None:
    """The two digits of a day that is said as an ordinal: «syttende» 17 (Norwegian only)."""
    if language not in {"nb", "nn"}:
        return None
    word = re.sub(r"ande$", "ende", word)
    ten = next((t for t in ("tjue", "tretti") if word.startswith(t) and word != t + "ende"), "")
    value = _NO_ORDINALS.get(word[len(ten) :])
    return None if value is None else f"{value + _NO_TENS.get(ten, 0):02}"


def parted(words: list[str], language: str) -> tuple[str, int] | None:
    """The digits of a number in several words, and how many words; None if it is none.

    «ni hundre og tolv» 912, «to og tyve» 22, “nine hundred” 900, “twenty - one” 21.
    Norwegian tens and a unit stay apart: «nitti åtte» is 98 as often as 90 and 8.
    """
    norwegian = language in {"nb", "nn"}
    table = NORWEGIAN if norwegian else ENGLISH
    units = _NO_UNITS if norwegian else _EN_ONE_TO_NINE
    tens = _NO_TENS if norwegian else _EN_TENS
    link = "og" if norwegian else "and"
    if not words:
        return None
    head = units.get(words[0])
    if len(words) > 1 and words[1] in {"hundre", "hundred"} and head:
        at = 3 if words[2:3] == [link] else 2
        rest = _below_hundred(words[at:], table, tens)
        if rest is not None:
            return f"{head}{rest[0]:02}", at + rest[1]
        return f"{head}00", 2
    if words[0] in {"hundre", "hundred"} and words[1:2] == [link]:
        rest = _below_hundred(words[2:], table, tens)
        return None if rest is None else (f"1{rest[0]:02}", 2 + rest[1])
    if norwegian and head and words[1:2] == ["og"] and words[2:3] and words[2] in tens:
        return str(tens[words[2]] + head), 3
    both = _below_hundred(words, table, tens)
    if both is not None and both[1] > (2 if norwegian else 1):
        return str(both[0]), both[1]
    return None


def _below_hundred(
    words: list[str], table: dict[str, int], tens: dict[str, int]
) -> tuple[int, int] | None:
    if not words or words[0] not in table:
        return None
    at = 2 if words[1:2] == ["-"] else 1
    unit = table.get(words[at], 0) if len(words) > at else 0
    if words[0] in tens and 0 < unit < 10:
        return tens[words[0]] + unit, at + 1
    return table[words[0]], 1


_HUNDRED = {"hundre": "en", "hundred": "one"}


def numbers_in(text: str, language: str) -> tuple[int, ...]:
    """The numbers that a text says in figures or words, in order.

    «førti» and «to» in two words are 42, as in English, and what follows «hundre og» is added.
    """
    words = re.findall(r"\d+|[^\W\d_]+", text.lower())
    found: list[int] = []
    while words:
        number, size = _first_number(words, language)
        if number is not None:
            found.append(number)
        words = words[size:]
    return tuple(found)


def _first_number(words: list[str], language: str) -> tuple[int | None, int]:
    """The number at the beginning of `words`, None if there is none; how many words it has."""
    if words[0] in _HUNDRED and (rest := parted([_HUNDRED[words[0]], *words], language)):
        return int(rest[0]), rest[1] - 1
    if several := parted(words, language):
        return int(several[0]), several[1]
    digits = as_digits(words[0], language)
    if digits is None:
        return None, 1
    if words[0] in _NO_TENS and len(words) > 1 and 0 < NORWEGIAN.get(words[1], 0) < 10:
        return int(digits) + NORWEGIAN[words[1]], 2
    return int(digits), 1


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
