"""What leaves the key when all that was written from a source is gone: pure functions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from anonpipe.codes import Entity
from anonpipe.codes.entities import split_id
from anonpipe.key import KeyTable


def forget(
    table: KeyTable,
    sources: Collection[str],
    participants: Collection[str] = (),
    *,
    files: Collection[str] = (),
) -> KeyTable:
    """The key's table without what only these sources told; the same again if done again.

    An entity that was seen in no other source goes, and leaves its number behind, which is
    never given again. Others lose these sources from `seen`, the notes of guesses made there,
    and the forms that only those guesses brought. A name that the study listed and nobody has
    said yet stays. `participants` are those of whom the study holds nothing any more: their
    entities go, whatever told of them. `files` are sources whose original is gone: the name of
    the file, which may name somebody, gives way to the id; the digest stays, so that a copy
    that comes back is known.
    """
    entities = [_without(entity, sources, participants) for entity in table.entities]
    files = {
        name: replace(item, path=name) if name in files else item
        for name, item in table.sources.items()
    }
    return replace(table, entities=tuple(e for e in entities if e is not None), sources=files)


def _without(
    entity: Entity, sources: Collection[str], participants: Collection[str]
) -> Entity | None:
    seen = {name: count for name, count in entity.seen.items() if name not in sources}
    if entity.participant is not None:
        if entity.participant in participants:
            return _number_only(entity)
    elif entity.seen and not seen:
        return _number_only(entity)
    told = [note for note in entity.merged_by if _source(note) in sources]
    if not told and seen == dict(entity.seen):
        return entity
    kept = tuple(note for note in entity.merged_by if note not in told)
    brought = {_form(note) for note in told} - {_form(note) for note in kept} - {entity.canonical}
    aliases = tuple(form for form in entity.aliases if form not in brought)
    return replace(entity, seen=seen, merged_by=kept, aliases=aliases)


def _number_only(entity: Entity) -> Entity | None:
    """The row that keeps an entity's number, or None for a participant's, which has none."""
    try:
        split_id(entity.id)
    except ValueError:
        return None
    return Entity.placeholder(entity.id)


def _source(note: str) -> str:
    """The source in a note such as "rule:first-name:D02:Kari", "" if it names none."""
    parts = note.split(":", 3)
    return parts[2] if len(parts) == 4 else ""


def _form(note: str) -> str:
    return note.split(":", 3)[-1]
