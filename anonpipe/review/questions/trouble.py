"""Where the transcription itself cannot be trusted: one question a stretch, none a word.

Single words that the recogniser was unsure of come up only where they may be names
(`missed`, `unsure`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from anonpipe.codes.spelling import other_script
from anonpipe.review.questions.spots import Case, Spot
from anonpipe.transcript import Flag, FlagKind, Turn

_WEIGHTS: dict[FlagKind, float] = {
    "repetition": 0.2,
    "speech-without-text": 0.12,
    "credits": 0.06,
    "text-without-speech": 0.06,
    "language": 0.08,
}
"""What hides in them may be anything; loops and much speech without text hold up the deletion."""
_A_SECOND = 0.01
_MOST_SECONDS = 15.0
_OTHER_SCRIPT = 0.25
"""Nobody looked for names there."""
_DOUBTFUL = 0.05
_MANY = 5
"""Words of a turn that the recogniser was unsure of, from which it is worth listening."""


def trouble(case: Case) -> Iterator[Spot]:
    """The stretches."""
    doubtful: dict[int, list[Flag]] = defaultdict(list)
    for flag in case.flags:
        if flag.kind == "low-confidence" and flag.turn is not None:
            doubtful[flag.turn].append(flag)
        elif flag.kind in _WEIGHTS:
            yield from _flagged(case, flag)
    for number, flags in doubtful.items():
        if sum(flag.count for flag in flags) >= _MANY:
            begin = min((f.start for f in flags if f.start is not None), default=None)
            end = max((f.end for f in flags if f.end is not None), default=None)
            yield from _stretch(case, number, begin, end, _DOUBTFUL, must=False)
    yield from _other_scripts(case)


def _flagged(case: Case, flag: Flag) -> Iterator[Spot]:
    weight = _WEIGHTS[flag.kind]
    if flag.kind == "speech-without-text" and flag.start is not None and flag.end is not None:
        weight += _A_SECOND * min(flag.end - flag.start, _MOST_SECONDS)
    number = flag.turn
    if number is None and flag.start is not None:
        number = _spoken_before(case.transcript.turns, flag.start)
    if number is not None:
        must = flag.kind in ("repetition", "speech-without-text")
        yield from _stretch(case, number, flag.start, flag.end, weight, must=must)


def _spoken_before(turns: Sequence[Turn], time: float) -> int | None:
    """The last turn that began by then, else the first one that has times."""
    timed = [n for n, turn in enumerate(turns) if turn.start is not None]
    begun = [n for n in timed if (turns[n].start or 0.0) <= time]
    return begun[-1] if begun else timed[0] if timed else None


def _stretch(
    case: Case, number: int, begin: float | None, end: float | None, weight: float, *, must: bool
) -> Iterator[Spot]:
    """The words of a turn said in these seconds; the nearest one where none was."""
    if not 0 <= number < len(case.transcript.turns):
        return
    turn = case.transcript.turns[number]
    if not turn.text.strip():
        return
    first, last = 0, len(turn.text)
    if turn.words and begin is not None and end is not None:
        inside = [w for w in turn.words if w.start < end and begin < w.end]
        if not inside:
            inside = [min(turn.words, key=lambda w: min(abs(w.start - begin), abs(w.end - begin)))]
        first = inside[0].offset
        last = min(len(turn.text), inside[-1].offset + len(inside[-1].text))
    if first < last:
        yield Spot(number, first, last, "trouble", weight, must=must)


def _other_scripts(case: Case) -> Iterator[Spot]:
    """Runs of words in another script, one a turn and run."""
    for number, turn in enumerate(case.transcript.turns):
        if turn.text.isascii():
            continue
        run: tuple[int, int] | None = None
        for start in other_script(turn.text):
            end = _word_end(turn.text, start)
            if case.cover.any(number, start, end):
                continue
            if run is not None and not turn.text[run[1] : start].strip(" ,.-"):
                run = run[0], end
                continue
            if run is not None:
                yield Spot(number, *run, "trouble", _OTHER_SCRIPT, must=True)
            run = start, end
        if run is not None:
            yield Spot(number, *run, "trouble", _OTHER_SCRIPT, must=True)


def _word_end(text: str, start: int) -> int:
    end = start
    while end < len(text) and (text[end].isalnum() or not text[end].isascii()):
        if text[end].isspace():
            break
        end += 1
    return max(end, start + 1)
