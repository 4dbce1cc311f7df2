"""The words of all pages, in Norwegian and English: those of each page are its own `WORDS`."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date

from anonpipe.answers.model import Say, Words
from anonpipe.receipt_words import Language

SHARED: Words = {
    "app": {"en": "Review", "nb": "Gjennomgang"},
    "skip": {"en": "Skip to the content", "nb": "Hopp til innholdet"},
    "nav": {"en": "Main menu", "nb": "Hovedmeny"},
    "nav.overview": {"en": "Overview", "nb": "Oversikt"},
    "help": {"en": "Keys", "nb": "Taster"},
    "help.title": {"en": "Keyboard shortcuts", "nb": "Hurtigtaster"},
    "help.single": {"en": "Use single-key shortcuts", "nb": "Bruk hurtigtaster med én tast"},
    "close": {"en": "Close", "nb": "Lukk"},
    "cancel": {"en": "Cancel", "nb": "Avbryt"},
    "undo": {"en": "Undo", "nb": "Angre"},
    "dismiss": {"en": "Dismiss", "nb": "Fjern meldingen"},
    "theme": {"en": "Colours", "nb": "Farger"},
    "theme.auto": {"en": "Auto", "nb": "Auto"},
    "theme.light": {"en": "Light", "nb": "Lyst"},
    "theme.dark": {"en": "Dark", "nb": "Mørkt"},
    "language": {"en": "Language", "nb": "Språk"},
    "quit": {"en": "Quit", "nb": "Avslutt"},
    "quit.title": {"en": "Quit the review?", "nb": "Avslutte gjennomgangen?"},
    "quit.text": {
        "en": "Everything you have decided is saved. Go on later with the same command.",
        "nb": "Alt du har bestemt, er lagret. Gå videre senere med samme kommando.",
    },
    "gone.title": {"en": "The review has ended", "nb": "Gjennomgangen er avsluttet"},
    "gone.text": {
        "en": "Everything you decided is saved. You can close this tab. To go on, start "
        "`anonpipe review` again.",
        "nb": "Alt du bestemte, er lagret. Du kan lukke denne fanen. For å gå videre, start "
        "`anonpipe review` igjen.",
    },
    "elsewhere.title": {
        "en": "The review was opened elsewhere",
        "nb": "Gjennomgangen er åpnet et annet sted",
    },
    "elsewhere.text": {
        "en": "A newer address is in use, so this page is closed. To go on here, press Enter in "
        "the terminal where `anonpipe review` runs.",
        "nb": "En nyere adresse er i bruk, så denne siden er lukket. For å gå videre her, trykk "
        "Enter i terminalen der `anonpipe review` kjører.",
    },
    "lost.title": {"en": "No answer from anonpipe", "nb": "anonpipe svarer ikke"},
    "lost.text": {
        "en": "The program has ended, or the connection is down. Everything that was decided is "
        "saved. The page comes back by itself when there is an answer; else start "
        "`anonpipe review` again.",
        "nb": "Programmet er avsluttet, eller forbindelsen er nede. Alt som ble bestemt, er "
        "lagret. Siden kommer tilbake av seg selv når det kommer svar; ellers start "
        "`anonpipe review` igjen.",
    },
    "idle.title": {"en": "Are you still there?", "nb": "Er du der ennå?"},
    "idle.text": {
        "en": "Nobody has done anything here for a while. The review ends in {n} minutes, so that "
        "nothing stays readable on a screen that nobody watches. Everything decided is saved.",
        "nb": "Det er en stund siden noen gjorde noe her. Gjennomgangen avsluttes om {n} "
        "minutter, så ingenting blir stående lesbart på en skjerm ingen passer på. Alt som er "
        "bestemt, er lagret.",
    },
    "idle.text.1": {
        "en": "Nobody has done anything here for a while. The review ends in one minute, so that "
        "nothing stays readable on a screen that nobody watches. Everything decided is saved.",
        "nb": "Det er en stund siden noen gjorde noe her. Gjennomgangen avsluttes om ett minutt, "
        "så ingenting blir stående lesbart på en skjerm ingen passer på. Alt som er bestemt, er "
        "lagret.",
    },
    "idle.stay": {"en": "Go on", "nb": "Fortsett"},
    "to-overview": {"en": "To the overview", "nb": "Til oversikten"},
    "key.help": {"en": "Show these keys", "nb": "Vis disse tastene"},
    "key.overview": {"en": "To the overview", "nb": "Til oversikten"},
    "key.section": {"en": "Everywhere", "nb": "Overalt"},
    "web.stranger": {
        "en": "This page opens only with the address that `anonpipe review` prints in the "
        "terminal: press Enter there for a new one.",
        "nb": "Denne siden åpnes bare med adressen som `anonpipe review` viser i terminalen: "
        "trykk Enter der for å få en ny.",
    },
    "web.used": {
        "en": "This address opens nothing, as each works once: press Enter in the terminal where "
        "`anonpipe review` runs for a new one. If you never used it, somebody else on this machine "
        "may have, and a new address shuts them out.",
        "nb": "Denne adressen åpner ingenting, for hver virker én gang: trykk Enter i terminalen "
        "der `anonpipe review` kjører, så får du en ny. Har du aldri brukt den, kan noen andre på "
        "maskinen ha gjort det, og en ny adresse stenger dem ute.",
    },
    "web.host": {
        "en": "The review answers only at the address that the terminal shows.",
        "nb": "Gjennomgangen svarer bare på adressen som terminalen viser.",
    },
    "web.user": {
        "en": "The review answers only to the user who started it.",
        "nb": "Gjennomgangen svarer bare den brukeren som startet den.",
    },
    "web.origin": {
        "en": "This request came from another page, so nothing was done: paste the address from "
        "the terminal into a new tab.",
        "nb": "Denne forespørselen kom fra en annen side, så ingenting ble gjort: lim inn "
        "adressen fra terminalen i en ny fane.",
    },
    "web.json": {
        "en": "That request could not be read, so nothing was done: load the page again.",
        "nb": "Forespørselen kunne ikke leses, så ingenting ble gjort: last siden på nytt.",
    },
    "web.method": {
        "en": "There is no such request here, so nothing was done.",
        "nb": "Slike forespørsler finnes ikke her, så ingenting ble gjort.",
    },
    "web.nowhere": {
        "en": "There is no such page in this review.",
        "nb": "Den siden finnes ikke i denne gjennomgangen.",
    },
    "web.broken": {
        "en": "Something went wrong here. Everything decided before is saved: load the page "
        "again, and report these words if it stays so.",
        "nb": "Noe gikk galt her. Alt som var bestemt, er lagret: last siden på nytt, og meld fra "
        "med disse ordene om det fortsetter.",
    },
}


_MONTHS: Mapping[Language, str] = {
    "en": "January February March April May June July August September October November December",
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
}


def day(when: date, language: Language) -> str:
    """A date as it is written: 12. mai 2026, 12 May 2026."""
    month = _MONTHS[language].split()[when.month - 1]
    return f"{when.day}{'.' if language == 'nb' else ''} {month} {when.year}"


_WISHES: Mapping[str, Language] = {"nb": "nb", "nn": "nb", "no": "nb", "en": "en"}


def wished(accepted: str) -> Language | None:
    """The language of ours that an `Accept-Language` header puts first; None if it has none."""
    ranked: list[tuple[float, Language]] = []
    for part in accepted.split(","):
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        found = _WISHES.get(tag.partition("-")[0])
        if found and re.fullmatch(r"[01](\.\d{0,3})?", weight) and float(weight) > 0:
            ranked.append((float(weight), found))
    return max(ranked, key=lambda each: each[0])[1] if ranked else None


@functools.cache
def say(language: Language) -> Say:
    """All words in a language. Each key is given once, in both languages."""
    return Say(every(), language)


@functools.cache
def every() -> Words:
    """The shared words and those of all pages, by key."""
    from anonpipe.review.web.app import page_modules

    found = dict(SHARED)
    for module in page_modules():
        own: Words = getattr(module, "WORDS", {})
        double = found.keys() & own.keys()
        assert not double, f"words with two meanings: {sorted(double)}"
        found.update(own)
    return found


def for_scripts(language: Language) -> Mapping[str, str]:
    """The words by key, with {places} for values."""
    return {key: each[language] for key, each in every().items()}
