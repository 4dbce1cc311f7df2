"""Signing off an interview: what will happen, a signature, and what has happened.

Signing takes a while: names are looked for, a copy may be made, a recording overwritten. The page
asks meanwhile how far it is, which needs neither the desk nor its lock.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from anonpipe import datakey
from anonpipe.answers.model import Say
from anonpipe.codes import SPEAKER_TEMPLATE, Place, by_id, form
from anonpipe.decisions import is_bleeped
from anonpipe.outcome import Event, Outcome
from anonpipe.receipt import Receipt
from anonpipe.review import signing
from anonpipe.review.desk import Desk
from anonpipe.review.interview import Interview
from anonpipe.review.signing import CLOCK, NOW, SECOND, Prepared, Signed
from anonpipe.review.web.handling import at_desk, render, say
from anonpipe.review.web.pages import interview
from anonpipe.review.web.signing_words import WORDS as WORDS
from anonpipe.review.web.words import day
from anonpipe.trouble import trouble_share


@dataclass(slots=True)
class Course:
    """How far work on a source is: at which stage, and where that is known, `done` of `total`."""

    name: str
    id: str = ""
    stage: str = ""
    done: float = 0.0
    total: float = 0.0

    def report(self, event: Event) -> None:
        """Follow a run."""
        if event.kind == "stage":
            self.id, self.stage = event.id or "", str(event.values["stage"])
            self.done = self.total = 0.0
        elif event.kind == "progress":
            self.done, self.total = float(event.values["done"]), float(event.values["total"])


@dataclass(slots=True)
class Signings:
    """What the server remembers for these pages: ids and numbers, and in memory alone the name
    that was signed with, which is offered for the next source.
    """

    course: Course | None = None
    reviewer: str = field(default="", repr=False)
    signed: dict[str, Signed] = field(default_factory=dict)


def signings(request: Request) -> Signings:
    """What is known of signatures that an application takes."""
    state = request.app.state
    if not hasattr(state, "signings"):
        state.signings = Signings()
    return cast(Signings, state.signings)


# -- what will happen


async def page(request: Request) -> Response:
    """What signing will do; while work goes on, how far that is."""
    course = signings(request).course
    if course is not None:
        return render(request, "signing_busy.html", source=course.name, do="")
    return await _page(request)


@at_desk
def _page(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    name = request.path_params["name"]
    if signing.is_to_be_written(desk, name):
        return render(request, "signing_busy.html", source=name, do="prepare")
    now = signing.prepared(desk, name)
    speak, state = say(request), desk.state(name)
    seen = desk.interview(name)
    share = round(100 * trouble_share(state.flags, state.speech))
    return render(
        request,
        "signing.html",
        now=now,
        going=_going(now, speak),
        words=_words(now, seen) if seen.raw else {},
        left=signing.words_left(desk, seen, now),
        codes=_codes(desk, now, seen),
        # A final source shows nothing that is personal.
        reviewer="" if now.final else signings(request).reviewer,
        button=_button(now, speak),
        until=day(date.fromisoformat(now.until), speak.language) if now.until else "",
        places={why: [p for p in now.readable if p.why == why] for why in signing.WHYS},
        eyes=[speak(f"why.{why}", share=share) for why in now.eyes],
    )


def _words(now: Prepared, seen: Interview) -> dict[Place, str]:
    """The words of mentions that nobody has seen, while the interview may be shown."""
    turns = seen.transcript.turns
    return {
        (each.turn, each.start, each.end): turns[each.turn].text[each.start : each.end]
        for each in now.unseen
        if each.turn < len(turns)
    }


def _codes(desk: Desk, now: Prepared, seen: Interview) -> dict[str, str]:
    """How the codes of names that can be read are written in the text, without brackets."""
    rows, language = by_id(desk.table.entities), seen.transcript.language
    return {
        each.code: form(rows[each.code], language, SPEAKER_TEMPLATE)
        for each in now.readable
        if each.code in rows
    }


def _going(now: Prepared, speak: Say) -> list[tuple[str, str]]:
    """What goes, in sentences: when, as a word, and what."""
    found = []
    for on in dict.fromkeys(each.on for each in now.going):
        what = [each.what for each in now.going if each.on == on]
        things = speak.listed([speak(f"overview.what.{each}") for each in what])
        dated = on not in (NOW, SECOND, CLOCK)
        key = f"sign.goes.{'date' if dated else on}"
        when = day(date.fromisoformat(on), speak.language) if dated else ""
        sentence = speak(key, things=things, day=when)
        found.append(("later" if on != NOW else NOW, sentence[0].upper() + sentence[1:]))
    return found


def _button(now: Prepared, speak: Say) -> str:
    """What the button says: what it does."""
    if now.final:
        return speak("sign.do.final")
    if not now.is_last:
        return speak("sign.do.first")
    later = [each.on for each in now.going if each.on not in (NOW, SECOND, CLOCK)]
    if later:
        return speak("sign.do.date", day=day(date.fromisoformat(later[0]), speak.language))
    first = next((what for what in ("audio", "document", "sealed") if what in now.deletes_now), "")
    return speak(f"sign.do.{first}" if first else "sign.do")


# -- doing it


def _working(
    work: Callable[[Request, Desk, Mapping[str, Any], Course], Response],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that does work which takes a while; one at a time."""

    @at_desk
    def alone(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
        course = signings(request).course = Course(request.path_params["name"])
        try:
            return work(request, desk, body, course)
        finally:
            signings(request).course = None

    return alone


def _prepare(request: Request, desk: Desk, _: Mapping[str, Any], course: Course) -> Response:
    signing.prepared(desk, course.name, course.report)
    return JSONResponse({"to": f"/interviews/{course.name}/sign"})


def _sign(request: Request, desk: Desk, body: Mapping[str, Any], course: Course) -> Response:
    reviewer, shown = body.get("reviewer"), body.get("shown")
    if not isinstance(reviewer, str) or not isinstance(shown, str):
        raise HTTPException(400)
    interview.room(request).recordings.close()  # some systems delete no file that is open
    try:
        done = signing.sign(desk, course.name, reviewer, shown, course.report)
    finally:
        request.app.state.memory.clear()  # which may hold what has just gone
    signings(request).signed[course.name] = done
    signings(request).reviewer = " ".join(reviewer.split())
    return JSONResponse({"to": f"/interviews/{course.name}/signed"})


async def progress(request: Request) -> Response:
    """How far the work is, as a sentence and a share (null: unknown); `busy` is false after it."""
    course = signings(request).course
    if course is None:
        return JSONResponse({"busy": False})
    speak = say(request)
    key = f"sign.stage.{course.stage or 'begin'}"
    share = min(course.done / course.total, 1.0) if course.total else None
    return JSONResponse({"busy": True, "says": speak(key, id=course.id), "share": share})


# -- what has happened


def done(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    """What a signature did, with the receipts."""
    name = request.path_params["name"]
    signed = signings(request).signed.get(name)
    if signed is None:
        return RedirectResponse(f"/interviews/{name}/sign", 303)
    speak = say(request)
    own = signed.own
    reason = own.reason if own is not None and own.status == "waiting" else ""
    dated = day(date.fromisoformat(reason), speak.language) if reason[:1].isdecimal() else ""
    items = [
        item for item in desk.sources(read=False) if item.waits_for == "review" and item.id != name
    ]
    return render(
        request,
        "signed.html",
        signed=signed,
        own=own,
        dated=dated,
        left=_left(desk, name, own),
        receipts=_receipts(desk, signed, speak),
        following=items[0].id if items else "",
    )


def _left(desk: Desk, name: str, own: Outcome | None) -> str:
    """The key of the sentence that says what is left of a final source."""
    if own is not None and any(map(is_bleeped, own.outputs)):
        return "signed.final.copy"
    there = datakey.original(desk.study, name, desk.table.sources[name]).is_file()
    return "signed.final.document" if there else "signed.final"


def _receipts(desk: Desk, signed: Signed, speak: Say) -> Sequence[tuple[str, str, str]]:
    """The receipts: their ids, of what kind of source they are, and what they say."""
    found = []
    for number in signed.receipts:
        path = desk.study.receipts / f"{number}-{signed.source}.json"
        receipt = Receipt.from_json(json.loads(path.read_text(encoding="utf-8")))
        found.append((number, receipt.kind, receipt.to_text(speak.language)))
    return found


_AT = "/interviews/{name}"
routes = [
    Route(f"{_AT}/sign", page, name="signing"),
    Route(f"{_AT}/sign", _working(_sign), methods=["POST"]),
    Route(f"{_AT}/sign/prepare", _working(_prepare), methods=["POST"]),
    Route(f"{_AT}/sign/progress", progress),
    Route(f"{_AT}/signed", at_desk(done)),
]
