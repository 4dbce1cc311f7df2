"""What becomes of the mentions of each type: coded, generalised, kept or asked about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from anonpipe.codes.entities import Entity, Linked, by_id
from anonpipe.codes.generalise import DateForm, generalise
from anonpipe.codes.naming import parse_name
from anonpipe.errors import UsageError
from anonpipe.transcript import SPEAKER_TURN, Flag, Mention, MentionType, Transcript, seconds

Policy = Literal["code", "generalise", "keep", "ask"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
Place = tuple[int, int, int]
"""Turn, start and end of a mention or name, by which it can be found again."""
DIRECT: frozenset[MentionType] = frozenset(
    {"PERSON", "PHONE", "EMAIL", "NATIONAL_ID", "ACCOUNT", "ADDRESS"}
)
"""Direct identifiers, which may not be kept."""


def check_policy(mention_type: MentionType, policy: Policy) -> None:
    """Raise UsageError when mentions of a type cannot have this policy."""
    if policy == "keep" and mention_type in DIRECT:
        raise UsageError(f"{mention_type} identifies directly and cannot be kept; write code.")
    if policy == "generalise" and mention_type == "PERSON":
        raise UsageError("a person's name has no generalisation; write code.")


@dataclass(frozen=True, slots=True)
class Policies:
    """A study's policies; a type that `of_type` does not name is coded.

    `code`: the entity's code stands in the text. `generalise`: something less exact does
    («[45–49 år]»), and the entity is in the key all the same; what has no generalisation is
    coded. `keep`: the mention stays as it is and is not in the key. `ask`: coded, and a flag
    makes the source wait for review. `dates` is what generalising leaves of a date.

    Known names and participants are coded whatever the policy. So is a mention that would be
    kept but holds a known name, a word of the name of any person in the key, or something
    that is replaced elsewhere in its source.
    """

    of_type: Mapping[MentionType, Policy] = field(default_factory=dict)
    dates: DateForm = "month"

    def of(self, mention_type: MentionType) -> Policy:
        """The policy of a type."""
        return self.of_type.get(mention_type, "code")

    @property
    def keeps(self) -> tuple[MentionType, ...]:
        """The types that stay readable."""
        return tuple(sorted(kind for kind, policy in self.of_type.items() if policy == "keep"))

    def hides(self, entity: Entity) -> bool:
        """Whether a name of the key may not be readable anywhere."""
        return entity.is_known or self.of(entity.type) != "keep"

    def kept(self, linked: Linked, telling: Collection[Place] = ()) -> frozenset[Place]:
        """The places of the mentions that stay readable; none of them overlaps `telling`."""
        if not self.keeps:
            return frozenset()
        table = by_id(linked.entities)
        candidates, replaced = [], set()
        for mention in linked.mentions:
            if self.hides(table[mention.entity or ""]):
                replaced.add(mention.text)
            else:
                candidates.append(mention)
        hidden = _holding({*replaced, *_names(linked.entities)})
        return frozenset(
            place(m)
            for m in candidates
            if not (hidden and hidden.search(m.text))
            and not any(turn == m.turn and a < m.end and m.start < b for turn, a, b in telling)
        )

    def applied(self, linked: Linked, transcript: Transcript) -> Linked:
        """`linked` with the generalisations, and a flag for every turn and type to ask about."""
        table = by_id(linked.entities)
        free = [m for m in linked.mentions if not table[m.entity or ""].is_known]
        asked = [mention for mention in free if self.of(mention.type) == "ask"]
        coarse = {place(m) for m in free if self.of(m.type) == "generalise"}
        return replace(
            linked,
            mentions=tuple(
                self.generalised(m, transcript) if place(m) in coarse else m
                for m in linked.mentions
            ),
            flags=(*linked.flags, *_asking(asked, transcript)),
        )

    def generalised(self, mention: Mention, transcript: Transcript) -> Mention:
        """A mention with what stands in its place if its type is generalised; None: its code."""
        after = transcript.turns[mention.turn].text[mention.end :]
        text = generalise(
            mention.type, mention.text, transcript.language, after=after, dates=self.dates
        )
        return replace(mention, generalised=text)


CODE_ALL = Policies()
"""Every type is coded."""

_SHORTEST = 3  # letters of a word of a person's name that tells something by itself


def place(mention: Mention) -> Place:
    """Where a mention stands."""
    return mention.turn, mention.start, mention.end


def _names(entities: Iterable[Entity]) -> set[str]:
    """Known names, and each word of the persons' names."""
    names: set[str] = set()
    for entity in entities:
        forms = {entity.canonical, *entity.aliases} - {""}
        if entity.is_known:
            names |= forms
        if entity.type == "PERSON":
            words = {word for text in forms for word in parse_name(text, person=True).words}
            names |= {word for word in words if len(word) >= _SHORTEST}
    return names


def _holding(names: Collection[str]) -> re.Pattern[str] | None:
    """A pattern for texts that hold one of the names as words, also in the genitive."""
    if not names:
        return None
    longest = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest)})s?(?!\w)", re.IGNORECASE)


def _asking(mentions: Iterable[Mention], transcript: Transcript) -> list[Flag]:
    """One flag for each turn and type, over the time from its first mention to its last."""
    groups: dict[tuple[int, MentionType], list[Mention]] = {}
    for mention in mentions:
        groups.setdefault((mention.turn, mention.type), []).append(mention)
    flags = []
    for (number, kind), found in groups.items():
        if number == SPEAKER_TURN:
            flags.append(Flag("policy-ask", count=len(found), type=kind))
            continue
        times = [seconds(transcript.turns[number], mention) for mention in found]
        flags.append(
            Flag("policy-ask", number, times[0][0], times[-1][1], count=len(found), type=kind)
        )
    return flags
