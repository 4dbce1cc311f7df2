"""Identifiers that look alike everywhere: mail, web, handles, IP, IBAN, cards.

Presidio's own e-mail and URL recognizers are not used: they ask tldextract for
the list of public suffixes, which it fetches from the network, and they refuse
addresses under unknown suffixes, which identify all the same.
"""

from __future__ import annotations

import re

from stdnum import luhn

from anonpipe.detect.recognizers.rule import Rule, digits

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


def _valid_card(text: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits with a Luhn check digit."""
    number = digits(text)
    return 13 <= len(number) <= 19 and bool(luhn.is_valid(number))


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
)
