"""Addresses that were spoken: e-mail, web pages, handles and user names.

A speaker says “k hansen at gmail dot com” or «kari krøllalfa firma punktum no»; a recogniser
writes that, or makes part of it a host: “Info at St. Brendan Shelter.org”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.detect.lexicon import Lexicon, load_lexicon
from anonpipe.detect.recognizers.rule import Rule
from anonpipe.detect.spans import Span
from anonpipe.numbers import REPEATS, as_digits
from anonpipe.resources import word_set

# --- words

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")
# Names of @ (Språkrådet: krøllalfa; alfakrøll, snabel-a in speech) and of the full stop.
_SIGN = (
    r"(?:krøllalfa|alfakrøll|kroellalfa|krøll-alfa|alfa krøll|krøll alfa|krøll a|snabel ?-? ?a|"
    r"at sign)"
)
_AT = rf"(?:{_SIGN}|at)"
_DOT = r"(?:punktum|punkt|dot|prikk|period)"
_LINE = r"(?:bindestrek|strek|dash|hyphen|understrek|underscore)"
_SLASH = r"(?:skråstrek|slash|stroke)"
_JOINERS = word_set(
    "punktum punkt dot prikk period underscore understrek understreking bindestrek strek dash "
    "hyphen skråstrek slash minus"
)
_LINES = word_set("underscore understrek understreking bindestrek hyphen dash")
_TLD = (
    r"(?:no|n o|com|org|net|uk|co|de|se|dk|edu|gov|io|info|example|fr|es|pl|nl|it|eu|us|ca|au|"
    r"ie|fi|is|me|biz|ac)"
)
_PLAIN_TLD = r"(?:no|n o|com|org|net|uk|co|de|se|dk|edu|gov|io|info|example|fr|pl|nl|eu|ca|au|ie)"
_HOST = rf"[\w-]+(?:\.[\w-]+)*\.{_PLAIN_TLD}\b"
_MORE = rf"(?:,? {_SLASH} ?[\w-]+)"
_SPOKEN_DOMAIN = (
    rf"[\wæøå-]+ (?:{_LINE} [\wæøå-]+ )*(?:[\wæøå-]+ ){{0,2}}?{_DOT} (?:[\wæøå-]+ {_DOT} )*{_TLD}\b"
    rf"(?: {_DOT} {_TLD}\b)*"
)
_MAIL = re.compile(
    rf"(?<![\w-])(?P<at>{_AT}) (?:{_SPOKEN_DOMAIN}|(?:(?!at\b)[A-Z]\w*\.? ){{0,2}}?{_HOST})",
    re.IGNORECASE,
)
_WEBMAIL = re.compile(r"\b(?:g-?mail|hotmail|yahoo|outlook|icloud|proton ?mail|live|msn)\b", re.I)
_MAIL_IS = re.compile(
    r"\b(?:e-?mail|e-?post|mail)(?: ?(?:en|a|adressen?|adressa|address))?"
    r"(?: (?:min|mi|hans|hennes|hennar|vår))?(?:'s|’s| is| er| me at| us at| her at| him at|:) "
    r"|\b(?:e-?post(?:en|adressen?)|mailen|address|reach me)(?: min| mi)? (?:is|er|at) "
    r"|\b(?:(?:write|send)(?: \w+){0,2} to|(?:skriv|skrive|send|sende)(?: \w+)? til) ",
    re.IGNORECASE,
)
_MAIL_HOST = re.compile(
    # what was heard as hosts only: “My email is Marcus.com, quote, Gmail.com”
    r"\b(?:e-?mail|e-?post\w*)(?: address| adresse\w*)?(?:'s|’s| is| er|:) "
    rf"(?P<x>(?:[\w'-]+,? ){{0,3}}?{_HOST}(?:,? (?:[\w-]+,? ){{0,2}}{_HOST})?)",
    re.IGNORECASE,
)
_MAILBOXES = word_set(
    "info post mail contact kontakt office kontor admin hello hei sales support firmapost booking "
    "resepsjon reception enquiries editor redaksjon"
)
# What ends an address to the left: words that a sentence puts before it.
_STOP = word_set(
    "is er var was are be been it its it's he she we they you i jeg eg han hun ho vi de det den "
    "that that's this the a an en ei et my min mi mitt our vår to til at on på in i from fra frå "
    "for of av og and or eller so så but men heter heiter called kaller see se go gå look sjekk "
    "check visit find finn have har has had then there der her here uh um eh ehm er mm nei no "
    "wait like just bare jo nå with med som which who email e-mail e-post mail website page site "
    "siden sida nettsiden nettsida nettside side adressen adressa adresse address under about om "
    "said sa says sier me us them him ja yes yeah well"
)
_NETWORK = (
    r"(?:facebook|fjesbok|instagram|insta|tiktok|tik tok|snapchat|snap|twitter|linkedin|youtube|"
    r"reddit|discord|telegram|twitch|x)"
)
_PAGE = re.compile(
    # «facebook skråstrek kari nordmann sytti», “linkedin dot com slash in slash jo berg”
    rf"\b{_NETWORK}(?: {_DOT} com)? {_SLASH}"
    r"(?: (?!(?:og|and|men|but|han|hun|ho|she|he|som|that|which|der|er|is|eh|ehm|uh|um|i|på|on|"
    r"so|så)\b)[\wæøå-]+){1,6}",
    re.IGNORECASE,
)
_WEB = re.compile(
    rf"\b(?:w w w|www|dobbeltve dobbeltve dobbeltve) {_DOT} [\wæøå-]+(?: [\wæøå-]+){{0,2}}? "
    rf"{_DOT} {_TLD}\b{_MORE}*",
    re.IGNORECASE,
)
_HOST_MORE = re.compile(rf"(?<![\w@.-]){_HOST}(?:,? {_SLASH} ?[\w-]+)+", re.IGNORECASE)
_SITE = re.compile(rf" (?P<dot>{_DOT}) {_PLAIN_TLD}\b(?: {_DOT} {_TLD}\b)*{_MORE}*", re.IGNORECASE)
_HANDLE = re.compile(
    # “it's at jo bakes bread on instagram”
    rf"(?:(?:\b(?:it's|its|it is|is|i'm|called|handle|page|that's|heter|heiter|er)) "
    rf"(?P<x>at (?:[\w'-]+ ){{0,5}}[\w'-]+)(?= (?:on|på) {_NETWORK}\b))",
    re.IGNORECASE,
)
_HANDLE_NO = re.compile(
    # «krøllalfa nora leser på instagram»
    rf"\b(?P<x>{_SIGN} (?:[\wæøå-]+ ){{0,5}}?[\wæøå-]+)(?= (?:på|on) {_NETWORK}\b)",
    re.IGNORECASE,
)
_USER_NAME = re.compile(
    r"\b(?:brukernavn\w*|brukarnamn\w*|user ?name|screen name|gamer ?tag|handle|nick(?:et)?)"
    rf"(?: (?:mitt|min|hans|hennes|hennar|(?:på|on) {_NETWORK}))?(?:'s|’s| is| was| er| var|:) "
    rf"|\b(?:on|på) {_NETWORK},? (?:i|he|she|jeg|eg|han|hun|ho)(?:'m| am| go by| goes by| heter|"
    r" heiter| er| kaller meg| kallar meg) "
    rf"|\bpå {_NETWORK} (?:heter|heiter|er|kaller|kallar) (?:jeg|eg|han|hun|ho)(?: meg)? ",
    re.IGNORECASE,
)
_MY_PAGE = re.compile(
    rf"\b(?:my|his|her|our) {_NETWORK}(?: handle| name| page)?(?:'s|’s| is) |\b{_NETWORK}(?:en)? "
    r"(?:min|hans|hennes|vår) (?:er|heter|heiter) ",
    re.IGNORECASE,
)

RULES: tuple[Rule, ...] = (
    Rule("spoken-email", "EMAIL", _MAIL_HOST, 0.9),
    Rule("spoken-page", "URL", _PAGE, 0.85),
    Rule("spoken-web", "URL", _WEB, 0.9),
    Rule("spoken-web", "URL", _HOST_MORE, 0.9),
    Rule("spoken-handle", "URL", _HANDLE, 0.8),
    Rule("spoken-handle", "URL", _HANDLE_NO, 0.8),
)


def find(text: str, language: str) -> list[Span]:
    """Spoken addresses and user names; offsets are of `text`."""
    mails = list(_mails(text, language))
    return [*mails, *_sites(text, mails), *_user_names(text, language)]


# --- e-mail


def _mails(text: str, language: str) -> Iterator[Span]:
    lexicon = load_lexicon(language)
    for match in _MAIL.finditer(text):
        line = text.rfind("\n", 0, match.start()) + 1
        before = list(_TOKEN.finditer(text, line, match.start()))
        start = _told(text, line, match.start())
        if start is None:
            start = _local_part(before, match, lexicon, language)
        if start is not None:
            yield Span(start, match.end(), "EMAIL", 0.95, "spoken-email")


def _told(text: str, line: int, at: int) -> int | None:
    """Where an address begins by the words «e-posten er», “email me at”; None without them."""
    told = list(_MAIL_IS.finditer(text, max(line, at - 90), at))
    if not told:
        return None
    begin = told[-1].end()
    # “email's fine it's t dot …”: the address begins after the last of such words
    for match in re.finditer(r"(?:\b(?:it's|that's|is|er|det er)|:) ", text[begin:at]):
        begin = told[-1].end() + match.end()
    between = re.findall(r"[^\W_]+", text[begin:at].lower())
    plain = {"i", "you", "think", "og", "and", "that", "er", "is", "men", "but"}
    if not between or len(between) > 9 or plain & set(between):
        return None
    return begin


def _local_part(
    before: list[re.Match[str]], mail: re.Match[str], lexicon: Lexicon, language: str
) -> int | None:
    """Where the part before the @ begins, word by word to the left; None if there is none."""
    words = [m.group().lower() for m in before]
    # A hyphen or an underscore was said: what stands beside it belongs to the address.
    said = [
        i for i in range(max(1, len(words) - 5), len(words)) if words[i].split("-")[0] in _LINES
    ]
    first = len(words)
    for i in range(len(words) - 1, max(-1, len(words) - 10), -1):
        word = words[i]
        near = word in _JOINERS or bool(_JOINERS & {*words[i + 1 : i + 2]})
        near = near or (bool(said) and i >= said[0] - 1)
        loose = _loose(words, i, lexicon, language)
        if first == len(words):
            # “at” alone is a common word: it needs a name before it, or an address known for mail.
            named = mail["at"].lower() != "at"
            known = near or word in _MAILBOXES or bool(_WEBMAIL.search(mail[0]))
            if not (loose or (word[0].isalnum() and (named or (known and word not in _STOP)))):
                return None
        elif not (near or loose or (word == "." and before[i].end() == before[i + 1].start())):
            break
        first = i
    return before[first].start() if first < len(words) else None


def _loose(words: list[str], i: int, lexicon: Lexicon, language: str) -> bool:
    """True for a word that is none of a sentence's: a letter, a number, a name, an unknown word."""
    word = words[i]
    if word in {"i", "a"}:
        return len(words[i + 1 : i + 2]) == 1 and len(words[i + 1]) == 1
    if len(word) == 1 or word in REPEATS:
        return word.isalnum()
    return (
        word.isalnum()
        and word not in _STOP
        and (
            as_digits(word, language) is not None
            or lexicon.kinds(word) != ""
            or not lexicon.is_word(word)
        )
    )


# --- pages


def _sites(text: str, mails: list[Span]) -> Iterator[Span]:
    """“brightwater clinic dot org”: up to four words before a dot and a suffix."""
    for match in _SITE.finditer(text):
        if any(m.start < match.end() and match.start() < m.end for m in mails):
            continue
        line = text.rfind("\n", 0, match.start()) + 1
        start = None
        before = list(_TOKEN.finditer(text, line, match.start()))
        for token in reversed(before[-5:]):
            word = token.group().lower()
            if word in _STOP or not word[0].isalnum() or (start is None and len(word) < 2):
                break
            start = token.start()
        if start is not None:
            yield Span(start, match.end(), "URL", 0.85, "spoken-web")


# --- user names


def _user_names(text: str, language: str) -> Iterator[Span]:
    lexicon = load_lexicon(language)
    for pattern, sure in ((_USER_NAME, True), (_MY_PAGE, False)):
        for match in pattern.finditer(text):
            start = end = match.end()
            words: list[str] = []
            for token in _TOKEN.finditer(text, match.end(), min(len(text), match.end() + 80)):
                word = token.group().lower()
                lead = not words and word in {"at", "a", "krøllalfa", "alfakrøll"}
                if lead:
                    continue
                if word in _STOP or not word[0].isalnum() or "\n" in text[end : token.start()]:
                    break
                if len([w for w in words if w not in _JOINERS]) >= 4:
                    break
                words.append(word)
                end = token.end()
            telling = any(
                w in _JOINERS or lexicon.kinds(w) or w not in lexicon.common for w in words
            )
            if words and (telling or (sure and len(words) > 1)):
                yield Span(start, end, "URL", 0.75, "user-name-spoken")
