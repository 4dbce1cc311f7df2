"""Nicknames that a speaker gives away: «Oleksandr. We called him Sasha», «alle sier bare Nøvi».

Only what is said in so many words counts, in the same turn and close behind the name it is
short for; a nickname that merely looks like a name is left to people. That a nickname is a name
at all is for `detect.nicknames` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from anonpipe.transcript import Mention, Transcript

_WHO = r"(?:ham|han|henne|ho|hun|meg|oss|me|him|her|us|them|dem|dei)"
_ONLY = r"(?:\s+(?:bare|berre|alltid|gjerne|helst|for|just|only|always|usually|um|uh|eh|ehm))*"
_ALL = r"(?:alle|vi|me|dei|de|folk|ungane|ungene|they|everyone|everybody|people|we)"
_CALLED = re.compile(
    rf"(?:\b(?:kalle[rt]?|kalla[rst]?|kalte|kalt|call(?:s|ed)?|nicknamed)\s+{_WHO}"
    rf"|\b{_ALL}\s+(?:sier|seier|sa|say|says|said)"
    rf"|\b(?:sier|seier|sa)\s+{_ALL}"
    r"|\bknown\s+as|\bgoes\s+by)"
    rf"{_ONLY}\s+[«\"“'‘]?$",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\b(?:en|ei|ein|an?|another|one)(?:\s+\w+){1,3}(?:,|\s+(?:som|who|whom|that|jeg|eg|vi|i|we))\s",
    re.IGNORECASE,
)
_SELF = re.compile(r"\s(?:meg|oss|me|us)\b", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"(?:\bI'?\s?a?m|\bname(?:'s|\s+is)|\bthis\s+is|\b(?:jeg|eg|æ|e)\s+(?:heter|heiter|heite|hete|het|er))"
    r"\s+$",
    re.IGNORECASE,
)
REACH = 120
"""Characters between the end of a name and a nickname for it."""


def _called(before: str, between: str) -> bool:
    """Whether the words after a name introduce a nickname for it, not for somebody else.

    In «Kari sto der. En elev, jeg kaller ham bare K» the sentence has its own subject; what
    people call “me” is a nickname of who was introduced by the words `before` the name.
    """
    match = _CALLED.search(between)
    if match is None or (_SELF.search(match[0]) and not _INTRODUCED.search(before)):
        return False
    sentence = re.search(r"[.!?]\s+([^.!?]*)$", between[: match.start()])
    return sentence is None or _SOMEBODY.search(sentence[1]) is None


def nicknames(mentions: Iterable[Mention], transcript: Transcript) -> dict[str, str]:
    """Which other surface a person's nickname stands for, by the nickname's first introduction."""
    found: dict[str, str] = {}
    last: Mention | None = None
    for mention in sorted(mentions, key=lambda m: (m.turn, m.start)):
        if mention.type != "PERSON" or mention.turn < 0:
            continue
        if last is not None and last.turn == mention.turn:
            text = transcript.turns[mention.turn].text
            before, between = text[: last.start], text[last.end : mention.start]
            # A second nickname is introduced in the same breath: «Reza, eller Professoren».
            more = last.text in found and re.fullmatch(r",? (?:eller|or|og|and) ", between)
            if len(between) <= REACH and "\n" not in between and (more or _called(before, between)):
                found.setdefault(
                    mention.text, found.get(last.text, last.text) if more else last.text
                )
        last = mention
    return {name: known for name, known in found.items() if name.casefold() != known.casefold()}
