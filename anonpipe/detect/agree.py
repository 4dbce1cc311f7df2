"""One type for one name: a text that calls the same thing a person here and a firm there is rare.

The network decides word by word, so that the same name gets several types in one text, which
gives it several codes. The types of all its occurrences are put to the vote.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from anonpipe.detect.lexicon import load_lexicon
from anonpipe.detect.spans import LISTED, NAMES, Span
from anonpipe.transcript import MentionType

_LONGER = 1.1
"""Weight of a longer form: more than that of one short one."""
_GAZETTEER = 0.5
"""Weight of the list of places, for names that are on no other list."""
_Votes = dict[str, dict[MentionType, float]]


def agree(text: str, spans: Sequence[Span]) -> list[Span]:
    """`spans` in which all occurrences of a name have the type that most of them have.

    Persons, places and organisations vote with their scores, genitives with the name. A name
    that is also the distinctive first word of longer names of one type votes with them:
    «Solgløtt» is what «Solgløtt sykehjem» is, unless somebody is called so in full. Names that
    the study lists keep the type that it gives them.
    """
    keys = {s: _key(text[s.start : s.end]) for s in spans if s.type in NAMES}
    names = set(keys.values())
    keys = {
        s: key[:-1] if key.endswith("s") and key[:-1] in names else key for s, key in keys.items()
    }
    votes: _Votes = defaultdict(lambda: defaultdict(float))
    for span, key in keys.items():
        votes[key][span.type] += span.score
    for key, counted in votes.items():
        if load_lexicon("nb").kinds(key) == "P":
            counted["LOCATION"] += _GAZETTEER
    places = {key for key, counted in votes.items() if "LOCATION" in counted}
    for span, key in keys.items():
        words = key.split()
        if len(words) > 1:
            # «Volda» is no hospital for all that there is a «Volda sjukehus».
            for word in words if span.type == "PERSON" else words[:1]:
                if word in votes and (span.type == "PERSON" or word not in places):
                    votes[word][span.type] += _LONGER * span.score
    agreed = []
    for span in spans:
        if span in keys and span.recognizer != LISTED:
            counted = votes[keys[span]]
            kind = max(counted, key=lambda k: counted[k])
            if counted[kind] > sum(counted.values()) / 2:
                span = replace(span, type=kind)
        agreed.append(span)
    return agreed


def _key(surface: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"['’]s?$", "", surface.casefold())))
