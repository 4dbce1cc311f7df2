"""How machine and reviewer agree, as a thesis has it: a table, and a paragraph for its methods."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from anonpipe.answers.model import Words
from anonpipe.codes import label
from anonpipe.receipt_words import Language
from anonpipe.review.agreement import COUNTS, RATES, Report, part_of


def table(report: Report) -> str:
    """CSV: a row for each source and type, for each source, for each type and for all.

    Rates have three decimals; they are empty where there is nothing to divide by.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("source", "type", *COUNTS, *RATES))
    for source, agreement in (*sorted(report.sources.items()), ("all", report.all)):
        for kind, counts in (*agreement.by_type.items(), ("all", agreement.total)):
            rates = (getattr(counts, name) for name in RATES)
            numbers = (getattr(counts, name) for name in COUNTS)
            told = ("" if rate is None else f"{rate:.3f}" for rate in rates)
            writer.writerow((source, kind, *numbers, *told))
    return out.getvalue()


_PARAGRAPH: Words = {
    "found": {
        "en": "Identifying details were marked by anonpipe ({version}) and then reviewed by "
        "{persons}, in {sources}. The program marked {found}; of these {became}.",
        "nb": "Identifiserende opplysninger ble merket av anonpipe ({version}) og deretter "
        "gjennomgått av {persons}, i {sources}. Programmet merket {found}; av disse {became}.",
    },
    "unchanged": {
        "en": "{n} ({share}) were left unchanged",
        "nb": "ble {n} ({share}) stående uendret",
    },
    "unchanged.1": {
        "en": "one ({share}) was left unchanged",
        "nb": "ble én ({share}) stående uendret",
    },
    "span": {"en": "{n} got another extent", "nb": "{n} fikk en annen utstrekning"},
    "span.1": {"en": "one got another extent", "nb": "én fikk en annen utstrekning"},
    "retyped": {"en": "{n} got another type", "nb": "{n} fikk en annen type"},
    "retyped.1": {"en": "one got another type", "nb": "én fikk en annen type"},
    "recoded": {"en": "{n} got another code", "nb": "{n} fikk en annen kode"},
    "recoded.1": {"en": "one got another code", "nb": "én fikk en annen kode"},
    "rejected": {"en": "{n} were rejected", "nb": "{n} ble avvist"},
    "rejected.1": {"en": "one was rejected", "nb": "én ble avvist"},
    "rejected.0": {"en": "none was rejected", "nb": "ingen ble avvist"},
    "added": {
        "en": "The reviewer added {n} details that the program had not marked.",
        "nb": "I gjennomgangen ble {n} opplysninger som programmet ikke hadde merket, lagt til.",
    },
    "added.1": {
        "en": "The reviewer added one detail that the program had not marked.",
        "nb": "I gjennomgangen ble én opplysning som programmet ikke hadde merket, lagt til.",
    },
    "added.0": {"en": "The reviewer added none.", "nb": "I gjennomgangen ble ingen lagt til."},
    "rates": {
        "en": "Measured against the reviewed transcripts, precision was {p}, recall {r} and F1 "
        "{f} for details with the same extent and type, and {po}, {ro} and {fo} for details that "
        "overlap. Of the characters that either marked, {characters} were marked by both as the "
        "same type.",
        "nb": "Målt mot de gjennomgåtte transkripsjonene var presisjonen {p}, gjenfinningen {r} "
        "og F1 {f} for opplysninger med samme utstrekning og type, og {po}, {ro} og {fo} for "
        "opplysninger som overlapper. Av tegnene som minst én av dem merket, var {characters} "
        "merket av begge som samme type.",
    },
    "details": {"en": "{n} details", "nb": "{n} opplysninger"},
    "details.1": {"en": "one detail", "nb": "én opplysning"},
    "sources": {"en": "{n} transcripts", "nb": "{n} transkripsjoner"},
    "sources.1": {"en": "one transcript", "nb": "én transkripsjon"},
    "most": {
        "en": "Most of these were of the types {types}.",
        "nb": "De fleste av disse var av typene {types}.",
    },
    "most.1": {
        "en": "Most of these were of the type {types}.",
        "nb": "De fleste av disse var av typen {types}.",
    },
    "caution": {
        "en": "The reviewer saw the program’s marks. The numbers therefore tell how much was "
        "corrected, and are no independent measure of what the program finds: marks that are "
        "there tend to be accepted, and details that both overlooked are not counted. Cohen’s "
        "kappa is not reported, as the number of stretches that neither marked is not defined in "
        "running text (Hripcsak & Rothschild, 2005).",
        "nb": "Den som gjennomgikk, så programmets merker. Tallene sier derfor hvor mye som ble "
        "rettet, og er ikke noe uavhengig mål på hva programmet finner: merker som står der, blir "
        "lett godtatt, og opplysninger som begge overså, er ikke talt med. Cohens kappa er ikke "
        "oppgitt, fordi antallet tekststykker som ingen av dem merket, ikke er definert i løpende "
        "tekst (Hripcsak & Rothschild, 2005).",
    },
    "open": {
        "en": "The review was not completed for {sources}.",
        "nb": "Gjennomgangen var ikke fullført for {sources}.",
    },
    "one": {"en": "one person", "nb": "én person"},
    "persons": {"en": "{n} persons", "nb": "{n} personer"},
    "none": {
        "en": "Nothing has been reviewed yet, so there are no numbers.",
        "nb": "Ingenting er gjennomgått ennå, så det finnes ingen tall.",
    },
}
REFERENCE = (
    "Hripcsak, G., & Rothschild, A. S. (2005). Agreement, the F-measure, and reliability in "
    "information retrieval. Journal of the American Medical Informatics Association, 12(3), "
    "296–298. https://doi.org/10.1197/jamia.M1733"
)
"""The source that the paragraph cites."""
_MOST = 2  # types named in the paragraph


def paragraph(report: Report, language: Language, *, version: str) -> str:
    """The numbers as a paragraph for the methods section of a thesis."""

    def say(key: str, **values: object) -> str:
        return _PARAGRAPH[key][language].format(**values)

    def many(key: str, count: int, **values: object) -> str:
        special = f"{key}.{count}"
        return say(special if special in _PARAGRAPH else key, n=count, **values)

    if not report.sources:
        return say("none")
    total = report.all.total
    share = percent(part_of(total.unchanged, total.found), language)
    changed = ((name, getattr(total, name)) for name in ("span", "retyped", "recoded"))
    became = (
        many("unchanged", total.unchanged, share=share),
        *(many(name, count) for name, count in changed if count),
        many("rejected", total.rejected),
    )
    sentences = [
        say(
            "found",
            version=version,
            persons=say("one") if report.persons == 1 else say("persons", n=report.persons),
            sources=many("sources", len(report.sources)),
            found=many("details", total.found),
            became=_listed(became, language),
        ),
        many("added", total.added),
    ]
    added = sorted(report.all.by_type.items(), key=lambda item: -item[1].added)
    first = [(label(kind, language).lower(), counts.added) for kind, counts in added[:_MOST]]
    types = [name for name, count in first if count]
    if types and sum(count for _, count in first) * 2 > total.added > 1:
        sentences.append(
            say("most.1" if len(types) == 1 else "most", types=_listed(types, language))
        )
    sentences.append(
        say(
            "rates",
            p=decimal(total.precision, language),
            r=decimal(total.recall, language),
            f=decimal(total.f1, language),
            po=decimal(total.precision_overlap, language),
            ro=decimal(total.recall_overlap, language),
            fo=decimal(total.f1_overlap, language),
            characters=percent(total.characters, language),
        )
    )
    if report.open:
        sentences.append(say("open", sources=many("sources", len(report.open))))
    return " ".join((*sentences, say("caution")))


def _listed(items: Sequence[str], language: Language) -> str:
    """a, b and c."""
    *before, last = items
    conjunction = " og " if language == "nb" else " and "
    return f"{', '.join(before)}{conjunction}{last}" if before else last


def decimal(rate: float | None, language: Language) -> str:
    """A rate with two decimals, never rounded up to 1 or down to 0."""
    if rate is None:
        return "–"
    shown = f"{rate:.2f}"
    if shown == "1.00" and rate < 1:
        shown = "0.99"
    elif shown == "0.00" and rate > 0:
        shown = "0.01"
    return shown.replace(".", ",") if language == "nb" else shown


def percent(rate: float | None, language: Language) -> str:
    """Whole per cent, never rounded up to 100 or down to 0."""
    if rate is None:
        return "–"
    whole = round(100 * rate)
    if (whole == 100 and rate < 1) or (whole == 0 and rate > 0):
        whole = 99 if whole else 1
    return f"{whole} %" if language == "nb" else f"{whole}%"
