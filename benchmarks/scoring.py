"""Errors of transcripts: words, words given to the wrong speaker, and who speaks when.

    pip install jiwer pyannote.metrics

Words are compared in lower case and without punctuation, fillers and backchannels («um», «mm»),
which Whisper leaves out of its own error rates too (openai/whisper, normalizers/english.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import jiwer
import numpy as np
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate
from reference import Conversation
from scipy.optimize import linear_sum_assignment

COLLAR = 0.25
"""Seconds around each border of the reference, half of them on either side, that do not count."""

FILLERS = {"um", "uh", "hmm", "mm", "mhm", "mmm", "eh", "ehm", "øh", "hm"}


NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
TENS = "thirty forty fifty sixty seventy eighty ninety".split()
SAME = {
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "ok": "okay",
    "mums": "moms",
    "centre": "center",
    "neighbour": "neighbor",
    "harbour": "harbor",
    **{str(number): word for number, word in enumerate(NUMBERS)},
    **{str(number): word for number, word in zip(range(30, 100, 10), TENS, strict=True)},
}
"""Spellings of the same, as they are compared."""


def normalized(text: str) -> list[str]:
    """The words of `text` as they are compared; apostrophes are left out."""
    plain = re.sub(r"[^\w\s]", " ", re.sub("['’]", "", text.lower()))
    words = [SAME.get(word, word) for word in plain.split()]
    return [word for word in words if word not in FILLERS]


@dataclass(frozen=True, slots=True)
class Count:
    """Something wrong out of all."""

    wrong: float = 0
    all: float = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.wrong + other.wrong, self.all + other.all)

    @property
    def share(self) -> float:
        return self.wrong / self.all


def total(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())


def word_errors(reference: str, heard: str) -> Count:
    """Substituted, missing and added words, out of the words of the reference."""
    wanted = normalized(reference)
    found = jiwer.process_words(" ".join(wanted), " ".join(normalized(heard)))
    return Count(found.substitutions + found.deletions + found.insertions, len(wanted))


def speaker_errors(
    reference: Sequence[tuple[str, str]], heard: Sequence[tuple[str, str | None]]
) -> Count:
    """Words that the wrong speaker says, of those that stand in both.

    `reference` and `heard` are words, each with its speaker. Words are paired where texts are
    aligned (the same, or one heard for another); speakers so that most words are right. A word
    without a speaker, or of a speaker beyond as many as there are, is wrong.
    """
    wanted = [(word, speaker) for text, speaker in reference for word in normalized(text)]
    found = [(word, speaker) for text, speaker in heard for word in normalized(text)]
    aligned = jiwer.process_words(
        " ".join(word for word, _ in wanted), " ".join(word for word, _ in found)
    ).alignments[0]
    pairs: Counter[tuple[str, str]] = Counter()
    count = 0
    for chunk in aligned:
        if chunk.type in ("equal", "substitute"):
            left = wanted[chunk.ref_start_idx : chunk.ref_end_idx]
            right = found[chunk.hyp_start_idx : chunk.hyp_end_idx]
            for (_, true), (_, said) in zip(left, right, strict=True):
                count += 1
                if said is not None:
                    pairs[true, said] += 1
    return Count(count - _most_right(pairs), count)


def _most_right(pairs: Counter[tuple[str, str]]) -> int:
    if not pairs:
        return 0
    true = sorted({one for one, _ in pairs})
    said = sorted({one for _, one in pairs})
    table = np.array([[pairs[one, other] for other in said] for one in true])
    rows, columns = linear_sum_assignment(-table)
    return int(table[rows, columns].sum())


def diarization_errors(
    conversation: Conversation, segments: Sequence[tuple[str, float, float]]
) -> Count:
    """Seconds of speech missed, invented or given to the wrong speaker, overlaps included."""
    wanted, found = Annotation(), Annotation()
    for number, one in enumerate(conversation.segments):
        wanted[Segment(one.start, one.end), number] = one.speaker
    for number, (speaker, start, end) in enumerate(segments):
        found[Segment(start, end), number] = speaker
    everything = Timeline([Segment(0, conversation.seconds)])
    parts = DiarizationErrorRate(collar=COLLAR)(wanted, found, uem=everything, detailed=True)
    wrong = parts["missed detection"] + parts["false alarm"] + parts["confusion"]
    return Count(wrong, parts["total"])


def time_errors(
    conversation: Conversation, heard: Sequence[tuple[str, float | None, float | None]]
) -> tuple[list[float], list[float]]:
    """Seconds by which starts and ends of rightly heard words are late, where they are known."""
    wanted = [
        (plain, word.start, word.end, word.exact)
        for turn in conversation.turns
        for word in turn.words or ()
        for plain in normalized(word.text)
    ]
    found = [(plain, *times) for text, *times in heard for plain in normalized(text)]
    aligned = jiwer.process_words(
        " ".join(word[0] for word in wanted), " ".join(word[0] for word in found)
    ).alignments[0]
    starts, ends = [], []
    for chunk in aligned:
        if chunk.type != "equal":
            continue
        for i, j in zip(
            range(chunk.ref_start_idx, chunk.ref_end_idx),
            range(chunk.hyp_start_idx, chunk.hyp_end_idx),
            strict=True,
        ):
            _, start, end, exact = wanted[i]
            if exact and found[j][1] is not None:
                starts.append(found[j][1] - start)
                ends.append(found[j][2] - end)
    return starts, ends
