"""Numbers in figures or in words.

`digits` writes numbers that are said in words in figures from 13 up («tjuefem» 25), `words`
does that and writes figures up to twelve in words. That is Språkrådet's advice for running
text (Skriveregler, «Tall»: words up to and including twelve), and in English, with ten in the
place of thirteen, APA Style's (Publication Manual, 7th edition, 6.32 and 6.33).

A number is left as it was heard wherever it may be something else: at the beginning of a
sentence, beside another number (telephone numbers, «tretti førti stykker»), in a time of day,
with decimals, in or beside a code, after «side», «rom» and the like; «hundre» and «tusen»
alone («tusen takk»); «en» and “one”, which are articles and pronouns; ordinals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from anonpipe.splicing import Piece, splice_turn
from anonpipe.transcript import Transcript
from anonpipe.wording.number_words import LANGUAGES, NumberWords, below_hundred, cardinal

# Codes and remarks in brackets, figures with their signs, words.
_TOKEN = re.compile(
    r"\[[^\[\]\n]*\]\w*|\([^()\n]*\)|\w*\d[\w.,:/\-–%°]*|[^\W\d_]+(?:['’.\-][^\W\d_]+)*"
)
_FIGURES = re.compile(r"\d{1,2}")
_BLANK = re.compile(r"[ \u00a0]")
_LOOSE = re.compile(r"[\s,.?!…:;«“\"]*")
_ENDED = re.compile(r"[.?!…:]")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    word: str


def with_numbers(transcript: Transcript, numbers: Literal["digits", "words"]) -> Transcript:
    """The transcript with its numbers in this style; doing it twice changes nothing more.

    Words that make one number become one. A language other than nb, nn and en is left.
    """
    rules = LANGUAGES.get(transcript.language)
    if rules is None:
        return transcript
    turns = []
    for turn in transcript.turns:
        tokens = [_Token(m.start(), m.end(), m[0].casefold()) for m in _TOKEN.finditer(turn.text)]
        pieces = list(_in_figures(turn.text, tokens, rules))
        if numbers == "words":
            pieces += _in_words(turn.text, tokens, rules)
        turns.append(splice_turn(turn, sorted(pieces, key=lambda piece: piece.start)))
    return replace(transcript, turns=tuple(turns))


def _in_figures(text: str, tokens: Sequence[_Token], rules: NumberWords) -> Iterator[Piece]:
    at = 0
    while at < len(tokens):
        run = _run(text, tokens, at)
        found = cardinal([token.word for token in run], rules)
        year = _year(text, tokens, at, run, rules)
        if year is not None:
            found = year
        if found is None:
            at += 1
            continue
        value, size = found
        end = at + size
        if year is not None or (value >= rules.least and _is_plain(text, tokens, at, end, rules)):
            yield Piece(tokens[at].start, tokens[end - 1].end, _figures(value, rules))
        # What touches a number that was left is looked at with it, never by itself.
        at = end if year is not None else max(end, at + 1)


def _run(text: str, tokens: Sequence[_Token], at: int) -> list[_Token]:
    """The tokens from one on between which only a blank stands, eight at most."""
    run = [tokens[at]]
    for token in tokens[at + 1 : at + 8]:
        if not _BLANK.fullmatch(text[run[-1].end : token.start]):
            break
        run.append(token)
    return run


def _figures(value: int, rules: NumberWords) -> str:
    return f"{value:,}".replace(",", rules.separator) if value >= 10_000 else str(value)


def _is_numeral(word: str, rules: NumberWords) -> bool:
    big = {rules.hundred, rules.thousand}
    several = rules.words.get(word, 0) != 1 and word in rules.words
    return several or word in big or any(c.isdigit() for c in word)


def _neighbours(tokens: Sequence[_Token], at: int, end: int) -> tuple[list[str], list[str]]:
    before = [token.word for token in tokens[max(0, at - 3) : at]]
    return before[::-1], [token.word for token in tokens[end : end + 3]]


def _is_plain(text: str, tokens: Sequence[_Token], at: int, end: int, rules: NumberWords) -> bool:
    """Whether a number in words is a number of something, and not a part of something else."""
    before, after = _neighbours(tokens, at, end)
    if at == 0 or _ENDED.search(text[tokens[at - 1].end : tokens[at].start]):
        return False  # a sentence does not begin with figures
    beside = (*before[:1], *after[:1])
    if any(word.startswith("[") or _is_numeral(word, rules) for word in beside):
        return False
    if set(after[:1]) & rules.articles:
        return False  # «tjue en dag»
    if tokens[at].word == rules.hundred and set(before[:1]) & rules.articles:
        return False  # “a hundred and five”
    if set(beside) & rules.decimal or text[tokens[end - 1].end :][:1] in tuple("-–/'’"):
        return False
    if set(before[:2]) & rules.clock or set(after[:1]) & rules.clock:
        return False
    if len(before) > 1 and before[0] in rules.joining and _is_numeral(before[1], rules):
        return False  # «tretti og førti», «fem over tretten»
    return not (
        after[:1] == [rules.link]
        and any(word in rules.half or _is_numeral(word, rules) for word in after[1:3])
    )


def _year(
    text: str, tokens: Sequence[_Token], at: int, run: Sequence[_Token], rules: NumberWords
) -> tuple[int, int] | None:
    """A year in two parts after a word that years follow, «i nitten åttitre», and its tokens.

    «I tjue tretti år» and “in twenty thirty years” are no years.
    """
    if at == 0 or tokens[at - 1].word not in rules.years:
        return None
    if not _BLANK.fullmatch(text[tokens[at - 1].end : tokens[at].start]):
        return None
    values = [rules.words.get(token.word) for token in run[:2]]
    if len(values) < 2 or values[0] not in (19, 20) or values[1] is None:
        return None
    rest = below_hundred([token.word for token in run[1:]], rules)
    if rest is None or rest[0] < 10 or (values[0], rest[0]) == (19, 20):
        return None
    if values[0] == 20 and not rest[0] % 10 and rest[0] > 20:
        return None
    size = 1 + rest[1]
    following = [token.word for token in tokens[at + size : at + size + 1]]
    if following and (following[0] in rules.counted or _is_numeral(following[0], rules)):
        return None
    return values[0] * 100 + rest[0], size


def _in_words(text: str, tokens: Sequence[_Token], rules: NumberWords) -> Iterator[Piece]:
    for at, token in enumerate(tokens):
        if not _FIGURES.fullmatch(token.word):
            continue
        small = rules.small.get(int(token.word))
        if small is None or (len(token.word) > 1 and token.word[0] == "0"):
            continue
        if _is_counting(text, tokens, at, rules):
            starts = at == 0 or _ENDED.search(text[tokens[at - 1].end : token.start])
            sentences = any(other.isupper() for other in re.sub(r"\[[^\]]*\]", "", text))
            capital = starts and sentences
            yield Piece(token.start, token.end, small.capitalize() if capital else small)


def _is_counting(text: str, tokens: Sequence[_Token], at: int, rules: NumberWords) -> bool:
    """Whether a figure stands alone before what it counts: «3 barn», not «kl. 3», «3,5», «3 km»."""
    token = tokens[at]
    before, after = _neighbours(tokens, at, at + 1)
    if not after or not _BLANK.fullmatch(text[token.end : tokens[at + 1].start]):
        return False
    if not text[tokens[at + 1].start].islower() or set(after[:1]) & rules.measures:
        return False
    if any(any(c.isdigit() for c in word) for word in (*before, *after)):
        return False
    gap = text[tokens[at - 1].end if at else 0 : token.start]
    if not _LOOSE.fullmatch(gap):
        return False
    named = at > 0 and (before[0] in rules.named or before[0].startswith("["))
    if named and (gap.startswith(".") or _ENDED.search(gap) is None):
        return False
    # «Rom 3», «Windows 10»
    capital = at > 0 and text[tokens[at - 1].start].isupper()
    return not capital or _ENDED.search(gap) is not None
