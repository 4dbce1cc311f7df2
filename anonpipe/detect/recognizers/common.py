"""Identifiers that look alike everywhere: mail, web, handles, IP, IBAN, cards, ages.

Presidio's own e-mail and URL recognizers are not used: they ask tldextract for
the list of public suffixes, which it fetches from the network, and they refuse
addresses under unknown suffixes, which identify all the same.
"""

from __future__ import annotations

import re

from stdnum import luhn

from anonpipe.detect.recognizers.rule import Rule, digits
from anonpipe.numbers import EN_WORD, NO_WORD

# Host names without a scheme need a suffix that is no common word at a sentence's joint («slutt.no»
# is rare, «ja.men» is not), so only these count there.
_SUFFIX = (
    r"(?:no|se|dk|fi|is|de|fr|es|it|nl|pl|uk|ie|eu|us|ca|au|com|net|org|info|edu|gov|io|ai|app|dev|"
    r"me|tv|biz|blog|online|site|shop|example|test|invalid|local)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+%-]*[\w+%]@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_URL = re.compile(r"\b(?:https?|ftp)://[^\s<>\"»”)\]]+|\bwww\.[^\s<>\"»”)\],]+", re.IGNORECASE)
_HOST = re.compile(
    rf"(?<![\w@.-])(?:[a-zæøåäöü0-9](?:[\w-]*[\w])?\.)+{_SUFFIX}\b(?!\.\w)"
    r"(?:/[^\s<>\"»”)\],]*[\w/])?",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@.])@[\w][\w.-]*\w", re.UNICODE)
_HANDLE_NAMED = re.compile(
    r"(?i:\b(?:brukernavn\w*|brukarnamn\w*|username|user name|screen name|snapchat|snap|insta|"
    r"handle|nick|kallenavn)\b"
    r"(?:(?: (?:mitt|min|hans|hennes|er|heter|heiter|is|på|my))*[: ]+[«\"“']?)?)"
    r"(?P<x>(?=\w*[\d_])(?=\w*[a-z])\w[\w.]{3,})"
)
_IP = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]*\d)"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){2,6}:(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?(?![\w:])",
    re.IGNORECASE,
)
_MAC = re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE)
# ISO 13616: two letters, two check digits, up to 30 letters and digits, written in fours. An IBAN
# whose check fails was misread or mistyped and still points to an account, so it is taken too.
_IBAN = re.compile(
    r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
)
_CARD = re.compile(r"(?<![\d.,/-])\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}(?![\d/])")

_NO_NUMBER = rf"(?:1[01]\d|[1-9]\d|[1-9]|{NO_WORD})"
_NO_AGE_NUMBER = rf"(?!(?:en|én|ein|et|ett|ei|eitt|éin|éi|null|to|tre|fire)\b){_NO_NUMBER}"
_NO_SUBJECT = (
    r"(?:jeg|eg|æ|han|hun|ho|hon|'n|som"
    r"|(?!(?:Vi|De|Dei|Det|Dere|Dykk|Der|Her|Me|Mi|Hva|Kva|Den|Alle|Dette|Klokka|"
    r"Prisen)\b)[A-ZÆØÅ][\w-]+)"
)
_NO_BE = (
    r"(?:er|e'|e|æ|var|va'|va|ble|blei|vart|blir|fyller|fylte|fylde|fylt|runda|rundet|passerte)"
)
_NO_AGE = re.compile(
    # «jeg er førtito», «Han er 58 og», «hun fylte 40»; not «jeg er 100 prosent»
    rf"\b(?:{_NO_SUBJECT} {_NO_BE}|fyller|fylte|fylt|fylde)"
    rf"(?i: (?:nå|no|jo|vel|bare|snart|altså|ca\.?|cirka|omtrent|nesten|akkurat|eh|ehm|òg|også))*"
    rf" (?P<x>(?i:{_NO_AGE_NUMBER})(?: ?år\b)?)"
    rf"(?![\w-]| \d| ?(?:%|prosent|kroner|kr|meter|cm|kilo|kg|ganger|gonger|timer|timar|dager|"
    rf"dagar|uker|"
    rf"veker|måneder|månader|stykker|stykk|mann|personer|elever|barn|søsken|minutter|av oss|mot|"
    rf"stk|mil|som|i|på|mennesker)\b)",
)
_NO_AGE_TURNED = re.compile(
    rf"(?i:\b(?:fyller|fylte|fylt|fylde) (?P<x>{_NO_AGE_NUMBER}(?: ?år)?) "
    rf"(?:i|på|no|nå|den|da|då)\b)"
)
_NO_AGE_YEARS = re.compile(
    # set off by a comma or bracket, or after a form of «være» without «det» or «der» before it
    rf"(?:(?<=, )|(?<=\()|\b(?i:(?<!det )(?<!der )(?<!dette )(?:er|e'|var|va'|blir|fyller|fylte)"
    rf"(?: (?:nå|no|altså|vel|jo|bare|snart))* ))"
    rf"(?P<x>(?i:{_NO_AGE_NUMBER}) ?år)\b(?! (?i:siden|sidan|med|til|fengsel|etter|garanti|"
    rf"i strekk|på rad|tidligere|tidlegare|senere|seinare|før|fram|frem|på|i|som|uten|utan|mellom|"
    rf"for|der|hvor|tilbake|erfaring)\b)"
)
_NO_AGE_OLD = re.compile(
    rf"\b(?P<x>(?i:{_NO_NUMBER})(?: og (?:et|eit) halvt)?(?: ?år))(?i: (?:gammel|gamle|gammal|"
    rf"gamal)\b)"
)
_NO_AGE_ARING = re.compile(rf"\b(?P<x>(?i:{_NO_NUMBER}))(?=-?(?i:åring|års?gammel|årsgammal|års))")
_NO_AGE_ON = re.compile(
    rf"(?:(?i:\b(?:i en alder av|i alderen|alder(?:en)?(?: er)?:?|(?:mann|dame|kvinne|kar|fyr|"
    rf"jente|gutt|gut|"
    rf"unge|sønn|datter|dotter) på))|\b[A-ZÆØÅ]\w+ på)\s+(?P<x>(?i:{_NO_AGE_NUMBER})(?: "
    rf"?år)?)(?=[\s.,;!?]|$)(?! (?:minutter|minutt|timer|timar|dager|dagar|uker|veker|måneder|"
    rf"månader|kroner|meter|prosent|stykker|kilo|mil|plasser|rom|av|mål|poeng)\b)"
)
_AGE_APPOSITION = re.compile(
    r"\b[A-ZÆØÅ][\w'-]+(?:, ?| \()(?P<x>\d{1,2}(?: år)?)(?=[,)]|\. [A-ZÆØÅ])"
    r"(?!, \d)"
)
_EN_NUMBER = rf"(?:1[01]\d|[1-9]\d|[1-9]|{EN_WORD})"
_EN_AGE_NUMBER = rf"(?!(?:one|o|oh|zero|two|three|four)\b){_EN_NUMBER}"
_EN_UNIT = (
    r"(?![\w-]| ?(?:%|percent|per cent|hours?|minutes?|days?|weeks?|miles?|dollars|pounds|feet|"
    r"foot|"
    r"inches|people|times|of|stone|kilos?|out|children|kids|grand|or|to|point|in a|o'clock|hundred|"
    r"thousand|for|on|at|and a half hours)\b|[.,]\d)"
)
_EN_AGE = re.compile(
    rf"(?i:\b(?:i'm|i’m|i am|i was|he's|he’s|she's|she’s|he is|she is|he was|she was|they're|"
    rf"who's|who’s|"
    rf"who is|who was|turned|turning|turns|am|aged?|age of|just turned|is now|now aged|that's)"
    rf"(?: (?:now|just|only|almost|nearly|about|um|uh|like|already|still|she's|he's|i'm|that's))*"
    rf" (?P<x>{_EN_AGE_NUMBER}(?:[ -]years?(?:[ -]old)?)?)){_EN_UNIT}(?! (?i:years?))"
)
_EN_AGE_OLD = re.compile(
    rf"(?i:\b(?P<x>{_EN_NUMBER}(?: and a half)?[ -](?:years?|months?|weeks?)[ -]old)\b)"
)
_EN_AGE_HAVE = re.compile(rf"(?i:\bI have (?P<x>{_EN_AGE_NUMBER} years)(?=[,.]| old))")


def _valid_card(text: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits with a Luhn check digit."""
    number = digits(text)
    return 13 <= len(number) <= 19 and bool(luhn.is_valid(number))


def _plausible_age(text: str) -> bool:
    """No age has more than three digits, and people are under 120."""
    number = digits(text)
    return not number or 0 < int(number) < 120


_NO = ("nb", "nn")
_EN = ("en",)
RULES: tuple[Rule, ...] = (
    Rule("email", "EMAIL", _EMAIL, 1.0),
    Rule("url", "URL", _URL, 1.0),
    Rule("host", "URL", _HOST, 0.9),
    Rule("handle", "URL", _HANDLE, 0.9),
    Rule("user-name", "URL", _HANDLE_NAMED, 0.7),
    Rule("ip", "URL", _IP, 0.9),
    Rule("mac", "OTHER", _MAC, 0.9),
    Rule("iban", "ACCOUNT", _IBAN, 0.9),
    Rule("card", "ACCOUNT", _CARD, 0.95, _valid_card),
    Rule("age", "AGE", _NO_AGE, 0.75, _plausible_age, _NO),
    Rule("age", "AGE", _NO_AGE_TURNED, 0.8, _plausible_age, _NO),
    Rule("age", "AGE", _NO_AGE_YEARS, 0.6, _plausible_age, _NO),
    Rule("age", "AGE", _NO_AGE_OLD, 0.9, _plausible_age, _NO),
    Rule("age", "AGE", _NO_AGE_ARING, 0.8, _plausible_age, _NO),
    Rule("age", "AGE", _NO_AGE_ON, 0.7, _plausible_age, _NO),
    Rule("age", "AGE", _AGE_APPOSITION, 0.7, _plausible_age),
    Rule("age", "AGE", _EN_AGE, 0.75, _plausible_age, _EN),
    Rule("age", "AGE", _EN_AGE_OLD, 0.9, _plausible_age, _EN),
    Rule("age", "AGE", _EN_AGE_HAVE, 0.7, _plausible_age, _EN),
)
