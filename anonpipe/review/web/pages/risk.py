"""What is left that could single somebody out: for the study, and for one participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from anonpipe.answers.model import Say, Words
from anonpipe.codes import label
from anonpipe.errors import UsageError
from anonpipe.markup import Markup as Drawn
from anonpipe.rarity import Shows, Value
from anonpipe.review import risk, risk_svg
from anonpipe.review.desk import Desk
from anonpipe.review.risk import Change, Person, Risk, Said, Spot, Step
from anonpipe.review.web.handling import at_desk, render, say
from anonpipe.transcript import MentionType

MOST_ROWS = 150
"""Rows of the study's table of combinations, at most; the participants' pages have all."""
FEW_PLACES = 6
"""Links to places that are shown beside a thing, at most; the others are counted."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as it is shown: its words and what a reader sees of it."""

    words: str
    type: str
    shows: Shows


@dataclass(frozen=True, slots=True)
class Together:
    """A set of values of one participant, where each stands, and whether it is one value alone."""

    participant: str
    values: tuple[Shown, ...]
    places: tuple[Spot, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Advised:
    """A change in words, and where."""

    text: str
    note: str
    places: tuple[Spot, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Changes that belong together, and what they change: names of numbers, before and after."""

    changes: tuple[Advised, ...]
    effects: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Words that can be read as they were said: how often, where, and why."""

    words: str
    type: str
    why: str
    counts: bool
    times: int
    places: tuple[Spot, ...]
    more: int


def study(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    """The page of the whole study."""
    found, speak = _examined(request, desk), say(request)
    codes = request.query_params.get("codes") == "1"
    return render(
        request,
        "risk.html",
        found=found,
        picture=_picture(found, found.people, speak, codes=codes),
        codes=codes,
        kinds=[(kind, _type(kind, speak)) for kind in _kinds(found)],
        together=_together(found, found.people, speak, codes=codes)[:MOST_ROWS],
        more=max(0, sum(len(p.every if codes else p.sets) for p in found.people) - MOST_ROWS),
        advice=[_advice(step, speak) for step in found.steps],
        left=_left(found.said, speak),
        kept=[_type(kind, speak) for kind in found.kept],
        links=[(_code(link.code, desk, speak), link.participants) for link in found.links],
    )


def person(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    """The page of one participant; the id of a source leads to its participant's."""
    found, speak = _examined(request, desk), say(request)
    name = request.path_params["name"]
    one = found.person(name)
    if one is None:
        whose = [each for each in found.people if name in each.sources]
        if not whose:
            raise UsageError(speak("risk.unknown"))
        where = f"/risk/{whose[0].participant}" if len(whose) == 1 else "/risk"
        return RedirectResponse(where, 303)
    codes = request.query_params.get("codes") == "1"
    mine = [(source, each) for source, each in found.said if source in one.sources]
    return render(
        request,
        "risk_person.html",
        found=found,
        one=one,
        picture=_picture(found, [one], speak, codes=codes),
        codes=codes,
        together=_together(found, [one], speak, codes=codes),
        more=0,
        advice=[_advice(step, speak, own=True) for step in found.steps_of(one.participant)],
        enough=[_enough(each, speak) for each in one.enough],
        coded=[_shown(value, found, speak) for value in one.coded],
        left=_left(mine, speak),
        kept=[_type(kind, speak) for kind in found.kept],
    )


def _examined(request: Request, desk: Desk) -> Risk:
    """The risk as of the last decision; kept in memory, as looking takes a while."""
    state = request.app.state
    known: tuple[int, Risk] | None = getattr(state, "risk", None)
    if known is None or known[0] != desk.version:
        measured = risk.of_desk(desk)
        # Looking may have written sources that nobody had coded yet.
        state.risk = known = (desk.version, measured)
    return known[1]


def _kinds(found: Risk) -> list[MentionType]:
    there = {value.type for value in found.values if value.readable}
    return [kind for kind in risk_svg.ROWS if kind in there]


def _type(kind: MentionType, speak: Say) -> str:
    return label(kind, speak.language)


def _code(code: str, desk: Desk, speak: Say) -> str:
    """A code as it stands in texts; a participant's is itself."""
    kind, _, number = code.rpartition("-")
    if not kind:
        return code
    return desk.study.settings.template.format(label=label(kind, speak.language), number=number)  # type: ignore[arg-type]


def _shown(value: Value, found: Risk, speak: Say) -> Shown:
    return Shown(found.stands[value.key], _type(value.type, speak), value.shows)


def _picture(found: Risk, people: Sequence[Person], speak: Say, *, codes: bool) -> Any:
    """The drawing, how to read it and what its marks mean; None if there is nothing to draw."""
    every = risk_svg.columns((p.participant, p.every if codes else p.sets) for p in people)
    if not every:
        return None
    drawn = risk_svg.drawn(every)
    across = drawn != every
    counted = sum(len(column.sets) for column in every)
    alone = len({column.participant for column in every})
    image = risk_svg.picture(
        drawn,
        name=lambda kind: _type(kind, speak),
        title=speak("risk.picture"),
        description=speak("risk.picture.says", alone=alone, n=counted),
        tally=speak("risk.picture.tally"),
        sets=speak("risk.picture.tally" if across else "risk.picture.sets"),
    )
    shows = [
        s for s in ("said", "coarse", "code") if any(s in dict(c.shows).values() for c in drawn)
    ]
    return {
        "image": _safe(image),
        "legend": _safe(risk_svg.legend(shows, lambda s: speak(f"risk.shows.{s}"))),  # type: ignore[arg-type]
        "how": speak("risk.picture.how.across" if across else "risk.picture.how"),
    }


def _safe(drawn: Drawn) -> Markup:
    """Markup of the program's own, which escapes all that it is given."""
    return Markup(drawn)  # noqa: S704


def _together(found: Risk, people: Iterable[Person], speak: Say, *, codes: bool) -> list[Together]:
    rows = []
    for one in people:
        for each in one.every if codes else one.sets:
            spots = [s for v in each for s in found.spots[v.key] if s.source in one.sources]
            places, more = _few(spots)
            values = tuple(_shown(value, found, speak) for value in each)
            rows.append(Together(one.participant, values, places, more))
    return rows


def _few(spots: Iterable[Spot]) -> tuple[tuple[Spot, ...], int]:
    every = tuple(dict.fromkeys(spots))
    return every[:FEW_PLACES], max(0, len(every) - FEW_PLACES)


def _advice(step: Step, speak: Say, *, own: bool = False) -> Advice:
    """A step in words; `own`: with what it changes for its participant rather than the study."""
    changes = tuple(_advised(each, speak, step.participant, own) for each in step.changes)
    sets = speak("risk.advice.sets")
    if own:
        return Advice(changes, ((sets, *step.own),))
    before, after = step.before, step.after
    alone = speak("risk.advice.alone"), before.alone, after.alone
    return Advice(changes, (alone, (sets, before.sets, after.sets)))


def _advised(each: Change, speak: Say, who: str, own: bool) -> Advised:
    places, more = _few(each.spots)
    if not who:
        text = speak("risk.advice.all", type=_type(each.type, speak), now=each.now, form=each.form)
    else:
        text = speak(
            "risk.advice.form" if each.form else "risk.advice.code", now=each.now, form=each.form
        )
        text = text if own else f"{who}: {text}"
    note = speak.n("risk.advice.with", each.others) if each.others else ""
    return Advised(text, note, places, more)


def _enough(each: Change, speak: Say) -> Advised:
    """A form that would do for a code."""
    places, more = _few(each.spots)
    text = speak("risk.enough.form", now=each.now, form=each.form)
    return Advised(text, speak.n("risk.advice.with", each.others), places, more)


def _left(said: Iterable[tuple[str, Said]], speak: Say) -> list[Left]:
    """What is readable as it was said, the same words together, what counts first."""
    alike: dict[tuple[str, MentionType, str], list[tuple[Spot, Said]]] = {}
    for source, each in said:
        key = each.words.lower(), each.type, each.why
        alike.setdefault(key, []).append((Spot(source, each.turn), each))
    rows = []
    for _, there in sorted(alike.items()):
        places, more = _few(spot for spot, _ in there)
        first = there[0][1]
        why = speak(f"risk.why.{first.why}")
        kind = _type(first.type, speak)
        rows.append(Left(first.words, kind, why, first.counts, len(there), places, more))
    return sorted(rows, key=lambda row: not row.counts)


WORDS: Words = {
    "nav.risk": {"en": "Risk", "nb": "Risiko"},
    "risk.title": {"en": "What could single somebody out?", "nb": "Hva kan peke ut noen?"},
    "risk.title.one": {"en": "What could single out {who}?", "nb": "Hva kan peke ut {who}?"},
    "risk.unknown": {
        "en": "There is no such participant in the texts.",
        "nb": "Den deltakeren finnes ikke i tekstene.",
    },
    "risk.nobody": {
        "en": "There are no texts of participants to look at yet.",
        "nb": "Det er ingen tekster fra deltakere å se på ennå.",
    },
    "risk.lead": {
        "en": "{n} of {all} participants have something that can be read in the texts and that "
        "nobody else in the study has.",
        "nb": "{n} av {all} deltakere har noe som kan leses i tekstene, og som ingen andre i "
        "studien har.",
    },
    "risk.lead.1": {
        "en": "One of {all} participants has something that can be read in the texts and that "
        "nobody else in the study has.",
        "nb": "Én av {all} deltakere har noe som kan leses i tekstene, og som ingen andre i "
        "studien har.",
    },
    "risk.lead.0": {
        "en": "None of the {all} participants stands alone with anything that the program can see "
        "in the texts. Read below what it does not see.",
        "nb": "Ingen av de {all} deltakerne står alene med noe som programmet kan se i tekstene. "
        "Les nedenfor hva det ikke ser.",
    },
    "risk.one.sets": {
        "en": "{n} things, or things together, can be read about {who} and about nobody else.",
        "nb": "{n} ting, eller ting til sammen, kan leses om {who} og ingen andre.",
    },
    "risk.one.sets.1": {
        "en": "One thing, or things together, can be read about {who} and about nobody else.",
        "nb": "Én ting, eller ting til sammen, kan leses om {who} og ingen andre.",
    },
    "risk.one.none": {
        "en": "{who} stands alone with nothing that the program can see in the texts.",
        "nb": "{who} står ikke alene med noe som programmet kan se i tekstene.",
    },
    "risk.small": {
        "en": "The group is small ({n}): whoever knows that somebody took part may guess who says "
        "what, whatever the texts show. Nothing here can mend that.",
        "nb": "Gruppen er liten ({n}): den som vet at noen har deltatt, kan gjette hvem som sier "
        "hva, uansett hva tekstene viser. Det kan ingenting her rette på.",
    },
    "risk.unread": {
        "en": "Not in the measure, as they are not coded, wait for consent or cannot be read: "
        "{ids}.",
        "nb": "Ikke regnet med, fordi de ikke er kodet, venter på samtykke eller ikke kan leses: "
        "{ids}.",
    },
    "risk.tile.alone": {"en": "stand alone", "nb": "står alene"},
    "risk.tile.of": {"en": "of {n} participants", "nb": "av {n} deltakere"},
    "risk.tile.sets": {"en": "rare combinations", "nb": "sjeldne kombinasjoner"},
    "risk.tile.sets.says": {
        "en": "or single values, of one participant alone",
        "nb": "eller enkeltverdier, hos bare én deltaker",
    },
    "risk.tile.left": {"en": "readable as said", "nb": "lesbart som sagt"},
    "risk.tile.left.says": {
        "en": "places: kept, rejected or not marked",
        "nb": "steder: beholdt, avvist eller ikke merket",
    },
    "risk.tile.links": {"en": "codes of several participants", "nb": "koder hos flere deltakere"},
    "risk.tile.links.says": {
        "en": "tells that they speak of the same",
        "nb": "viser at de snakker om det samme",
    },
    "risk.picture": {"en": "What stands together", "nb": "Hva som står sammen"},
    "risk.picture.says": {
        "en": "{n} rare values and combinations, of {alone} participants. Each column is a "
        "combination of types that singles one participant out.",
        "nb": "{n} sjeldne verdier og kombinasjoner, hos {alone} deltakere. Hver kolonne er en "
        "kombinasjon av typer som peker ut én deltaker.",
    },
    "risk.picture.how": {
        "en": "Each column singles out the participant below it: one mark does so alone, marks "
        "tied together do so together. The bar on top says how many such combinations there are.",
        "nb": "Hver kolonne peker ut deltakeren under den: ett merke gjør det alene, merker som "
        "er bundet sammen, gjør det sammen. Søylen øverst viser hvor mange slike kombinasjoner "
        "det er.",
    },
    "risk.picture.tally": {"en": "participants", "nb": "deltakere"},
    "risk.picture.sets": {"en": "combinations", "nb": "kombinasjoner"},
    "risk.picture.none": {
        "en": "Nothing that can be read in the texts is one participant’s alone, so there is "
        "nothing to draw.",
        "nb": "Ingenting som kan leses i tekstene, er bare én deltakers, så det er ingenting å "
        "tegne.",
    },
    "risk.picture.table": {"en": "The same as a table", "nb": "Det samme som tabell"},
    "risk.codes.show": {"en": "Count codes too", "nb": "Ta med koder"},
    "risk.codes.hide": {"en": "Without codes", "nb": "Uten koder"},
    "risk.codes.says": {
        "en": "Codes are counted too. They matter to a reader who knows the place or the people.",
        "nb": "Koder er regnet med. De betyr noe for en leser som kjenner stedet eller menneskene.",
    },
    "risk.shows.said": {"en": "readable as it was said", "nb": "lesbart som det ble sagt"},
    "risk.shows.coarse": {"en": "readable, less exact", "nb": "lesbart, mindre nøyaktig"},
    "risk.shows.code": {"en": "a code", "nb": "en kode"},
    "risk.col.who": {"en": "Participant", "nb": "Deltaker"},
    "risk.col.what": {"en": "What only they have", "nb": "Det bare de har"},
    "risk.col.what.one": {"en": "What nobody else has", "nb": "Det ingen andre har"},
    "risk.col.where": {"en": "Where", "nb": "Hvor"},
    "risk.col.words": {"en": "Words", "nb": "Ord"},
    "risk.col.type": {"en": "Type", "nb": "Type"},
    "risk.col.why": {"en": "Why", "nb": "Hvorfor"},
    "risk.col.times": {"en": "Times", "nb": "Ganger"},
    "risk.and": {"en": "with", "nb": "sammen med"},
    "risk.advice": {"en": "What would help", "nb": "Hva som ville hjelpe"},
    "risk.advice.none": {"en": "There is nothing to suggest.", "nb": "Det er ingenting å foreslå."},
    "risk.advice.all": {
        "en": "{type}, for everybody: less exact, such as {form} rather than {now}",
        "nb": "{type}, for alle: grovere, for eksempel {form} i stedet for {now}",
    },
    "risk.advice.with": {"en": "{n} others have that too.", "nb": "Det har {n} andre også."},
    "risk.advice.with.1": {"en": "One other has that too.", "nb": "Det har én annen også."},
    "risk.advice.alone": {"en": "stand alone", "nb": "står alene"},
    "risk.advice.sets": {"en": "combinations", "nb": "kombinasjoner"},
    "risk.advice.from": {"en": "from {a} to {b}", "nb": "fra {a} til {b}"},
    "risk.advice.same": {"en": "as now: {a}", "nb": "som nå: {a}"},
    "risk.places": {"en": "Places", "nb": "Steder"},
    "risk.place": {"en": "turn {n}", "nb": "replikk {n}"},
    "risk.places.more": {"en": "and {n} more", "nb": "og {n} til"},
    "risk.people": {"en": "Participant by participant", "nb": "Deltaker for deltaker"},
    "risk.people.says": {
        "en": "How many participants have the rarest readable value of each type, the participant "
        "included. 1 is nobody else.",
        "nb": "Hvor mange deltakere som har den sjeldneste lesbare verdien av hver type, "
        "deltakeren selv medregnet. 1 er ingen andre.",
    },
    "risk.people.sets": {"en": "Combinations", "nb": "Kombinasjoner"},
    "risk.people.codes": {"en": "Own codes", "nb": "Egne koder"},
    "risk.nothing": {"en": "nothing readable", "nb": "ikke noe lesbart"},
    "risk.left": {"en": "Readable as it was said", "nb": "Lesbart som det ble sagt"},
    "risk.left.none": {
        "en": "Nothing that the program saw stays readable as it was said.",
        "nb": "Ingenting av det programmet så, er lesbart som det ble sagt.",
    },
    "risk.left.kept": {
        "en": "The study keeps these types readable: {types}.",
        "nb": "Studien lar disse typene stå lesbare: {types}.",
    },
    "risk.left.not": {"en": "not counted", "nb": "ikke regnet med"},
    "risk.why.kept": {
        "en": "kept by the study’s settings",
        "nb": "beholdt av studiens innstillinger",
    },
    "risk.why.rejected": {"en": "rejected by a person", "nb": "avvist av et menneske"},
    "risk.why.left": {"en": "not marked", "nb": "ikke merket"},
    "risk.links": {"en": "Codes that several share", "nb": "Koder som flere har"},
    "risk.links.says": {
        "en": "They show that these participants speak of the same person, place or thing. "
        "Somebody who finds out what one code stands for learns it of all of them.",
        "nb": "De viser at disse deltakerne snakker om samme person, sted eller ting. Den som "
        "finner ut hva én kode står for, vet det om alle.",
    },
    "risk.links.none": {
        "en": "No code stands in the texts of several participants.",
        "nb": "Ingen kode står i tekstene til flere deltakere.",
    },
    "risk.coded": {"en": "Codes that nobody else has", "nb": "Koder som ingen andre har"},
    "risk.coded.says": {
        "en": "A reader sees that there is such a thing, not what it is. They count in the "
        "checklist when the study is closed.",
        "nb": "En leser ser at det finnes noe slikt, ikke hva det er. De teller med i sjekklisten "
        "når studien avsluttes.",
    },
    "risk.coded.none": {"en": "There are none.", "nb": "Det er ingen."},
    "risk.limits": {"en": "What this does not see", "nb": "Hva dette ikke ser"},
    "risk.limits.population": {
        "en": "**The world outside.** It compares the participants with each other and with "
        "nobody else. What three in the study share may be rare in the village, and what one "
        "alone has may be common in the country.",
        "nb": "**Verden utenfor.** Deltakerne sammenlignes med hverandre og ingen andre. Det tre "
        "i studien har felles, kan være sjeldent i bygda, og det bare én har, kan være vanlig i "
        "landet.",
    },
    "risk.limits.story": {
        "en": "**The story.** An event, a conflict, an illness, a way of speaking: nobody marked "
        "it, so it is not counted. Only somebody who reads can see it.",
        "nb": "**Historien.** En hendelse, en konflikt, en sykdom, en måte å snakke på: ingen har "
        "merket det, så det er ikke regnet med. Bare den som leser, kan se det.",
    },
    "risk.limits.whose": {
        "en": "**Whose it is.** An age counts for the participant in whose text it stands, "
        "although they may speak of somebody else. So it may be too strict.",
        "nb": "**Hvem det gjelder.** En alder telles hos deltakeren som har den i sin tekst, selv "
        "om det kan være noen andre det er snakk om. Derfor kan målet være for strengt.",
    },
    "risk.limits.size": {
        "en": "**Four or more together.** Combinations of two and three types are looked for.",
        "nb": "**Fire eller flere sammen.** Det letes etter kombinasjoner av to og tre typer.",
    },
    "risk.limits.method": {
        "en": "The combinations are minimal sample uniques (Elliot, Manning and Ford 2002); how "
        "many share a value is the k of k-anonymity (Samarati and Sweeney 1998), within the study "
        "only.",
        "nb": "Kombinasjonene er minimale unike kombinasjoner i utvalget (Elliot, Manning og Ford "
        "2002); hvor mange som deler en verdi, er k i k-anonymitet (Samarati og Sweeney 1998), "
        "bare innenfor studien.",
    },
    "risk.back": {"en": "The whole study", "nb": "Hele studien"},
    "risk.advice.says": {
        "en": "In this order: each step counts upon the ones before it. You decide in the "
        "interview.",
        "nb": "I denne rekkefølgen: hvert steg regner med dem over. Du bestemmer i intervjuet.",
    },
    "risk.advice.form": {"en": "{form} rather than {now}", "nb": "{form} i stedet for {now}"},
    "risk.advice.code": {"en": "a code rather than {now}", "nb": "en kode i stedet for {now}"},
    "risk.enough": {
        "en": "Where something less exact would do",
        "nb": "Der noe mindre nøyaktig ville holde",
    },
    "risk.enough.says": {
        "en": "Others have these already, so nobody would be alone with them. They tell a reader "
        "more than the code: a choice for the sake of the analysis.",
        "nb": "Andre har disse fra før, så ingen ville være alene med dem. De forteller en leser "
        "mer enn koden: et valg for analysens skyld.",
    },
    "risk.enough.form": {"en": "{form} would do for {now}", "nb": "{form} ville holde for {now}"},
    "risk.tile.links.1": {"en": "code of several participants", "nb": "kode hos flere deltakere"},
    "risk.picture.how.across": {
        "en": "Each column is a combination of types: one mark singles participants out alone, "
        "marks tied together do so together. The bar on top says how many participants. Whose "
        "they are is in the table and on the page of each.",
        "nb": "Hver kolonne er en kombinasjon av typer: ett merke peker ut deltakere alene, "
        "merker som er bundet sammen, gjør det sammen. Søylen øverst viser hvor mange deltakere. "
        "Hvem det er, står i tabellen og på siden til hver.",
    },
    "risk.table.more": {
        "en": "{n} more combinations are on the pages of the participants.",
        "nb": "{n} kombinasjoner til står på sidene til deltakerne.",
    },
    "risk.tile.sets.1": {"en": "rare combination", "nb": "sjelden kombinasjon"},
}
NAV = (1, "/risk", "nav.risk")
routes = [Route("/risk", at_desk(study)), Route("/risk/{name}", at_desk(person), name="risk")]
