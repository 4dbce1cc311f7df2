"""The page of one interview: its text, the questions about it, and every decision about it.

The page gets everything once and then what has changed: each answer to a decision brings the
delta from the version that the page has. A decision on a place that somebody has changed since is
refused, and the answer brings the changes. Texts go in bodies; addresses hold ids, numbers of
characters and seconds, and no more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from anonpipe.decisions import bleep_spans
from anonpipe.errors import RecordingError, UsageError
from anonpipe.review import decision, forms
from anonpipe.review.decision import DECISION_KINDS, NEW, SCOPES, Effect
from anonpipe.review.desk import Desk
from anonpipe.review.interview import Interview
from anonpipe.review.sound import Recordings
from anonpipe.review.web.handling import at_desk, render, say
from anonpipe.review.web.interview_words import WORDS as WORDS
from anonpipe.review.web.shown import Shown, delta, from_page, full, shown, unlike, words_of
from anonpipe.times import Interval
from anonpipe.transcript import MENTION_TYPES, MentionType, Transcript, is_label

KNOWN_STATES = 24
"""How many states of interviews are remembered, so that pages get deltas from them."""
LONGEST_CLIP = 90.0
"""Seconds of sound in one answer, at most: a page that plays on asks again."""
LONGEST_TEXT = 500
"""Characters that may stand in place of others."""
MOST_PREVIEWS = 12
LATEST = 1e6
"""Seconds; no recording is as long."""


class Room:
    """What the server remembers for the page: states that it has shown, recordings in use, and how
    a person listens.

    A recording must be closed (`recordings.close`) before its file is deleted.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.recordings = Recordings(desk.content)
        self.listening = {"covered": False, "auto": False}
        self._states: OrderedDict[tuple[str, int], Shown] = OrderedDict()
        self._text: tuple[str, int, Shown] | None = None
        self._words: tuple[Transcript, list[list[float]]] | None = None

    def state(self, name: str) -> Shown:
        """The interview as it is now. Raises UsageError for a source that is not there."""
        self.desk.state(name)  # refuses what may not be shown any more, as of now
        known = self._states.get((name, self.desk.version))
        if known is not None:
            return known
        state = self._shown(self.desk.interview(name))
        self._states[name, state["version"]] = state
        while len(self._states) > KNOWN_STATES:
            self._states.popitem(last=False)
        return state

    def text(self, name: str) -> Shown:
        """The interview as it is now, still without its questions. Raises as `state`."""
        self.desk.state(name)
        version = self.desk.version
        if self._text is None or self._text[:2] != (name, version):
            # Opening it may write what was interrupted, and that is another version.
            state = self._shown(self.desk.interview(name, ask=False))
            self._text = name, state["version"], state
        return self._text[2]

    def _shown(self, interview: Interview) -> Shown:
        transcript = interview.transcript
        if self._words is None or self._words[0] is not transcript:
            self._words = transcript, [words_of(turn) for turn in transcript.turns]
        return shown(interview, self.desk.study.settings.template, self._words[1])

    def since(self, name: str, version: int | None) -> dict[str, Any]:
        """What a page that has `version` of an interview lacks."""
        now = self.state(name)
        known = None if version is None else self._states.get((name, version))
        return full(now) if known is None else delta(known, now)

    def beside_text(self, name: str) -> dict[str, Any]:
        """What a page that has no more than `text` lacks."""
        known, now = self._text, self.state(name)
        if known is None or known[:2] != (name, now["version"]):
            return full(now)
        return delta(known[2], now)


def room(request: Request) -> Room:
    """The room of an application's desk."""
    state = request.app.state
    if "interviews" not in state.memory:
        state.memory["interviews"] = Room(state.desk)
    return cast(Room, state.memory["interviews"])


@contextmanager
def _reading(request: Request) -> Iterator[None]:
    """Refuse what no page of ours asks, in one sentence."""
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError):
        # Nothing is told of the cause: it may quote what somebody said.
        raise UsageError(say(request)("web.json")) from None


def page(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """The page itself, which holds nothing of the interview but its id."""
    name = request.path_params["name"]
    room(request).text(name)
    return render(request, "interview.html", source=name, listening=room(request).listening)


def listening(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """Keep how a person listens, for the interviews that are opened until the server ends."""
    kept = room(request).listening
    for key in kept:
        kept[key] = bool(body.get(key, kept[key]))
    return JSONResponse(kept)


def text(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """Everything but the questions, which a page asks for once it shows the text."""
    return JSONResponse(full(room(request).text(request.path_params["name"])))


def state(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """Everything, or what has changed since the version that the page has; "text" if that has no
    questions yet.
    """
    name, since = request.path_params["name"], request.query_params.get("since")
    if since == "text":
        return JSONResponse(room(request).beside_text(name))
    with _reading(request):
        version = None if since is None else int(since)
    return JSONResponse(room(request).since(name, version))


def preview(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """How many places each of some requests would touch; None for one that would be refused, such
    as one about what was decided meanwhile.
    """
    name = request.path_params["name"]
    now = room(request).state(name)
    with _reading(request):
        asked = list(body["requests"])[:MOST_PREVIEWS]
    effects: list[dict[str, Any] | None] = []
    for each in asked:
        try:
            with _reading(request):
                wish = _wish(each, now)
            effects.append(_effect(desk.preview(name, wish)))
        except (UsageError, RecordingError):
            effects.append(None)
    return JSONResponse({"effects": effects})


def decide(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """Decide, and tell what has changed; refuse where the place is not what the page shows."""
    name, at = request.path_params["name"], room(request)
    now = at.state(name)
    with _reading(request):
        version, place = body["version"], body["place"]
        if place is not None and unlike(now, place):
            return JSONResponse({"refused": True, **at.since(name, version)})
        wish = _wish(body["request"], now)
    effect = desk.decide(name, wish)
    return JSONResponse({"effect": _effect(effect), **at.since(name, version)})


def undo(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """Undo one decision, and tell what has changed."""
    with _reading(request):
        decision_id, version = str(body["id"]), body["version"]
    desk.undo(decision_id)
    return JSONResponse(room(request).since(request.path_params["name"], version))


def speakers(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """Swap the two speakers, or call them something else, and tell what has changed."""
    name = request.path_params["name"]
    with _reading(request):
        version, swap = body["version"], bool(body.get("swap"))
        labels = {} if swap else {old: new.strip() for old, new in body["labels"].items()}
    if not all(map(is_label, labels.values())):
        raise UsageError(say(request)("iv.bad_label"))
    if swap:
        desk.swap(name)
    else:
        desk.relabel(name, labels)
    return JSONResponse(room(request).since(name, version))


def suggestions(request: Request, desk: Desk, body: Mapping[str, Any]) -> Response:
    """For a place as a mention of a type: who it may be, likeliest first, and what may stand
    there instead of its code.
    """
    name, query = request.path_params["name"], request.query_params
    now = room(request).state(name)
    with _reading(request):
        turn, kind = int(query["turn"]), _type(query["type"])
        text = now["turns"][turn]["text"]
        start, end = (from_page(text, int(query[key])) for key in ("start", "end"))
    candidates = desk.candidates(name, turn, start, end, kind)
    suggested = forms.suggested(kind, text[start:end], now["language"], context=text[start:])
    said = " ".join(text[start:end].split()).casefold()
    vaguer = [each for each in suggested if each[1:-1].casefold() not in said]
    return JSONResponse({"candidates": list(candidates), "forms": vaguer})


async def clip(request: Request) -> Response:
    """Some seconds of the recording as WAV, with what is coded covered if asked."""
    return await run_in_threadpool(_clip, request)


def _clip(request: Request) -> Response:
    name, query, desk = request.path_params["name"], request.query_params, request.app.state.desk
    with _reading(request):
        start = max(0.0, float(query["from"]))
        end = min(float(query["to"]), start + LONGEST_CLIP)
        if not start < end < LATEST:
            raise ValueError
    with request.app.state.lock:
        recording = room(request).recordings.get(name)
        covered = _covered(desk, name) if query.get("covered") == "1" else ()
    if recording is None:
        raise UsageError(say(request)("iv.no_sound"))
    with _reading(request):
        # Decided is meanwhile as ever: decoding needs nothing of the desk.
        data = recording.clip(start, end, covered=covered, bleep=desk.study.settings.bleep)
    return Response(data, media_type="audio/wav")


def _covered(desk: Desk, name: str) -> Sequence[Interval]:
    """The seconds that a kept copy would cover."""
    seen = desk.interview(name)
    return bleep_spans(seen.transcript, tuple(mark.mention for mark in seen.marks))


def _wish(body: Mapping[str, Any], state: Shown) -> decision.Request:
    """A request of the page at the desk. ValueError, KeyError or TypeError for a bad one."""
    kind, scope = body["kind"], body.get("scope", "here")
    if kind not in DECISION_KINDS or scope not in SCOPES:
        raise ValueError
    entity = body.get("entity")
    if entity not in (None, NEW) and entity not in state["entities"]:
        raise ValueError
    value = " ".join(str(body.get("value", "")).split())
    if len(value) > LONGEST_TEXT:
        raise UsageError(f"That is too long: write {LONGEST_TEXT} characters at most.")
    turn, start, end, span = -1, 0, 0, None
    if kind != "merge":
        turn = int(body["turn"])
        if not 0 <= turn < len(state["turns"]):
            raise ValueError
        text = state["turns"][turn]["text"]
        start, end = from_page(text, int(body["start"])), from_page(text, int(body["end"]))
        if not 0 <= start < end <= len(text):
            raise ValueError
        if body.get("span") is not None:
            first, last = body["span"]
            span = from_page(text, int(first)), from_page(text, int(last))
    mention_type = None if body.get("type") is None else _type(body["type"])
    return decision.Request(kind, scope, turn, start, end, mention_type, entity, value, span)


def _type(name: Any) -> MentionType:
    if name not in MENTION_TYPES:
        raise ValueError
    return cast(MentionType, name)


def _effect(effect: Effect) -> dict[str, Any]:
    """How many places, in how many sources, of which `final` the next run mends."""
    taken = effect.decision
    return {
        "total": effect.total,
        "sources": sum(count > 0 for count in effect.places.values()),
        "final": effect.final,
        "id": None if taken is None else taken.id,
    }


_AT = "/api/interviews/{name}"
_CHANGES = (("decide", decide), ("undo", undo), ("speakers", speakers), ("preview", preview))
routes = [
    Route("/interviews/{name}", at_desk(page), name="interview"),
    Route("/interviews/{name}/sound", clip),
    Route("/api/listening", at_desk(listening), methods=["POST"]),
    Route(f"{_AT}/text", at_desk(text)),
    Route(_AT, at_desk(state)),
    Route(f"{_AT}/suggestions", at_desk(suggestions)),
    *(Route(f"{_AT}/{what}", at_desk(do), methods=["POST"]) for what, do in _CHANGES),
]
