"""Words to voices: who said each word of one channel, by its time and by where sentences end.

A recogniser's word times are off by a few tenths of a second, and so are the edges of voices: a
word by word decision cuts sentences one word too early or late, and gives a lone word in the
middle of a sentence to somebody else. So the words of a recording are decided together: the
cheapest way through all of them (Viterbi), where a word costs what it is covered by other voices,
and a change of speaker costs more the less likely it is at that place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from anonpipe.speakers.backend import Voice
from anonpipe.times import Interval, merge
from anonpipe.transcribe.turns import SENTENCE_END, PlacedWord

WORD = 0.25
"""Seconds in another's voice that cost 1: about a word."""

MOST = 1.5
"""What one word costs at most, so that a long drawn one outweighs no sentence."""

NEAR = 0.5
"""Seconds from the nearest voice up to which a word in nobody's voice is surely of that one."""

DOUBT = 1.0
"""What a word's choice must cost to be worth a look, a word of `WORD` in another's voice."""

BOTH = 0.2
"""Seconds of two voices at once in a word, or half of the word, that make it an overlap."""

# A change of speaker costs the sum of what speaks against it at that place. Tried on conversations
# with a known speaker for each word (benchmarks/conversations.py, the set dev): fewer than half as
# many words are wrong as with a decision word by word, and halving or doubling any of these numbers
# changes little.
CHANGE = 0.15
NO_SENTENCE_END = 1.0
NO_COMMA = 0.3
NO_PAUSE = 0.3
PAUSE = 0.3
"""Seconds of pause between words that count in full for a change of speaker."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who said a word: `speaker` as in `Voice`, `sure` unless the evidence is thin or against it.

    `overlapped`: somebody else speaks meanwhile.
    """

    speaker: int
    sure: bool = True
    overlapped: bool = False


def attribute(words: Sequence[PlacedWord], voices: Sequence[Voice]) -> list[Said]:
    """Who said each of `words`, which are in order of time; speaker 0 where there is no voice."""
    tracks = _tracks(voices)
    if not tracks:
        return [Said(0, sure=False) for _ in words]
    speakers = sorted(tracks)
    seen = [_evidence(word, [tracks[speaker] for speaker in speakers]) for word in words]
    chosen = _cheapest([each.costs for each in seen], [*_changes(words)])
    return [
        Said(
            speakers[index],
            sure=not each.far and each.costs[index] < DOUBT,
            overlapped=each.together >= min(BOTH, _length(word) / 2),
        )
        for word, index, each in zip(words, chosen, seen, strict=True)
    ]


# -- where a speaker is heard


@dataclass(frozen=True, slots=True)
class _Track:
    """One speaker's stretches, sorted and apart from each other, and the seconds before each."""

    starts: tuple[float, ...]
    ends: tuple[float, ...]
    before: tuple[float, ...]

    def until(self, at: float) -> float:
        """Seconds of this voice before `at`."""
        index = bisect_left(self.starts, at) - 1
        if index < 0:
            return 0.0
        return self.before[index] + min(at, self.ends[index]) - self.starts[index]

    def cover(self, begin: float, end: float) -> float:
        """Seconds of this voice between two times."""
        return max(0.0, self.until(end) - self.until(begin))

    def distance(self, begin: float, end: float) -> float:
        """Seconds from a stretch without this voice to the nearest with it."""
        index = bisect_left(self.starts, begin)
        after = self.starts[index] - end if index < len(self.starts) else float("inf")
        back = begin - self.ends[index - 1] if index else float("inf")
        return max(0.0, min(after, back))


def _tracks(voices: Sequence[Voice]) -> dict[int, _Track]:
    spans: dict[int, list[Interval]] = {}
    for voice in voices:
        if voice.end > voice.start:
            spans.setdefault(voice.speaker, []).append((voice.start, voice.end))
    found = {}
    for speaker, heard in spans.items():
        own = merge(heard)
        starts, ends = (tuple(column) for column in zip(*own, strict=True))
        before = (0.0, *accumulate(end - start for start, end in own))[:-1]
        found[speaker] = _Track(starts, ends, before)
    return found


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a word costs by speaker; `far` from any voice; seconds in which two are heard."""

    costs: tuple[float, ...]
    far: bool
    together: float


def _length(word: PlacedWord) -> float:
    return max(word.end - word.start, 0.02)


def _evidence(word: PlacedWord, tracks: Sequence[_Track]) -> _Evidence:
    begin, end = word.start, word.start + _length(word)
    covers = [track.cover(begin, end) for track in tracks]
    most = max(covers)
    if most > 0:
        costs = tuple(min(MOST, (most - cover) / WORD) for cover in covers)
        # With more than two voices this counts a moment with three of them twice.
        together = max(0.0, sum(covers) - _union(begin, end, tracks, covers))
        return _Evidence(costs, False, together)
    distances = [track.distance(begin, end) for track in tracks]
    nearest = min(distances)
    costs = tuple(min(MOST, (distance - nearest) / WORD) for distance in distances)
    return _Evidence(costs, nearest > NEAR, 0.0)


def _union(begin: float, end: float, tracks: Sequence[_Track], covers: Sequence[float]) -> float:
    """Seconds between two times in which at least one voice is heard."""
    if sum(cover > 0 for cover in covers) < 2:
        return sum(covers)
    edges = {begin, end}
    for track in tracks:
        first = bisect_left(track.ends, begin)
        for start, stop in zip(track.starts[first:], track.ends[first:], strict=True):
            if start >= end:
                break
            edges |= {min(max(start, begin), end), min(max(stop, begin), end)}
    places = sorted(edges)
    return sum(b - a for a, b in pairwise(places) if any(track.cover(a, b) > 0 for track in tracks))


# -- where speakers change


def _changes(words: Sequence[PlacedWord]) -> Iterator[float]:
    """What a change of speaker costs before each word but the first."""
    for last, word in pairwise(words):
        if word.glued:
            yield float("inf")  # half a word is nobody's turn
            continue
        cost = CHANGE
        if not last.text.endswith(SENTENCE_END):
            cost += NO_SENTENCE_END
            cost += NO_COMMA if not last.text.endswith((",", ";", ":", "–", "-")) else 0.0
        pause = min(max(word.start - last.end, 0.0), PAUSE)
        yield cost + NO_PAUSE * (1 - pause / PAUSE)


def _cheapest(costs: Sequence[Sequence[float]], changes: Sequence[float]) -> list[int]:
    """The speakers by word that cost least in all; of equal ways, the one with fewer changes."""
    if not costs:
        return []
    totals = list(costs[0])
    came: list[list[int]] = []
    for own, change in zip(costs[1:], changes, strict=True):
        best = min(range(len(totals)), key=totals.__getitem__)
        stays = [totals[at] <= totals[best] + change for at in range(len(totals))]
        came.append([at if stays[at] else best for at in range(len(totals))])
        totals = [
            (totals[at] if stays[at] else totals[best] + change) + own[at]
            for at in range(len(totals))
        ]
    at = min(range(len(totals)), key=totals.__getitem__)
    path = [at]
    for back in reversed(came):
        at = back[at]
        path.append(at)
    return path[::-1]
