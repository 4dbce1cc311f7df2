"""From a transcript to its mentions."""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anonpipe.detect.chances import Chance, chances
from anonpipe.detect.roles import is_role, name_label_spans, role_spans
from anonpipe.detect.spans import MODEL, Span, code_spans, cut, line_breaks, resolve, trim
from anonpipe.errors import UsageError
from anonpipe.transcript import (
    ALSO,
    LANGUAGES,
    MENTION_TYPES,
    SPEAKER_TURN,
    KnownName,
    Mention,
    MentionType,
    Transcript,
)

# «27 og minsten», but not «2 og et halvt år»: the figure when words without a number are joined.
_FIGURE = re.compile(
    r"\d+(?: (?:år|years?))?(?= (?:og|men|eller|and|but|or) (?:(?!hal[vf])[^\W\d]+\s?(?!\d))+$)"
)


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """What to look for, and with what.

    `languages` are those that `Detector` accepts; `spacy` maps a language to the
    name or folder of a spaCy model that the user has, whose names are added to
    those of anonpipe's own model. Mentions below `min_score` (0..1) and of types
    not in `types` are left out. `also` names what of `ALSO` is to be found too.
    """

    languages: tuple[str, ...] = LANGUAGES
    spacy: Mapping[str, str] = field(default_factory=dict)
    min_score: float = 0.4
    types: tuple[MentionType, ...] = MENTION_TYPES
    also: tuple[str, ...] = ()


class Detector:
    """Finds mentions. Loads each language's models once, when the first text needs them."""

    def __init__(self, settings: DetectSettings | None = None) -> None:
        """Raises UsageError if the settings name an unknown language or type."""
        self.settings = settings or DetectSettings()
        for language in (*self.settings.languages, *self.settings.spacy):
            if language not in LANGUAGES:
                raise UsageError(
                    f"Detection knows no language {language!r}; use nb, nn or en in the settings."
                )
        for kind in self.settings.types:
            if kind not in MENTION_TYPES:
                raise UsageError(
                    f"There is no type of mention {kind!r}; use some of {', '.join(MENTION_TYPES)}."
                )
        for name in self.settings.also:
            if name not in ALSO:
                raise UsageError(f"Detection knows no {name!r}; use some of {', '.join(ALSO)}.")
        self._analyzers: dict[str, Any] = {}

    def detect(
        self, transcript: Transcript, known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        """The mentions of a transcript.

        Speaker labels that are names come first (turn `SPEAKER_TURN`, one per
        label), then the mentions of each turn in order. Mentions do not overlap, do
        not cross turns or lines and never touch codes («[Person 1]») that are in
        the text already. `known` names are found in any case and form. Raises
        ModelError if a model is missing or damaged, UsageError for a language that
        the settings do not allow.
        """
        return self.complete(transcript, self.find(transcript), known)

    def find(self, transcript: Transcript) -> tuple[Span, ...]:
        """The slow part of `detect`, which knows no names: what rules and models find.

        Spans over `transcript.text`: sorted, without overlaps, none over a line break; of what
        lies across turns that a recogniser made (`seams`), a piece in each. Raises what `detect`
        raises.
        """
        from anonpipe.detect.seams import across, seams, text_of

        text, language = transcript.text, self._language(transcript.language)
        spans = self._find(text, language)
        cut_up = seams(transcript)
        spans += across(cut_up, self._find(text_of(cut_up), language), transcript.starts)
        return tuple(self._tidy(text, spans, _holes(text)))

    def chances(self, transcript: Transcript) -> tuple[Chance, ...]:
        """The words that may be part of a mention, however little (`detect.chances`), in order.

        Raises what `detect` raises.
        """
        return chances(transcript)

    def complete(
        self, transcript: Transcript, found: Sequence[Span], known: Sequence[KnownName] = ()
    ) -> tuple[Mention, ...]:
        """The mentions of a transcript in which `find` gave `found`, here or on another machine.

        Needs no models. Raises UsageError for a language that the settings do not allow.
        """
        labels = _labels(transcript)
        names = [*known, *(KnownName(m.text, "PERSON") for m in labels)]
        language = self._language(transcript.language)
        spans = self._complete(transcript.text, language, found, names)
        starts = transcript.starts
        mentions = list(labels)
        breaks = [(start - 1, start) for start in starts[1:-1]]
        for span in cut(spans, breaks):
            index = bisect.bisect_right(starts, span.start) - 1
            start, end = span.start - starts[index], span.end - starts[index]
            mentions.append(
                Mention(
                    turn=index,
                    start=start,
                    end=end,
                    type=span.type,
                    text=transcript.turns[index].text[start:end],
                    score=span.score,
                    recognizer=span.recognizer,
                    misheard=span.misheard,
                )
            )
        return tuple(m for m in mentions if m.type in self.settings.types)

    def spans(self, text: str, language: str, known: Sequence[KnownName] = ()) -> list[Span]:
        """The mentions of a plain text as spans: sorted, without overlaps, none over a line break.

        `language` is nb, nn or en.
        """
        return self._complete(text, language, self._find(text, language), known)

    def _find(self, text: str, language: str) -> list[Span]:
        from anonpipe.detect.agree import agree
        from anonpipe.detect.doubts import standing

        if not text.strip():
            return []
        results = self._analyzer(language).analyze(
            text, language, entities=list(MENTION_TYPES), score_threshold=0.0
        )
        spans = [
            # float: the same numbers whether or not they went through JSON in between
            Span(r.start, r.end, r.entity_type, float(r.score), _recognizer(r))
            for r in results
            if r.score >= self.settings.min_score
        ]
        spans = [_figure(text, span) for span in spans]
        spans += [
            Span(start, end, "PERSON", 0.9, "speaker-label")
            for start, end in name_label_spans(text)
        ]
        spans = standing(text, spans, language)
        return agree(text, self._tidy(text, spans, _holes(text)))

    def _complete(
        self, text: str, language: str, found: Sequence[Span], known: Sequence[KnownName]
    ) -> list[Span]:
        from anonpipe.detect.agree import agree
        from anonpipe.detect.doubts import with_heads
        from anonpipe.detect.propagate import propagate

        if not text.strip():
            return []
        spans = [*found]
        spans += [occurrence.span for occurrence in propagate(text, language, spans, known)]
        return with_heads(text, agree(text, self._tidy(text, spans, _holes(text))), language)

    @staticmethod
    def _tidy(text: str, spans: list[Span], holes: list[tuple[int, int]]) -> list[Span]:
        cleaned = [trim(text, span) for span in cut(spans, holes)]
        return resolve(span for span in cleaned if span is not None)

    def _language(self, language: str) -> str:
        # Spoken Norwegian is often taken for its neighbours; other languages get the English rules.
        close = {"no": "nb", "da": "nb", "sv": "nb"}
        chosen = close.get(language, language if language in LANGUAGES else "en")
        if chosen not in self.settings.languages:
            raise UsageError(
                f"The settings for detection do not include the language {chosen}; add it there."
            )
        return chosen

    def _analyzer(self, language: str) -> Any:
        if language not in self._analyzers:
            from anonpipe.detect.engine import build_analyzer, load_pipeline

            pipeline = load_pipeline(language, self.settings.spacy.get(language))
            self._analyzers[language] = build_analyzer(
                {language: pipeline}, also=self.settings.also
            )
        return self._analyzers[language]


def _figure(text: str, span: Span) -> Span:
    """An age that the network found in figures, without the words joined to it."""
    if span.type != "AGE" or span.recognizer != MODEL:
        return span
    match = _FIGURE.match(text, span.start, span.end)
    return span if match is None else replace(span, end=match.end())


def _holes(text: str) -> list[tuple[int, int]]:
    """Where no mention may be: line breaks, codes that are there already, speakers' roles."""
    return [*line_breaks(text), *code_spans(text), *role_spans(text)]


def _recognizer(result: Any) -> str:
    metadata = result.recognition_metadata or {}
    return str(metadata.get("recognizer_name", "presidio"))


def _labels(transcript: Transcript) -> list[Mention]:
    """One mention for each speaker label that is no role."""
    labels = dict.fromkeys(turn.speaker for turn in transcript.turns)
    return [
        Mention(SPEAKER_TURN, 0, len(label), "PERSON", label, 1.0, "speaker-label")
        for label in labels
        if not is_role(label)
    ]
