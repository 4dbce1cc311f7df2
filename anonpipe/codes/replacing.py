"""Putting codes into a transcript in the place of its mentions, and taking them out again.

The replacing itself is presidio-anonymizer's, with an operator that writes the code of
exactly one mention. Presidio merges results of one type that touch, overlap or have only
spaces between them; here every mention is a type of its own, so none is ever merged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace as changed
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from anonpipe.codes.entities import Entity, by_id
from anonpipe.codes.forms import DEFAULT_TEMPLATE, code_spans, form
from anonpipe.codes.naming import parse_name
from anonpipe.codes.spelling import APOSTROPHES, is_genitive, same_word
from anonpipe.errors import RecordingError
from anonpipe.splicing import Piece, splice_words
from anonpipe.transcript import SPEAKER_TURN, Mention, Transcript, Turn

if TYPE_CHECKING:
    from presidio_anonymizer import AnonymizerEngine

SPEAKER_TEMPLATE = "{label} {number}"
"""Codes of speakers stand without brackets: a bracket never starts a paragraph."""

_OPERATOR = "anonpipe-code"
_MISFIT = (
    "The mentions do not belong to this text, so no code was put in; "
    "detect the mentions again and repeat."
)


def replace(
    transcript: Transcript,
    mentions: Iterable[Mention],
    entities: Iterable[Entity],
    *,
    template: str = DEFAULT_TEMPLATE,
) -> Transcript:
    """The transcript with every mention replaced by its generalisation or its entity's code.

    Everything outside the mentions stays as it is; of a mention only a genitive is kept
    («Karis bil» -> «[Person 1]s bil», “Kari's” -> “[Person 1]'s”). Speaker labels that are
    mentions become codes. Words keep their times: those of one mention become one word,
    from the start of the first to the end of the last, with the lowest probability, and
    every offset fits the new text. Codes that the text already holds are left alone, even
    inside a mention, so codes never nest and replacing twice is replacing once.

    Raises RecordingError if a mention has no entity in the table, overlaps another or does
    not fit the text, and UsageError for a bad template.
    """
    table = by_id(entities)
    by_turn: dict[int, list[Mention]] = {}
    labels: dict[str, str] = {}
    for mention in mentions:
        if mention.turn == SPEAKER_TURN:
            entity = _entity(mention, table)
            labels[mention.text.strip()] = form(entity, transcript.language, SPEAKER_TEMPLATE)
        elif 0 <= mention.turn < len(transcript.turns):
            by_turn.setdefault(mention.turn, []).append(mention)
        else:
            raise RecordingError(_MISFIT)
    turns = []
    for number, turn in enumerate(transcript.turns):
        found = sorted(by_turn.get(number, ()), key=lambda mention: mention.start)
        turn = _turn(turn, found, table, transcript.language, template)
        turns.append(changed(turn, speaker=labels.get(turn.speaker.strip(), turn.speaker)))
    return changed(transcript, turns=tuple(turns))


def restore(text: str, entities: Iterable[Entity], *, template: str = DEFAULT_TEMPLATE) -> str:
    """`text` with every code replaced by its entity's canonical form, in any language's labels.

    What only looks like a code stays: codes without an entity, and those that an input held
    and whose numbers `link` therefore kept free.
    """
    table = by_id(entity for entity in entities if entity.canonical)
    plain = [re.escape(entity.participant) for entity in table.values() if entity.participant]
    # «P01s» is a genitive; «P011» and «XP01» are other things.
    participants = re.compile(rf"(?<!\w)({'|'.join(sorted(plain, reverse=True))})(?!\d)")
    parts: list[str] = []
    position = 0
    for start, end, entity_id in [*code_spans(text, template), (len(text), len(text), "")]:
        between = text[position:start]
        if plain:
            between = participants.sub(lambda match: table[match[0]].canonical, between)
        entity = table.get(entity_id)
        parts += [between, text[start:end] if entity is None else entity.canonical]
        position = end
    return "".join(parts)


def _entity(mention: Mention, table: Mapping[str, Entity]) -> Entity:
    entity = table.get(mention.entity or "")
    if entity is None:
        raise RecordingError(
            "A mention has no entity in the key; link the mentions again before replacing them."
        )
    return entity


def _turn(
    turn: Turn,
    mentions: Sequence[Mention],
    table: Mapping[str, Entity],
    language: str,
    template: str,
) -> Turn:
    if not mentions:
        return turn
    whole = [
        Piece(m.start, m.end, _written(m, _entity(m, table), language, template)) for m in mentions
    ]
    if any(not m.text or turn.text[m.start : m.end] != m.text for m in mentions):
        if _already_coded(turn.text, whole):
            return turn
        raise RecordingError(_MISFIT)
    if any(one.end > other.start for one, other in pairwise(whole)):
        raise RecordingError(_MISFIT)
    codes = [(start, end) for start, end, _ in code_spans(turn.text, template)]
    pieces = [part for piece in whole for part in _around(turn.text, piece, codes)]
    pieces = _apart(turn.text, pieces)
    text = _anonymize(turn.text, pieces)
    return changed(turn, text=text, words=splice_words(turn.words, pieces, text))


def _written(mention: Mention, entity: Entity, language: str, template: str) -> str:
    """The code, with the mention's outer white space and its genitive."""
    surface = mention.text
    body = surface.strip()
    before = surface[: len(surface) - len(surface.lstrip())]
    after = surface[len(surface.rstrip()) :] if body else ""
    code = mention.generalised or form(entity, language, template)
    return f"{before}{code}{genitive(body, entity, language)}{after}"


def genitive(surface: str, entity: Entity, language: str) -> str:
    """The ending to write after the code: "s", "'s" or nothing.

    A code ends in no s, so «Jens'» becomes «[Person 1]s» and “Jens'” “[Person 1]'s”. A bare
    -s is a Norwegian genitive only if the entity is known without it.
    """
    apostrophe = re.search(rf"(?<=\w)([{APOSTROPHES}])(s?)$", surface, re.IGNORECASE)
    if apostrophe and (apostrophe[2] or surface[-2:-1] in "sSxXzZ"):
        return f"{apostrophe[1]}s" if apostrophe[2] or language == "en" else "s"
    if language == "en" or surface[-1:] not in ("s", "S"):
        return ""
    person = entity.type == "PERSON"
    words = parse_name(surface, person=person).words
    forms = [parse_name(text, person=person).words for text in (entity.canonical, *entity.aliases)]
    if any(same_word(words[-1], word) for word in forms[0]):
        return ""
    # Also of words that the surface writes together: «Steinoves».
    bases = {"".join(form[i:j]) for form in forms for i, j in _runs(len(form))}
    joined = "".join(words)
    return "s" if any(is_genitive(w, b) for w in (words[-1], joined) for b in bases) else ""


def _runs(size: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(size) for j in range(i + 1, size + 1)]


def _already_coded(text: str, pieces: Sequence[Piece]) -> bool:
    """True if every mention's code stands where replacing would have put it."""
    shift = 0
    for piece in pieces:
        expected = piece.start + shift
        # `_apart` may have put a space before this code and one after the last.
        spaces = [n for n in range(3) if text.startswith(" " * n + piece.text, expected)]
        if not spaces:
            return False
        shift += spaces[0] + len(piece.text) - (piece.end - piece.start)
    return True


def _apart(text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """Codes without brackets kept off the letters and digits that touch them («P01» in «P012»)."""
    result: list[Piece] = []
    for piece in pieces:
        code = piece.text
        touching = result and result[-1].end == piece.start
        before = result[-1].text[-1] if touching else text[: piece.start][-1:]
        if _is_word(code[:1]) and _is_word(before):
            code = f" {code}"
        if code[-1:].isdigit() and text[piece.end : piece.end + 1].isdigit():
            code = f"{code} "
        result.append(Piece(piece.start, piece.end, code))
    return result


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _around(text: str, piece: Piece, codes: Sequence[tuple[int, int]]) -> list[Piece]:
    """The parts of a piece outside the codes that the text already holds."""
    inside = [(a, b) for a, b in codes if a < piece.end and piece.start < b]
    if not inside:
        return [piece]
    rest: list[Piece] = []
    position = piece.start
    for start, end in [*inside, (piece.end, piece.end)]:
        part = text[position:start]
        if any(character.isalnum() for character in part):
            lead = len(part) - len(part.lstrip())
            body = part.strip()
            rest.append(Piece(position + lead, position + lead + len(body), piece.text.strip()))
        position = max(position, end)
    return rest


@cache
def _engine() -> AnonymizerEngine:
    # Presidio takes seconds to import, and only replacing needs it.
    from presidio_anonymizer import AnonymizerEngine
    from presidio_anonymizer.operators import Operator, OperatorType

    class CodeOperator(Operator):  # type: ignore[misc,unused-ignore]
        """Writes the code that the result's own configuration holds."""

        def operate(self, text: str = "", params: dict[str, str] | None = None) -> str:
            return (params or {})["code"]

        def validate(self, params: dict[str, str] | None = None) -> None:
            if not (params or {}).get("code"):
                raise ValueError("The operator needs a code.")

        def operator_name(self) -> str:
            return _OPERATOR

        def operator_type(self) -> OperatorType:
            return OperatorType.Anonymize

    engine = AnonymizerEngine()  # type: ignore[no-untyped-call,unused-ignore]
    engine.add_anonymizer(CodeOperator)
    return engine


def _anonymize(text: str, pieces: Sequence[Piece]) -> str:
    from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

    if not pieces:
        return text
    types = [f"MENTION-{number}" for number in range(len(pieces))]
    result = _engine().anonymize(
        text=text,
        analyzer_results=[
            RecognizerResult(entity_type=kind, start=piece.start, end=piece.end, score=1.0)
            for kind, piece in zip(types, pieces, strict=True)
        ],
        operators={
            kind: OperatorConfig(_OPERATOR, {"code": piece.text})
            for kind, piece in zip(types, pieces, strict=True)
        },
    )
    done = {item.entity_type: item.text for item in result.items}
    if done != {kind: piece.text for kind, piece in zip(types, pieces, strict=True)}:
        raise RecordingError(_MISFIT)  # would be a change in Presidio: better stop than leak
    return str(result.text)
