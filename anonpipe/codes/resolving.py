"""The decisions of linking: for every surface of one type in one source, which entity.

The rules are those in `linking`'s docstring; `Candidate.strong` is what they call "of this
source". Every guess leaves a note in the entity, which brings its flag back next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from anonpipe.codes.entities import Entity
from anonpipe.codes.naming import (
    Name,
    Relation,
    may_relate,
    parse_name,
    relate_organisations,
    relate_persons,
    relate_places,
)
from anonpipe.codes.spelling import EXACT, GENITIVE, NEAR, SOUND, is_genitive
from anonpipe.codes.values import key as value_key
from anonpipe.transcript import MentionType

Rule = Literal["spelling", "nickname"]
Meant = tuple[str, Rule]
"""The name that another one stands for, and why: it was misheard, or somebody is called so."""
_RELATE: dict[MentionType, Callable[..., Relation | None]] = {
    "PERSON": relate_persons,
    "ORG": relate_organisations,
    "LOCATION": relate_places,
}


@dataclass(eq=False)
class Candidate:
    """An entity while one source is being linked.

    `entity` is None until a new one has its number. `strong` if it is certainly in this
    source (by full name, as a participant, or as an entity of its own); `memory` if
    something in this source was linked to it last time; `elsewhere` if other sources or
    the study's own list know it; `doubtful` if it is a part of a name that others bear too.
    """

    entity: Entity | None
    canonical: str
    aliases: list[str]
    notes: list[str]
    strong: bool = False
    memory: bool = False
    elsewhere: bool = False
    doubtful: bool = False
    forms: list[Name] = field(default_factory=list)
    appeared: dict[str, int] = field(default_factory=dict)  # where in the text each alias did

    def add_alias(self, text: str, position: int) -> None:
        """Remember a form of the name, first seen as the `position`-th surface of its type."""
        folded = text.casefold()
        if folded not in {alias.casefold() for alias in self.aliases}:
            self.aliases.append(text)
            self.appeared[folded] = position
        elif folded in self.appeared:
            self.appeared[folded] = min(position, self.appeared[folded])

    def sort_aliases(self) -> None:
        """Put the aliases of this source in order of appearance, behind those known before."""
        self.aliases.sort(key=lambda text: self.appeared.get(text.casefold(), -1))


@dataclass(frozen=True)
class Decision:
    """Which candidate a surface belongs to, and whether a person should look at it."""

    candidate: Candidate
    flagged: bool = False


_Bearers = list[tuple[Candidate, Relation]]


class Resolver:
    """Decides for one type and one source; `candidates` grows by the new entities."""

    def __init__(
        self, mention_type: MentionType, candidates: list[Candidate], *, source: str, language: str
    ) -> None:
        self.candidates = candidates
        self._type = mention_type
        self._person = mention_type == "PERSON"
        self._source = source
        # English has no genitive without an apostrophe.
        self._bare_s = language != "en"
        self._relate = _RELATE.get(mention_type, relate_places)
        self._positions: dict[tuple[object, ...], int] = {}
        for candidate in candidates:
            self._parse(candidate)

    def resolve(
        self, surfaces: Iterable[str], meant: Mapping[str, Meant] | None = None
    ) -> dict[str, Decision]:
        """One decision for each surface, given in order of first appearance.

        `meant` says of surfaces which other name they stand for.
        """
        surfaces = list(surfaces)
        if self._type in _RELATE:
            found = self._names(surfaces, meant or {})
        else:
            found = {s: self._value(s, position) for position, s in enumerate(surfaces)}
        for candidate in self.candidates:
            candidate.sort_aliases()
        return found

    def _names(self, surfaces: Sequence[str], others: Mapping[str, Meant]) -> dict[str, Decision]:
        names = {surface: parse_name(surface, person=self._person) for surface in surfaces}
        first: dict[tuple[object, ...], Name] = {}
        meant: dict[tuple[object, ...], Meant] = {}
        for surface, name in names.items():
            first.setdefault(_identity(name), name)
            if surface in others:
                meant.setdefault(_identity(name), others[surface])
        self._positions = {identity: position for position, identity in enumerate(first)}
        # Fuller names first, so that a part links to a name that comes later in the text; last
        # what stands for another name.
        waiting = sorted(
            first.values(),
            key=lambda name: (_identity(name) in meant, -name.weight, -len(name.words)),
        )
        decided: dict[tuple[object, ...], Decision] = {}
        for position, name in enumerate(waiting, 1):
            decision = self._full(name, waiting[position:]) if len(name.words) > 1 else None
            decision = decision or self._part(name)
            if decision is None and _identity(name) in meant:
                decision = self._stands_for(name, *meant[_identity(name)])
            decided[_identity(name)] = decision or self._own(name)
        found = {surface: decided[_identity(name)] for surface, name in names.items()}
        for surface, decision in found.items():
            candidate = decision.candidate  # of «haugesund» and «Haugesund» keep the latter
            candidate.canonical = _capitalised(candidate.canonical, names[surface].text)
        return found

    def _parse(self, candidate: Candidate) -> None:
        """The forms to compare with: of the aliases only what the canonical form does not give."""
        if not candidate.canonical:
            candidate.forms = []
            return
        canonical = parse_name(candidate.canonical, person=self._person)
        candidate.forms = [canonical]
        # What another source misheard says nothing of how this one writes the name.
        guesses = [note.split(":", 3) for note in candidate.notes if note.startswith("rule:")]
        elsewhere = {text.casefold() for *_, source, text in guesses if source != self._source}
        elsewhere -= {text.casefold() for *_, source, text in guesses if source == self._source}
        for text in candidate.aliases:
            if text.casefold() in elsewhere:
                continue
            name = parse_name(text, person=self._person)
            relation = self._relate(name, canonical, bare_s=self._bare_s)
            if relation is None or relation.level > GENITIVE:
                candidate.forms.append(name)

    def _relation(self, name: Name, candidate: Candidate, kinds: Sequence[str]) -> Relation | None:
        """The surest relation to any form; a single word ranks as a part of a full name does."""
        best: Relation | None = None
        for form in candidate.forms:
            if not may_relate(name, form):
                continue
            relation = self._relate(name, form, bare_s=self._bare_s)
            if relation is None or relation.kind not in kinds:
                continue
            if relation.kind == "extends" and form is not candidate.forms[0]:
                continue  # «Kari Berg» extends «Kari», not the «Kari» of Kari Nordmann
            if relation.kind == "bare":
                relation = Relation("bare", relation.level, 2)
            if best is None or _order(relation) < _order(best):
                best = relation
        return best

    def _related(self, name: Name, kinds: Sequence[str]) -> _Bearers:
        found = ((c, self._relation(name, c, kinds)) for c in self.candidates)
        return [(c, relation) for c, relation in found if relation is not None]

    def _value(self, surface: str, position: int) -> Decision:
        text = " ".join(surface.split())
        wanted = value_key(self._type, surface)
        for candidate in self.candidates:
            forms = [candidate.canonical, *candidate.aliases]
            keys = [value_key(self._type, text) for text in forms if text]
            if wanted in keys:
                candidate.add_alias(text, position)
                return Decision(candidate)
            # Ships and animals have names, with genitives.
            named = self._bare_s and self._type in ("VEHICLE", "OTHER") and wanted.isalpha()
            if named and any(is_genitive(wanted, known) for known in keys):
                return Decision(candidate)
        candidate = Candidate(None, text, [], [], strong=True)
        candidate.add_alias(text, position)
        self.candidates.append(candidate)
        return Decision(candidate)

    def _full(self, name: Name, waiting: Sequence[Name]) -> Decision | None:
        """A name of two words or more: the same full name, a misheard one, or a fuller form."""
        same = self._related(name, ("same",))
        found = _best([(c, r) for c, r in same if r.level <= SOUND])
        if len(found) > 1:
            strong = [(c, r) for c, r in found if c.strong] or [
                (c, r) for c, r in found if c.memory
            ]
            if len(strong) != 1:
                return self._own(name, flagged=True)
            return self._link(name, *strong[0], rule="same-name")
        if found:
            candidate, relation = found[0]
            others = any(
                c is not candidate and r.level <= SOUND and r.rank >= 2
                for c, r in self._related(name, ("part",))
            )
            # Two given names may be all that an entity is known by: «Rose Marie».
            flagged = others and not candidate.memory and self._is_own(name, candidate)
            rule = "spelling" if relation.level == SOUND else None
            return self._link(name, candidate, relation, rule=rule, flagged=flagged)
        part = self._part(name)
        if part is not None:
            return part
        if len(same) == 1:
            return self._link(name, *same[0], rule="spelling")
        return self._extends(name, waiting)

    def _extends(self, name: Name, waiting: Sequence[Name]) -> Decision | None:
        """A full name for an entity that was only known by a part of it."""
        shorter = self._related(name, ("extends",))
        shorter = [(c, r) for c, r in shorter if c.strong] or shorter
        if len(shorter) != 1:
            return None  # «Kari Berg» cannot be both the one «Kari» and the one «Berg»
        candidate, relation = shorter[0]
        known = parse_name(candidate.canonical, person=self._person)
        rivals = any(
            other is not candidate
            and bearing.level <= GENITIVE
            and (other.strong or not candidate.strong)
            for other, bearing in self._related(known, ("bare", "part", "same"))
        )
        claims = any(
            self._kind(other, known) == "extends" and self._kind(other, name) != "same"
            for other in waiting
        )
        if rivals or claims:
            return None
        sure = candidate.strong or not candidate.elsewhere or not self._person
        decision = self._link(name, candidate, relation, rule=None if sure else "first-name")
        candidate.strong = True
        return decision

    def _kind(self, name: Name, form: Name) -> str | None:
        relation = self._relate(name, form, bare_s=self._bare_s)
        return relation.kind if relation else None

    def _part(self, name: Name) -> Decision | None:
        """A first name, surname or short form: the only bearer here, or in the study."""
        bearers = self._related(name, ("bare", "part"))
        strong = _best([(c, r) for c, r in bearers if c.strong])
        if len(strong) == 1:
            candidate, relation = strong[0]
            rule = None if relation.level <= GENITIVE else "spelling"
            flagged = candidate.doubtful and self._is_own(name, candidate)
            return self._link(name, candidate, relation, rule=rule, flagged=flagged)
        elsewhere = [(c, r) for c, r in bearers if r.level <= SOUND and r.rank >= 2]
        if strong:
            # A name that this source left on its own before, or earlier in this run.
            for candidate, relation in sorted(bearers, key=lambda bearer: _order(bearer[1])):
                if (candidate.strong or candidate.memory) and self._is_own(name, candidate):
                    candidate.strong = True
                    return self._link(name, candidate, relation, flagged=True)
            return self._own(name, flagged=True)
        remembered = [(c, r) for c, r in bearers if c.memory and r.level <= SOUND]
        surest = min((r.level for _, r in remembered), default=EXACT)
        own = [(c, r) for c, r in remembered if r.level == surest and self._is_own(name, c)]
        if own:
            candidate, relation = own[0]
            candidate.strong = not candidate.elsewhere
            return self._link(name, candidate, relation)
        remembered = _best(remembered)
        if len(remembered) == 1:
            return self._link(name, *remembered[0], rule="first-name" if self._person else None)
        found = _best(elsewhere)
        if len(found) == 1:
            unsure = self._person or found[0][1].level == SOUND
            return self._link(name, *found[0], rule="first-name" if unsure else None)
        return self._own(name, flagged=True) if found else None

    def _stands_for(self, name: Name, meant: str, rule: Rule) -> Decision | None:
        """The only bearer of the name that this one stands for."""
        bearers = [c for c in self.candidates if meant in (c.canonical, *c.aliases)]
        if len(bearers) != 1:
            return None
        known = bearers[0].canonical
        decision = self._link(name, bearers[0], Relation("part", NEAR), rule=rule)
        bearers[0].canonical = known  # «ann britt» says no more than «Annbritt»
        self._parse(bearers[0])
        return decision

    def _is_own(self, name: Name, candidate: Candidate) -> bool:
        """True for an entity that is known by no more than this name itself."""
        relation = self._relate(name, candidate.forms[0], bare_s=self._bare_s)
        return relation is not None and relation.kind != "part" and relation.level <= GENITIVE

    def _note(self, rule: str, name: Name) -> str:
        return f"{rule and 'rule:'}{rule}:{self._source}:{name.text}"

    def _own(self, name: Name, *, flagged: bool = False) -> Decision:
        notes = [self._note("kept-apart", name)] if flagged else []
        candidate = Candidate(None, name.text, [], notes, strong=True, doubtful=flagged)
        candidate.add_alias(name.text, self._positions[_identity(name)])
        self._parse(candidate)
        self.candidates.append(candidate)
        return Decision(candidate, flagged)

    def _link(
        self,
        name: Name,
        candidate: Candidate,
        relation: Relation,
        *,
        rule: str | None = None,
        flagged: bool = False,
    ) -> Decision:
        """Link, remember the form, and flag what is a guess now or was one before."""
        if flagged:
            rule = rule or "kept-apart"
        ending = self._note("", name)
        guessed = any(note.endswith(ending) for note in candidate.notes)
        if rule is not None and not guessed:
            candidate.notes.append(self._note(rule, name))
            guessed = True
        candidate.doubtful |= guessed and self._is_own(name, candidate)
        if relation.kind == "same":
            candidate.strong = True
        text = self._without_genitive(name, candidate) if relation.level == GENITIVE else name.text
        candidate.add_alias(text, self._positions[_identity(name)])
        candidate.canonical = _fuller(candidate.canonical, text, person=self._person)
        self._parse(candidate)
        return Decision(candidate, guessed)

    def _without_genitive(self, name: Name, candidate: Candidate) -> str:
        """«Karis» as «Kari», if that is how the entity is known; the other way round, mend it."""
        shorter = parse_name(name.text[:-1], person=self._person)
        for form in candidate.forms:
            relation = self._relate(shorter, form, bare_s=False)
            if name.text[-1:] in "sS" and relation is not None and relation.level == EXACT:
                return shorter.text
        if candidate.canonical.casefold() == (name.text + "s").casefold():
            candidate.canonical = name.text
        return name.text


def _identity(name: Name) -> tuple[object, ...]:
    return name.words, name.titled, name.capitals


def _order(relation: Relation) -> tuple[int, int]:
    return relation.level, -relation.rank


def _best(bearers: _Bearers) -> _Bearers:
    best = min((_order(relation) for _, relation in bearers), default=None)
    return [(c, relation) for c, relation in bearers if _order(relation) == best]


def _fuller(known: str, seen: str, *, person: bool) -> str:
    """The one of two forms that says more; the known one if neither does."""
    old, new = parse_name(known, person=person), parse_name(seen, person=person)
    if (new.weight, len(new.words)) > (old.weight, len(old.words)):
        return seen
    return _capitalised(known, seen)


def _capitalised(known: str, seen: str) -> str:
    """`seen` if it is `known` with capital letters that the latter lacks."""
    lower = known.casefold() == seen.casefold() and not any(map(str.isupper, known))
    return seen if lower and any(map(str.isupper, seen)) else known
