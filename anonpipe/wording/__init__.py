"""How what was said is written: the steps that a coded transcript takes, in their order.

    clean      fillers, cut-off words, repetitions, restarts go     (in the clean style)
    laughter   «haha», «[ler]» become one mark                      (by choice)
    numerals   numbers in figures or in words                       (by choice)
    pauses     silences, measured before any word went, are marked  (by choice)
    unclear    words of low confidence and unheard speech, too      (by choice)
               words that the recogniser invented, such as credits

All work on text whose mentions are codes already, so that nothing is hidden from detection;
none changes a code, and the number and order of turns stay, since flags and pauses count on
them. docs/WRITING.md tells people what each does.
"""

from __future__ import annotations

from anonpipe.settings import Wording
from anonpipe.transcript import Transcript
from anonpipe.wording.clean import clean
from anonpipe.wording.laughter import with_laughter
from anonpipe.wording.marks import inserted
from anonpipe.wording.numerals import with_numbers
from anonpipe.wording.pauses import pause_marks, silences
from anonpipe.wording.styles import Written
from anonpipe.wording.unclear import unclear_marks

__all__ = ["worded"]


def worded(coded: Transcript, style: Written, wording: Wording) -> Transcript:
    """A coded transcript as it is to be written; pure.

    Doing it twice changes nothing more in a transcript without times; marks of pauses and
    unclear passages would be put in again.
    """
    quiet = silences(coded)
    language = coded.language
    if style == "clean":
        coded = clean(coded, language)
    if wording.laughter:
        coded = with_laughter(coded)
    if wording.numbers != "as-heard":
        coded = with_numbers(coded, wording.numbers)
    pauses = tuple(pause_marks(coded, quiet, style)) if wording.pauses else ()
    found = list(pauses)
    places = frozenset((each.turn, each.offset) for each in pauses)
    found += unclear_marks(coded, places, only_invented=not wording.unclear)
    return inserted(coded, found) if found else coded
