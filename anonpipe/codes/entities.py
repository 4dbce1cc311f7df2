"""Entities: the people, places and things that mentions point to, one row each in the key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from anonpipe.transcript import MENTION_TYPES, Flag, Mention, MentionType

LISTED = "study:listed"
"""The note on entities whose names the study listed beforehand, once for each such name: they
are the first aliases."""
ONLY_HERE = "review:only-here"
"""How the note begins on forms that a person marked in one source only: "...:D02:Will". They are
looked for nowhere else, as long as no other source has them."""
UNUSED = "review:unused"
"""How the note begins on entities of which a person left no mention: "...:D02:Bakken". As long as
no source has one they are looked for nowhere; if a mention comes back, it has its old code."""
_ID = re.compile(rf"({'|'.join(MENTION_TYPES)})-([1-9][0-9]{{0,8}})")


@dataclass(frozen=True)
class Entity:
    """One row of the key.

    `id` is "PERSON-1", or a participant's code such as "P01"; `number` is the 1 of
    "PERSON-1", None for participants, and is never given to another entity.
    `canonical` is the fullest form seen, "" in a placeholder; `aliases` are the forms
    seen, without titles and genitives, in order of first appearance. `seen` maps a
    source's id (R01, D02) to its number of mentions. `merged_by` holds one note for every
    link that a rule guessed or a person made ("rule:first-name:D02:Kari").

    People whom the study knows beforehand are entities with a canonical form, any aliases,
    and nothing in `seen`. `same_as` is the id of another entity if a person said that both are
    one: mentions get that one's code, and this row keeps its names and its number.
    """

    id: str
    type: MentionType
    number: int | None
    participant: str | None
    canonical: str
    aliases: tuple[str, ...] = ()
    seen: Mapping[str, int] = field(default_factory=dict)
    merged_by: tuple[str, ...] = ()
    same_as: str | None = None

    @classmethod
    def placeholder(cls, entity_id: str) -> Entity:
        """A row that only occupies its number, so that no entity is ever given it.

        It stands for a code that an input text already contained, or for an entity that
        was taken out of the key. Raises ValueError if the id is not of the form "PERSON-1".
        """
        mention_type, number = split_id(entity_id)
        return cls(entity_id, mention_type, number, None, "")

    @property
    def is_placeholder(self) -> bool:
        """True if the row stands for no person or thing; nothing links to it or restores it."""
        return not self.canonical and self.participant is None

    @property
    def is_known(self) -> bool:
        """True for participants and for names that the study listed beforehand."""
        return self.participant is not None or LISTED in self.merged_by

    @property
    def is_unused(self) -> bool:
        """True if a person left no mention of it (`UNUSED`)."""
        return not self.seen and any(n.startswith(f"{UNUSED}:") for n in self.merged_by)

    @property
    def only_here(self) -> frozenset[str]:
        """Forms that are looked for nowhere (`ONLY_HERE`)."""
        notes = [n.split(":", 3) for n in self.merged_by if n.startswith(f"{ONLY_HERE}:")]
        return frozenset(text for *_, source, text in notes if set(self.seen) <= {source})

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return {
            "id": self.id,
            "type": self.type,
            "number": self.number,
            "participant": self.participant,
            "canonical": self.canonical,
            "aliases": list(self.aliases),
            "seen": dict(self.seen),
            "merged_by": list(self.merged_by),
            "same_as": self.same_as,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entity:
        """Rebuild an entity from `to_json`'s values; raises KeyError or TypeError for others."""
        return cls(
            id=data["id"],
            type=data["type"],
            number=data["number"],
            participant=data["participant"],
            canonical=data["canonical"],
            aliases=tuple(data["aliases"]),
            seen=dict(data["seen"]),
            merged_by=tuple(data["merged_by"]),
            same_as=data.get("same_as"),
        )


@dataclass(frozen=True)
class Linked:
    """What linking one source gives.

    `mentions` have `entity` filled, in order of the text; `entities` is the whole updated
    table, old rows first in their order; `flags` are "ambiguous-name" and "code-in-input",
    one a turn, with the number of mentions or codes as `count` (`turn` is None for
    speaker labels).
    """

    mentions: tuple[Mention, ...]
    entities: tuple[Entity, ...]
    flags: tuple[Flag, ...] = ()


def make_id(mention_type: MentionType, number: int) -> str:
    """The id of a numbered entity: "PERSON-1"."""
    return f"{mention_type}-{number}"


def split_id(entity_id: str) -> tuple[MentionType, int]:
    """The type and number of a numbered entity's id; ValueError for anything else."""
    match = _ID.fullmatch(entity_id)
    if match is None:
        raise ValueError("An entity's id has the form TYPE-NUMBER.")
    return cast(MentionType, match[1]), int(match[2])


def by_id(entities: Iterable[Entity]) -> dict[str, Entity]:
    """Entities by id; a participant's entity also under the participant's code."""
    table: dict[str, Entity] = {}
    for entity in entities:
        table[entity.id] = entity
        if entity.participant is not None:
            table.setdefault(entity.participant, entity)
    return table


def resolved(entity_id: str | None, table: Mapping[str, Entity]) -> str | None:
    """The id of the entity that an entity turned out to be (`Entity.same_as`), or its own."""
    met: set[str] = set()
    while entity_id is not None and entity_id in table and entity_id not in met:
        met.add(entity_id)
        entity_id = table[entity_id].same_as or entity_id
    return entity_id
