"""Text that recognisers invent where nobody speaks: credits of subtitles, ends of videos.

Whisper learned from subtitles, and where it hears noise or silence it writes what stands in
subtitles there (Barański and others, "Investigation of Whisper ASR Hallucinations Induced by
Non-Speech Audio", 2025, arXiv 2501.11378). The phrases lie in invented/, a file for each
language, with their sources. All files count for all recordings: Norwegian silence may well be
written as an English credit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from anonpipe.times import Interval
from anonpipe.transcript import Flag, Turn, Word

NAMES = "…"
"""In a phrase: up to `MOST_NAMES` words that look like names."""

MOST_NAMES = 7
PAUSE = 1.0
"""Seconds that end a sentence without a full stop."""

ALONE = 2.0
"""Seconds without a word, before and after, that make a sentence stand alone."""

VOICED = 0.5
"""Share of its time that must have a voice in it if a sentence was said."""

IMPROBABLE = 0.5
"""Mean probability of its words below which it may well be invented."""

_BETWEEN_NAMES = frozenset(("og", "and", "&", "av", "by", "for", "the", "of", "from", "fra", "med"))
_STRIPPED = ".,!?…-–:;\"'«»“”()[]*"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases as words in lower case; one ending in * stands for all that begin so.

    `credits` is what nobody says in an interview, `sign_offs` what somebody might.
    """

    credits: tuple[tuple[str, ...], ...]
    sign_offs: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Token:
    """Words without a space between them: «Amara» and «.org»; `plain` is what phrases are of."""

    text: str
    plain: str
    words: tuple[Word, ...]

    @classmethod
    def of(cls, *words: Word) -> _Token:
        text = "".join(word.text for word in words)
        return cls(text, text.strip(_STRIPPED).casefold(), words)

    @property
    def is_word(self) -> bool:
        """Whether it is of letters, unlike notes of music and addresses."""
        return self.plain.isalpha()


def credits(turns: Sequence[Turn], speech: Sequence[Interval]) -> list[Flag]:
    """Flags on words that were probably invented; `speech` is where a voice was, in seconds.

    A credit («Undertekster av Ai-Media») is flagged wherever it stands as a sentence. What a
    person may say («takk for at du så på») is flagged only if it is a sentence of its own, and
    has hardly a voice under it, or is improbable, or stands alone between silences.
    """
    phrases = known()
    times = [(word.start, word.end) for turn in turns for word in turn.words]
    flags = []
    for index, turn in enumerate(turns):
        for sentence in _sentences(turn):
            for begin, end in _found(sentence, phrases, times, speech):
                words = [word for token in sentence[begin:end] for word in token.words]
                last = max(word.end for word in words)
                flags.append(Flag("credits", index, words[0].start, last, len(words)))
    return flags


@cache
def known() -> Phrases:
    """The phrases of all languages."""
    found: dict[str, list[tuple[str, ...]]] = {"credits": [], "sign_offs": []}
    for file in sorted((Path(__file__).parent / "invented").glob("*.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        for kind, phrases in found.items():
            phrases.extend(tuple(phrase.split()) for phrase in data.get(kind, ()))
    return Phrases(tuple(found["credits"]), tuple(found["sign_offs"]))


def _sentences(turn: Turn) -> Iterator[list[_Token]]:
    tokens: list[_Token] = []
    for word in turn.words:
        if tokens and word.offset == tokens[-1].words[-1].offset + len(tokens[-1].words[-1].text):
            tokens[-1] = _Token.of(*tokens[-1].words, word)
        else:
            tokens.append(_Token.of(word))
    sentence: list[_Token] = []
    for token, following in pairwise([*tokens, None]):
        assert token is not None
        sentence.append(token)
        if (
            following is None
            or token.text.rstrip("\"'»”)").endswith((".", "!", "?", "…"))
            or following.words[0].start - token.words[-1].end >= PAUSE
        ):
            yield sentence
            sentence = []


def _found(
    sentence: Sequence[_Token],
    phrases: Phrases,
    times: Sequence[Interval],
    speech: Sequence[Interval],
) -> Iterator[tuple[int, int]]:
    """Begin and end, in tokens, of what was invented in a sentence."""
    begin = last = 0
    for at, token in enumerate(sentence):
        if at < last or (at and not token.text.lstrip(_STRIPPED)[:1].isupper() and token.is_word):
            continue  # told of already, or in the midst of what somebody says
        end = max(_match(sentence, at, phrase) for phrase in phrases.credits)
        if end and at > last:
            yield from [(begin, last)] if last else []
            begin = at
        last = end or last
    if last:
        yield begin, last
        return
    whole = any(_match(sentence, 0, phrase) == len(sentence) for phrase in phrases.sign_offs)
    if whole and _doubtful(sentence, times, speech):
        yield 0, len(sentence)


def _match(sentence: Sequence[_Token], begin: int, phrase: Sequence[str]) -> int:
    """The end of a phrase that begins at a token, or 0."""
    at = begin
    for wanted in phrase:
        if wanted == NAMES:
            rest = sentence[at:]
            named = 0 < len(rest) <= MOST_NAMES and all(map(_like_a_name, rest))
            return len(sentence) if named else 0
        if at == len(sentence) or not _is(sentence[at], wanted):
            return 0
        at += 1
    return at


def _is(token: _Token, wanted: str) -> bool:
    if wanted.endswith("*"):
        return token.plain.startswith(wanted[:-1])
    if wanted.endswith(":"):
        return token.text.casefold().endswith(wanted)
    return token.plain == wanted


def _like_a_name(token: _Token) -> bool:
    text = token.text.lstrip(_STRIPPED)
    inner = text.strip(_STRIPPED)
    return (
        text[:1].isupper()
        or token.plain in _BETWEEN_NAMES
        or any(c.isdigit() or c in ".@/" for c in inner)
    )


def _doubtful(
    sentence: Sequence[_Token], times: Sequence[Interval], speech: Sequence[Interval]
) -> bool:
    words = [word for token in sentence for word in token.words]
    begin, end = words[0].start, max(word.end for word in words)
    voiced = sum(max(0.0, min(end, last) - max(begin, first)) for first, last in speech)
    if voiced < VOICED * (end - begin):
        return True
    if sum(word.probability for word in words) / len(words) < IMPROBABLE:
        return True
    return not any(
        first < end + ALONE and last > begin - ALONE and not begin <= first < end
        for first, last in times
    )
