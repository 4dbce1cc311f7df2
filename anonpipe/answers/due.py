"""What retention demands and when, and what is overdue."""

from __future__ import annotations

from datetime import timedelta

from anonpipe.answers.model import Answer, Cell, Evidence, Say, Table, Words
from anonpipe.receipt import Language
from anonpipe.timeline import Ahead

CONSENT = 3


def ahead(evidence: Evidence) -> tuple[Ahead, ...]:
    """What will have to be done and what should have been by now, in order of day."""
    return ()


def due(evidence: Evidence, language: Language) -> Answer:
    """What is overdue, and what comes next."""
    say = Say(WORDS, language)
    if evidence.register is None:
        return Answer(
            name="due",
            question=say("due?"),
            standing="attention",
            verdict=say("due.register"),
            data={"overdue": [], "ahead": [], "register": "unreadable"},
            exit_code=CONSENT,
        )
    items = ahead(evidence)
    late = [item for item in items if item.overdue]
    coming = [item for item in items if not item.overdue]
    soon = [i for i in coming if i.day <= evidence.today + timedelta(days=30)]
    if late:
        verdict = say.n("due.late", len(late))
    elif coming:
        first = coming[0]
        verdict = say(
            "due.next",
            day=first.day.isoformat(),
            what=say.code("what", first.what),
            who=first.subject,
        )
    else:
        verdict = say("due.none")
    tables = []
    columns = (say("day"), say("subject"), say("task"), say("state"))
    rows: list[tuple[Cell, ...]] = [
        (
            item.day.isoformat(),
            item.subject,
            say.code("what", item.what),
            say("state.overdue")
            if item.overdue
            else say("state.soon")
            if item in soon
            else say("state.ahead"),
        )
        for item in items
    ]
    if rows:
        tables.append(Table(say("due.table"), columns, tuple(rows)))
    return Answer(
        name="due",
        question=say("due?"),
        standing="attention" if late else "good",
        verdict=verdict,
        notes=(say("due.how"),) if late else (),
        tables=tuple(tables),
        data={
            "as_of": evidence.today.isoformat(),
            "overdue": [_json(item) for item in late],
            "ahead": [_json(item) for item in coming],
        },
        exit_code=CONSENT if late else 0,
    )


def _json(item: Ahead) -> dict[str, str]:
    return {"day": item.day.isoformat(), "what": item.what, "subject": item.subject}


WORDS: Words = {
    "due?": {"en": "What is overdue?", "nb": "Hva er over fristen?"},
    "due.none": {
        "en": "Nothing is overdue, and no date lies ahead.",
        "nb": "Ingenting er over fristen, og ingen frist ligger foran.",
    },
    "due.next": {
        "en": "Nothing is overdue; next is {day}: {what} ({who}).",
        "nb": "Ingenting er over fristen; neste er {day}: {what} ({who}).",
    },
    "due.late": {"en": "{n} tasks are overdue.", "nb": "{n} oppgaver er over fristen."},
    "due.late.1": {"en": "One task is overdue.", "nb": "Én oppgave er over fristen."},
    "due.register": {
        "en": "It cannot be said: the consent register cannot be read.",
        "nb": "Det kan ikke sies: samtykkeregisteret kan ikke leses.",
    },
    "due.how": {
        "en": "`anonpipe retention run` carries out what is due.",
        "nb": "`anonpipe retention run` utfører det som er forfalt.",
    },
    "due.table": {"en": "What retention demands", "nb": "Hva oppbevaringsreglene krever"},
    "day": {"en": "Day", "nb": "Dag"},
    "subject": {"en": "Concerns", "nb": "Gjelder"},
    "task": {"en": "What has to be done", "nb": "Hva som må gjøres"},
    "state.overdue": {"en": "overdue", "nb": "over fristen"},
    "state.soon": {"en": "within 30 days", "nb": "innen 30 dager"},
    "state.ahead": {"en": "ahead", "nb": "senere"},
}
