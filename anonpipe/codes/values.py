"""What makes two numbers, addresses or dates the same value, however they were written or said."""

from __future__ import annotations

import re
import unicodedata

from anonpipe.transcript import MentionType

# Number words of Bokmål, Nynorsk and English, as they are used to read out numbers.
_UNITS = {
    "null": 0, "zero": 0, "oh": 0, "o": 0,
    "en": 1, "ein": 1, "én": 1, "ett": 1, "eitt": 1, "one": 1,
    "to": 2, "two": 2, "tre": 3, "three": 3, "fire": 4, "four": 4, "fem": 5, "five": 5,
    "seks": 6, "six": 6, "syv": 7, "sju": 7, "seven": 7, "åtte": 8, "eight": 8,
    "ni": 9, "nine": 9,
}  # fmt: skip
_TEENS = {
    "ti": 10, "ten": 10, "elleve": 11, "eleven": 11, "tolv": 12, "twelve": 12,
    "tretten": 13, "thirteen": 13, "fjorten": 14, "fourteen": 14, "femten": 15, "fifteen": 15,
    "seksten": 16, "sixteen": 16, "sytten": 17, "seventeen": 17, "atten": 18, "eighteen": 18,
    "nitten": 19, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "tjue": 20, "tyve": 20, "twenty": 20, "tretti": 30, "tredve": 30, "thirty": 30,
    "førti": 40, "forty": 40, "femti": 50, "fifty": 50, "seksti": 60, "sixty": 60,
    "sytti": 70, "seventy": 70, "åtti": 80, "eighty": 80, "nitti": 90, "ninety": 90,
}  # fmt: skip
_TIMES = {"double": 2, "dobbel": 2, "dobbelt": 2, "triple": 3, "trippel": 3}

_SPOKEN_SIGNS = {
    "krøllalfa": "@", "alfakrøll": "@", "at": "@",
    "punktum": ".", "prikk": ".", "dot": ".", "point": ".",
    "bindestrek": "-", "strek": "-", "dash": "-", "hyphen": "-",
    "understrek": "_", "underscore": "_",
    "skråstrek": "/", "slash": "/",
}  # fmt: skip


def key(mention_type: MentionType, surface: str) -> str:
    """A string that is equal for two surfaces of the same value.

    Names (PERSON, ORG, LOCATION) are compared elsewhere; here they are only folded. Two
    surfaces that cannot be read as numbers or signs fall back to their letters.
    """
    text = " ".join(unicodedata.normalize("NFKC", surface).casefold().split())
    if mention_type in ("EMAIL", "URL"):
        return _address_of_net(mention_type, text)
    if mention_type == "PHONE":
        return _phone(text)
    if mention_type == "VEHICLE":
        text = re.sub(r"^m ?/? ?[skvy] (?=\S{3})", "", text)  # «MS Havsula», «M/K Havsula»
    if mention_type in ("NATIONAL_ID", "ACCOUNT", "VEHICLE", "ADDRESS"):
        return _letters_and_digits(_with_digits(text)) or text
    return text.strip(" .,;:!?\"'«»()“”") or text


def _letters_and_digits(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _with_digits(text: str) -> str:
    """Number words as digits: "nittini, null tre" -> "99 03", "double seven" -> "77"."""
    result: list[str] = []
    tens = False  # the last word was a bare "twenty"
    times = 1
    for word in re.findall(r"[^\W_]+|[^\w\s]", text):
        if word in _TIMES:
            times, tens = _TIMES[word], False
            continue
        number = _number(word)
        if number is None:
            result.append(word)
        elif tens and len(number) == 1 and number != "0":
            result[-1] = result[-1][0] + number
        else:
            result.append(number * times)
        tens = word in _TENS
        times = 1
    return " ".join(result)


def _number(word: str) -> str | None:
    for table in (_UNITS, _TEENS, _TENS):
        if word in table:
            return str(table[word])
    for tens, value in _TENS.items():
        unit = _UNITS.get(word.removeprefix(tens)) if word.startswith(tens) else None
        if unit:
            return str(value + unit)
    return None


def _phone(text: str) -> str:
    digits = "".join(c for c in _with_digits(text) if c.isdigit() or c == "+")
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("+47") and len(digits) == 11:
        digits = digits[3:]
    elif digits.startswith("+44"):
        digits = "0" + digits[3:].removeprefix("0")
    return digits.replace("+", "") or _letters_and_digits(text) or text


def _address_of_net(mention_type: MentionType, text: str) -> str:
    words = [_SPOKEN_SIGNS.get(word, word) for word in text.split()]
    if len(words) > 1:
        words = [_number(word) or word for word in words]
    joined = "".join(words)
    if mention_type == "URL":
        joined = re.sub(r"^(https?://)?(www\.)?", "", joined).rstrip("/")
    return joined.strip(".,;:") or text
