"""What leaves the key when sources or people leave the study: pure functions.

Ids and codes are never given again: a source keeps its row, an entity its number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from anonpipe.codes import LISTED, Entity, by_id, resolved
from anonpipe.key import KeySource, KeyTable


def forget(
    table: KeyTable,
    sources: Collection[str],
    participants: Collection[str] = (),
    *,
    entities: Collection[str] = (),
    files: Collection[str] = (),
    rows: Collection[str] = (),
) -> KeyTable:
    """The key's table without what only these sources told; the same again if done again.

    An entity that was seen in no other source goes, and leaves its number behind. Others lose
    these sources from `seen`, the notes of guesses made there, and the forms that only those
    guesses brought. A name that the study listed and nobody has said yet stays. `participants`
    are those of whom the study holds nothing any more, `entities` ids of further ones that go
    whatever told of them; notes of others that quote their names go, too.

    `files` are sources whose original is gone: the name of the file, which may name somebody,
    gives way to the id, as its parts' names do; the digests stay, so that a copy that comes back
    is known. `rows` are sources of which nothing may stay: their rows say no more than that the
    id was given, and names that no source says any more go as well, since they may be from there.
    Of what reviews decided for the study goes what was decided in these sources, and what speaks of
    who goes.
    """
    wanted = {e.id for e in table.entities if e.id in entities or e.participant in participants}
    names = {form.casefold() for e in table.entities if e.id in wanted for form in _forms(e)}
    left = (
        _number_only(entity)
        if entity.id in wanted or _only_in(entity, sources, stale=bool(rows))
        else _without(entity, sources, names)
        for entity in table.entities
    )
    entities_left = _promoted(table.entities, [e for e in left if e is not None])
    here = {entity.id for entity in entities_left if not entity.is_placeholder}
    return replace(
        table,
        entities=entities_left,
        decisions=tuple(
            decision
            for decision in table.decisions
            if (decision.kind == "merge" or decision.source not in sources)
            and all(i in here for i in (decision.entity, decision.value) if i and _is_id(i, table))
            and not {decision.text.casefold(), decision.value.casefold()} & names
        ),
        sources={
            name: _source_without(name, item, name in files, name in rows)
            for name, item in table.sources.items()
        },
    )


def _is_id(text: str, table: KeyTable) -> bool:
    return table.entity(text) is not None


def _promoted(before: Iterable[Entity], left: Sequence[Entity]) -> tuple[Entity, ...]:
    """Of two that are one (`Entity.same_as`) the one whose code stands in texts keeps the names,
    though only the other is left.
    """
    old = by_id(before)
    rows = {entity.id: entity for entity in left}
    for entity in left:
        target = resolved(entity.id, old)
        if target is None or target == entity.id or rows[entity.id].is_placeholder:
            continue
        if target not in rows:
            rows[entity.id] = replace(rows[entity.id], same_as=None)
        elif rows[target].is_placeholder and old[target].participant is None:
            rows[target] = replace(
                rows[entity.id], id=target, number=old[target].number, same_as=None
            )
            rows[entity.id] = Entity.placeholder(entity.id)
    return tuple(rows.values())


def _source_without(name: str, item: KeySource, file_gone: bool, row_gone: bool) -> KeySource:
    if row_gone:
        return KeySource(item.kind, "", "")
    parts = tuple(replace(part, path=name) for part in item.parts)
    return replace(item, path=name, parts=parts) if file_gone else item


def _forms(entity: Entity) -> tuple[str, ...]:
    return tuple(form for form in (entity.canonical, *entity.aliases) if form)


def _only_in(entity: Entity, sources: Collection[str], *, stale: bool) -> bool:
    """Whether nothing else tells of an entity; `stale` is about one that nothing tells of."""
    if entity.participant is not None or entity.is_placeholder:
        return False
    if entity.is_unused:
        return any(_source(note) in sources for note in entity.merged_by)
    if not entity.seen and (LISTED in entity.merged_by or not stale):
        return False
    return set(entity.seen) <= set(sources)


def _without(entity: Entity, sources: Collection[str], names: Collection[str]) -> Entity:
    own = {form.casefold() for form in _forms(entity)}
    told = [note for note in entity.merged_by if _source(note) in sources]
    kept = tuple(
        note
        for note in entity.merged_by
        if note not in told and (_form(note) not in names or _form(note) in own)
    )
    brought = {_form(note) for note in told} - {_form(note) for note in kept}
    brought -= {entity.canonical.casefold()}
    return replace(
        entity,
        aliases=tuple(form for form in entity.aliases if form.casefold() not in brought),
        seen={name: count for name, count in entity.seen.items() if name not in sources},
        merged_by=kept,
    )


def _number_only(entity: Entity) -> Entity | None:
    """The row that keeps an entity's number, or None for a participant's, which has none."""
    return None if entity.number is None else Entity.placeholder(entity.id)


def _source(note: str) -> str:
    """The source in a note such as "rule:first-name:D02:Kari", "" if it names none."""
    parts = note.split(":", 3)
    return parts[2] if len(parts) == 4 else ""


def _form(note: str) -> str:
    return note.split(":", 3)[-1].casefold()
