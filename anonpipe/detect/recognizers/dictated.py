"""Numbers, plates and codes that were dictated digit by digit and letter by letter.

A speaker says «nitti åtte, nei nitti sju, femtito …» or “j m four one two …”, and a recogniser
writes it in words, in figures («07-7-Double 4 912-386») or mixed. A run of digits and letters,
with hesitations and corrections in it, is one identifier; the words before it, or else its form,
say of which kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from anonpipe.detect.contexts import contexts
from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.recognizers.norway import plausible_date
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span
from anonpipe.numbers import REPEATS, as_digits, ordinal, parted
from anonpipe.resources import word_set
from anonpipe.transcript import MentionType

RULES: tuple[Rule, ...] = ()

# --- words

_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]")
# What is said or written between the parts of one number.
_MARKS = word_set(", - / . – : skråstrek strek bindestrek slash dash hyphen stroke punktum dot")
_SPLIT = word_set("/ skråstrek strek bindestrek slash dash hyphen stroke")
_HESITATIONS = word_set("eh ehm øh øhm hm uh um er erm mm og så and then space mellomrom")
_CORRECTIONS = word_set("nei no sorry wait vent mener meiner mean jeg eg i make that er eh um uh")
_CORRECT = word_set("nei no sorry unnskyld oops vent wait")
_MEANT = {("i", "mean"), ("jeg", "mener"), ("eg", "meiner")}
_PLUS = word_set("plus pluss +")
# ICAO Annex 10, volume II: the spelling alphabet, and how recognisers write it.
NATO = word_set(
    "alfa alpha bravo charlie delta echo ekko foxtrot golf hotel india juliett juliet kilo "
    "lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee "
    "zulu"
)
# What makes an amount, a time or a measure of the number before it.
_QUANTITY = word_set(
    "hundre tusen millioner million kroner kr prosent år timer timar dager dagar uker veker "
    "måneder månader minutter meter kilometer kilo ganger gonger personer mennesker stykker "
    "komma grader milligram poeng sider hundred thousand million percent dollars pounds years "
    "hours days weeks months minutes miles times people feet degrees milligrams points pages % "
    "euros quid grand minutt"
)
_BEFORE_TIME = word_set("at klokka klokken kl vitamin page side chapter kapittel")
# Letters that are words too: at an edge they belong to the sentence.
WEAK = frozenset("iaåeæo")
_BRANDS = word_set("bmw vw kia mg mb audi ford gti xc iso covid sars")

_FLIGHT = 3
"""Digits of the shortest flight number (IATA: two letters or digits, up to four digits)."""
_NUMBER_OF = r"(?:(?:my|his|her|our|your|their|the|'s|’s) |^)(?:new |old |work )?numbers?(?:'s|’s)?"
_WORDS: tuple[tuple[MentionType, int, str], ...] = (
    (
        "NATIONAL_ID",
        4,
        r"\b(?:fødsels?-?(?:nummer|nr)|person-?(?:nummer|nr)|fnr|[dD][- ]?nummer|dnr|duf|"
        r"identitetsnummer|id-nummer|passnummer|passnr|pass(?:et)?\b|passport|ssn|"
        r"social security|(?:my|the|his|her) socials?|social(?= is|'s)|"
        r"(?:national )?insurance(?: number)?|n\.?i\.? number|nino|n ?h ?s|"
        r"national id|identity number|tax (?:id|number)|"
        r"(?:driving|driver'?s) licen[cs]e|førerkort\w*|pps|pesel|bsn|cpr)(?:\w{0,4}\b)",
    ),
    (
        "ACCOUNT",
        4,
        r"\b(?:\w*konto(?:en|nummer\w*|nr)?|account|acct|i ?ban|(?:sort|soar|score) ?code|"
        r"routing(?: number)?|card(?: number| no)|kortnummer\w*|credit card|kid)\b",
    ),
    (
        "PHONE",
        7,
        r"\b(?:telefon\w*|tlf|mobil\w*|ring(?:e|er|te|t)?|phone|mobile|cell|call(?:ing)?|text|"
        rf"sms|whatsapp|(?:nytt )?nummer(?:et)?|{_NUMBER_OF})\b",
    ),
    (
        "ADDRESS",
        4,
        r"\b(?:post(?:nummer|nr|adress)\w*|post ?code|zip(?: ?code)?)\b",
    ),
    (
        "VEHICLE",
        4,
        r"\b(?:\w*skilt(?:et|a|nummer\w*)?|reg(?:istrerings)?\.?-?(?:nummer|nr)\w*|regist\w+|"
        r"reg|kjennemerke\w*|plates?|bil(?:en)?|varebil\w*|car|van|truck|lorry|taxi|"
        r"motorbike|kallesignal\w*|call ?signs?)\b",
    ),
    (
        "OTHER",
        4,
        r"\b(?:(?:saks|referanse|løpe|polise|ansatt|tilsett|kunde|medlems|avtale|skade|tjeneste|"
        r"teneste|journal|pasient|student|kandidat|elev|bruker|brukar|lånekort|vedtaks|ordre|"
        r"kontrakt|lisens)-?(?:nummer|nr)\w*|referanse\w*|journal(?:en)?|sak|saka|saken|"
        r"(?:badge|reference|case|policy|permit|licen[cs]e|staff|employee|payroll|student|"
        r"membership|member|contract|claim|file|crime|incident|record|patient|order|booking|"
        r"ticket|docket|customer|serial)(?: (?:numbers?|no|ref(?:erence)?|id))|references?|ref|"
        r"imo|claim|case|badge|file|policy|contract|docket|(?:fem|fire) siste(?: sifrene| er)?|"
        r"last (?:four|five)(?: digits)?|slutter på|sluttar på|ends (?:in|with))\b",
    ),
    ("OTHER", _FLIGHT, r"\b(?:flight|flyet|flyvning\w*|rutenummer|fly|flew|fløy|took|tok)\b"),
    (
        "DATE",
        4,
        r"\b(?:date of birth|dob|birth ?da(?:y|te)|bursdag\w*|fødselsda\w+|born)\b",
    ),
)
_CONTEXTS = tuple((k, least, re.compile(p, re.IGNORECASE)) for k, least, p in _WORDS)


# --- runs


@dataclass(frozen=True, slots=True)
class _Token:
    lower: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Run:
    """Tokens `first` to `last`; `parts` are digits or letters, each with its token's index."""

    first: int
    last: int = -1
    parts: list[tuple[str, int]] = field(default_factory=list)
    spoken: int = 0
    split: bool = False
    corrected: bool = False
    repeated: bool = False
    glued: bool = False
    plus: bool = False

    @property
    def code(self) -> str:
        return "".join(p for p, _ in self.parts)

    @property
    def digits(self) -> int:
        return sum(c.isdigit() for c in self.code)

    @property
    def letters(self) -> int:
        return len(self.code) - self.digits

    @property
    def numbers(self) -> list[str]:
        return [p for p, _ in self.parts if p.isdigit()]

    def lengths(self) -> tuple[int, int]:
        """Fewest and most digits: «nitti åtte» may be 98 or 90 and 8."""
        most = self.digits
        joins = sum(
            len(a) == 2 and a.endswith("0") and a != "10" and len(b) == 1 and b != "0"
            for a, b in pairwise(self.numbers)
        )
        return most - joins, most


def find(text: str, language: str) -> list[Span]:
    """What was dictated; offsets are of `text`."""
    return [s for line in re.finditer(r"[^\r\n]+", text) for s in _line(line, language)]


def _line(line: re.Match[str], language: str) -> Iterator[Span]:
    text = line.group()
    tokens = [_Token(m[0].lower(), m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
    i = 0
    while i < len(tokens):
        if not _may_begin(tokens, i, language):
            i += 1
            continue
        kind, least, gap = _context(text[max(0, tokens[i].start - 60) : tokens[i].start])
        run = _run(tokens, i, language, kind)
        if run is None:
            i += 1
            continue
        found = _kind(text, tokens, run, language, kind, least, gap)
        if found is not None:
            start, end = tokens[run.first].start, tokens[run.last].end
            yield Span(line.start() + start, line.start() + end, found, 0.8, "dictated")
        i = run.last + 1


def _may_begin(tokens: list[_Token], i: int, language: str) -> bool:
    """False if no run begins at token i, whatever the context, which takes longer to read."""
    token = tokens[i]
    return (
        token.lower in _PLUS
        or token.lower in REPEATS
        or (len(token.text) <= 4 and token.text.isupper())
        or ordinal(token.lower, language) is not None
        or bool(_part(tokens, i, language, None))
    )


def _context(before: str) -> tuple[MentionType | None, int, str]:
    """The kind that the nearest telling word gives, the digits it asks for, what follows it."""
    best: tuple[int, int, MentionType | None, int] = (0, 0, None, 0)
    for kind, least, pattern in _CONTEXTS:
        for match in pattern.finditer(before):
            best = max(best, (match.end(), match.end() - match.start(), kind, least))
    return best[2], best[3], before[best[0] :] if best[2] else before


def _run(tokens: list[_Token], first: int, language: str, kind: MentionType | None) -> _Run | None:
    """The longest run from token `first`, or None if none begins there."""
    run = _Run(first)
    run.plus = tokens[first].lower in _PLUS
    i, times, allowed = first + run.plus, 1, 2
    if not run.plus and not _part(tokens, i, language, kind) and tokens[i].lower not in REPEATS:
        return None
    while i < len(tokens):
        token = tokens[i]
        following = tokens[i + 1].lower if i + 1 < len(tokens) else ""
        part, width = _number(tokens, i, language) or (_part(tokens, i, language, kind), 1)
        corrects = token.lower in _CORRECT or (token.lower, following) in _MEANT
        if run.parts and (corrects or (allowed == 5 and token.lower in _CORRECTIONS)):
            allowed = 5
        elif token.lower in REPEATS:
            times, run.repeated = REPEATS[token.lower], True
        elif part:
            run.corrected = run.corrected or allowed == 5
            run.parts.append((part * times, i))
            run.spoken += not token.lower.isdecimal()
            run.glued = run.glued or (len(part) > 1 and part == token.lower and part.isalpha())
            i += width - 1
            run.last, times, allowed = i, 1, 2
        elif token.lower in _SPLIT or token.lower in _MARKS:
            run.split = run.split or token.lower in _SPLIT
            stop = token.lower == "." and i + 1 < len(tokens) and tokens[i + 1].start > token.end
            if stop and following not in _CORRECT:
                break
        elif run.parts and token.lower in _HESITATIONS:
            if token.lower in {"og", "and"} and following not in {"så", "then"}:
                break
            allowed = max(allowed, 3)
        else:
            break
        if i - run.last > allowed and run.parts:
            break
        i += 1
    return _trimmed(run, tokens, language) if run.parts else None


def _number(tokens: list[_Token], i: int, language: str) -> tuple[str, int] | None:
    """The digits of a number in several words, and how many: «ni hundre og tolv»."""
    words = []
    for token in tokens[i : i + 6]:
        if not token.lower.isalpha() and token.lower != "-":
            break
        words.append(token.lower)
    return parted(words, language)


def _part(tokens: list[_Token], i: int, language: str, kind: MentionType | None) -> str:
    """What one token stands for: its digits or letters, "" if nothing."""
    token = tokens[i]
    value = as_digits(token.lower, language)
    if value is None and kind in {"NATIONAL_ID", "DATE"}:
        value = ordinal(token.lower, language)
    if value is not None:
        return value
    if not token.text.isalpha():
        return ""
    if len(token.text) == 1:
        return token.lower
    if token.lower in NATO:
        return token.lower[0]
    before = tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    joined = after is not None and (
        (after.start == token.end and (after.text.isdecimal() or after.lower == "-"))
        or after.lower in _SPLIT
    )
    behind = before is not None and (
        before.text.isdecimal() or (len(before.text) == 1 and before.text.isupper())
    )
    if behind and before is not None and before.end < token.start and kind is None:
        behind = False
    if kind in {"ADDRESS", "VEHICLE"} and after is not None and token.text.isupper():
        joined = joined or after.text.isdecimal()
    if len(token.text) > 4 or not (joined or (behind and token.text.isupper())):
        return ""
    if token.lower in _BRANDS or token.lower in contexts(language).never:
        return ""
    common = token.lower in load_lexicon(language).common
    return "" if common and not token.text.isupper() else token.lower


def _trimmed(run: _Run, tokens: list[_Token], language: str) -> _Run | None:
    """The run without the words of the sentence at its edges."""
    parts = run.parts
    while parts and parts[0][0] in WEAK and not (len(parts) > 1 and parts[1][0].isalpha()):
        if tokens[parts[0][1]].text == "O" and len(parts) > 1:
            break  # “O77700900143”: the first nought
        parts.pop(0)
    while (
        len(parts) > 1
        and parts[-1][0] in WEAK
        and (
            parts[-1][0] in {"i", "å"}
            or parts[-2][0].isdigit()
            or tokens[parts[-1][1] - 1].lower == ","
        )
        and not (run.split or run.repeated or tokens[parts[-1][1]].text in {"A", "E"})
    ):
        parts.pop()
    if len(parts) > 1 and parts[-1][0] in {"i", "å"} and parts[-2][0].isdigit():
        last, behind = tokens[parts[-1][1]], tokens[parts[-1][1] - 1]
        if behind.text.isdecimal() and behind.end < last.start and last.text.islower():
            parts.pop()  # «2019/4432 i UDI»
    if not parts:
        return None
    after = parts[-1][1] + 1
    while len(parts) > 1 and run.last + 1 < len(tokens):
        # «… fem tre hundre kroner»: the last number is an amount's
        following = tokens[run.last + 1].lower
        if following not in _QUANTITY:
            break
        if run.split or len(parts) < 6:
            return None
        parts.pop()
        run.last = parts[-1][1]
    if len(parts) == 1 and after < len(tokens) and tokens[after].lower in _QUANTITY:
        return None
    run.first = parts[0][1] if not run.plus else run.first
    if run.repeated and run.first and tokens[run.first - 1].lower in REPEATS:
        run.first -= 1
    if parts[-1][1] < run.last:
        run.last = max(parts[-1][1], run.last if parts[-1][0].isdigit() else parts[-1][1])
        if tokens[run.last].lower in WEAK:
            run.last = parts[-1][1]
    return run


# --- what a run is

# Forms that need no word before them: DVLA INF104 and Statens vegvesen (two letters, five
# digits); HMRC NIM39110; BS 7666; ISO 13616.
_FORMS: tuple[tuple[MentionType, re.Pattern[str]], ...] = (
    ("ACCOUNT", re.compile(r"[a-z]{2}\d{2}[a-z0-9]{11,30}")),
    ("NATIONAL_ID", re.compile(r"[a-z]{2}\d{6}[a-d]")),
    ("VEHICLE", re.compile(r"[a-zæøå]{2,3}\d{3,6}|[a-z]{2}\d{2}[a-z]{3}")),
    ("ADDRESS", re.compile(r"[a-z]{1,2}\d{1,2}[a-z]?\d[a-z]{2}")),
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def _kind(
    text: str,
    tokens: list[_Token],
    run: _Run,
    language: str,
    kind: MentionType | None,
    least: int,
    gap: str,
) -> MentionType | None:
    """What a run is, or None if it points to nobody."""
    figures = run.spoken == 0
    words = len(run.parts)
    if tokens[run.first - 1].lower in _BEFORE_TIME and run.first and run.digits < 7:
        return None
    if figures or run.glued:
        # Figures are found by their written form; here only what was broken up by speech is.
        if kind is not None and (len(gap) > 30 or re.search(r"[.!?]\s", gap)):
            kind = None
        if _amounts(text, tokens, run):
            return None
    if kind is not None and _fits(kind, least, run, figures):
        return _refined(kind, run, language)
    if run.letters:
        return _by_form(run) if not run.glued or words >= 6 else None
    fewest, most = run.lengths()
    if figures:
        broken = run.repeated or run.plus
        broken = broken or (words >= 7 and all(len(n) == 1 for n in run.numbers))
        # “0161. No wait, 0114, 496”
        broken = broken or (run.corrected and (words >= 3 or run.code[0] == "0"))
        return "PHONE" if broken and most >= 7 and not _counting(run.numbers) else None
    if _counting(run.numbers):
        return None
    norwegian = language in {"nb", "nn"}
    if norwegian and words >= 4 and fewest <= 11 <= most:
        return "NATIONAL_ID" if plausible_date(_joined(run)) else "ACCOUNT"
    if run.split and most >= 4 and words >= 4:
        return "OTHER"
    if most >= 7 and (words >= 4 or (words >= 3 and "," in text[tokens[run.first].start :])):
        return "PHONE"
    return "OTHER" if most >= 5 and words >= 4 else None


def _fits(kind: MentionType, least: int, run: _Run, figures: bool) -> bool:
    """True if a run may be of the kind that the words before it name."""
    size = len(run.code)
    if kind == "ADDRESS":
        return 4 <= size <= 8 and run.digits >= 2
    if kind == "VEHICLE":
        if run.letters:
            return 4 <= size <= 9 and (
                run.digits >= 2 or (run.digits == 1 and size >= 6 and len(run.parts) >= 5)
            )
        return not figures and 4 <= size <= 5 and len(run.parts) >= 3
    if least == _FLIGHT:
        number = run.code.lstrip("abcdefghijklmnopqrstuvwxyzæøå")
        return number.isdigit() and run.lengths()[0] in {3, 4} and 1 <= run.letters <= 3
    if kind == "DATE":
        return not run.letters and 4 <= size <= 8 and len(run.parts) >= 3
    if kind == "PHONE":
        return (run.letters == 0 or run.code[0] == "o") and run.digits >= 7
    if kind == "NATIONAL_ID":
        return (size >= 5 and run.digits >= 2) or (run.digits >= 4 and len(run.parts) >= 4)
    if kind == "ACCOUNT":
        return run.digits >= 6 or (run.digits >= 4 and len(run.parts) >= 4)
    enough = run.digits >= least or (run.digits >= 2 and size >= 5)
    return enough and (len(run.parts) >= 3 or run.letters > 0) and not _YEAR.fullmatch(run.code)


def _refined(kind: MentionType, run: _Run, language: str) -> MentionType:
    """The kind, unless the form says plainly that it is another."""
    fewest, most = run.lengths()
    norwegian = language in {"nb", "nn"}
    if kind == "PHONE" and norwegian and fewest <= 11 <= most and most > 11 - 1:
        whole = run.spoken and not run.corrected and not run.plus
        if whole and plausible_date(_joined(run)):
            return "NATIONAL_ID"
    return kind


def _by_form(run: _Run) -> MentionType | None:
    """The kind of letters and digits that no word explains, None if too few of them."""
    strong = sum(c.isalpha() and c not in WEAK for c in run.code)
    numbers = len(run.numbers)
    for kind, form in _FORMS:
        if form.fullmatch(run.code) and len(run.code) >= 5 and numbers >= 2:
            return kind
    if strong >= 1 and run.digits >= 2 and numbers >= 2 and len(run.code) >= 5:
        return "OTHER"
    return "OTHER" if strong >= 3 and numbers >= 1 and len(run.code) >= 5 else None


def _joined(run: _Run) -> str:
    """The digits, where tens and a unit make one number."""
    number = ""
    for part in run.numbers:
        if len(part) == 1 and part != "0" and re.search(r"[2-9]0$", number):
            number = number[:-1] + part
        else:
            number += part
    return number


def _counting(numbers: list[str]) -> bool:
    """True for “one two three four” and “ten nine eight”."""
    steps = {int(b) - int(a) for a, b in pairwise(numbers)}
    return len(numbers) > 2 and len(steps) == 1 and steps <= {1, -1}


def _amounts(text: str, tokens: list[_Token], run: _Run) -> bool:
    """True for figures that are an amount («1,200,500») or a list of years."""
    shown = text[tokens[run.first].start : tokens[run.last].end]
    money = re.fullmatch(r"[1-9]\d{0,2}(?:[,. ]\d{3})+", shown)
    sign = tokens[run.first - 1].text in {"£", "$", "€"} if run.first else False
    return bool(money) or sign or all(_YEAR.fullmatch(n) for n in run.numbers)
