"""How far the machine and the reviewer agree: numbers, a table and a paragraph for the thesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anonpipe import __version__
from anonpipe.answers.model import Say, Words
from anonpipe.codes import label
from anonpipe.markup import tag
from anonpipe.receipt_words import Language
from anonpipe.review import agreement, thesis
from anonpipe.review.agreement import Counts, Report
from anonpipe.review.desk import Desk
from anonpipe.review.web.handling import at_desk, render, say

PARTS = ("unchanged", "span", "retyped", "recoded", "rejected", "added")
"""What became of mentions, in the order of the bar and of the table's columns."""
_LANGUAGES: tuple[Language, ...] = ("nb", "en")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: numbers, and rates as they are written."""

    name: str
    counts: Counts
    exact: tuple[str, str, str]
    overlap: tuple[str, str, str]


def page(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    """The page."""
    report, speak = agreement.of_study(desk), say(request)
    total = report.all
    languages = sorted(_LANGUAGES, key=lambda language: language != speak.language)
    return render(
        request,
        "agreement.html",
        report=report,
        total=total.total,
        bar=_bar(total.total, speak) if total.total.found + total.total.added else None,
        parts=[(part, getattr(total.total, part)) for part in PARTS],
        types=[_row(label(kind, speak.language), c, speak) for kind, c in total.by_type.items()],
        whole=_row(speak("agreement.all"), total.total, speak),
        sources=[_row(name, each.total, speak) for name, each in sorted(report.sources.items())],
        texts=[(each, _text(report, each)) for each in languages],
        reference=thesis.REFERENCE,
    )


def table(request: Request, desk: Desk, _: Mapping[str, Any]) -> Response:
    """The numbers as a file for a spreadsheet; it holds ids of sources, types and numbers."""
    return Response(
        thesis.table(agreement.of_study(desk)),
        media_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="agreement.csv"'},
    )


def _text(report: Report, language: Language) -> str:
    return thesis.paragraph(report, language, version=__version__)


def _row(name: str, counts: Counts, speak: Say) -> Row:
    def written(*rates: float | None) -> tuple[str, str, str]:
        one, two, three = (thesis.decimal(rate, speak.language) for rate in rates)
        return one, two, three

    return Row(
        name,
        counts,
        written(counts.precision, counts.recall, counts.f1),
        written(counts.precision_overlap, counts.recall_overlap, counts.f1_overlap),
    )


def _bar(total: Counts, speak: Say) -> Markup:
    """What became of all mentions, as one bar whose parts stand in the order of the legend."""
    width, gap = 1000.0, 3.0
    numbers = [(part, getattr(total, part)) for part in PARTS if getattr(total, part)]
    room = width - gap * (len(numbers) - 1)
    every = sum(number for _, number in numbers)
    x, drawn = 0.0, []
    for part, number in numbers:
        wide = room * number / every
        drawn.append(tag("rect", x=x, y=0, width=wide, height=28, class_=f"part {part}"))
        x += wide + gap
    title = speak(
        "agreement.bar",
        parts="; ".join(f"{speak(f'agreement.{part}')}: {number}" for part, number in numbers),
    )
    image = tag(
        "svg",
        tag("title", title, id="bar-title"),
        *drawn,
        viewBox="0 0 1000 28",
        preserveAspectRatio="none",
        role="img",
        aria_labelledby="bar-title",
        class_="whole",
    )
    return Markup(image)  # noqa: S704 (`tag` escapes all that it is given)


WORDS: Words = {
    "nav.agreement": {"en": "Numbers for methods", "nb": "Tall til metode"},
    "agreement.lead": {
        "en": "What the program marked, compared with what stands after the review of {n} "
        "sources, as a table and as text for the methods section; no names are in it.",
        "nb": "Det programmet merket, sammenlignet med det som står etter gjennomgangen av {n} "
        "kilder, som tabell og som tekst til metodekapittelet; det er ingen navn i det.",
    },
    "agreement.lead.1": {
        "en": "What the program marked, compared with what stands after the review of one source. "
        "It comes as a table and as text for the methods section; no names are in it.",
        "nb": "Det programmet merket, sammenlignet med det som står etter gjennomgangen av én "
        "kilde, som tabell og som tekst til metodekapittelet; det er ingen navn i det.",
    },
    "agreement.none": {
        "en": "Nothing has been reviewed yet. The numbers come with your first decisions.",
        "nb": "Ingenting er gjennomgått ennå. Tallene kommer med de første avgjørelsene dine.",
    },
    "agreement.open": {
        "en": "Not signed off yet, so the numbers may still change: {ids}.",
        "nb": "Ikke signert ennå, så tallene kan endre seg: {ids}.",
    },
    "agreement.untouched": {
        "en": "Not reviewed, and not counted: {ids}.",
        "nb": "Ikke gjennomgått, og ikke regnet med: {ids}.",
    },
    "agreement.unknown": {
        "en": "The numbers of {ids} were not kept, as the raw transcript is gone.",
        "nb": "Tallene for {ids} er ikke bevart, siden den rå transkripsjonen er borte.",
    },
    "agreement.bar": {
        "en": "What became of the details. {parts}.",
        "nb": "Hva det ble av opplysningene. {parts}.",
    },
    "agreement.became": {"en": "What became of the details", "nb": "Hva det ble av opplysningene"},
    "agreement.found": {"en": "Found by the program", "nb": "Funnet av programmet"},
    "agreement.unchanged": {"en": "Unchanged", "nb": "Uendret"},
    "agreement.confirmed": {
        "en": "of these confirmed one by one",
        "nb": "av disse bekreftet enkeltvis",
    },
    "agreement.span": {"en": "Other extent", "nb": "Annen utstrekning"},
    "agreement.retyped": {"en": "Other type", "nb": "Annen type"},
    "agreement.recoded": {"en": "Other code", "nb": "Annen kode"},
    "agreement.rejected": {"en": "Rejected", "nb": "Avvist"},
    "agreement.added": {"en": "Added", "nb": "Lagt til"},
    "agreement.types": {"en": "By type", "nb": "Etter type"},
    "agreement.sources": {"en": "By source", "nb": "Etter kilde"},
    "agreement.type": {"en": "Type", "nb": "Type"},
    "agreement.source": {"en": "Source", "nb": "Kilde"},
    "agreement.all": {"en": "All", "nb": "Alle"},
    "agreement.exact": {"en": "Same extent and type", "nb": "Samme utstrekning og type"},
    "agreement.overlap": {"en": "Overlapping", "nb": "Overlappende"},
    "agreement.head.found": {"en": "Found", "nb": "Funnet"},
    "agreement.head.changed": {"en": "Changed", "nb": "Endret"},
    "agreement.head.span": {"en": "Extent", "nb": "Utstrekning"},
    "agreement.head.type": {"en": "Type", "nb": "Type"},
    "agreement.head.code": {"en": "Code", "nb": "Kode"},
    "agreement.p": {"en": "Precision", "nb": "Presisjon"},
    "agreement.r": {"en": "Recall", "nb": "Gjenfinning"},
    "agreement.csv": {"en": "Table as CSV", "nb": "Tabell som CSV"},
    "agreement.text": {"en": "For the methods section", "nb": "Til metodekapittelet"},
    "agreement.text.nb": {"en": "In Norwegian", "nb": "På norsk"},
    "agreement.text.en": {"en": "In English", "nb": "På engelsk"},
    "agreement.copy": {"en": "Copy", "nb": "Kopier"},
    "agreement.copied": {
        "en": "Copied, with the reference.",
        "nb": "Kopiert, med kildehenvisningen.",
    },
    "agreement.not-copied": {
        "en": "The browser did not let it be copied: select the text and press Ctrl+C.",
        "nb": "Nettleseren tillot ikke kopiering: merk teksten og trykk Ctrl+C.",
    },
    "agreement.limits": {
        "en": "What the numbers say, and what not",
        "nb": "Hva tallene sier, og ikke sier",
    },
    "agreement.limits.anchor": {
        "en": "**You saw the program’s marks.** What is marked already is easily accepted. So "
        "this is what was corrected, and no independent standard.",
        "nb": "**Du så programmets merker.** Det som alt er merket, godtar man lett. Tallene "
        "viser altså hva som ble rettet, og er ingen uavhengig fasit.",
    },
    "agreement.limits.missed": {
        "en": "**What both overlooked does not count.** The true recall can only be lower than "
        "this; by how much nobody knows.",
        "nb": "**Det begge overså, er ikke med.** Den egentlige gjenfinningen kan bare være "
        "lavere enn dette; hvor mye vet ingen.",
    },
    "agreement.limits.kappa": {
        "en": "**There is no kappa.** It needs the number of things that both left unmarked, and "
        "running text has no such number. F1 is the measure to give then (Hripcsak and Rothschild "
        "2005).",
        "nb": "**Det er ingen kappa.** Den krever antallet ting begge lot stå umerket, og det "
        "finnes ikke i løpende tekst. Da er F1 målet å oppgi (Hripcsak og Rothschild 2005).",
    },
    "agreement.limits.count": {
        "en": "**Every mention counts.** A name that is said forty times counts forty times, and "
        "one decision may change them all.",
        "nb": "**Hver forekomst teller.** Et navn som sies førti ganger, teller førti ganger, og "
        "én avgjørelse kan endre alle.",
    },
}
NAV = (2, "/agreement", "nav.agreement")
routes = [
    Route("/agreement", at_desk(page)),
    Route("/agreement.csv", at_desk(table)),
]
