"""What is left that could single somebody out: for the study, and for one participant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from anonpipe.answers.model import Say
from anonpipe.codes import form_of_id, label
from anonpipe.errors import UsageError
from anonpipe.markup import Markup as Drawn
from anonpipe.rarity import Shows, Value
from anonpipe.review import risk, risk_svg
from anonpipe.review.advice import Change, Spot, Step
from anonpipe.review.desk import Desk
from anonpipe.review.readable import Said
from anonpipe.review.risk import Person, Risk
from anonpipe.review.web.handling import at_desk, render, say
from anonpipe.review.web.risk_words import WORDS as WORDS
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
    template = desk.study.settings.template
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
        links=[
            (form_of_id(link.code, speak.language, template), link.participants)
            for link in found.links
        ],
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
    memory = request.app.state.memory
    register = desk.study.consent_file.read_bytes()  # who withdrew meanwhile is left out
    known: tuple[int, bytes, Risk] | None = memory.get("risk")
    if known is None or known[:2] != (desk.version, register):
        measured = risk.of_desk(desk)
        # Looking may have written sources that nobody had coded yet.
        memory["risk"] = known = (desk.version, register, measured)
    return known[2]


def _kinds(found: Risk) -> list[MentionType]:
    there = {value.type for value in found.values if value.readable}
    return [kind for kind in risk_svg.ROWS if kind in there]


def _type(kind: MentionType, speak: Say) -> str:
    return label(kind, speak.language)


def _shown(value: Value, found: Risk, speak: Say) -> Shown:
    return Shown(found.stands[value.key], _type(value.type, speak), value.shows)


def _picture(
    found: Risk, people: Sequence[Person], speak: Say, *, codes: bool
) -> dict[str, str] | None:
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


NAV = (1, "/risk", "nav.risk")
routes = [Route("/risk", at_desk(study)), Route("/risk/{name}", at_desk(person), name="risk")]
