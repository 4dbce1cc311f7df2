"""The data types that flow between the stages.

Everything downstream of decoding and reading works on `Transcript`, whatever
the source: audio gives words with times and probabilities, text gives neither.
All types are frozen and turn into plain JSON values and back, because raw text
waiting between stages is sealed as JSON.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

MentionType = Literal[
    "PERSON",
    "LOCATION",
    "ORG",
    "ADDRESS",
    "PHONE",
    "EMAIL",
    "NATIONAL_ID",
    "ACCOUNT",
    "DATE",
    "AGE",
    "URL",
    "VEHICLE",
    "OCCUPATION",
    "OTHER",
]
MENTION_TYPES: tuple[MentionType, ...] = get_args(MentionType)

FlagKind = Literal[
    "low-confidence",  # words that the recogniser was unsure of
    "repetition",  # the recogniser looped
    "speech-without-text",  # voice activity where no words came out
    "text-without-speech",  # words where there is no voice activity
    "language",  # detected with doubt, or unlike what was forced
    "ambiguous-name",  # a first name that several entities could own
    "code-in-input",  # the input held text that looks like a code
    "name-left",  # a name of the key that can be read in an output
    "name-audible",  # a name found too late that a bleeped recording still says
    "voice-kept",  # a voice that a kept recording leaves as it was, where others are changed
    "policy-ask",  # mentions of a type of which a person shall decide
    "other-script",  # words in letters that no detector here reads
    "credits",  # words that recognisers invent in silence, such as credits of subtitles
    "overlap",  # two speak at once
    "speaker",  # who speaks is uncertain
    "clipping",  # the level is so high that words may be lost
]

LANGUAGES = ("nb", "nn", "en")
"""The languages in which names are found."""
ALSO = ("nationality", "language", "faith")
"""What is found only where the settings ask for it; mentions of type OTHER."""
Channels = Literal["auto", "split", "mix"]
"""What becomes of a recording's two channels: two speakers, one signal, or whichever fits."""

PARTICIPANT_CODE = re.compile(r"[A-Z]{1,3}[0-9]{1,4}")
"""The form of participants' codes, such as P01."""

_LABEL = re.compile(r"[^\s:\[\]<>/@=](?:[^:\n\[\]<>/@=]{0,38}[^\s:\[\]<>/@=])?")
LABELS = (
    "1 to 40 characters, none of them a colon, bracket or other sign with a meaning: such as "
    "Intervjuer, P01 or Deltaker 2"
)
"""What a speaker label may be, as the end of a sentence."""

SPEAKER_TURN = -1
"""`Mention.turn` of a mention that is a speaker label rather than spoken text."""


def is_label(text: str) -> bool:
    """Whether a study may call a speaker so: every format of transcripts gives it back, and it
    cannot be taken for a code.
    """
    return _LABEL.fullmatch(text) is not None and text.isprintable()


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word.

    `offset` is the index of its first character in the turn's text; `start` and
    `end` are seconds from the beginning of the recording; `probability` is 0..1.
    """

    text: str
    offset: int
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says before another does.

    `speaker` is a role («Intervjuer»), a participant's code, or whatever label the
    source file had; "" when unknown. Times are seconds, None for text sources.
    """

    text: str
    speaker: str = ""
    start: float | None = None
    end: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """A spot that needs a person's eyes; holds no text, so it may be listed openly.

    `type` is that of the mentions which "policy-ask" is about, None for other kinds.
    """

    kind: FlagKind
    turn: int | None = None
    start: float | None = None
    end: float | None = None
    count: int = 1
    type: MentionType | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A piece of text that identifies.

    `turn` indexes `Transcript.turns` (or is `SPEAKER_TURN`, and then `text` is a
    whole speaker label); `start` and `end` are characters of that turn's text, end
    exclusive. Mentions of one transcript never overlap. `entity` is the id that
    linking gives (`PERSON-1`, `P01`), None before. `misheard` is the known name that this
    was taken for, "" where it is spelled as it should be. `generalised` stands in the text in
    place of the mention («[45–49 år]»); None: its code does.
    """

    turn: int
    start: int
    end: int
    type: MentionType
    text: str
    score: float
    recognizer: str
    entity: str | None = None
    misheard: str = ""
    generalised: str | None = None


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name that the study knows before it hears it: from its own list, or from the key.

    `listed` if somebody listed it, so that it may be trusted in lower case; `fullest` unless
    it is but one of the forms of a name: only the fullest is looked for in misheard forms.
    """

    text: str
    type: MentionType
    listed: bool = True
    fullest: bool = True


@dataclass(frozen=True, slots=True)
class Transcript:
    """Turns in order, with what is known of how they came about.

    `language` is nb, nn or en (or another ISO 639-1 code that was detected);
    `duration` is seconds of audio, None for text; `model` names the recogniser.
    """

    turns: tuple[Turn, ...]
    language: str
    duration: float | None = None
    language_probability: float | None = None
    model: str | None = None
    flags: tuple[Flag, ...] = ()

    @property
    def text(self) -> str:
        """The turns' texts, one a line, without speaker labels."""
        return "\n".join(turn.text for turn in self.turns)

    @property
    def digest(self) -> str:
        """SHA-256 of `text`."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def starts(self) -> list[int]:
        """Where each turn begins in `text`, and where one more would."""
        starts = [0]
        for turn in self.turns:
            starts.append(starts[-1] + len(turn.text) + 1)
        return starts

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Transcript:
        """Rebuild a transcript from `to_json`'s values; KeyError or TypeError for others."""
        turns = tuple(
            Turn(**{**turn, "words": tuple(Word(**word) for word in turn["words"])})
            for turn in data["turns"]
        )
        flags = tuple(Flag(**flag) for flag in data["flags"])
        return cls(**{**data, "turns": turns, "flags": flags})


def seconds(turn: Turn, mention: Mention) -> tuple[float | None, float | None]:
    """When a mention begins and ends: its words' times, else its turn's."""
    words = [
        word
        for word in turn.words
        if word.offset < mention.end and mention.start < word.offset + len(word.text)
    ]
    return (words[0].start, words[-1].end) if words else (turn.start, turn.end)


def count_flags(flags: Iterable[Flag]) -> dict[str, int]:
    """How many spots there are of each kind, in order of kind."""
    counts = Counter[str]()
    for flag in flags:
        counts[flag.kind] += flag.count
    return dict(sorted(counts.items()))


def mentions_to_json(mentions: Iterable[Mention]) -> list[dict[str, Any]]:
    """Plain JSON values of mentions; `mentions_from_json` is the inverse."""
    return [asdict(mention) for mention in mentions]


def mentions_from_json(data: Iterable[Mapping[str, Any]]) -> tuple[Mention, ...]:
    """Rebuild mentions from `mentions_to_json`'s values."""
    return tuple(Mention(**item) for item in data)
