"""Numbers in words as running text has them: what they are worth, and words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from anonpipe.numbers import ENGLISH, NORWEGIAN
from anonpipe.resources import word_set


@dataclass(frozen=True, slots=True)
class NumberWords:
    """`words` are 0 to 99; `least` is the smallest number in figures; `small` those below.

    `ones` are words for 1 that stand before «hundre» and «tusen» only, `articles` those that
    may be no number. `years` come before a year in two parts, `clock` before or after a time of
    day, `joining` between two numbers, `named` before a number that is a name, and `measures`
    after a number that is written in figures.
    """

    words: dict[str, int]
    least: int
    small: dict[int, str]
    ones: frozenset[str]
    articles: frozenset[str]
    hundred: str
    thousand: str
    link: str
    separator: str
    years: frozenset[str]
    clock: frozenset[str]
    decimal: frozenset[str]
    half: frozenset[str]
    joining: frozenset[str]
    counted: frozenset[str]
    named: frozenset[str]
    measures: frozenset[str]


def _counted(words: str) -> dict[int, str]:
    """Words by the number that is their place; «-» for a number that is never written so."""
    return {number: word for number, word in enumerate(words.split()) if word != "-"}


_NORWEGIAN = NumberWords(
    words={word: value for word, value in NORWEGIAN.items() if word not in {"et", "ei"}},
    least=13,
    small=_counted("null - to tre fire fem seks sju åtte ni ti elleve tolv"),
    ones=frozenset({"ett", "eitt"}),
    articles=frozenset({"en", "ei", "et", "ein", "eit", "én", "éin", "ett", "eitt"}),
    hundred="hundre",
    thousand="tusen",
    link="og",
    separator="\u00a0",
    years=word_set(
        """
        i fra frå siden sidan året januar februar mars april mai juni juli august september
        oktober november desember høsten hausten våren sommeren sommaren vinteren
        """
    ),
    clock=word_set("klokka klokken klokko kl halv kvart kvarter minutt minutter tida tiden"),
    decimal=word_set("komma"),
    half=word_set("halv halvt halve"),
    joining=word_set("og over på eller til"),
    counted=word_set(
        "år stykker stykk ganger gonger personer mennesker menneske timer timar dager"
    ),
    named=word_set(
        """
        nr nummer side kap kapittel pkt art fig tab vol pst s § punkt del trinn klasse gruppe
        fase rom etasje type skjema spørsmål tabell figur paragraf avsnitt sone linje buss spor
        kl klokka klokken
        """
    ),
    measures=word_set(
        """
        prosent pst promille grader meter kilometer centimeter millimeter kilo gram liter mill
        millioner millionar mrd milliarder milliardar km m cm mm kg g l dl ml kr nok kroner s t
        min kl tida tiden januar februar mars april mai juni juli august september oktober
        november desember mb gb
        """
    ),
)
_ENGLISH = NumberWords(
    words={word: value for word, value in ENGLISH.items() if word not in {"o", "oh"}},
    least=10,
    small=_counted("zero - two three four five six seven eight nine"),
    ones=frozenset({"one"}),
    articles=frozenset({"a", "an", "one"}),
    hundred="hundred",
    thousand="thousand",
    link="and",
    separator=",",
    years=word_set(
        """
        in since from january february march april may june july august september october
        november december spring summer autumn fall winter year
        """
    ),
    clock=word_set("half quarter past to o'clock am pm a.m p.m at"),
    decimal=word_set("point"),
    half=word_set("half"),
    joining=word_set("and past to or"),
    counted=word_set("years people times hours days students patients"),
    named=word_set(
        """
        number no page pp p ch chapter fig vol sec room part level step grade question table
        figure stage phase type line bus route section item unit ward year at
        """
    ),
    measures=word_set(
        """
        percent degrees metres meters kilometres kilometers miles feet inches million billion
        km m cm mm kg g l ml mb gb s h min am pm o'clock pounds dollars euros january february
        march april may june july august september october november december
        """
    ),
)
LANGUAGES = {"nb": _NORWEGIAN, "nn": _NORWEGIAN, "no": _NORWEGIAN, "en": _ENGLISH}


def cardinal(words: Sequence[str], rules: NumberWords) -> tuple[int, int] | None:
    """The number that words in lower case begin with, and how many of them it takes.

    «to tusen og nitten» 2019, «hundreogtolv» 112, “nine hundred and five” 905; None for
    what is no number, and for «hundre» and «tusen» alone.
    """
    parts: list[str] = []
    owners: list[int] = []
    for number, word in enumerate(words):
        for part in _parts(word, rules):
            parts.append(part)
            owners.append(number)
    best = None
    for value, size in _readings(parts, rules):
        last = owners[size - 1]
        whole = size == len(parts) or owners[size] != last
        if whole and (best is None or last + 1 > best[1]):
            best = value, last + 1
    return best


def _parts(word: str, rules: NumberWords) -> list[str]:
    """«tohundreogtolv» as to, hundre, og, tolv; other words as they are."""
    if word in rules.words or rules is _ENGLISH:
        return [word]
    found = re.split(f"({rules.hundred}|{rules.thousand})(?:({rules.link})(?=.))?", word)
    parts = [part for part in found if part]
    ours = {rules.hundred, rules.thousand, rules.link, *rules.ones}
    return parts if all(part in rules.words or part in ours for part in parts) else [word]


def _readings(parts: Sequence[str], rules: NumberWords) -> Iterator[tuple[int, int]]:
    """Numbers that the parts begin with, the shorter first, and how many parts each takes."""
    head = _below_thousand(parts, rules)
    if head is None:
        return
    value, at = head
    yield value, at
    if parts[at : at + 1] != [rules.thousand] or not value:
        return
    total = value * 1000
    at += 1
    yield total, at
    linked = parts[at : at + 1] == [rules.link]
    rest = _below_thousand(parts[at + linked :], rules)
    if rest is not None and 0 < rest[0] < 1000 and (linked or rest[0] >= 100):
        yield total + rest[0], at + linked + rest[1]


def _below_thousand(parts: Sequence[str], rules: NumberWords) -> tuple[int, int] | None:
    """A number below 1000, or of hundreds up to 99 («nitten hundre og femti»)."""
    if not parts:
        return None
    if parts[0] == rules.hundred:  # «hundre og tjue»; alone it says no number
        rest = below_hundred(parts[2:], rules) if parts[1:2] == [rules.link] else None
        return None if rest is None or not rest[0] else (100 + rest[0], 2 + rest[1])
    one = parts[0] in rules.ones
    next_big = parts[1:2] in ([rules.hundred], [rules.thousand])
    head = (1, 1) if one and next_big else below_hundred(parts, rules)
    if head is None:
        return None
    value, at = head
    if parts[at : at + 1] != [rules.hundred] or not value or not value % 10:
        return head
    total = value * 100
    at += 1
    linked = parts[at : at + 1] == [rules.link]
    rest = below_hundred(parts[at + linked :], rules)
    if rest is not None and rest[0] and (linked or rest[0] >= 10):
        return total + rest[0], at + linked + rest[1]
    return total, at


def below_hundred(parts: Sequence[str], rules: NumberWords) -> tuple[int, int] | None:
    """A number below 100 that the parts begin with, and how many it takes."""
    value = rules.words.get(parts[0]) if parts else None
    if value is None:
        return None
    if value >= 20 and not value % 10 and len(parts) > 1:
        unit = rules.words.get(parts[1], 0)
        # «Tjue en dag» may be twenty; “twenty one” is twenty-one.
        if 0 < unit < 10 and (unit > 1 or rules is _ENGLISH):
            return value + unit, 2
    return value, 1
