"""What makes two numbers, addresses or dates the same value, however they were written or said."""

from __future__ import annotations

import re
import unicodedata

from anonpipe.numbers import ENGLISH, NORWEGIAN, REPEATS
from anonpipe.transcript import MentionType

_NUMBERS = {**NORWEGIAN, **{word.replace("-", ""): number for word, number in ENGLISH.items()}}

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
        if word in REPEATS:
            times, tens = REPEATS[word], False
            continue
        number = _NUMBERS.get(word)
        if number is None:
            result.append(word)
        elif tens and 0 < number < 10:
            result[-1] = result[-1][0] + str(number)
        else:
            result.append(str(number) * times)
        tens = number is not None and number >= 20 and number % 10 == 0
        times = 1
    return " ".join(result)


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
        words = [str(_NUMBERS.get(word, word)) for word in words]
    joined = "".join(words)
    if mention_type == "URL":
        joined = re.sub(r"^(https?://)?(www\.)?", "", joined).rstrip("/")
    return joined.strip(".,;:") or text
