"""Taking sources and people out of the key's table; what is left names neither. No effects.

Ids and codes are never given again: a source keeps its row without path and digest, an
entity its number without a name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from anonpipe.codes import LISTED, Entity
from anonpipe.key import KeyTable


def forget(table: KeyTable, *, sources: Collection[str], entities: Collection[str]) -> KeyTable:
    """The table without some sources (ids) and some entities (ids).

    Gone are also the entities that were seen in these sources only, or nowhere, unless they
    are participants or were listed and not seen yet; of the others what those sources alone told:
    their counts, notes, and forms of names that only such a note accounts for; and notes that
    quote a name of an entity that goes. Doing it twice changes nothing more.
    """
    going = {entity.id for entity in table.entities if entity.id in entities}
    going |= {e.id for e in table.entities if _only_in(e, sources)}
    names = {
        form.casefold()
        for entity in table.entities
        if entity.id in entities
        for form in (entity.canonical, *entity.aliases)
        if form
    }
    rows = []
    for entity in table.entities:
        if entity.id not in going:
            rows.append(_without(entity, sources, names))
        elif entity.number is not None:
            rows.append(Entity.placeholder(entity.id))
        # A participant's code has no number: the register goes on holding it.
    return replace(
        table,
        entities=tuple(rows),
        sources={
            name: replace(source, path="", digest="", data_key=None) if name in sources else source
            for name, source in table.sources.items()
        },
    )


def _only_in(entity: Entity, sources: Collection[str]) -> bool:
    if entity.participant is not None or entity.is_placeholder:
        return False
    if not entity.seen and LISTED in entity.merged_by:
        return False
    return set(entity.seen) <= set(sources)


def _without(entity: Entity, sources: Collection[str], names: Collection[str]) -> Entity:
    own = {form.casefold() for form in (entity.canonical, *entity.aliases)}
    kept, quoted, still = [], set(), set()
    for note in entity.merged_by:
        parts = note.split(":", 3)
        said = parts[3].casefold() if len(parts) == 4 else ""
        if sources and any(part in sources for part in parts[:3]):
            quoted.add(said)
        elif said not in names or said in own:
            kept.append(note)
            still.add(said)
    told = quoted - still - {"", entity.canonical.casefold()}
    return replace(
        entity,
        aliases=tuple(alias for alias in entity.aliases if alias.casefold() not in told),
        seen={name: count for name, count in entity.seen.items() if name not in sources},
        merged_by=tuple(kept),
    )
