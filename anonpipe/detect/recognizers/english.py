"""Identifiers in English text: US and international phones, SSN, addresses, plates, references."""

from __future__ import annotations

import re

from anonpipe.detect.recognizers.rule import Rule, digits, near
from anonpipe.numbers import EN_WORD

# --- patterns

_PHONE_NANP = re.compile(
    # North American numbering plan: area code and exchange start with 2 to 9
    r"(?<![\d.,/+-])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?!\d)"
    r"|(?<![\d.,/+-])[2-9]\d{2}-\d{4}(?![\d-])"
)
_PHONE_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+|00)[1-9]\d{0,2}(?:[ ().-]{0,2}\d){6,12}(?!\d)")
_PHONE_CONTEXT = re.compile(
    near(r"phone|mobile|cell|call me|call|ring|text me|tel|telephone|whatsapp")
    + r"(?<![\d.,/])(?P<x>\d(?:[ .-]?\d){6,11})(?!\d)"
)

_STREET = (
    r"(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Drive|Dr|Court|Ct|Close|Way|Place|Pl|Square|Sq|"
    r"Terrace|"
    r"Gardens|Crescent|Boulevard|Blvd|Row|Wharf|Hill|Mews|Parkway|Pkwy|Highway|Hwy|Circle|Cir|"
    r"Trail|"
    r"Grove|Walk|Brae|Wynd|View|Green|Park|Rise|Quay|Parade|Loop|Alley|Yard|Fields|Meadow|Bridge|Esplanade)"
)
_POSTCODE_GB = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_TOWN = r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2}"
_REST = rf"(?:,? {_TOWN}){{0,2}}(?:,? (?:{_POSTCODE_GB}|[A-Z]{{2}} \d{{5}}(?:-\d{{4}})?|\d{{5}}))"
_ADDRESS = re.compile(
    rf"(?<![\w-])(?:(?:Flat|Apartment|Apt\.?|Unit|Suite) \w+,? )?\d{{1,5}}[A-Za-z]?,? "
    rf"(?:(?:North|South|East|West|N\.?|S\.?|E\.?|W\.?) )?"
    rf"(?:(?:[A-Z][\w'’-]+|St\.|[A-Z]\.) ){{1,4}}{_STREET}\b\.?"
    rf"(?: (?:Flat|Apartment|Apt\.?|Unit|Suite|#) ?\w+)?(?:{_REST})?"
)
_ADDRESS_CONTINENTAL = re.compile(
    # street before number, as in German, Dutch and the Nordic countries
    r"(?<![\w-])(?:[A-ZÄÖÜÆØÅ][\wäöüßæøå.-]+ ){0,2}[A-ZÄÖÜÆØÅ][\wäöüßæøå-]*"
    r"(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Ww]eg|[Pp]latz|[Gg]asse|[Aa]llee|straat|laan|gata|gate|"
    r"gatan|"
    r"vägen|veien|vegen|vej|gade) \d{1,4} ?[a-zA-Z]?(?!\w)"
    r"(?:,? \d{4,5} [A-ZÄÖÜÆØÅ][\wäöüßæøå-]+(?: [A-ZÄÖÜ]\w+)?)?"
)
_ADDRESS_RAW = re.compile(
    # «twenty two eighteen oak hill court in salem», «14 elm street»
    rf"\b(?:(?:flat|apartment|apt|unit) (?:{EN_WORD}|\d+)(?: ?[a-f])? )?"
    rf"(?:(?:{EN_WORD}(?: hundred)?(?: (?:and )?{EN_WORD}){{0,3}}|\d{{1,5}}) "
    rf"(?!(?:of|or|to|in|on|at|and|by|the|a|my|years?|people|hours?|minutes?|days?|times)\b)"
    rf"(?:(?!(?:the|a|an|of|in|on|by|to|and|or|at|my|we|i|is|was|are|he|she|it|that|this|down|"
    rf"every|per|"
    rf"more|from)\b)[a-z'-]+ ){{1,3}}?"
    rf"(?:street|road|lane|avenue|drive|court|terrace|crescent|boulevard|parkway|highway|gardens|"
    rf"mews|circle|trail|close))\b(?! (?:to|down|off|by)\b)"
    rf"(?P<town> in (?!(?:the|a|an|my|our|this|that|his|her|their)\b)[a-z]{{4,}})?",
    re.IGNORECASE,
)
_PO_BOX = re.compile(r"\bP\.?O\.? Box \d{1,6}\b", re.IGNORECASE)
_UNION = re.compile(rf"\blocal (?:\d{{1,4}}|{EN_WORD}(?: {EN_WORD}){{0,3}})\b", re.IGNORECASE)
_ZIP = re.compile(
    r"\b[A-Z]{2} \d{5}(?:-\d{4})?\b|(?i:(?<=\bzip )|(?<=\bzip code )|(?<=\bpostcode ))\d{4,5}\b"
)

# Social security number (SSA, POMS RM 10201): 3-2-4; never 000, 666 or 9xx first, no empty group.
_SSN = re.compile(r"(?<![\d-])(?!000|666|9)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])")
_SSN_CONTEXT = re.compile(
    near(r"ssn|social security|my social|social|national id|identity number|tax id|passport|itin")
    + r"(?<!\d)(?P<x>[A-Z]{0,2}\d(?:[ -]?\d){5,10})(?!\d)"
)
_ACCOUNT_CONTEXT = re.compile(
    near(r"account|acct|sort code|routing|bank|savings")
    + r"(?<![\d$£€.,])(?P<x>\d{2}-\d{2}-\d{2}|\d(?:[ -]?\d){5,16})"
    r"(?!\d|[.,]\d| ?(?:dollars|pounds))"
)
_PLATE_CONTEXT = re.compile(
    near(r"plates?|licen[cs]e plate|registration|number plate|reg", r"[^\n]{0,25}?")
    + r"(?<!\w)(?P<x>(?=[A-Z0-9 -]*\d)(?=[A-Z0-9 -]*[A-Z])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5}"
    r"(?:[ -]?[A-Z0-9]{1,4})?)(?!\w)"
)
_PLATE_GERMAN = re.compile(r"(?<![\w-])[A-ZÄÖÜ]{1,3}-[A-ZÄÖÜ]{1,2} ?\d{1,4}[EH]?(?![\w-])")
_VESSEL = re.compile(r"(?<!\w)(?:M/?V|M/?S|HMS|USS|SS|RMS|FV) (?:[A-Z][\w-]+)(?: [A-Z][\w-]+)?")
_REFERENCE_CONTEXT = re.compile(
    near(
        r"case|claim|file|reference|ref|crime|incident|company|badge|member|membership|employee|"
        r"student|policy|patient|record|licen[cs]e|permit|order|ticket|docket|customer|staff|"
        r"registration|charity|card|id|serial|number|account",
        r"(?:[^\n]{0,30}?)",
    )
    + r"(?<![\w./,$£€-])(?P<x>(?:[A-Z]{1,4}(?:[-/ ]?[A-Z]{1,4})?[-/ ]?)?"
    r"\d(?:[ ./-]?\d){2,30})"
    r"(?!\w|[.,]\d| ?(?:dollars|pounds|percent|per cent|%|hours|days|years|months|weeks|times|"
    r"people|"
    r"million|thousand|pages|minutes|miles|pipes|members|euros|degrees)\b)"
)


# --- validation


def _reference(text: str) -> bool:
    """A reference has four digits or more; a bare year is none."""
    return len(digits(text)) >= 4 and not re.fullmatch(r"(?:19|20)\d\d", text)


def _plate(text: str) -> bool:
    return len(re.sub(r"\W", "", text)) >= 5


RULES: tuple[Rule, ...] = (
    Rule("nanp-phone", "PHONE", _PHONE_NANP, 0.9),
    Rule("phone-international", "PHONE", _PHONE_INTERNATIONAL, 0.85),
    Rule("phone-context", "PHONE", _PHONE_CONTEXT, 0.8),
    Rule("en-address", "ADDRESS", _ADDRESS, 0.9),
    Rule("continental-address", "ADDRESS", _ADDRESS_CONTINENTAL, 0.9),
    Rule("en-address-raw", "ADDRESS", _ADDRESS_RAW, 0.75),
    Rule("po-box", "ADDRESS", _PO_BOX, 0.8),
    Rule("union-local", "ORG", _UNION, 0.6),
    Rule("zip", "ADDRESS", _ZIP, 0.7),
    Rule("us-ssn", "NATIONAL_ID", _SSN, 0.9),
    Rule("us-ssn-context", "NATIONAL_ID", _SSN_CONTEXT, 0.85),
    Rule("account-context", "ACCOUNT", _ACCOUNT_CONTEXT, 0.8),
    Rule("plate-context", "VEHICLE", _PLATE_CONTEXT, 0.8, _plate),
    Rule("de-plate", "VEHICLE", _PLATE_GERMAN, 0.75),
    Rule("vessel", "VEHICLE", _VESSEL, 0.7),
    Rule("reference-context", "OTHER", _REFERENCE_CONTEXT, 0.7, _reference),
)
