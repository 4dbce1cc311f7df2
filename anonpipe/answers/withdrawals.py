"""Whether withdrawals of consent were carried out: what the log says, and what is still there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from anonpipe.answers.model import Answer, Cell, Evidence, Say, Stamp, Table, Words, number
from anonpipe.receipt import Language
from anonpipe.session import open_log
from anonpipe.withdrawal.standing import Standing, standing, told_days

CONSENT = 3
Progress = Literal["complete", "begun", "not-complete", "planned"]
COUNTS = ("sources", "originals", "files", "entries", "others", "places", "exports", "backups")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How far one participant's withdrawal has come, with what the log counted when it was done."""

    standing: Standing
    progress: Progress
    counts: dict[str, int]

    @property
    def participant(self) -> str:
        return self.standing.participant


def withdrawals(evidence: Evidence, participant: str | None = None) -> tuple[Withdrawal, ...]:
    """Every withdrawal that the register or the log knows of, or one participant's."""
    done = {str(e.subject): e for e in evidence.vouched if e.action == "withdrawn"}
    rows = evidence.register.rows if evidence.register else ()
    wanted = {row.participant for row in rows if row.withdrawn_on is not None}
    # Nobody undoes a withdrawal by taking it out of the register.
    wanted |= set(told_days(open_log(evidence.study)))
    found = []
    for code in sorted({*done, *wanted}):
        if participant in (None, code):
            entry = done.get(code)
            counts = {name: number(entry, name) for name in COUNTS} if entry else {}
            standing = _standing(evidence, code)
            found.append(Withdrawal(standing, _progress(standing), counts))
    return tuple(found)


def _standing(evidence: Evidence, code: str) -> Standing:
    rows = evidence.register.rows if evidence.register else ()
    row = next((row for row in rows if row.participant == code), None)
    return standing(evidence.study, open_log(evidence.study), code, row, evidence.today)


def _progress(standing: Standing) -> Progress:
    kinds = {thing.kind for thing in standing.left}
    if "lies-ahead" in kinds:
        return "planned"
    if standing.complete:
        return "complete"
    return "begun" if "pending" in kinds else "not-complete"


def withdrawal(evidence: Evidence, language: Language, participant: str | None = None) -> Answer:
    """Whether a participant's withdrawal, or every one, is complete."""
    say = Say(WORDS, language)
    found = withdrawals(evidence, participant)
    wrong = [w for w in found if w.progress in ("begun", "not-complete")]
    done = [w for w in found if w.progress == "complete"]
    if not found:
        verdict = say("none.one", who=participant) if participant else say("none")
    elif wrong:
        verdict = say.n("wrong", len(wrong), who=", ".join(w.participant for w in wrong))
    elif not done:
        verdict = say("planned", who=", ".join(w.participant for w in found))
    else:
        verdict = say.n("done", len(done), who=", ".join(w.participant for w in done))
    notes = [_left(each.standing, say) for each in wrong]
    if any(w.counts.get("exports") for w in done):
        notes.append(say("exports"))
    if done:
        notes.append(say("reach"))
    rows: list[tuple[Cell, ...]] = [
        (
            w.participant,
            w.standing.withdrawn_on or "–",
            say(f"progress:{w.progress}"),
            Stamp(w.standing.completed_at) if w.standing.completed_at else "–",
            _counts(w, say),
        )
        for w in found
    ]
    columns = ("participants", "day", "state", "completed", "gone")
    return Answer(
        name="withdrawal",
        question=say("withdrawal?1", who=participant) if participant else say("withdrawal?"),
        standing="attention" if wrong else "good" if done else "note",
        verdict=verdict,
        notes=tuple(notes),
        tables=(Table(say("table"), tuple(map(say, columns)), tuple(rows)),) if rows else (),
        data={
            "participant": participant,
            "withdrawals": [
                {
                    "participant": w.participant,
                    "progress": w.progress,
                    "withdrawn_on": w.standing.withdrawn_on,
                    "completed_at": w.standing.completed_at,
                    "complete": w.progress == "complete",
                    "left": [asdict(thing) for thing in w.standing.left],
                    "counts": w.counts,
                }
                for w in found
            ],
        },
        exit_code=CONSENT if wrong else 0,
    )


def _left(standing: Standing, say: Say) -> str:
    """What is left of one participant, with ids where there are any."""
    parts = []
    for thing in standing.left:
        ids = f" ({', '.join(thing.ids)})" if thing.ids else ""
        parts.append(say.code("left", thing.kind).format(n=thing.count) + ids)
    return f"{standing.participant}: {'; '.join(parts)}."


def _counts(item: Withdrawal, say: Say) -> str:
    shown = [
        f"{count} {say.n(f'count.{name}', count)}"
        for name, count in item.counts.items()
        if count and name in ("originals", "files", "entries", "places")
    ]
    return ", ".join(shown) or "–"


WORDS: Words = {
    "withdrawal?": {
        "en": "Were withdrawals of consent carried out?",
        "nb": "Er tilbaketrukne samtykker fulgt opp?",
    },
    "withdrawal?1": {
        "en": "Is the withdrawal of {who} complete?",
        "nb": "Er tilbaketrekkingen til {who} fullført?",
    },
    "none": {"en": "Nobody has withdrawn.", "nb": "Ingen har trukket seg."},
    "none.one": {
        "en": "Neither the register nor the log knows of a withdrawal of {who}.",
        "nb": "Verken registeret eller loggen kjenner til at {who} har trukket seg.",
    },
    "done": {
        "en": "Yes: {who} have withdrawn, and nothing of theirs is left in the study.",
        "nb": "Ja: {who} har trukket seg, og studien har ikke lenger noe som gjelder dem.",
    },
    "done.1": {
        "en": "Yes: {who} has withdrawn, and nothing of theirs is left in the study.",
        "nb": "Ja: {who} har trukket seg, og studien har ikke lenger noe som gjelder deltakeren.",
    },
    "wrong": {
        "en": "No: the withdrawals of {who} are not complete.",
        "nb": "Nei: tilbaketrekkingene til {who} er ikke fullført.",
    },
    "wrong.1": {
        "en": "No: the withdrawal of {who} is not complete.",
        "nb": "Nei: tilbaketrekkingen til {who} er ikke fullført.",
    },
    "planned": {
        "en": "Not yet: the day on which {who} withdraws lies ahead.",
        "nb": "Ikke ennå: dagen da {who} trekker seg, ligger foran.",
    },
    "left:not-withdrawn": {
        "en": "the register does not say so",
        "nb": "registeret sier ikke det",
    },
    "left:pending": {
        "en": "it was begun and stopped; the next command that opens the key goes on",
        "nb": "den er påbegynt og stanset; neste kommando som åpner nøkkelen, går videre",
    },
    "left:not-carried-out": {
        "en": "nobody has carried it out",
        "nb": "ingen har utført den",
    },
    "left:source": {"en": "sources of theirs are left: {n}", "nb": "kilder som er igjen: {n}"},
    "left:file": {
        "en": "files in recordings/ or documents/: {n}",
        "nb": "filer i recordings/ eller documents/: {n}",
    },
    "left:output": {
        "en": "files that bear their code: {n}",
        "nb": "filer med koden i navnet: {n}",
    },
    "left:mention": {
        "en": "other sources in which their code stands: {n}",
        "nb": "andre kilder der koden står: {n}",
    },
    "left:backup": {
        "en": "copies of the key that still hold their entries: {n}",
        "nb": "kopier av nøkkelen som fortsatt har oppføringene: {n}",
    },
    "exports": {
        "en": "Before that, somebody wrote names out of the key to files, which the program cannot "
        "reach: ask what became of them.",
        "nb": "Før det ble navn fra nøkkelen skrevet til filer som programmet ikke kan nå: spør "
        "hva som er gjort med dem.",
    },
    "reach": {
        "en": "Ask about copies out of the program’s reach: on the recorder or a phone, in cloud "
        "services, in backups of the machine, and what was sent to others.",
        "nb": "Spør om kopier utenfor programmets rekkevidde: på opptaker eller telefon, i "
        "skytjenester, i sikkerhetskopier av maskinen, og det som er sendt til andre.",
    },
    "table": {"en": "Withdrawals", "nb": "Tilbaketrekkinger"},
    "day": {"en": "Day of withdrawal", "nb": "Trukket"},
    "completed": {"en": "Carried out", "nb": "Utført"},
    "gone": {"en": "What went", "nb": "Hva som er borte"},
    "progress:complete": {"en": "complete", "nb": "fullført"},
    "progress:begun": {"en": "begun, not complete", "nb": "påbegynt, ikke fullført"},
    "progress:not-complete": {"en": "not complete", "nb": "ikke fullført"},
    "progress:planned": {"en": "lies ahead", "nb": "ligger foran"},
    "count.originals": {"en": "originals", "nb": "originaler"},
    "count.originals.1": {"en": "original", "nb": "original"},
    "count.files": {"en": "files", "nb": "filer"},
    "count.files.1": {"en": "file", "nb": "fil"},
    "count.entries": {"en": "entries of the key", "nb": "oppføringer i nøkkelen"},
    "count.entries.1": {"en": "entry of the key", "nb": "oppføring i nøkkelen"},
    "count.places": {"en": "places in others’ interviews", "nb": "steder i andres intervjuer"},
    "count.places.1": {"en": "place in others’ interviews", "nb": "sted i andres intervjuer"},
}
