"""Who speaks in the sources of a study, and how much: told from outputs, without text or key."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from anonpipe import formats
from anonpipe.decisions import is_bleeped
from anonpipe.errors import RecordingError, UsageError
from anonpipe.speakers import roles
from anonpipe.study import RAW, SourceState, Study, require_known
from anonpipe.transcript import Turn


@dataclass(frozen=True, slots=True)
class Speaker:
    """How much one speaker of a source says; `minutes` is None where there are no times.

    `share` is the share of all words; `overlaps` and `doubts` count words during which somebody
    else speaks too, and words of which it is not sure who says them.
    """

    label: str
    minutes: float | None
    words: int
    share: float
    questions: int
    turns: int
    overlaps: int
    doubts: int


@dataclass(frozen=True, slots=True)
class Speakers:
    """The speakers of a source in the order in which they begin; `sure` that the labels fit.

    `changeable`: its raw transcript is there, so that labels can be changed.
    """

    id: str
    sure: bool
    changeable: bool
    speakers: tuple[Speaker, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def listed(study: Study, only: str | None = None) -> list[Speakers]:
    """The speakers of every source that is written, or of one; from its outputs, without the key.

    Raises UsageError when there is no such source or it has no outputs, and RecordingError for
    outputs that are missing or damaged.
    """
    state = study.read_state()
    if only is not None:
        require_known(state, only)
        if not _transcripts(state[only]):
            raise UsageError(
                f"{only} has no transcript yet: `anonpipe run {study.folder}` writes it."
            )
    return [
        speakers_of(study, name, each)
        for name, each in sorted(state.items())
        if only in (None, name) and _transcripts(each)
    ]


def speakers_of(study: Study, name: str, state: SourceState) -> Speakers:
    """The speakers of one source that has outputs. Raises RecordingError."""
    # The JSON output says everything; others may lack times, or who speaks.
    paths = sorted(_transcripts(state), key=lambda output: formats.form_of(output) != "json")
    file = study.folder / paths[0]
    if not file.is_file():
        raise RecordingError(
            f"{paths[0]} is missing: run `anonpipe run --again {name}` to write it anew."
        )
    transcript = formats.read(file, state.language or "nb")
    sure = not any(roles.is_of_labels(flag) for flag in state.flags)
    changeable = state.stage in RAW and study.working_file(name).is_file()
    marked: dict[str, Counter[str]] = {"overlap": Counter(), "speaker": Counter()}
    for flag in state.flags:
        if flag.kind in marked and flag.turn is not None and flag.turn < len(transcript.turns):
            marked[flag.kind][transcript.turns[flag.turn].speaker] += flag.count
    found = []
    all_words = sum(len(turn.text.split()) for turn in transcript.turns)
    for label in dict.fromkeys(turn.speaker for turn in transcript.turns):
        turns = [turn for turn in transcript.turns if turn.speaker == label]
        words = sum(len(turn.text.split()) for turn in turns)
        found.append(
            Speaker(
                label=label,
                minutes=_minutes(turns),
                words=words,
                share=round(words / max(1, all_words), 3),
                questions=sum(roles.questions(t.text, transcript.language) for t in turns),
                turns=len(turns),
                overlaps=marked["overlap"][label],
                doubts=marked["speaker"][label],
            )
        )
    return Speakers(name, sure, changeable, tuple(found))


def _transcripts(state: SourceState) -> list[str]:
    return [output for output in state.outputs if not is_bleeped(output)]


def _minutes(turns: list[Turn]) -> float | None:
    if any(turn.start is None or turn.end is None for turn in turns):
        return None
    return round(sum((turn.end or 0.0) - (turn.start or 0.0) for turn in turns) / 60, 2)
