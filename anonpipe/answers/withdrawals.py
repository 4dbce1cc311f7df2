"""Whether withdrawals of consent were carried out: what the log says, and what is still there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from anonpipe.answers.model import Answer, Cell, Evidence, Say, Stamp, Table, Words, number
from anonpipe.receipt import Language

CONSENT = 3
Progress = Literal["complete", "begun", "not-begun", "planned"]
Left = Literal["originals", "sealed", "outputs", "sources"]
COUNTS = ("sources", "originals", "files", "entries", "others", "places", "exports", "backups")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How far one participant's withdrawal has come.

    `day` is the one in the register or the log, `completed` the time of the log's entry, `counts`
    what that says, and `left` counts what can still be found in the study, by kind.
    """

    participant: str
    progress: Progress
    day: str
    completed: str
    counts: dict[str, int]
    left: dict[Left, int]

    @property
    def done(self) -> bool:
        return self.progress == "complete" and not self.left


def withdrawals(evidence: Evidence, participant: str | None = None) -> tuple[Withdrawal, ...]:
    """Every withdrawal that the register or the log knows of, or one participant's."""
    days = {str(e.subject): e for e in evidence.vouched if e.action == "withdrawn"}
    begun = {
        str(entry.subject)
        for entry in evidence.of("operation-begun")
        if entry.details.get("kind") == "withdraw"
    }
    wanted = {
        row.participant: row.withdrawn_on
        for row in (evidence.register.rows if evidence.register else ())
        if row.withdrawn_on is not None
    }
    found = []
    for code in sorted({*days, *begun, *wanted}):
        if participant not in (None, code):
            continue
        entry, day = days.get(code), wanted.get(code)
        progress: Progress = "begun" if code in begun else "not-begun"
        if entry is not None:
            progress = "complete"
        elif day is not None and day > evidence.today:
            progress = "planned"
        found.append(
            Withdrawal(
                code,
                progress,
                str(entry.details.get("day", "")) if entry else day.isoformat() if day else "",
                entry.time if entry else "",
                {name: number(entry, name) for name in COUNTS} if entry else {},
                {} if progress == "planned" else dict(_left(evidence, code)),
            )
        )
    return tuple(found)


def _left(evidence: Evidence, code: str) -> Iterator[tuple[Left, int]]:
    """What of a participant's own can still be found, looked for and not taken from the log."""
    study = evidence.study
    sources = [name for name, s in evidence.state.items() if code in s.participants]
    named = re.compile(rf"(?<![A-Z0-9]){re.escape(code)}(?![A-Z0-9])")
    outputs = [
        path
        for folder in (study.transcripts, study.bleeped)
        if folder.is_dir()
        for path in folder.iterdir()
        if named.search(path.name) and not path.name.startswith(".")
    ]
    sealed = [name for name in sources if (study.sealed / f"{name}.age").exists()]
    rows = evidence.register.rows if evidence.register else ()
    mine = [row for row in rows if row.participant == code]
    originals = [s for s in study.sources() if any(row.covers(s.relative) for row in mine)]
    counts: dict[Left, int] = {
        "originals": len(originals),
        "sealed": len(sealed),
        "outputs": len(outputs),
        "sources": len(sources),
    }
    return ((kind, count) for kind, count in counts.items() if count)


def withdrawal(evidence: Evidence, language: Language, participant: str | None = None) -> Answer:
    """Whether a participant's withdrawal, or every one, is complete."""
    say = Say(WORDS, language)
    found = withdrawals(evidence, participant)
    wrong = [w for w in found if not w.done and w.progress != "planned"]
    done = [w for w in found if w.done]
    if not found:
        verdict = say("none.one", who=participant) if participant else say("none")
    elif wrong:
        verdict = say.n("wrong", len(wrong), who=", ".join(w.participant for w in wrong))
    elif not done:
        verdict = say("planned", who=", ".join(w.participant for w in found))
    else:
        verdict = say.n("done", len(done), who=", ".join(w.participant for w in done))
    notes = []
    for each in wrong:
        if each.left:
            what = say.listed([f"{n} {say.n(f'left.{kind}', n)}" for kind, n in each.left.items()])
            notes.append(say("left", who=each.participant, what=what))
    if any(w.counts.get("exports") or w.counts.get("backups") for w in done):
        notes.append(say("reach"))
    elif done:
        notes.append(say("reach.unknown"))
    rows: list[tuple[Cell, ...]] = [
        (
            w.participant,
            w.day or "–",
            say(f"progress:{w.progress}"),
            Stamp(w.completed) if w.completed else "–",
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
            "withdrawals": [asdict(w) | {"complete": w.done} for w in found],
        },
        exit_code=CONSENT if wrong else 0,
    )


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
        "nb": "Ja: {who} har trukket seg, og ingenting av deres er igjen i studien.",
    },
    "done.1": {
        "en": "Yes: {who} has withdrawn, and nothing of theirs is left in the study.",
        "nb": "Ja: {who} har trukket seg, og ingenting av deres er igjen i studien.",
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
    "left": {"en": "{who}: still there: {what}.", "nb": "{who}: fortsatt der: {what}."},
    "left.originals": {"en": "originals", "nb": "originaler"},
    "left.originals.1": {"en": "original", "nb": "original"},
    "left.sealed": {"en": "sealed working files", "nb": "forseglede arbeidsfiler"},
    "left.sealed.1": {"en": "sealed working file", "nb": "forseglet arbeidsfil"},
    "left.outputs": {"en": "transcripts and copies", "nb": "transkripsjoner og kopier"},
    "left.outputs.1": {"en": "transcript or copy", "nb": "transkripsjon eller kopi"},
    "left.sources": {"en": "sources in the study’s list", "nb": "kilder i studiens liste"},
    "left.sources.1": {"en": "source in the study’s list", "nb": "kilde i studiens liste"},
    "reach": {
        "en": "Exports or backups of the key were made before it; the program cannot reach them.",
        "nb": "Før det var nøkkelen skrevet ut eller kopiert; de kopiene når programmet ikke.",
    },
    "reach.unknown": {
        "en": "Copies that were made without the program are out of its reach.",
        "nb": "Kopier som er laget uten programmet, er utenfor dets rekkevidde.",
    },
    "table": {"en": "Withdrawals", "nb": "Tilbaketrekkinger"},
    "day": {"en": "Day of withdrawal", "nb": "Trukket"},
    "completed": {"en": "Carried out", "nb": "Utført"},
    "gone": {"en": "What went", "nb": "Hva som er borte"},
    "progress:complete": {"en": "complete", "nb": "fullført"},
    "progress:begun": {"en": "begun, not complete", "nb": "påbegynt, ikke fullført"},
    "progress:not-begun": {"en": "not begun", "nb": "ikke påbegynt"},
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
