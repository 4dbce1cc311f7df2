"""Unclear passages: words that the recogniser was unsure of, and speech that gave none.

A guess stays readable inside its mark, «(uklart 00:12:41: kanskje)», because it is often
right and always tells where to listen; Dresing and Pehl (Manual (on) Transcription, 2015) put
a supposed wording in brackets as well, and a time where nothing was understood. A name that
was coded stays its code there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from anonpipe.transcribe.flags import LOW_PROBABILITY
from anonpipe.transcript import Transcript, Turn, Word
from anonpipe.wording.clean import is_filler
from anonpipe.wording.marks import Insertion, unclear, unclear_around

_ENDED = re.compile(r"[.?!…][\"'»”)]*$")
_SIGNS = ".,;:!?…"

Doubts = Callable[[Word], bool]


def unclear_marks(
    transcript: Transcript, pauses: frozenset[tuple[int, int]], *, only_invented: bool = False
) -> Iterator[Insertion]:
    """What is to be put in around words of low confidence, and for speech without words.

    `pauses` are the places (turn, offset) of marked pauses; no mark reaches across another.
    Fillers alone are not told as unclear. Words that were probably invented, such as credits of
    subtitles, are unclear however sure the recogniser was; with `only_invented` nothing else is.
    """
    language = transcript.language
    unheard = [] if only_invented else list(_unheard(transcript))
    yield from unheard
    marked = {(each.turn, each.offset) for each in unheard} | pauses
    for number, turn in enumerate(transcript.turns):
        doubts = _doubts(transcript, number, only_invented)
        for words in _runs(turn, {at for turn_of, at in marked if turn_of == number}, doubts):
            run = _trimmed(words, language, doubts)
            if not run:
                continue
            before, after = unclear_around(language, run[0].start)
            end = run[-1].offset + len(run[-1].text.rstrip(_SIGNS))
            yield Insertion(number, run[0].offset, before)
            yield Insertion(number, end, after)


def _doubts(transcript: Transcript, turn: int, only_invented: bool) -> Doubts:
    """Whether a word of a turn is to be marked."""
    invented = [
        (flag.start, flag.end)
        for flag in transcript.flags
        if flag.kind == "credits" and flag.turn == turn
        if flag.start is not None and flag.end is not None
    ]

    def doubts(word: Word) -> bool:
        if any(begin <= word.start and word.end <= end for begin, end in invented):
            return True
        return not only_invented and word.probability < LOW_PROBABILITY

    return doubts


def _runs(turn: Turn, breaks: set[int], doubts: Doubts) -> Iterator[list[Word]]:
    """Runs of doubtful words within a sentence, from one blank to another.

    One sure word between two of them belongs to the passage.
    """
    words = turn.words
    doubted = [_may_be_marked(turn.text, word) and doubts(word) for word in words]
    for at in range(1, len(words) - 1):
        if doubted[at - 1] and doubts(words[at + 1]):
            doubted[at] = _may_be_marked(turn.text, words[at])
    run: list[Word] = []
    for word, unclear_one in zip(words, doubted, strict=True):
        ended = run and (_ENDED.search(run[-1].text) or word.offset in breaks)
        if run and (ended or not unclear_one or not _blank_between(turn.text, run[-1], word)):
            yield run
            run = []
        if unclear_one:
            run.append(word)
    if run:
        yield run


def _trimmed(words: list[Word], language: str, doubts: Doubts) -> list[Word]:
    """A run without sure words and fillers at its ends; empty if nothing else is in it."""
    told = [
        at for at, word in enumerate(words) if doubts(word) and not is_filler(word.text, language)
    ]
    return words[told[0] : told[-1] + 1] if told else []


def _may_be_marked(text: str, word: Word) -> bool:
    marked = set("()") & set(word.text)
    return not marked and any(c.isalnum() for c in word.text) and _stands_alone(text, word)


def _stands_alone(text: str, word: Word) -> bool:
    end = word.offset + len(word.text)
    return (
        not text[max(0, word.offset - 1) : word.offset].strip() and not text[end : end + 1].strip()
    )


def _blank_between(text: str, one: Word, other: Word) -> bool:
    return text[one.offset + len(one.text) : other.offset] == " "


def _unheard(transcript: Transcript) -> Iterator[Insertion]:
    """Marks for speech without words, before the next word, whoever says that, or at the end."""
    spoken = sorted(
        (word.start, number, word.offset)
        for number, turn in enumerate(transcript.turns)
        for word in turn.words
    )
    for flag in transcript.flags:
        if flag.kind != "speech-without-text" or flag.start is None or not spoken:
            continue
        mark = unclear(transcript.language, flag.start)
        begin = flag.start
        following = next((place for place in spoken if place[0] >= begin), None)
        if following is not None:
            yield Insertion(following[1], following[2], f"{mark} ")
        else:
            last = max(spoken)[1]
            yield Insertion(last, len(transcript.turns[last].text), f" {mark}")
