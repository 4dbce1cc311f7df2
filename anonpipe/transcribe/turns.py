"""Words to turns: readable paragraphs, each of one speaker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from anonpipe.transcript import Turn, Word

PAUSE = 1.2
"""Seconds of pause that end a turn, if a sentence ends there too."""

LONG_PAUSE = 3.0
"""Seconds of pause that end a turn in any case."""

PARAGRAPH = 45.0
"""Seconds after which a turn ends at the next end of a sentence, pause or not."""

LONGEST = 75.0
"""Seconds after which it ends at the next pause at all."""

REPLY_PAUSE = 0.8
"""With a microphone each: a pause that lets the other one's words in between."""

SENTENCE_END = (".", "?", "!", "…", '."', '?"', '!"', ".»", "?»", "!»", ".”", "?”", "!”")


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word at its time in the recording; `glued` if no space stands before it."""

    text: str
    start: float
    end: float
    probability: float
    glued: bool = False


def build_turns(channels: Sequence[Sequence[PlacedWord]], speakers: Sequence[str]) -> list[Turn]:
    """Turns in order of their beginning, `speakers[i]` being the label of `channels[i]`."""
    if len(channels) == 1:
        return [_turn(words, speakers[0]) for words in _paragraphs(channels[0])]
    utterances = sorted(
        (
            (words[0].start, index, words)
            for index, channel in enumerate(channels)
            for words in _utterances(channel)
        ),
        key=lambda item: item[:2],
    )
    joined: list[tuple[int, list[PlacedWord]]] = []
    for _, index, words in utterances:
        if joined and joined[-1][0] == index:
            joined[-1][1].extend(words)
        else:
            joined.append((index, list(words)))
    return [_turn(words, speakers[index]) for index, run in joined for words in _paragraphs(run)]


def told_turns(
    words: Sequence[PlacedWord], speakers: Sequence[int], labels: Sequence[str]
) -> list[Turn]:
    """Turns of one channel whose words several people said, all words in their order.

    `speakers[i]` is whose word `words[i]` is, an index of `labels`. What somebody puts in between
    is a turn of its own, as it is with a microphone each.
    """
    turns = []
    for speaker, run in groupby(zip(speakers, words, strict=True), key=lambda item: item[0]):
        spoken = [word for _, word in run]
        turns += [_turn(part, labels[speaker]) for part in _paragraphs(spoken)]
    return turns


def placed_words(turns: Sequence[Turn]) -> list[PlacedWord]:
    """The words that turns were made of, with all of their texts: `told_turns` makes them anew."""
    found = []
    for turn in turns:
        ends = [*(word.offset for word in turn.words[1:]), len(turn.text)]
        begin = 0
        for word, end in zip(turn.words, ends, strict=True):
            text = turn.text[begin:end]
            glued = begin > 0 and not turn.text[begin - 1].isspace()
            found.append(PlacedWord(text.strip(), word.start, word.end, word.probability, glued))
            begin = end
    return found


def _paragraphs(words: Sequence[PlacedWord]) -> list[list[PlacedWord]]:
    parts: list[list[PlacedWord]] = []
    for word in words:
        if not parts or (not word.glued and _ends(parts[-1], word)):
            parts.append([])
        parts[-1].append(word)
    return parts


def _ends(part: Sequence[PlacedWord], following: PlacedWord) -> bool:
    last = part[-1]
    pause = following.start - last.end
    length = last.end - part[0].start
    sentence = last.text.endswith(SENTENCE_END)
    return (
        pause >= LONG_PAUSE
        or (sentence and (pause >= PAUSE or length >= PARAGRAPH))
        or (length >= LONGEST and pause >= 0.2)
        or length >= 1.5 * LONGEST
    )


def _utterances(words: Sequence[PlacedWord]) -> list[list[PlacedWord]]:
    parts: list[list[PlacedWord]] = []
    for word in words:
        if not parts or (not word.glued and word.start - parts[-1][-1].end >= REPLY_PAUSE):
            parts.append([])
        parts[-1].append(word)
    return parts


def _turn(words: Sequence[PlacedWord], speaker: str) -> Turn:
    text = ""
    placed = []
    for word in words:
        if text and not word.glued:
            text += " "
        placed.append(Word(word.text, len(text), word.start, word.end, word.probability))
        text += word.text
    return Turn(text, speaker, words[0].start, max(word.end for word in words), tuple(placed))
