"""Whether the material is anonymous, by whose judgement, and why not if it is not."""

from __future__ import annotations

from anonpipe.answers.model import Answer, Evidence, Mono, Say, Table, Words
from anonpipe.receipt import Language
from anonpipe.status import Material, reason_text, role_name


def anonymous(evidence: Evidence, material: Material, language: Language) -> Answer:
    """Whether the material is anonymous; only a completed close may say that it is."""
    say = Say(WORDS, language)
    reasons = [reason_text(code, language) for code in material.why_not]
    judge = material.judged_by
    tables: tuple[Table, ...] = ()
    if judge is not None:
        tables = (
            Table(
                say("judged"),
                (say("role"), say("fingerprint"), say("day")),
                ((role_name(judge.role, language), Mono(judge.fingerprint), material.on or "–"),),
            ),
        )
    done = material.word == "anonymised"
    return Answer(
        name="anonymous",
        question=say("anonymous?"),
        standing="note",
        verdict=say("yes") if done else say("no", reasons=say.listed(reasons)),
        notes=(material.line(language), *(() if done or judge else (say("note"),))),
        tables=tables,
        data=material.to_json(),
    )


WORDS: Words = {
    "anonymous?": {"en": "Is the material anonymous?", "nb": "Er materialet anonymt?"},
    "yes": {
        "en": "It was judged to be anonymous when the study was closed.",
        "nb": "Det ble vurdert som anonymt da studien ble avsluttet.",
    },
    "no": {
        "en": "No, it is pseudonymised: {reasons}.",
        "nb": "Nei, det er pseudonymisert: {reasons}.",
    },
    "note": {
        "en": "`anonpipe close` asks what has to be answered before anybody may say otherwise.",
        "nb": "`anonpipe close` spør om det som må besvares før noen kan si noe annet.",
    },
    "judged": {"en": "Who judged", "nb": "Hvem som vurderte"},
    "day": {"en": "Day", "nb": "Dag"},
}
