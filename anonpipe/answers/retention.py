"""What retention demands and when, and what is overdue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from anonpipe import due as planning
from anonpipe.answers.model import Answer, Cell, Evidence, Say, Table, Words
from anonpipe.receipt import Language
from anonpipe.timeline import Ahead

CONSENT = 3
SOON = timedelta(days=30)


def planned(evidence: Evidence) -> tuple[planning.Due, ...]:
    """All that has to go, in order of date; nothing when the register cannot be read."""
    if evidence.register is None:
        return ()
    return planning.due(evidence.study, evidence.register, evidence.state, evidence.today)


def ahead(evidence: Evidence) -> tuple[Ahead, ...]:
    """What has a day, for the timeline: ahead, or overdue since."""
    return tuple(
        Ahead(item.on or evidence.today, item.what, _who(item), item.status == "overdue")
        for item in planned(evidence)
        if item.on is not None or item.status == "overdue"
    )


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
    items = planned(evidence)
    late = [item for item in items if item.status == "overdue"]
    coming = [item for item in items if item.status != "overdue"]
    dated = [item for item in coming if item.on is not None]
    if late:
        verdict = say.n("due.late", len(late))
    elif dated:
        first = dated[0]
        what = say(f"what:{first.what}")
        verdict = say("due.next", day=first.on, what=what, who=_who(first))
    elif coming:
        verdict = say("due.waits")
    else:
        verdict = say("due.none")
    rows: list[tuple[Cell, ...]] = [
        (
            item.on.isoformat() if item.on else say("at-once") if item in late else "–",
            _who(item),
            say(f"what:{item.what}"),
            _rule(item.rule, say),
            _state(item, evidence, say),
        )
        for item in items
    ]
    columns = tuple(map(say, ("day", "subject", "task", "rule", "state")))
    return Answer(
        name="due",
        question=say("due?"),
        standing="attention" if late else "good",
        verdict=verdict,
        notes=(say("due.how"),) if late else (),
        tables=(Table(say("due.table"), columns, tuple(rows)),) if rows else (),
        data={
            "as_of": evidence.today.isoformat(),
            "overdue": [_json(item) for item in late],
            "ahead": [_json(item) for item in coming],
        },
        exit_code=CONSENT if late else 0,
    )


def _who(item: planning.Due) -> str:
    return item.source or "+".join(item.participants)


def _rule(rule: str, say: Say) -> str:
    name, _, day = rule.partition(":")
    return f"{say.code('rule', name)} {day}".strip()


def _state(item: planning.Due, evidence: Evidence, say: Say) -> str:
    if item.status == "overdue":
        return (
            say("overdue.waits", waits=say(f"waits:{item.waits}")) if item.waits else say("overdue")
        )
    if item.waits:
        return say("waits", waits=say(f"waits:{item.waits}"))
    soon = item.on is not None and item.on - evidence.today <= SOON
    return say("soon" if soon else "ahead")


def _json(item: planning.Due) -> dict[str, Any]:
    return item.to_json()


WORDS: Words = {
    "due?": {"en": "What is overdue?", "nb": "Hva er over fristen?"},
    "due.none": {
        "en": "Nothing is overdue, and nothing is left that has to go.",
        "nb": "Ingenting er over fristen, og ingenting er igjen som må slettes.",
    },
    "due.waits": {
        "en": "Nothing is overdue; what has to go waits for people, not for a date.",
        "nb": "Ingenting er over fristen; det som må slettes, venter på mennesker, ikke en dato.",
    },
    "due.next": {
        "en": "Nothing is overdue; next is {day}: {what} ({who}).",
        "nb": "Ingenting er over fristen; neste er {day}: {what} ({who}).",
    },
    "due.late": {"en": "{n} items are overdue.", "nb": "{n} punkter er over fristen."},
    "due.late.1": {"en": "One item is overdue.", "nb": "Ett punkt er over fristen."},
    "due.register": {
        "en": "It cannot be said: the consent register cannot be read.",
        "nb": "Det kan ikke sies: samtykkeregisteret kan ikke leses.",
    },
    "due.how": {
        "en": "`anonpipe retention run` carries out what is due.",
        "nb": "`anonpipe retention run` utfører det som er forfalt.",
    },
    "due.table": {"en": "What retention demands", "nb": "Hva oppbevaringsreglene krever"},
    "day": {"en": "Gone by", "nb": "Borte innen"},
    "at-once": {"en": "at once", "nb": "straks"},
    "subject": {"en": "Concerns", "nb": "Gjelder"},
    "task": {"en": "What has to go", "nb": "Hva som må slettes"},
    "overdue": {"en": "overdue", "nb": "over fristen"},
    "overdue.waits": {
        "en": "overdue, and waits for {waits}",
        "nb": "over fristen, og venter på {waits}",
    },
    "waits": {"en": "waits for {waits}", "nb": "venter på {waits}"},
    "waits:review": {"en": "review", "nb": "gjennomgang"},
    "waits:transcription": {"en": "transcription", "nb": "transkripsjon"},
    "soon": {"en": "within 30 days", "nb": "innen 30 dager"},
    "ahead": {"en": "ahead", "nb": "senere"},
}
