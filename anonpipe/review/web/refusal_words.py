"""What the core says no with, in Norwegian: it speaks English, as the terminal does."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

from anonpipe.receipt_words import Language

SENTENCES: Mapping[str, str] = {
    # deciding
    "That is decided for one place or one interview.": (
        "Det bestemmes for ett sted eller ett intervju."
    ),
    "There is no mention in that place any more: look at it again.": (
        "Det er ikke merket noe der lenger: se på stedet på nytt."
    ),
    "There is no such turn any more: look at the interview again.": (
        "Den replikken finnes ikke lenger: se på intervjuet på nytt."
    ),
    "There are no such words in that turn any more: look at it again.": (
        "De ordene står ikke i replikken lenger: se på den på nytt."
    ),
    "Select words first: blanks alone say nothing.": (
        "Merk ord først: mellomrom alene sier ingenting."
    ),
    "Select at most {} characters.": "Merk høyst {} tegn.",
    "Say of what type it is.": "Si hva slags opplysning det er.",
    "That holds a code already: mark the words beside it.": (
        "Der står det en kode fra før: merk ordene ved siden av."
    ),
    "{} stands for nobody in this study's key: choose another.": (
        "{} står ikke for noen i studiens nøkkel: velg en annen."
    ),
    "{} is no {}: choose another, or a new one.": (
        "{} er ikke av typen {}: velg en annen, eller en ny."
    ),
    "Say where the mention is to begin and end.": "Si hvor det skal begynne og slutte.",
    "The new words must hold some of the old: reject it and mark others.": (
        "De nye ordene må ha med noen av de gamle: avvis det, og merk andre ord."
    ),
    "Write a few words without brackets, such as «to dager i uken».": (
        "Skriv noen få ord uten klammer, som «to dager i uken»."
    ),
    "That looks like a code: write other words.": "Det ser ut som en kode: skriv noe annet.",
    "These words still hold the detail itself: write something wider.": (
        "I disse ordene står selve opplysningen fortsatt: skriv noe vagere."
    ),
    "Misheard words are corrected in one interview at a time.": (
        "Feilhørte ord rettes i ett intervju om gangen."
    ),
    "Write what was said, in at most {} characters.": "Skriv det som ble sagt, med høyst {} tegn.",
    "These are the words that stand there.": "Det er ordene som står der.",
    "That holds a code, and codes are not written by hand.": (
        "Der er det en kode, og koder skrives ikke for hånd."
    ),
    "Say which two of the study's codes are one.": "Si hvilke to koder som er den samme.",
    "Two participants cannot be one: correct consent.csv instead.": (
        "To deltakere kan ikke bli én: rett consent.csv i stedet."
    ),
    "{} and {} cannot become one.": "{} og {} kan ikke bli én.",
    "There is no decision of that id: it may be taken back already.": (
        "Den avgjørelsen finnes ikke: kanskje er den alt angret."
    ),
    "{} came with this, and other decisions are about it: take back {} first.": (
        "{} kom med denne, og andre avgjørelser gjelder den: angre {} først."
    ),
    "{} came with this and stands in finished transcripts ({}): reject the words where they are no "
    "name instead.": (
        "{} kom med denne og står i ferdige transkripsjoner ({}): avvis heller ordene der de ikke "
        "er noe navn."
    ),
    "These words were corrected again since: take that back first.": (
        "Disse ordene er rettet på nytt etterpå: angre det først."
    ),
    "The raw transcript of {} is gone: what is wrong in it can only be decided for the whole "
    "study.": (
        "Råteksten til {} er borte: det som er feil i den, kan bare bestemmes for hele studien."
    ),
    # what is shown
    "{} is not transcribed yet: run `anonpipe run` first.": (
        "{} er ikke transkribert ennå: kjør `anonpipe run` først."
    ),
    "Consent to {} was withdrawn, so nothing of it is shown: run `anonpipe withdraw {} {}`.": (
        "Samtykket til {} er trukket, så ingenting av det vises: kjør `anonpipe withdraw {} {}`."
    ),
    "{} has no consent in consent.csv, so nothing of it is shown.": (
        "{} har ikke noe samtykke i consent.csv, så ingenting av det vises."
    ),
    "The outputs of {} are gone or cannot be read: nothing can be shown.": (
        "Filene til {} er borte eller kan ikke leses: ingenting kan vises."
    ),
    # signing
    "{} was changed by hand and is not overwritten, so what was decided about {} is not in it: "
    "move it out of the study and come back, and it is written anew; then decide here what you "
    "had changed there.": (
        "{} er endret for hånd og overskrives ikke, så det du bestemte om {}, står ikke der: flytt "
        "filen ut av studien og kom tilbake, så skrives den på nytt; bestem så her det du hadde "
        "endret der."
    ),
    "{} is missing: put it back from a backup.": (
        "{} mangler: legg den tilbake fra en sikkerhetskopi."
    ),
    "You have signed {}, and a second person must: they open the study with an identity of their "
    "own and sign here with their own name.": (
        "Du har signert {}, og en person til må signere: vedkommende åpner studien med sin egen "
        "identitet og signerer her med sitt eget navn."
    ),
    "{} cannot be written, and nothing is signed or deleted without it.": (
        "{} kan ikke skrives, og ingenting signeres eller slettes uten den."
    ),
    "The key {} is not there, or is another one: connect its disk.": (
        "Nøkkelen {} er ikke der, eller er en annen: koble til disken den ligger på."
    ),
    "Two persons must sign in this study, and its key has one holder only: let another one in "
    "with `anonpipe key recipients add {}`.": (
        "To personer må signere i denne studien, og nøkkelen har bare én innehaver: slipp inn en "
        "til med `anonpipe key recipients add {}`."
    ),
    "Write your name to sign; the log keeps a fingerprint of it only.": (
        "Skriv navnet ditt for å signere; loggen beholder bare et fingeravtrykk av det."
    ),
    "Write a name of at most {} characters to sign.": (
        "Skriv et navn på høyst {} tegn for å signere."
    ),
    "Something about {} has changed since this was shown, so it was not signed: look at it again, "
    "then sign.": (
        "Noe ved {} er endret siden dette ble vist, så den ble ikke signert: se på den på nytt, og "
        "signer så."
    ),
}
"""By the English sentence, with {} for values; they come in the same order in both."""


def told(sentence: str, language: Language) -> str:
    """A sentence of the core in a language; one that has no translation as it is."""
    if language == "en":
        return sentence
    for pattern, translation in _patterns():
        if found := pattern.fullmatch(sentence):
            return translation.format(*found.groups())
    return sentence


@functools.cache
def _patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    return [
        (re.compile("(.+?)".join(map(re.escape, key.split("{}"))), re.DOTALL), translation)
        for key, translation in SENTENCES.items()
    ]
