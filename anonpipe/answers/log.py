"""Whether the log is intact: by itself, and next to what the officer kept from the last visit."""

from __future__ import annotations

from anonpipe.answers.model import Answer, Cell, Mono, Say, Stamp, Table, Words
from anonpipe.checkpoint import Verdict
from anonpipe.receipt import Language

LOG = 5


def intact(verdict: Verdict, language: Language) -> Answer:
    """What a log is worth; `verdict` is that of `checkpoint.examine`."""
    say = Say(WORDS, language)
    summary = verdict.summary
    signed = summary is not None and bool(summary.signer)
    notes = []
    rows: list[tuple[Cell, ...]] = []
    if summary is not None:
        if verdict.before is None:
            notes.append(say("alone"))
        if signed and summary.unsigned:
            notes.append(say.n("unsigned", summary.unsigned))
        if verdict.torn_bytes:
            notes.append(say("torn"))
        if any("clock" in note or "dated" in note for note in summary.notes):
            notes.append(say("clock"))
        rows = [
            (say("entries"), str(summary.count)),
            (say("first"), Stamp(summary.first)),
            (say("last"), Stamp(summary.last)),
            (say("signed"), say("upto", n=summary.signed_to) if signed else say("never")),
            (say("signer"), Mono(summary.signer[:16] or "–")),
            (say("head"), Mono(summary.head[:16])),
        ]
    words = " · ".join(verdict.lines)
    if not verdict.sound:
        sentence = say(f"verdict:{verdict.word}", at=verdict.at, words=words)
    elif verdict.before is not None:
        sentence = say("since", before=verdict.before, now=verdict.now)
    else:
        sentence = say("itself" if signed else "unsigned.all", now=verdict.now)
    return Answer(
        name="intact",
        question=say("intact?"),
        standing="attention" if not verdict.sound else "good" if signed else "note",
        verdict=sentence,
        notes=tuple(notes),
        tables=(Table(say("table"), (say("fact"), say("value")), tuple(rows)),) if rows else (),
        data=verdict.to_json(),
        exit_code=0 if verdict.sound else LOG,
    )


WORDS: Words = {
    "intact?": {"en": "Is the log intact?", "nb": "Er loggen urørt?"},
    "since": {
        "en": "Yes: all {before} entries of your checkpoint are as they were; now there are {now}.",
        "nb": "Ja: alle {before} linjer fra kontrollpunktet er som de var; nå er det {now}.",
    },
    "itself": {
        "en": "Yes, in itself: {now} entries, chained and signed.",
        "nb": "Ja, i seg selv: {now} linjer, lenket og signert.",
    },
    "unsigned.all": {
        "en": "Its chain of {now} entries is whole, but nobody has signed it.",
        "nb": "Lenken av {now} linjer er hel, men ingen har signert den.",
    },
    "verdict:TRUNCATED": {
        "en": "No: the end of the log was cut off since your checkpoint ({words}).",
        "nb": "Nei: slutten av loggen er kuttet siden kontrollpunktet ({words}).",
    },
    "verdict:REWRITTEN": {
        "en": "No: the log was rewritten from line {at} since your checkpoint ({words}).",
        "nb": "Nei: loggen er skrevet om fra linje {at} siden kontrollpunktet ({words}).",
    },
    "verdict:DOES NOT VERIFY": {
        "en": "No: the log does not verify from line {at} ({words}); nothing else here counts.",
        "nb": "Nei: loggen stemmer ikke fra linje {at} ({words}); da teller ingenting annet her.",
    },
    "alone": {
        "en": "Only a checkpoint from an earlier visit shows that the log was not cut short or "
        "written anew: give it with `--against`.",
        "nb": "Bare et kontrollpunkt fra et tidligere besøk viser at loggen ikke er avkortet eller "
        "skrevet på nytt: oppgi det med `--against`.",
    },
    "unsigned": {
        "en": "The last {n} entries are not signed yet; the next run with the key signs them.",
        "nb": "De siste {n} linjene er ikke signert ennå; neste kjøring med nøkkelen signerer dem.",
    },
    "unsigned.1": {
        "en": "The last entry is not signed yet; the next run with the key signs it.",
        "nb": "Siste linje er ikke signert ennå; neste kjøring med nøkkelen signerer den.",
    },
    "torn": {
        "en": "A crash cut off the last line; that is no sign of tampering.",
        "nb": "Et avbrudd kuttet siste linje; det er ikke tegn på tukling.",
    },
    "clock": {
        "en": "The machine’s clock was set back at some point; see `anonpipe audit verify`.",
        "nb": "Maskinens klokke er stilt tilbake en gang; se `anonpipe audit verify`.",
    },
    "table": {"en": "The log", "nb": "Loggen"},
    "fact": {"en": "What", "nb": "Hva"},
    "value": {"en": "Answer", "nb": "Svar"},
    "entries": {"en": "Entries", "nb": "Linjer"},
    "first": {"en": "First entry", "nb": "Første linje"},
    "last": {"en": "Last entry", "nb": "Siste linje"},
    "signed": {"en": "Signed", "nb": "Signert"},
    "upto": {"en": "up to entry {n}", "nb": "til og med linje {n}"},
    "never": {"en": "never", "nb": "aldri"},
    "signer": {"en": "Signing key", "nb": "Signert med"},
    "head": {"en": "Last digest", "nb": "Siste avtrykk"},
}
