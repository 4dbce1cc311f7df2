"""Details that point to somebody without naming them, outside mentions.

Ages, dates and occupations that the network nearly found come up in `missed`. Here are patterns of
what detection does not look for: constellations of a family, what only one person is or was, posts
that a place has one of. They are few on purpose: what singles out is for a person to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from anonpipe.codes import Place
from anonpipe.transcript import Transcript

_FAMILY_NO = (
    r"(?:trilling|firling)\w*|adoptert\w*(?: fra)?|fosterbarn\w*|stebarn\w*"
    r"|(?:fem|seks|sju|syv|åtte|ni|ti|[5-9]|1\d) (?:barn|unger|ungar|søsken|sysken|brødre|søstre)"
    r"|eneste (?:jenta|gutten|datteren?|sønnen)|einaste (?:jenta|guten|dottera|sonen)"
)
_ONLY_NO = (
    r"(?:den |ho |han |hun )?(?:aller )?(?:eneste|einaste|første|fyrste|yngste) "
    r"(?:kvinnelige |kvinnelege |mannlige |norske |utenlandske |samiske )?"
    r"(?:kvinna|kvinnen|mannen|[\w]{3,}(?:læreren|læraren|legen|presten|sjefen|lederen|leiaren))"
    r"(?: (?:i|på|ved) \w+)?"
)
_POST_NO = (
    r"(?:ordfører|ordførar|varaordfører|biskop|sogneprest|"
    r"sokneprest|lensmann|kommunelege|kommuneoverlege|stortingsrepresentant|statsråd|landslags\w+|"
    r"olympisk\w*|verdensmester|verdsmeister|norgesmester|noregsmeister|fylkesmann)\w{0,3}"
)
_ROLE_NO = (
    r"(?:\w{4,}(?:rådgiver|rådgivar|rådgjevar|koordinator|ansvarlig|ansvarleg|inspektør|meister|"
    r"mester|bygger|byggjar|forvalter|forvaltar|konsulent)|inspektør|foreleser|forelesar|dosent|"
    r"professor|konservator|daglig leder|dagleg leiar|avdelingsleder|avdelingsleiar)"
    r"(?: og (?:daglig leder|dagleg leiar|\w{4,}))?(?: (?:i|ved|for|på) \w{3,}(?: ved \w{3,})?)?"
    r"|\w{4,}(?:ar|er|ør|or|ist|ent|lege|prest|smed) ved (?-i:[A-ZÆØÅ])\w+"
)
_FAMILY_EN = (
    r"triplets|quadruplets|adopted (?:from|as)|foster (?:child|children|kids)"
    r"|(?:five|six|seven|eight|nine|ten|[5-9]|1\d) (?:children|kids|siblings|brothers|sisters)"
    r"|only (?:daughter|son|girl|boy)"
)
_ONLY_EN = (
    r"the (?:only|first|youngest) (?:female |male |black |woman |foreign )?"
    r"(?:woman|man|doctor|nurse|teacher|officer|midwife|priest|manager|driver)"
    r"(?: (?:in|at|on|to) (?:the )?\w+)?"
)
_ROLE_EN = (
    r"(?:\w+ )?(?:liaison|coordinator|co-ordinator|director|head|curator|keeper|warden|ambassador|"
    r"chair|commissioner|chaplain) (?:for|of) (?:the )?\w{3,}(?: \w{3,})?"
    r"|(?:only|first|last) (?:\w+ ){1,2}in (?:the \w+|\w+ years)"
)
_POST_EN = (
    r"(?:the )?(?:mayor|bishop|vicar|headmaster|headmistress|member of parliament|councillor|"
    r"world champion|olympic \w+|national team)"
)
_PATTERNS = {
    True: re.compile(
        rf"(?<!\w)(?:{_ROLE_NO}|{_FAMILY_NO}|{_ONLY_NO}|{_POST_NO})(?!\w)", re.IGNORECASE
    ),
    False: re.compile(
        rf"(?<!\w)(?:{_ROLE_EN}|{_FAMILY_EN}|{_ONLY_EN}|{_POST_EN})(?!\w)", re.IGNORECASE
    ),
}


def details(transcript: Transcript, language: str) -> Iterator[Place]:
    """Turn, start and end of every detail of that kind in a text of a language."""
    pattern = _PATTERNS[language in ("nb", "nn")]
    for number, turn in enumerate(transcript.turns):
        for match in pattern.finditer(turn.text):
            yield number, *match.span()
