"""The first page: every source, what waits, what is due, and how far one is.

Ids, codes, dates and numbers only: no file names, which may name people, and no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anonpipe import consent, due
from anonpipe.answers.model import Say, Words
from anonpipe.chain import Entry
from anonpipe.review.desk import Desk
from anonpipe.review.listing import SourceItem
from anonpipe.review.web.handling import at_desk, render, say
from anonpipe.review.web.words import day
from anonpipe.study import Stage

Tone = Literal["good", "warn", "alert", "note"]
Group = Literal["you", "other", "final"]
GROUPS: tuple[Group, ...] = ("you", "other", "final")
SOON = timedelta(days=30)
"""What goes later than that, and is no original, is not worth a line here."""
ORIGINALS: frozenset[due.What] = frozenset({"audio", "document"})


@dataclass(frozen=True, slots=True)
class Row:
    """One source as it is shown: `state` in a word or two, of a `tone`, and sentences about it.

    `why` are reasons why a person must look, `due` sentences about what goes and when; `late` is
    whether something should be gone already. `done` of `places` that need eyes are dealt with,
    both 0 until the source was `read`; `trouble` is in per cent of the speech, 0 where `why` tells
    it. Links are None where there is nothing to go to.
    """

    id: str
    participants: tuple[str, ...]
    kind: str
    group: Group
    state: str
    tone: Tone
    says: tuple[str, ...]
    why: tuple[str, ...]
    due: tuple[str, ...]
    late: bool
    done: int
    places: int
    trouble: int
    read: bool
    interview: str | None
    risk: str | None
    signing: str | None

    @property
    def share(self) -> float:
        """How far one is with it, from 0.0 to 1.0."""
        if not self.read:
            return 0.0
        return self.done / self.places if self.places else 1.0


def overview(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    """The page."""
    speak, state = say(request), desk.study.read_state()
    register = consent.load(desk.study.consent_file)
    things = due.due(desk.study, register, state, desk.today)
    items = desk.sources(read=False)
    gone = deletions(desk.log.entries())
    rows = [
        _row(item, [each for each in things if each.source == item.id], gone, desk.today, speak)
        for item in items
    ]
    yours = [row for row in rows if row.group == "you"]
    # What waits for eyes first, and of that what is nearly done: one thing gets finished.
    first = max(yours, key=lambda row: (row.share < 1, row.share), default=None)
    return render(
        request,
        "overview.html",
        groups=[(group, [row for row in rows if row.group == group]) for group in GROUPS],
        first=first,
        reading=any(not row.read for row in rows),
        places=sum(row.places for row in yours),
        done=sum(row.done for row in yours),
        late=sum(row.late for row in rows),
        untouched=len(due.unprocessed(desk.study, register, state)),
    )


def read(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    """Read one source for its questions, so that the page can tell how far one is with it."""
    desk.interview(request.path_params["name"])
    return Response(status_code=204)


def deletions(entries: Iterable[Entry]) -> Mapping[str, date]:
    """The days on which originals went, by source, as the log tells (UTC)."""
    return {
        str(entry.subject): datetime.fromisoformat(entry.time).date()
        for entry in entries
        if entry.action == "deleted"
    }


def _row(
    item: SourceItem, things: Sequence[due.Due], gone: Mapping[str, date], today: date, speak: Say
) -> Row:
    group, state, tone = _state(item, speak)
    known = group != "other" or item.waits_for != "consent"
    sign = known and item.stage is Stage.WRITTEN
    return Row(
        id=item.id,
        participants=item.participants,
        kind=speak(f"overview.{item.kind}"),
        group=group,
        state=state,
        tone=tone,
        says=tuple(_says(item, speak, gone)),
        why=tuple(_why(item, speak)),
        due=tuple(
            _due(one, what, speak)
            for one, what in due.together(each for each in things if _matters(each, today))
        ),
        late=any(each.status == "overdue" for each in things),
        done=item.questions - item.open,
        places=item.questions,
        trouble=0 if "trouble" in item.why else round(100 * item.trouble),
        read=item.read,
        interview=f"/interviews/{item.id}" if known else None,
        risk=f"/risk/{item.id}" if known and item.raw else None,
        signing=f"/interviews/{item.id}/sign" if sign else None,
    )


def _state(item: SourceItem, speak: Say) -> tuple[Group, str, Tone]:
    if item.stage in (Stage.FINAL, Stage.SWEEPING):
        return "final", speak("overview.final"), "good"
    if item.waits_for == "consent":
        return "other", speak("overview.consent"), "alert"
    if item.stage is not Stage.WRITTEN:
        return "other", speak("overview.working"), "note"
    if item.waits_for == "review":
        return "you", speak("overview.review"), "warn"
    if item.waits_for == "run":
        return "other", speak("overview.run"), "note"
    until = day(date.fromisoformat(item.waits_for), speak.language)
    return "other", speak("overview.until", day=until), "note"


def _says(item: SourceItem, speak: Say, gone: Mapping[str, date]) -> Iterator[str]:
    """What is so, and what comes next."""
    if item.stage in (Stage.FINAL, Stage.SWEEPING):
        if item.id in gone:
            when = day(gone[item.id], speak.language)
            yield speak(f"overview.gone.{item.kind}", day=when)
        else:
            yield speak(f"overview.kept.{item.kind}")
    elif item.waits_for == "consent":
        yield speak("overview.consent.says")
    elif item.stage is not Stage.WRITTEN:
        yield speak("overview.working.says")
    elif item.waits_for == "run":
        yield speak("overview.run.says")
    elif item.waits_for == "review" and 0 < item.signed < item.needed:
        yield speak("overview.one-signed", signed=item.signed, needed=item.needed)
    elif item.waits_for == "review" and item.questions and not item.open:
        yield speak("overview.seen")
    if item.approved and item.stage is Stage.WRITTEN:
        yield speak("overview.signed")


def _why(item: SourceItem, speak: Say) -> Iterator[str]:
    for why in item.why:
        yield speak(f"why.{why}", share=round(100 * item.trouble))


def _matters(item: due.Due, today: date) -> bool:
    soon = item.on is not None and item.on - today <= SOON
    return item.what in ORIGINALS or item.status == "overdue" or soon


def _due(item: due.Due, what: Sequence[due.What], speak: Say) -> str:
    """What goes, and when or after what."""
    things = speak.listed([speak(f"overview.what.{each}") for each in what])
    when = day(item.on, speak.language) if item.on else ""
    if item.status == "overdue":
        key = "overview.late" if item.on else "overview.late.now"
    elif item.status == "due":
        key = "overview.due"
    else:
        key = f"overview.{item.status}" + (".by" if item.on else "")
    sentence = speak(key, things=things, day=when)
    return sentence[0].upper() + sentence[1:]


WORDS: Words = {
    "overview.audio": {"en": "Recording", "nb": "Opptak"},
    "overview.text": {"en": "Document", "nb": "Dokument"},
    "overview.group.you": {"en": "Waits for you", "nb": "Venter på deg"},
    "overview.group.other": {"en": "Waits for something else", "nb": "Venter på noe annet"},
    "overview.group.final": {"en": "Done", "nb": "Ferdig"},
    "overview.final": {"en": "Done", "nb": "Ferdig"},
    "overview.consent": {"en": "No consent", "nb": "Uten samtykke"},
    "overview.working": {"en": "In progress", "nb": "Under arbeid"},
    "overview.review": {"en": "Waits for you", "nb": "Venter på deg"},
    "overview.run": {"en": "Ready", "nb": "Klar"},
    "overview.until": {"en": "Kept until {day}", "nb": "Holdes til {day}"},
    "overview.consent.says": {
        "en": "The register has no valid consent to it, so nothing of it is shown.",
        "nb": "Registeret har ikke noe gyldig samtykke til dette, så ingenting av det vises.",
    },
    "overview.working.says": {
        "en": "It is not written yet: `anonpipe run` goes on with it.",
        "nb": "Den er ikke skrevet ennå: `anonpipe run` går videre med den.",
    },
    "overview.run.says": {
        "en": "Nothing hinders it: the next `anonpipe run` makes it final.",
        "nb": "Ingenting er i veien: neste `anonpipe run` gjør den ferdig.",
    },
    "overview.seen": {
        "en": "You have looked at everything. Sign it off when you are ready.",
        "nb": "Du har sett på alt. Signer når du er klar.",
    },
    "overview.one-signed": {
        "en": "Signed by {signed} of {needed}: somebody else has to read it, too.",
        "nb": "Signert av {signed} av {needed}: en annen må også lese den.",
    },
    "overview.signed": {"en": "Signed off.", "nb": "Signert."},
    "overview.gone.audio": {
        "en": "The recording was deleted on {day}. Only coded text is left.",
        "nb": "Opptaket ble slettet {day}. Bare kodet tekst er igjen.",
    },
    "overview.gone.text": {
        "en": "The document was deleted on {day}. Only coded text is left.",
        "nb": "Dokumentet ble slettet {day}. Bare kodet tekst er igjen.",
    },
    "overview.kept.audio": {"en": "Nothing waits any more.", "nb": "Ingenting venter lenger."},
    "overview.kept.text": {
        "en": "The document is kept, as the study’s settings say.",
        "nb": "Dokumentet er beholdt, slik studiens innstillinger sier.",
    },
    "overview.what.audio": {"en": "the recording", "nb": "opptaket"},
    "overview.what.document": {"en": "the document", "nb": "dokumentet"},
    "overview.what.sealed": {"en": "the raw transcript", "nb": "råteksten"},
    "overview.what.bleeped": {"en": "the bleeped copy", "nb": "den pipede kopien"},
    "overview.what.transcript": {"en": "the transcripts", "nb": "transkripsjonene"},
    "overview.due": {"en": "Deleted on {day}: {things}.", "nb": "{things} slettes {day}."},
    "overview.late": {
        "en": "Should have been gone by {day}: {things}.",
        "nb": "{things} skulle vært slettet {day}.",
    },
    "overview.late.now": {
        "en": "Should be gone: {things}. `anonpipe run` deletes what nothing hinders.",
        "nb": "{things} skulle vært slettet. `anonpipe run` sletter det som ingenting hindrer.",
    },
    "overview.waits-for-review": {
        "en": "Deleted once you have signed off: {things}.",
        "nb": "{things} slettes når du har signert.",
    },
    "overview.waits-for-review.by": {
        "en": "Deleted on {day}, if you have signed off: {things}.",
        "nb": "{things} slettes {day}, hvis du har signert.",
    },
    "overview.waits-for-transcription": {
        "en": "Deleted once transcribed: {things}.",
        "nb": "{things} slettes etter transkripsjonen.",
    },
    "overview.waits-for-transcription.by": {
        "en": "Deleted on {day}, if transcribed: {things}.",
        "nb": "{things} slettes {day}, hvis transkribert.",
    },
    "overview.lead": {"en": "{n} sources wait for you.", "nb": "{n} kilder venter på deg."},
    "overview.lead.1": {"en": "One source waits for you.", "nb": "Én kilde venter på deg."},
    "overview.open": {
        "en": "{n} places to check are left.",
        "nb": "Det er {n} steder igjen du bør se på.",
    },
    "overview.open.1": {
        "en": "One place to check is left.",
        "nb": "Det er ett sted igjen du bør se på.",
    },
    "overview.open.0": {
        "en": "You have checked every place.",
        "nb": "Du har sett på alle stedene.",
    },
    "overview.reading": {
        "en": "Looking for places to check …",
        "nb": "Leter etter steder du bør se på …",
    },
    "overview.unread": {"en": "Reading …", "nb": "Leser …"},
    "overview.nothing": {"en": "Nothing waits for you.", "nb": "Ingenting venter på deg."},
    "overview.transcripts": {
        "en": "The coded text lies in the study’s folder `transcripts`.",
        "nb": "Den kodede teksten ligger i mappen `transcripts` i studien.",
    },
    "overview.overdue": {
        "en": "In {n} of them there is something that should be gone already.",
        "nb": "Hos {n} av dem er det noe som skulle vært slettet allerede.",
    },
    "overview.overdue.1": {
        "en": "In one of them there is something that should be gone already.",
        "nb": "Hos én av dem er det noe som skulle vært slettet allerede.",
    },
    "overview.untouched": {
        "en": "{n} files are not taken in yet: quit here, and `anonpipe run` does that.",
        "nb": "{n} filer er ikke tatt inn ennå: avslutt her, så gjør `anonpipe run` det.",
    },
    "overview.untouched.1": {
        "en": "One file is not taken in yet: quit here, and `anonpipe run` does that.",
        "nb": "Én fil er ikke tatt inn ennå: avslutt her, så gjør `anonpipe run` det.",
    },
    "overview.empty": {
        "en": "There is nothing here yet.",
        "nb": "Her er det ingenting ennå.",
    },
    "overview.empty.says": {
        "en": "Put recordings into `recordings` and notes into `documents`, write a row for each "
        "participant into `consent.csv`, quit here, and run `anonpipe run`.",
        "nb": "Legg opptak i `recordings` og notater i `documents`, skriv en rad for hver deltaker "
        "i `consent.csv`, avslutt her, og kjør `anonpipe run`.",
    },
    "overview.start": {"en": "Start with {id}", "nb": "Begynn med {id}"},
    "overview.go-on": {"en": "Go on with {id}", "nb": "Fortsett med {id}"},
    "overview.finish": {"en": "Sign off {id}", "nb": "Signer {id}"},
    "overview.progress": {
        "en": "{done} of {n} questions answered",
        "nb": "{done} av {n} spørsmål besvart",
    },
    "overview.no-places": {"en": "No questions", "nb": "Ingen spørsmål"},
    "overview.trouble": {
        "en": "{n}% of the speech is uncertain",
        "nb": "{n} % av talen er usikker",
    },
    "overview.must": {"en": "You must check it:", "nb": "Du må se på den:"},
    "overview.read": {"en": "Go through", "nb": "Gå gjennom"},
    "overview.look": {"en": "Read", "nb": "Les"},
    "overview.risk": {"en": "Risk", "nb": "Risiko"},
    "overview.sign": {"en": "Sign off", "nb": "Signer"},
    "overview.keys": {"en": "In the list", "nb": "I listen"},
    "overview.key.next": {"en": "Next source", "nb": "Neste kilde"},
    "overview.key.previous": {"en": "Previous source", "nb": "Forrige kilde"},
    "overview.key.open": {"en": "Open it", "nb": "Åpne den"},
    "why.repetition": {
        "en": "the recogniser repeated itself",
        "nb": "talegjenkjenneren gjentok seg selv",
    },
    "why.unheard": {
        "en": "more than 10 seconds of speech gave no text",
        "nb": "mer enn 10 sekunder tale ga ingen tekst",
    },
    "why.other-script": {
        "en": "it holds words in letters in which no names are found",
        "nb": "den har ord i et alfabet der ingen navn blir funnet",
    },
    "why.policy-ask": {
        "en": "the study wants you to decide about some details",
        "nb": "studien vil at du tar stilling til noen opplysninger",
    },
    "why.name-audible": {
        "en": "the kept recording may still say a name",
        "nb": "et navn kan fortsatt høres i opptaket som beholdes",
    },
    "why.voice-kept": {
        "en": "the kept recording leaves a voice as it was: is it the interviewer’s?",
        "nb": "opptaket som beholdes, lar én stemme være som den var: er det intervjuerens?",
    },
    "why.trouble": {
        "en": "{share}% of the speech is uncertain, more than the study allows",
        "nb": "{share} % av talen er usikker, mer enn studien tillater",
    },
}
NAV = (0, "/", "nav.overview")
routes = [Route("/", at_desk(overview)), Route("/sources/{name}/read", at_desk(read))]
