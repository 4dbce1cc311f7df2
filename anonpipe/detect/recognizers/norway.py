"""Norwegian identifiers: identity numbers, accounts, phones, addresses, plates, KID and others.

Check digits are computed by python-stdnum where it knows the rule. A number that
fails its check but has the right form, or follows a word such as
«personnummer», is taken all the same: recognisers mishear digits and people
misremember them, and the rest of the number still points to one person.
"""

from __future__ import annotations

import re

from stdnum import luhn
from stdnum.no import kontonr, orgnr

from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.recognizers.rule import Rule, digits, near
from anonpipe.numbers import NO_BIG, NO_WORD, as_digits

# --- patterns

_ELEVEN = r"(?<![\d.,/-])\d{11}(?![\d])"
_NATIONAL_ID = re.compile(
    # as written: 11 digits; 6 + 5; 6 + 3 + 2; 2 + 2 + 2 + 5
    rf"{_ELEVEN}|(?<![\d.,/-])(?:\d{{6}}[ \u00a0.-]\d{{5}}|\d{{6}}[ \u00a0]\d{{3}}[ \u00a0]\d{{2}}"
    r"|\d{2}[ .]\d{2}[ .]\d{2}[ .-]\d{5})(?!\d)"
)
_ID_CONTEXT = re.compile(
    near(
        r"fødselsnummer|fødselsnr|fødselnummer|personnummer|personnr|person nummer|fnr|d-nummer|"
        r"d nummer|dnr|dnummer|duf-nummer|duf|identitetsnummer|fødselstall"
    )
    + r"(?<!\d)(?P<x>\d(?:[ \u00a0.-]?\d){4,11})(?!\d)"
)
_ORG_NUMBER = re.compile(r"(?<![\d.,/-])[89]\d{2}([ \u00a0]?)\d{3}\1\d{3}(?![\d])")
_ORG_CONTEXT = re.compile(
    near(r"organisasjonsnummer|orgnummer|org\.? ?nr|orgnr|foretaksnummer|org\.nummer")
    + r"(?<!\d)(?P<x>\d{3}[ \u00a0]?\d{3}[ \u00a0]?\d{3})(?!\d)"
)
_ACCOUNT = re.compile(
    # 4.2.5, as banks write it; the separator must be there, else it is 11 plain digits
    r"(?<![\d.,/-])\d{4}([ \u00a0.])\d{2}\1\d{5}(?!\d)"
)
_ACCOUNT_CONTEXT = re.compile(
    near(r"kontonummer|kontonr|konto|lagskonto|sparekonto|lønnskonto|overfør|innbetal|betal")
    + r"(?<!\d)(?P<x>\d{4}[ \u00a0.]?\d{2}[ \u00a0.]?\d{4,5}|\d{11})(?!\d)"
)
# Norwegian numbers have eight digits and start with 2 to 9 (Nkom's numbering plan: E.164 series);
# 3-2-3 for mobiles, 2-2-2-2 for others, both used for both.
_PHONE = re.compile(
    r"(?<![\d.,/+-])(?:(?:\+|00)47[ \u00a0]?)?(?:[2-9]\d{2}[ \u00a0]\d{2}[ \u00a0]\d{3}"
    r"|[2-9]\d(?:[ \u00a0]\d{2}){3}|[2-9]\d{2}[ \u00a0]\d{3}[ \u00a0]\d{2})(?![\d]|"
    r"[ \u00a0]\d{2,3}\b)"
    r"|(?<![\d.,/+-])(?:\+|00)47[ \u00a0]?[2-9]\d{7}(?!\d)"
    r"|(?<![\d.,/+-])[2-9]\d{7}(?![\d]|[.,]\d| ?(?:kroner|kr)\b)"
)
_FOREIGN_PHONE = re.compile(
    r"(?<![\w+])(?:\+|00)(?!47)[1-9]\d{0,2}(?:[ \u00a0().-]{0,2}\d){6,12}(?!\d)"
)
_PHONE_CONTEXT = re.compile(
    near(
        r"telefon|tlf|mobil|ring meg på|ring på|ring|ringe|nummer(?:et)? mitt|nummeret|sms|"
        r"direktenummer|sentralbord"
    )
    + r"(?<![\d.,/])(?P<x>(?:(?:\+|00)47 ?)?\d(?:[ \u00a0-]?\d){7}|0\d{4})(?!\d| ?(?:kr|kroner)\b)"
)

_STREET = (
    r"(?:gata|gaten|gate|gt\.?|veien|vegen|vei|veg|vn\.?|plass|plassen|allé|alléen|alleen|alle|"
    r"bakken|"
    r"bakke|stien|sti|svingen|sving|lia|lien|tunet|tun|kroken|krok|haugen|terrasse|terrassen|"
    r"ringen|"
    r"kaia|kaien|brygga|bryggen|torget|torg|torv|løkka|løkken|åsen|jordet|smuget|smauet|stredet|"
    r"geita|faret|grenda|høgda|høyden|kleiva|kleiven|moen|neset|odden|parken|rabben|skogen|"
    r"skråningen|"
    r"stubben|stykket|vollen|dalen|grend|hagen|holtet|berget|flata|slettene|sletta|toppen|vika|"
    r"viken|"
    r"enga|engen|myra|leitet|tråkka|almenningen|allmenningen|promenaden|passasjen|vang|vangen|"
    r"løypa)"
)
# «Kari Solbakken 12. mars» and «Berg Hagen 3 ganger» are names before a date and an amount.
_HOUSE = (
    r"\d{1,4}(?!\d|\. ?(?:jan|feb|mar|apr|mai|jun|jul|aug|sep|okt|nov|des)| (?:år|ganger|gonger|"
    r"kroner|timer|timar|dager|dagar)\b)(?: ?[A-Za-z](?![\w]))?"
)
_TOWN = r"[A-ZÆØÅ][\wæøå-]+(?: (?:i )?[A-ZÆØÅ][\wæøå-]+){0,2}"
_ADDRESS = re.compile(
    # the street with a word before it, number and letter, postcode and town
    rf"(?<![\w-])(?!(?:Eg|Jeg|Vi|Han|Ho) )(?:(?:[A-ZÆØÅ][\w.'-]+ ){{0,3}}[A-ZÆØÅ][\w-]*{_STREET}"
    rf"|(?:[A-ZÆØÅ][\w.'-]+ ){{1,3}}{_STREET}) {_HOUSE}(?: ?[-/] ?\d{{1,4}})?(?![\w])"
    rf"(?:,? (?:[HULK]\d{{4}}, ?)?(?:\d{{4}} {_TOWN}))?"
)
_ADDRESS_WITH_POSTCODE = re.compile(
    rf"(?<![\w-])(?:[A-ZÆØÅ][\w.'-]+ ){{0,2}}[A-ZÆØÅ][\w-]+ {_HOUSE}, ?\d{{4}} {_TOWN}"
)
_POSTCODE = re.compile(
    rf"(?<![\d.,/-])(?!(?:19|20)\d\d )(?:N-)?\d{{4}} (?!(?:Kr|Kroner|NOK)\b){_TOWN}(?= "
    rf"?[,.;!?)\n]|$)"
)
_POSTCODE_RAW = re.compile(
    # «femti tretten bergen», «null fem sekstini oslo»: Posten's four digits as they are said
    rf"\b(?!(?:nitten|tjue)\b)(?:(?:null )?(?:{NO_WORD}) (?:{NO_WORD})) [a-zæøå]{{3,}}\b",
    re.IGNORECASE,
)
_POST_BOX = re.compile(r"\b(?i:postboks|pb\.?|boks) \d{1,5}(?: [A-ZÆØÅ]\w+)?(?:, ?\d{4} \w+)?")
_SPOKEN_STREET = (
    r"(?:gata|gaten|gate|veien|vegen|vei|veg|alléen|alleen|bakken|stien|svingen|lia|tunet|kroken|"
    r"haugen|terrasse|ringen|kaia|brygga|torget|løkka|åsen|jordet|smauet|plass|enga)"
)
_SPOKEN_ADDRESS = re.compile(
    rf"(?<![\w-])(?P<x>[\w-]{{3,30}}{_SPOKEN_STREET} "
    rf"(?i:(?!(?:en|et|ei|ein|eit|to|ti|null)\b){NO_BIG})"
    rf"(?: ?[a-h]\b(?! [a-z]\b))?)(?![\w-]| ?(?:år|kroner|ganger|meter|minutter|timer|kilometer))"
    rf"|(?<![\w-])[\w-]{{3,30}}{_SPOKEN_STREET} (?:\d{{1,4}}(?: ?[a-h]\b)?)"
    rf"(?![\w.,]\d| ?(?:år|kroner|meter|ganger))",
    re.IGNORECASE,
)
_PROPERTY = re.compile(
    near(r"gårdsnummer|gardsnummer|gnr|gnr\.|bruksnummer|bnr|matrikkel", r"[^\n]{0,20}?")
    + r"(?P<x>\d{1,4}(?: ?[/,] ?(?:bnr\.? ?|bruksnummer )?\d{1,4})?)"
)

# Vegvesenet: two letters and five digits (four on trailers and tractors); some letters unused
# in most series, but misheard plates keep no such rules.
_PLATE = re.compile(r"(?<![\w])[A-Z]{2}[ \u00a0-]?(?:\d{5}|\d{2} \d{3})(?![\w]|[.,]\d)")
_PLATE_CONTEXT = re.compile(
    near(
        r"skilt|registreringsnummer|regnummer|reg\.?nr|bil|kjenning|kjennemerke|henger|tilhenger|"
        r"varebil|politi"
    )
    + r"(?<!\w)(?P<x>(?!(?:er|og|at|på|av|en|et|de|du|vi|ta|så|no|nr|ca|kl|om|to|ja|ni|i)\b)"
    r"(?i:[a-z]{2}|[a-z] [a-z]) ?\d(?: ?\d){3,4})(?!\w)"
)
_PLATE_AFTER = re.compile(r"(?<!\w)(?P<x>[A-Z]{2} ?\d{4,5})(?= (?:sto|står|stod|på skilt))")
_NO_SERIES = r"(?!(?:er|og|at|på|av|en|et|de|du|vi|ta|så|no|nr|ca|kl|om|to|ja|ni|i|til|fra)\b)"
_PLATE_RAW = re.compile(rf"(?<!\w){_NO_SERIES}[a-zæøå]{{2}} \d{{2}} ?\d{{3}}(?!\w)")
_VESSEL = re.compile(
    r"(?<!\w)(?:M/S|MS|M/K|M/F|MF|M/T|MT|M/Y|S/S|KNM|KV)\.? [«\"]?[A-ZÆØÅ][\w-]+(?: "
    r"[A-ZÆØÅ][\w-]+)*"
    r"|(?<!\w)(?:ms|mf|mk|knm|em ess) (?!er\b|i\b|og\b|eh\b|som\b)[a-zæøå]{4,}"
)
_CALL_SIGN = re.compile(
    r"(?i:\bkallesignal\w*)(?: er)?:? (?P<x>(?:[A-Z]{2,4} ?\d{0,4}|[a-zæøå]+(?: "
    r"[a-zæøå]+){2,4}?)(?=[,.\n]| det| eh|$))"
)

# KID: 2 to 25 digits, the last a check digit modulo 10 (Luhn) or modulo 11 (Finans Norge's
# description of OCR giro); modulo 11 may end in "-".
_KID = re.compile(
    near(r"KID-nummer|KID-nr|KID|kidnummer|betalings-?id", r"[^\n\d]{0,25}?")
    + r"(?P<x>\d[\d \u00a0]{0,28}[\d-])"
)
_VIPPS = re.compile(
    r"(?i:\bvipps\w*)[^\n.!?\d]{0,30}?(?:#|nummer )?(?P<x>#?\d{4,6})(?!\d| ?(?:kr|kroner)\b)"
)
_CASE = re.compile(
    # archive references of the public sector: 2017/20561, 16/08253-4
    r"(?<![\w/.,-])(?:20\d\d|19\d\d|\d{2})/\d{3,7}(?:-\d{1,4})?(?![\w/]|,\d)"
)
_CASE_CONTEXT = re.compile(
    near(
        r"sak|saka|saken|saks|saksnummer|saksnr|sag nummer|journal|journalnummer|referanse|"
        r"referansenummer|ref|"
        r"skadenummer|skade|anmeld|anmeldelse|anmeldt|medlemsnummer|kundenummer|lånekort|"
        r"lånenummer|ansattnummer|"
        r"ansattnr|pasientnummer|brukernummer|brukarnummer|kandidatnummer|studentnummer|elevnummer|"
        r"avtalenummer|polisenummer|polise|vedtak|dokumentnummer|lisensnummer|autorisasjonsnummer|"
        r"hpr-nummer|hpr|passnummer|pass|bankid|rekvisisjon|bestillingsnummer|ordrenummer|"
        r"kortnummer|kort|nummer|løpenummer|tjenestenummer|adgangskort"
    )
    + r"(?<![\w./,-])(?P<x>(?:[A-ZÆØÅ]{1,4}[-/ ]?)?\d(?:[ ./-]?\d){2,30})"
    r"(?!\w|[.,]\d| ?(?:kr|kroner|prosent|%|timer|timar|dager|dagar|år|måneder|månader|uker|"
    r"veker|ganger|"
    r"gonger|millioner|meter|minutter|stykker|sider|personer|medlemmer|tusen|grader)\b)"
)


# --- validation


def valid_national_id(text: str) -> bool:
    """A fødselsnummer or D-nummer whose check digits hold, by today's or the relaxed control.

    Certain: both digits of today's numbers obey modulo 11, with the weights
    3 7 6 1 8 9 4 5 2 and 5 4 3 2 7 6 5 4 3 2; D-numbers add 4 to the first digit of
    the day; numbers for testing add 4 or 8 to the first digit of the month.

    Not certain: how numbers assigned from 2032 on are checked. That the control will be
    relaxed is announced by Skatteetaten; that it means a remainder of 0, 1, 2 or 3 for the
    first check digit with the second unchanged was written from memory, and has not been
    compared with a published specification. If it is wrong, some eleven digits are taken
    for an identity number that are none (they are masked either way), and a number that
    the rule refuses is still found by its form with a lower score.
    """
    number = digits(text)
    if len(number) != 11 or not plausible_date(number):
        return False
    values = [int(c) for c in number]
    first = sum(w * v for w, v in zip((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), values, strict=False))
    second = sum(w * v for w, v in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), values, strict=True))
    return first % 11 in (0, 1, 2, 3) and second % 11 == 0


def plausible_date(number: str) -> bool:
    """True if the first four digits of an identity number can be a day and a month."""
    day, month = int(number[:2]), int(number[2:4])
    return (1 <= day <= 31 or 41 <= day <= 71) and (
        1 <= month <= 12 or 41 <= month <= 52 or 81 <= month <= 92 or 61 <= month <= 72
    )


def _like_national_id(text: str) -> bool:
    number = digits(text)
    return not valid_national_id(text) and plausible_date(number) and not valid_account(text)


def valid_account(text: str) -> bool:
    """A bank account number: 11 digits, modulo 11 (stdnum.no.kontonr)."""
    number = digits(text)
    return len(number) == 11 and bool(kontonr.is_valid(number))


def _eleven_account(text: str) -> bool:
    return valid_account(text) and not valid_national_id(text)


def valid_org_number(text: str) -> bool:
    """An organisation number: nine digits, modulo 11 (stdnum.no.orgnr)."""
    return bool(orgnr.is_valid(digits(text)))


def valid_kid(text: str) -> bool:
    """A KID of 2 to 25 digits, checked by modulo 10 or modulo 11."""
    number = re.sub(r"[^\d-]", "", text)
    if not 2 <= len(number) <= 25:
        return False
    body, check = number[:-1], number[-1]
    weighted = sum(int(c) * (2 + i % 6) for i, c in enumerate(reversed(digits(body))))
    eleven = (11 - weighted % 11) % 11
    return ("-" if eleven == 10 else str(eleven)) == check or (
        number.isdigit() and bool(luhn.is_valid(number))
    )


def _long_or_valid_kid(text: str) -> bool:
    """After the word KID a long number counts even if its check fails."""
    return valid_kid(text) or len(digits(text)) >= 6


def _eight_digits(text: str) -> bool:
    number = digits(text)
    return len(number) in {8, 10, 12} or len(number) == 5


def _before_native(text: str) -> bool:
    """Four digits in words and a place in Norway."""
    *words, place = text.lower().split()
    number = "".join(as_digits(w, "nb") or "" for w in words)
    return len(number) == 4 and place in load_lexicon("nb").native


def _reference(text: str) -> bool:
    """A reference number has four digits or more; a bare year is none."""
    number = digits(text)
    return len(number) >= 4 and not re.fullmatch(r"(?:19|20)\d\d", text)


RULES: tuple[Rule, ...] = (
    Rule("no-national-id", "NATIONAL_ID", _NATIONAL_ID, 1.0, valid_national_id),
    Rule("no-national-id-form", "NATIONAL_ID", _NATIONAL_ID, 0.6, _like_national_id),
    Rule("no-national-id-context", "NATIONAL_ID", _ID_CONTEXT, 0.9),
    Rule("no-account", "ACCOUNT", _ACCOUNT, 0.9),
    Rule("no-account-11", "ACCOUNT", re.compile(_ELEVEN), 0.8, _eleven_account),
    Rule("no-account-context", "ACCOUNT", _ACCOUNT_CONTEXT, 0.9),
    Rule("no-org-number", "OTHER", _ORG_NUMBER, 0.8, valid_org_number),
    Rule("no-org-number-context", "OTHER", _ORG_CONTEXT, 0.9),
    Rule("no-phone", "PHONE", _PHONE, 0.85),
    Rule("phone-abroad", "PHONE", _FOREIGN_PHONE, 0.85),
    Rule("no-phone-context", "PHONE", _PHONE_CONTEXT, 0.85, _eight_digits),
    Rule("no-address", "ADDRESS", _ADDRESS, 0.9),
    Rule("no-address-postcode", "ADDRESS", _ADDRESS_WITH_POSTCODE, 0.9),
    Rule("no-postcode", "ADDRESS", _POSTCODE, 0.6),
    Rule("no-postcode-spoken", "ADDRESS", _POSTCODE_RAW, 0.7, _before_native),
    Rule("no-post-box", "ADDRESS", _POST_BOX, 0.8),
    Rule("no-address-spoken", "ADDRESS", _SPOKEN_ADDRESS, 0.8),
    Rule("no-property", "OTHER", _PROPERTY, 0.8),
    Rule("no-plate", "VEHICLE", _PLATE, 0.9),
    Rule("no-plate-context", "VEHICLE", _PLATE_CONTEXT, 0.8),
    Rule("no-plate-context", "VEHICLE", _PLATE_AFTER, 0.8),
    Rule("no-plate-raw", "VEHICLE", _PLATE_RAW, 0.6),
    Rule("no-vessel", "VEHICLE", _VESSEL, 0.7),
    Rule("no-call-sign", "VEHICLE", _CALL_SIGN, 0.7),
    Rule("no-kid", "ACCOUNT", _KID, 0.85, _long_or_valid_kid),
    Rule("no-vipps", "OTHER", _VIPPS, 0.85),
    Rule("no-case", "OTHER", _CASE, 0.8),
    Rule("no-case-context", "OTHER", _CASE_CONTEXT, 0.7, _reference),
)
