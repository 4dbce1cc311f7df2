"""What the key says: the table from codes to entities, with the names of the source files
(which may identify too).

Plain values, of which nothing is changed in place; `keyfile` opens the file that holds them.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from anonpipe.codes import LISTED, Entity, Policies, make_id
from anonpipe.codes.spelling import folded
from anonpipe.errors import UsageError, VaultError
from anonpipe.review.decision import Decision
from anonpipe.settings import Person
from anonpipe.signing import Signer
from anonpipe.study import Kind, Source
from anonpipe.transcript import KnownName

FORMAT = "anonpipe-key"
VERSION = 1
ID_LETTER: Mapping[Kind, str] = {"audio": "R", "text": "D"}


@dataclass(frozen=True, slots=True)
class Part:
    """A file that became a part of a recording when that came in; see `KeySource`."""

    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class KeySource:
    """The file that an id stands for; `path` is relative to recordings/ or documents/.

    `digest` is keyed (`StudyKey.keyed`). `data_key` is the age identity of a file that was
    encrypted when it came in (`datakey`); None for others. The path and the digest of such a
    file are those that it had before. `participants` are whose it is, if a person said so then;
    else the register goes by the path. `parts` are the files that it was joined of, in order, if
    it was; its path is then the first one's, and its digest is made of theirs.
    """

    kind: Kind
    path: str
    digest: str
    data_key: str | None = None
    participants: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files lay that it is made of: its own, or its parts'."""
        return tuple(part.path for part in self.parts) or (self.path,)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        values = {**asdict(self), "participants": list(self.participants)}
        del values["parts"]
        if self.parts:
            values["parts"] = [asdict(part) for part in self.parts]
        return values

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> KeySource:
        """Rebuild a source; KeyError or TypeError for other values than `to_json`'s."""
        parts = tuple(Part(**part) for part in data.get("parts", ()))
        return cls(**{**data, "participants": tuple(data["participants"]), "parts": parts})


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What only holders of the key have, 32 bytes each in hexadecimal.

    `signing` is the Ed25519 key that signs the log and receipts; `digest` keys the digests of
    recordings, so that nobody else can tell whether a recording is the one that was deleted.
    """

    signing: str
    digest: str

    @classmethod
    def new(cls) -> Secrets:
        return cls(Signer.generate().secret, secrets.token_hex(32))


@dataclass(frozen=True, slots=True)
class KeyBackup:
    """A copy of the key that the program made: its id (B01), where it lies, and since when."""

    id: str
    path: str
    made_at: str


@dataclass(frozen=True, slots=True)
class KeyTable:
    """What the decrypted key says. Immutable: changes make a new table."""

    study: str
    entities: tuple[Entity, ...] = ()
    sources: Mapping[str, KeySource] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=Secrets.new)
    backups: tuple[KeyBackup, ...] = ()
    decisions: tuple[Decision, ...] = ()  # of reviews, for the whole study

    def to_payload(self) -> dict[str, Any]:
        """Plain JSON values, readable without anonpipe once decrypted."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "study": self.study,
            "entities": [entity.to_json() for entity in self.entities],
            "sources": {name: source.to_json() for name, source in self.sources.items()},
            "secrets": asdict(self.secrets),
            "backups": [asdict(backup) for backup in self.backups],
            "decisions": [decision.to_json() for decision in self.decisions],
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any], path: Path) -> KeyTable:
        """Read `to_payload`'s values; VaultError when they are something else."""
        try:
            if payload["format"] != FORMAT or payload["version"] != VERSION:
                raise VaultError(
                    f"{path} is a key of another version: use the anonpipe that wrote it."
                )
            return cls(
                study=payload["study"],
                entities=tuple(Entity.from_json(item) for item in payload["entities"]),
                sources={
                    name: KeySource.from_json(item) for name, item in payload["sources"].items()
                },
                secrets=Secrets(**payload["secrets"]),
                backups=tuple(KeyBackup(**item) for item in payload["backups"]),
                decisions=tuple(Decision.from_json(d) for d in payload.get("decisions", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise VaultError(
                f"{path} decrypts to something that is no key: put it back from a backup."
            ) from None

    def people_and_things(self) -> tuple[Entity, ...]:
        """The entities without the rows that only keep a number from being given."""
        return tuple(entity for entity in self.entities if not entity.is_placeholder)

    def digest(self) -> str:
        """SHA-256 of the table's values."""
        return hashlib.sha256(json.dumps(self.to_payload(), sort_keys=True).encode()).hexdigest()

    def known_names(self, policies: Policies) -> tuple[KnownName, ...]:
        """Every form of every name and value in the key, to be found wherever it occurs.

        What was guessed (a misheard form, say) is neither listed nor the fullest form. What
        `policies` keep readable is left out, though an earlier run may have coded it, and so is
        what a review found to be no name, or one in a single place, unless the study lists it.
        """
        return tuple(self.bearers(policies))

    def bearers(self, policies: Policies) -> dict[KnownName, str]:
        """The names of `known_names`, each with the id of the first entity that bears it."""
        found: dict[KnownName, str] = {}
        never = self.never()
        for entity in self.people_and_things():
            if not policies.hides(entity) or entity.is_unused:
                continue
            listed = LISTED in entity.merged_by
            guessed = {note.split(":", 3)[-1] for note in entity.merged_by if note != LISTED}
            for form in dict.fromkeys((entity.canonical, *entity.aliases)):
                sure = form not in guessed
                name = KnownName(
                    form,
                    entity.type,
                    listed=listed and sure,
                    fullest=form == entity.canonical or (listed and sure),
                )
                hidden = folded(form) in never or form in entity.only_here
                if form and (name.listed or not hidden):
                    found.setdefault(name, entity.same_as or entity.id)
        return found

    def never(self) -> frozenset[str]:
        """Words that a review found to be no name anywhere in the study, in small letters."""
        words: dict[str, bool] = {}
        for decision in self.decisions:
            if decision.kind in ("reject", "add", "entity"):
                words[folded(decision.text)] = decision.kind == "reject"
        return frozenset(text for text, rejected in words.items() if rejected)

    def hotwords(self) -> tuple[str, ...]:
        """Names that the speech recogniser should be told of: those the study listed.

        Not those it found: a misheard name would be heard again and again, and what is heard
        in one recording would depend on which others came before.
        """
        return tuple(
            alias
            for entity in self.entities
            for alias in entity.aliases[: entity.merged_by.count(LISTED)]
        )

    def find_source(self, source: Source, digest: str, over: Iterable[str] = ()) -> str | None:
        """The id of a file, by content first and then by name.

        `over` are ids that are done with: a recorder reuses REC001.WAV, and the new file
        of that name is another recording.
        """
        known = self.sources.items()
        for name, item in known:
            if item.kind == source.kind and item.digest == digest:
                return name
        done = set(over)
        for name, item in known:
            named = item.path == str(source.relative) and item.data_key is None
            if item.kind == source.kind and named and name not in done:
                return name
        return None

    def part_of(self, kind: Kind, digest: str) -> str | None:
        """The id of the recording that a file is a part of, by content."""
        for name, item in self.sources.items():
            if item.kind == kind and any(part.digest == digest for part in item.parts):
                return name
        return None

    def with_source(self, name: str, source: Source, digest: str) -> KeyTable:
        """The table with `name` standing for that file; its data key stays, if it has one."""
        item = KeySource(source.kind, str(source.relative), digest)
        if name in self.sources:
            item = replace(self.sources[name], path=item.path, digest=digest)
        return replace(self, sources={**self.sources, name: item})

    def next_source_id(self, kind: Kind) -> str:
        """The next unused R01, R02 ... or D01, D02 ...; ids are never given twice."""
        letter = ID_LETTER[kind]
        used = [int(name[1:]) for name in self.sources if name.startswith(letter)]
        return f"{letter}{max(used, default=0) + 1:02}"

    def with_people(self, people: Sequence[Person]) -> KeyTable:
        """The table with names that the study lists; those it knows already become listed."""
        table = self
        for person in people:
            table = table._with_person(person)
        return table

    def _with_person(self, person: Person) -> KeyTable:
        if person.participant is not None:
            if person.type != "PERSON":
                raise UsageError(
                    f"{person.participant} is a PERSON: correct [[people]] in study.toml."
                )
            old = next((e for e in self.entities if e.id == person.participant), None)
            if old is None:
                code = person.participant
                new = Entity(
                    code, "PERSON", None, code, person.name, (person.name,), merged_by=(LISTED,)
                )
                return replace(self, entities=(*self.entities, new))
            return self.with_listed(old, person.name)
        folded = person.name.casefold()
        for known in self.entities:
            if known.type == person.type and known.canonical.casefold() == folded:
                return self.with_listed(known, known.canonical)
        number = 1 + max((e.number or 0 for e in self.entities if e.type == person.type), default=0)
        new = Entity(
            make_id(person.type, number),
            person.type,
            number,
            None,
            person.name,
            (person.name,),
            merged_by=(LISTED,),
        )
        return replace(self, entities=(*self.entities, new))

    def with_listed(self, old: Entity, name: str) -> KeyTable:
        """The table with one more name listed: those stand first, and each has its note."""
        count = old.merged_by.count(LISTED)
        listed, found = old.aliases[:count], old.aliases[count:]
        if name in listed:
            return self
        new = replace(
            old,
            canonical=old.canonical or name,
            aliases=(*listed, name, *(alias for alias in found if alias != name)),
            merged_by=(*old.merged_by, LISTED),
        )
        return replace(self, entities=tuple(new if e is old else e for e in self.entities))

    def without_listed(self, old: Entity, name: str) -> KeyTable:
        """The table with a name of an entity listed no more; it stays a form if it is the only one
        or was seen.
        """
        count = old.merged_by.count(LISTED)
        if name not in old.aliases[:count]:
            return self
        notes = list(old.merged_by)
        notes.remove(LISTED)
        aliases = [alias for alias in old.aliases if alias != name]
        if old.seen or not aliases:
            aliases.append(name)
        new = replace(old, aliases=tuple(aliases), merged_by=tuple(notes))
        return replace(self, entities=tuple(new if e is old else e for e in self.entities))

    def entity(self, entity_id: str) -> Entity | None:
        """The row of that id, None if there is none."""
        return next((entity for entity in self.entities if entity.id == entity_id), None)

    def with_entity(self, entity: Entity) -> KeyTable:
        """The table with a row in the place of the one of its id, or after the others."""
        if self.entity(entity.id) is None:
            return replace(self, entities=(*self.entities, entity))
        rows = tuple(entity if row.id == entity.id else row for row in self.entities)
        return replace(self, entities=rows)
