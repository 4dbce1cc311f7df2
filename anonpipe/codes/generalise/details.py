"""Details that no type stands for: numbers of things, weekdays, hours, spans of time, amounts.

«tirsdager og torsdager» becomes «to dager i uken», «14 beboere» «mellom 10 og 20 beboere», «i 17
år» «i 15–20 år». Every function gives the forms from the most to the least exact, and none for
words that are another kind of detail.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from anonpipe.codes.generalise.words import Words
from anonpipe.numbers import EN_ORDINAL, as_digits, numbers_in, ordinal
from anonpipe.resources import word_set

_NORWEGIAN = ("nb", "nn", "no")
FEW = 5
"""Below this, a number of things becomes a word: «flere»."""

_WEEKDAYS = (
    re.compile(r"\b(?:mandag|måndag|monday)", re.I),
    re.compile(r"\b(?:tirsdag|tysdag|tuesday)", re.I),
    re.compile(r"\b(?:onsdag|wednesday)", re.I),
    re.compile(r"\b(?:torsdag|thursday)", re.I),
    re.compile(r"\b(?:fredag|friday)", re.I),
    re.compile(r"\b(?:lørdag|laurdag|saturday)", re.I),
    re.compile(r"\b(?:søndag|sundag|sunday)", re.I),
)
_DAYS_A_WEEK = {
    1: Words("én dag i uken", "éin dag i veka", "one day a week"),
    2: Words("to dager i uken", "to dagar i veka", "two days a week"),
    3: Words("tre dager i uken", "tre dagar i veka", "three days a week"),
    4: Words("fire dager i uken", "fire dagar i veka", "four days a week"),
    5: Words("fem dager i uken", "fem dagar i veka", "five days a week"),
    6: Words("seks dager i uken", "seks dagar i veka", "six days a week"),
    7: Words("hver dag", "kvar dag", "every day"),
}
_SOME_DAYS = Words("noen dager i uken", "nokre dagar i veka", "some days a week")
_FIXED_DAYS = Words("faste dager", "faste dagar", "on fixed days")
_A_WEEKDAY = Words("en ukedag", "ein vekedag", "on a weekday")
_A_WEEKEND = Words("i helgen", "i helga", "at the weekend")
_A_DAY = Words("en dag", "ein dag", "one day")
# One such day comes back: «tirsdager», «hver tirsdag», “on Tuesdays”.
_EVERY = re.compile(
    r"\b(?:hver|kvar|every|each|alle)\b|dag(?:er|ar|ene|ane)\b|days\b|\bom \w+dagen\b", re.I
)

_TWELVE = r"(?:1[0-2]|[1-9]|ett|to|tre|fire|fem|seks|sju|syv|åtte|ni|ti|elleve|tolv)(?!\w)"
_CLOCK = re.compile(
    r"\b(?:klokk[ae]|kl\.?|o'clock|[ap]\.?m\.?)(?!\w)|^\W*(?:[01]?\d|2[0-4])[.:][0-5]\d\W*$"
    rf"|\b(?:kvart|ti|fem) (?:over|på) (?:halv )?{_TWELVE}|\bhalv {_TWELVE}"
    r"|\b(?:quarter|half) (?:past|to)\b",
    re.I,
)
_HOUR = re.compile(r"\b(?P<hour>[01]?\d|2[0-4])(?:[.:][0-5]\d)?(?: ?(?P<half>[ap])\.?m\b)?", re.I)
_TIMES_OF_DAY = (
    (0, Words("om natten", "om natta", "at night")),
    (6, Words("om morgenen", "om morgonen", "in the morning")),
    (10, Words("midt på dagen", "midt på dagen", "in the middle of the day")),
    (15, Words("om ettermiddagen", "om ettermiddagen", "in the afternoon")),
    (18, Words("om kvelden", "om kvelden", "in the evening")),
    (23, Words("om natten", "om natta", "at night")),
)
_A_TIME = Words("et klokkeslett", "eit klokkeslett", "a time of day")

_FLOOR = re.compile(r"\b(?:etasje\w*|etg\.?|høgda|floor|storey)(?!\w)", re.I)
_THIRD = 3
_LOW = {"first": 1, "second": 2}
_UPPER = Words("en av de øvre etasjene", "ein av dei øvre etasjane", "one of the upper floors")
_A_FLOOR = Words("en etasje", "ein etasje", "a floor")

_MONEY = re.compile(
    r"(?P<unit>kroner|kr\b\.?|pounds?|quid|dollars?|euros?)|(?P<sign>[£$€])|"
    r"\b(?P<grand>lapper|lappar|grand)\b",
    re.I,
)
_MILLION = 1_000_000
_MILLION_WORD = Words("millioner", "millionar", "million")
_MILLIONS = (
    (re.compile(r"\b(?:millioner|millionar|million|millions|mill\b\.?)", re.I), _MILLION),
    (re.compile(r"\b(?:tusen|thousand|grand|lapper|lappar)\b", re.I), 1_000),
)
_ABOUT = (
    (_MILLION, Words("flere millioner {}", "fleire millionar {}", "several million {}")),
    (100_000, Words("noen hundre tusen {}", "nokre hundre tusen {}", "some hundred thousand {}")),
    (10_000, Words("noen titusen {}", "nokre titusen {}", "some ten thousand {}")),
    (1_000, Words("noen tusen {}", "nokre tusen {}", "some thousand {}")),
    (100, Words("noen hundre {}", "nokre hundre {}", "some hundred {}")),
)
_A_SUM = Words("et beløp", "eit beløp", "a sum of money")
_MONEYS = {
    "£": "pounds", "$": "dollars", "€": "euros", "pound": "pounds", "quid": "pounds",
    "dollar": "dollars", "euro": "euros", "kr": "kroner", "kr.": "kroner",
}  # fmt: skip

_PERCENT = re.compile(r"%|\bprosent\w*|\bper ?cent\b", re.I)
_SHARES = (
    (0, Words("under en fjerdedel", "under ein fjerdedel", "less than a quarter")),
    (25, Words("mellom en fjerdedel og halvparten", "mellom ein fjerdedel og halvparten",
               "between a quarter and a half")),
    (50, Words("over halvparten", "over halvparten", "more than half")),
    (75, Words("over tre fjerdedeler", "over tre fjerdedelar", "more than three quarters")),
)  # fmt: skip
_FULL = Words("alt", "alt", "all of it")
_A_SHARE = Words("en andel", "ein del", "a share")

_SPAN = re.compile(
    r"\b(?P<unit>sekunder?|sekund|minutter?|minutt|timer?|timar|døgn|dager|dagar|uker?|veker?|"
    r"måneder?|månader?|månad|måned|år|seconds?|minutes?|hours?|days?|weeks?|months?|years?)"
    r"(?![\w-])",
    re.I,
)
_LEAD = re.compile(r"^(?P<lead>i|på|for|etter|over|om|in|after|over|at) ", re.I)
_SOME = Words("noen {}", "nokre {}", "some {}")
_MANY = Words("mange {}", "mange {}", "many {}")
_A_WHILE = Words("en tid", "ei tid", "some time")
_PLURAL = {
    "minutt": "minutter", "sekund": "sekunder", "time": "timer", "dag": "dager",
    "uke": "uker", "veke": "veker", "måned": "måneder", "månad": "månader", "second": "seconds",
    "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks", "month": "months",
    "year": "years",
}  # fmt: skip
_PLURAL_NN = _PLURAL | {"minutt": "minutt", "sekund": "sekund", "time": "timar", "dag": "dagar"}

_BETWEEN = Words("mellom {} og {} {}", "mellom {} og {} {}", "between {} and {} {}")
_UNDER = Words("under {} {}", "under {} {}", "fewer than {} {}")
_SEVERAL = Words("flere {}", "fleire {}", "several {}")
_SINGLE = word_set("en én ein éin ei et ett eit eitt a an one")
_MOST_WORDS = 5
_FIGURES = re.compile(r"\d{1,4}(?:[.,]\d+)*")
_ROUGHLY = re.compile(
    r"^(?:ca\.?|cirka|omtrent|omlag|rundt|over|under|nesten|about|around|almost|nearly|some) ", re.I
)
# Words of a counted thing that would say more than what is counted.
_TELLING = re.compile(r"\d|[A-ZÆØÅ]")

# No things that may stand without their number: «tre ganger», «en halv dag».
_TIMES = re.compile(r"(?:ganger|gonger|times|halv\w*|half)\b")

# What follows says where or whose, and may be a name in small letters; «i uken» says how often.
_WHERE = re.compile(
    r"(?:^| )(?:på|i|ved|hos|fra|frå|til|som|og|in|at|on|of|from|to|who|and)"
    r"(?! (?:uk[ea]n?|vek[ea]|måneden|månaden|året|døgnet|dagen|the (?:week|month|year|day))\b) ",
    re.I,
)
_REFERENCE = re.compile(r"^(?=.*\d)[\w/.,\- ]{3,}$")
# A letter beside a figure or a sign, a capital alone, or five figures in a row.
_NUMBERED = re.compile(r"[A-Za-zÆØÅæøå][-/]?\d|\d[-/]?[A-ZÆØÅ]|\d[/-]\d|^[A-ZÆØÅ]{1,5} \d|\d{5}")
_A_REFERENCE = Words("referansenummer", "referansenummer", "reference number")


def number(text: str, language: str) -> float | None:
    """The one number that a text begins with or holds, in figures («37,5», «450 000») or words."""
    figures = re.findall(r"\d+(?:[   ]\d{3})*(?:[.,]\d+)?", text)
    if len(figures) > 1:
        return None
    if figures:
        return _in_figures(figures[0], language)
    found = numbers_in(text, language)
    return float(found[0]) if len(found) == 1 else None


def _in_figures(figures: str, language: str) -> float:
    plain = re.sub(r"[   ]", "", figures)
    thousands = "." if language in _NORWEGIAN else ","
    plain = re.sub(rf"\{thousands}(?=\d{{3}}(?!\d))", "", plain)
    return float(plain.replace(",", "."))


def band(value: float) -> tuple[int, int]:
    """The round numbers that a number of at least 5 lies between: 5 and 10, 10 and 20, 200 and 300.

    The upper one is not in it.
    """
    step = 10 ** (len(str(int(value))) - 1)
    if step == 1:
        return 5, 10
    low = int(value) // step * step
    return low, low + step


def wide(value: float) -> tuple[int, int]:
    """Rounder numbers: 10 and 50, 50 and 100, 100 and 500."""
    step = 10 ** (len(str(int(value))) - 1)
    return (step, 5 * step) if value < 5 * step else (5 * step, 10 * step)


def weekdays(text: str, language: str) -> tuple[str, ...]:
    """«tirsdager og torsdager» -> «to dager i uken»; «en tirsdag» -> «en ukedag»."""
    days = [number for number, day in enumerate(_WEEKDAYS) if day.search(text)]
    if not days:
        return ()
    if len(days) == 1 and not _EVERY.search(text):
        which = _A_WEEKEND if days[0] >= 5 else _A_WEEKDAY
        return which.of(language), _A_DAY.of(language)
    forms = (_DAYS_A_WEEK[len(days)], _SOME_DAYS, _FIXED_DAYS)
    return tuple(words.of(language) for words in forms)


def hours(text: str, language: str) -> tuple[str, ...]:
    """«klokka 14.30» -> «om ettermiddagen», where the hour is told from 0 to 24."""
    if not _CLOCK.search(text):
        return ()
    hour = _HOUR.search(text)
    if hour is None:
        return (_A_TIME.of(language),)
    value, half = int(hour["hour"]), (hour["half"] or "").lower()
    if half:
        value = value % 12 + (12 if half == "p" else 0)
    elif 0 < value <= 12 and not hour["hour"].startswith("0"):
        return (_A_TIME.of(language),)  # in the morning or twelve hours later
    part = next(words for first, words in reversed(_TIMES_OF_DAY) if value % 24 >= first)
    return part.of(language), _A_TIME.of(language)


def floors(text: str, language: str) -> tuple[str, ...]:
    """«fjerde etasje» -> «en av de øvre etasjene»."""
    if not _FLOOR.search(text):
        return ()
    found = [_ordinal(word, language) for word in re.findall(r"\w+", text)]
    level = next((value for value in found if value is not None), None)
    upper = level is not None and level >= _THIRD
    return (_UPPER.of(language),) * upper + (_A_FLOOR.of(language),)


def _ordinal(word: str, language: str) -> int | None:
    figures = re.match(r"\d+", word)
    if figures:
        return int(figures[0])
    if language not in _NORWEGIAN:
        if word.lower() in _LOW:
            return _LOW[word.lower()]
        return _THIRD if re.fullmatch(EN_ORDINAL, word, re.IGNORECASE) else None
    said = ordinal(word.lower(), "nb") or as_digits(word.lower(), "nb")
    return int(said) if said else None


def amounts(text: str, language: str) -> tuple[str, ...]:
    """«450 000 kroner» -> «mellom 400 000 og 500 000 kroner», then «noen hundre tusen kroner»."""
    unit = _MONEY.search(text)
    if unit is None:
        return ()
    times = next((factor for words, factor in _MILLIONS if words.search(text)), 1)
    value = number(_without(text, *(words for words, _ in _MILLIONS)), language)
    said = (unit["unit"] or unit["sign"] or "").lower()
    name = _MONEYS.get(said, said) or ("kroner" if language in _NORWEGIAN else "pounds")
    last = _A_SUM.of(language)
    value = (1.0 if value is None else value) * times if times > 1 or value is not None else None
    if value is None or value < 100:
        return (last,)
    low, high = band(value)
    if low >= _MILLION:
        low, high, name_of = (
            low // _MILLION,
            high // _MILLION,
            f"{_MILLION_WORD.of(language)} {name}",
        )
    else:
        name_of = name
    rough = next((words for least, words in _ABOUT if value >= least), None)
    return (
        _between(low, high, name_of, language),
        *((rough.of(language).format(name),) if rough else ()),
        last,
    )


def _without(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        text = pattern.sub(" ", text)
    return text


def _figures(value: int, language: str) -> str:
    """A number with its thousands set apart."""
    if value < 10_000:
        return str(value)
    return f"{value:,}".replace(",", " ") if language in _NORWEGIAN else f"{value:,}"


def shares(text: str, language: str) -> tuple[str, ...]:
    """«60 prosent» -> «over halvparten»."""
    if not _PERCENT.search(text):
        return ()
    value = number(text, language)
    if value is None or value > 100:
        return (_A_SHARE.of(language),)
    if value == 100:
        return _FULL.of(language), _A_SHARE.of(language)
    share = next(words for least, words in reversed(_SHARES) if value >= least)
    return share.of(language), _A_SHARE.of(language)


def spans(text: str, language: str) -> tuple[str, ...]:
    """«i 17 år» -> «i 15–20 år», then «i mange år»; «to uker» -> «noen uker»."""
    unit = _SPAN.search(text)
    if unit is None:
        return ()
    value = number(text[: unit.start()], language)
    if value is None:
        return ()
    lead = _LEAD.match(text)
    before = f"{lead['lead']} " if lead else ""
    plural = (_PLURAL_NN if language == "nn" else _PLURAL).get(
        unit["unit"].lower(), unit["unit"].lower()
    )
    low, high = _halves(value) if value >= FEW else (0, 0)
    forms = [f"{low}–{high} {plural}"] if high else []
    forms.append((_MANY if value >= 10 else _SOME).of(language).format(plural))
    return (*(before + form for form in forms), before + _A_WHILE.of(language))


def _halves(value: float) -> tuple[int, int]:
    """Half a ten below a hundred («15–20»), else the band."""
    if value >= 100:
        return band(value)
    low = int(value) // 5 * 5
    return low, low + 5


def counts(text: str, language: str) -> tuple[str, ...]:
    """«14 beboere» -> «mellom 10 og 20 beboere», «flere beboere»; «tre barn» -> «flere barn».

    Where they are («på solbakken») is left out.
    """
    found = _counted(text.strip(" .,;:!?"), language)
    if found is None:
        return ()
    value, things = found
    things = _WHERE.split(things)[0]
    if any(len(word) == 1 for word in things.split(" ") if word != "i"):
        return ()
    alone = (things,) if things and not _TIMES.match(things) else ()
    if value <= 1:
        return alone
    several = _SEVERAL.of(language).format(things).strip()
    if value < FEW:
        return several, *alone
    low, high = band(value)
    forms = [_between(low, high, things, language)]
    if value >= 10:
        forms.append(_between(*wide(value), things, language))
    elif things:
        forms.append(_UNDER.of(language).format(10, things))
    return (*dict.fromkeys(forms), several)


def _counted(text: str, language: str) -> tuple[float, str] | None:
    """A number, and up to five words in lower case for what it counts."""
    words = _ROUGHLY.sub("", text).split(" ")
    if words[0].lower() in _SINGLE:
        things = " ".join(words[1:])
        told = _TELLING.search(things) or numbers_in(things, language)
        return None if told or len(words) - 1 > _MOST_WORDS else (1.0, things)
    if not _FIGURES.fullmatch(words[0]) and not numbers_in(words[0], language):
        return None
    for size in range(1, len(words) + 1):
        things = " ".join(words[size:])
        if _TELLING.search(things) or numbers_in(things, language):
            continue
        value = number(" ".join(words[:size]), language)
        few = len(words) - size <= _MOST_WORDS
        return (value, things) if value is not None and few else None
    return None


def _between(low: int, high: int, things: str, language: str) -> str:
    between = _BETWEEN.of(language)
    return between.format(_figures(low, language), _figures(high, language), things).strip()


def references(text: str, language: str) -> tuple[str, ...]:
    """Numbers of cases, rooms and memberships: «2024/3318-9» -> «referansenummer»."""
    mostly = sum(c.isdigit() for c in text) * 2 >= sum(c.isalnum() for c in text)
    said = numbers_in(text, language) if not any(c.isdigit() for c in text) else ()
    if (_REFERENCE.match(text) and (mostly or _NUMBERED.search(text))) or len(said) >= 3:
        return (_A_REFERENCE.of(language),)
    return ()


def numbered(text: str, language: str) -> tuple[str, ...]:
    """Those of them that no number of things looks like."""
    return references(text, language) if _NUMBERED.search(text) else ()


_KINDS: tuple[Callable[[str, str], tuple[str, ...]], ...] = (
    weekdays, hours, floors, amounts, shares, spans, numbered, counts, references,
)  # fmt: skip


def detail(text: str, language: str) -> tuple[str, ...]:
    """The forms of the first kind of detail that a text is; none if it is no such detail."""
    said = " ".join(text.split())
    return next((found for kind in _KINDS if (found := kind(said, language))), ())


FIXED: frozenset[str] = frozenset(
    text
    for words in (
        *_DAYS_A_WEEK.values(), _SOME_DAYS, _FIXED_DAYS, _A_WEEKDAY, _A_WEEKEND, _A_DAY,
        *(words for _, words in _TIMES_OF_DAY), _A_TIME, _UPPER, _A_FLOOR, _A_SUM,
        *(words for _, words in _SHARES), _FULL, _A_SHARE, _A_WHILE, _A_REFERENCE,
    )
    for text in words
)  # fmt: skip
"""What `detail` says without repeating a word of the text and without a figure."""
