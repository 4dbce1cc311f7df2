"""Taking codes back: what stood for somebody who withdrew says no more than «[Person]».

A label without a number links nothing: neither to the key, nor one place to another.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from anonpipe.codes.entities import Entity, by_id
from anonpipe.codes.forms import DEFAULT_TEMPLATE, bare, check_template, label, labels_of
from anonpipe.codes.policies import Place
from anonpipe.codes.replacing import SPEAKER_TEMPLATE, genitive
from anonpipe.splicing import Piece, changed, shift, splice_turn
from anonpipe.transcript import SPEAKER_TURN, Mention, MentionType, Transcript

# Of a code without brackets: whether it stands where a speaker's label does.
_AS_LABEL = re.compile(r"\s*(?:\*\*|__)?\s*(?:[\[(][\d:.,]+[\])])?\s*(?:\*\*|__)?\s*:(?=[\s*_]|$)")
_AT_START = re.compile(r"[\s*_>#-]*(?:[\[(<]?[\d:.,]+[\])>]?\s+)?")


@dataclass(frozen=True)
class _Form:
    pattern: re.Pattern[str]
    type: MentionType


class Unlinker:
    """The change that turns the codes of some entities into bare labels.

    A code is found in any language's label, also in the default template when the study has
    another, and as people retype it: in any case, with any blanks. The genitive behind it
    stays («P07s» -> «[Person]s»). Doing it twice changes nothing more. Raises UsageError for a
    bad template.
    """

    def __init__(
        self,
        entities: Iterable[Entity],
        participants: Iterable[str],
        language: str,
        template: str = DEFAULT_TEMPLATE,
    ) -> None:
        """`participants` are plain codes; `language` is that of the text (nb, nn, en)."""
        rows = list(entities)
        codes = {*participants, *(e.participant for e in rows if e.participant is not None)}
        self._language = language
        self._forms = [_Form(_participant(code), "PERSON") for code in sorted(codes)]
        for entity in rows:
            if entity.number is not None:
                for known in dict.fromkeys((template, DEFAULT_TEMPLATE, SPEAKER_TEMPLATE)):
                    pattern = _numbered(entity.type, entity.number, known)
                    self._forms.append(_Form(pattern, entity.type))

    def pieces(self, text: str) -> list[Piece]:
        """The codes in a text, each with its bare label, in order."""
        found = sorted(
            (match.start(), -match.end(), form.type)
            for form in self._forms
            for match in form.pattern.finditer(text)
        )
        pieces: list[Piece] = []
        for start, minus_end, mention_type in found:
            end = -minus_end
            if not pieces or start >= pieces[-1].end:
                new = bare(mention_type, self._language)
                if _is_label(text, start, end):
                    new = label(mention_type, self._language)
                pieces.append(Piece(start, end, new))
        return pieces

    def label(self, speaker: str) -> str:
        """A speaker's label without the codes; a bracket never starts a paragraph."""
        for form in self._forms:
            speaker = form.pattern.sub(label(form.type, self._language), speaker)
        return speaker

    def transcript(self, transcript: Transcript) -> Transcript:
        """A coded transcript without the codes."""
        return replace(transcript, turns=changed(transcript.turns, self))


def redact(
    transcript: Transcript,
    mentions: Sequence[Mention],
    entities: Iterable[Entity],
    gone: Collection[str],
    places: Iterable[tuple[Place, MentionType]],
    unlinker: Unlinker,
    speakers: Collection[str] = (),
) -> tuple[Transcript, tuple[Mention, ...]]:
    """A raw transcript that does not name some entities any more, and the mentions left.

    Mentions of the entities with ids `gone`, the names at `places` as far as they lie outside
    other mentions, speakers' labels that are among `speakers`, and codes that the text itself
    holds give way to bare labels, with the genitive kept. Coding what comes out gives what
    unlinking the coded transcript would.
    """
    table = by_id(entities)
    language = transcript.language
    left: list[Mention] = []
    labels = {speaker.strip(): label("PERSON", language) for speaker in speakers}
    by_turn: dict[int, list[Piece]] = {}
    taken: dict[int, list[tuple[int, int]]] = {}
    for mention in mentions:
        if mention.turn != SPEAKER_TURN:
            taken.setdefault(mention.turn, []).append((mention.start, mention.end))
        if mention.entity not in gone:
            left.append(mention)
            if mention.turn == SPEAKER_TURN:
                labels.pop(mention.text.strip(), None)
        elif mention.turn == SPEAKER_TURN:
            labels[mention.text.strip()] = label(mention.type, language)
        else:
            entity = table[mention.entity or ""]
            new = _instead(mention.text, entity, mention.generalised, language)
            by_turn.setdefault(mention.turn, []).append(Piece(mention.start, mention.end, new))
    for (at, start, end), mention_type in sorted(places):
        for a, b in _free(start, end, taken.get(at, ())):
            part = transcript.turns[at].text[a:b]
            if any(character.isalnum() for character in part):
                a, b = a + len(part) - len(part.lstrip()), b - len(part) + len(part.rstrip())
                by_turn.setdefault(at, []).append(Piece(a, b, bare(mention_type, language)))
                taken.setdefault(at, []).append((a, b))
    turns = []
    for number, turn in enumerate(transcript.turns):
        blocked = taken.get(number, [])
        codes = [
            piece
            for piece in unlinker.pieces(turn.text)
            if all(piece.end <= a or b <= piece.start for a, b in blocked)
        ]
        pieces = sorted((*by_turn.get(number, ()), *codes), key=lambda piece: piece.start)
        left = [shift(m, pieces) if m.turn == number else m for m in left]
        speaker = labels.get(turn.speaker.strip(), unlinker.label(turn.speaker))
        turns.append(replace(splice_turn(turn, pieces), speaker=speaker))
    return replace(transcript, turns=tuple(turns)), tuple(left)


def _instead(surface: str, entity: Entity, generalised: str | None, language: str) -> str:
    body = surface.strip()
    before = surface[: len(surface) - len(surface.lstrip())]
    after = surface[len(surface.rstrip()) :] if body else ""
    new = generalised or bare(entity.type, language)
    return f"{before}{new}{genitive(body, entity, language)}{after}"


def _free(start: int, end: int, taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The parts of a span that no other covers."""
    for a, b in sorted(taken):
        if a < end and start < b:
            if start < a:
                yield start, a
            start = max(start, b)
    if start < end:
        yield start, end


def _is_label(text: str, start: int, end: int) -> bool:
    """Whether a code without brackets is the label of a line: «P07 (00:00:09): …»."""
    if text[start] in "[(<{":
        return False
    line = text.rfind("\n", 0, start) + 1
    return bool(_AS_LABEL.match(text, end)) and bool(_AT_START.fullmatch(text[line:start]))


def _participant(code: str) -> re.Pattern[str]:
    """«P07» and «P07s», but neither «P071» nor «XP07»; an underscore is no letter here."""
    return re.compile(rf"(?<![^\W_]){re.escape(code)}(?![0-9])", re.IGNORECASE)


def _numbered(mention_type: MentionType, number: int, template: str) -> re.Pattern[str]:
    check_template(template)
    words = sorted(labels_of(mention_type), key=len, reverse=True)
    pattern = r"(?<![^\W_])" if template[0].isalnum() or template[0] in "{_" else ""
    for text, name, _, _ in string.Formatter().parse(template):
        pattern += _blanks(text)
        if name == "label":
            pattern += f"(?:{'|'.join(map(_blanks, words))})"
        elif name == "number":
            pattern += f"{number}(?![0-9])"
    # «person 7» without brackets and capital may be anybody's words.
    return re.compile(pattern, 0 if template == SPEAKER_TEMPLATE else re.IGNORECASE)


def _blanks(text: str) -> str:
    return r"\s+".join(map(re.escape, re.split(r"\s+", text)))
