"""An interview as the page holds it: plain JSON values, and what of them has changed.

Scripts count characters as UTF-16 code units and Python counts code points. Everything here that
leaves for the page is in the page's units (`to_page`), and what comes back is turned around
(`from_page`); only texts with characters beyond U+FFFF, such as emoji, tell the difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from anonpipe.codes import DEFAULT_TEMPLATE, Entity, code_spans, form_of_id, split_id
from anonpipe.codes.replacing import genitive
from anonpipe.review.decision import Decision
from anonpipe.review.interview import Interview, Mark, Question
from anonpipe.transcript import MentionType, Turn

Shown = Mapping[str, Any]
"""What `shown` gives: scalars, "turns" (a list), and mappings by id ("questions", "decisions",
"entities", "labels"). Never changed in place."""


def to_page(text: str, index: int) -> int:
    """The page's index of a character of a text."""
    return index if text.isascii() else index + sum(c > "\uffff" for c in text[:index])


def from_page(text: str, index: int) -> int:
    """The character of a text that the page's index means; inside a pair, the character's own."""
    if text.isascii():
        return index
    for position, character in enumerate(text):
        if index <= 0:
            return position
        index -= 2 if character > "\uffff" else 1
    return len(text) + max(0, index)  # Outside of the text, which whoever uses it refuses.


def place_id(turn: int, start: int, end: int) -> str:
    """The id of a place, in the page's units: «12:4:9»."""
    return f"{turn}:{start}:{end}"


def shown(
    interview: Interview,
    template: str = DEFAULT_TEMPLATE,
    words: Sequence[list[float]] | None = None,
) -> Shown:
    """Everything that the page shows of an interview.

    Where only the coded text is left, its codes are marks, too. `template` is the study's form
    of codes; `words` are the turns' `words_of`, for those who have them.
    """
    words = [words_of(turn) for turn in interview.transcript.turns] if words is None else words
    turns = interview.transcript.turns
    language = interview.transcript.language
    marks: dict[int, list[dict[str, Any]]] = {}
    for mark in interview.marks:
        number = mark.mention.turn
        name = interview.names.get(mark.mention.entity or "", "")
        marks.setdefault(number, []).append(_mark(turns[number].text, mark, name, language))
    if not interview.raw:
        for number, turn in enumerate(turns):
            there = marks.setdefault(number, [])
            there += _codes(turn.text, template, there)
            there.sort(key=lambda mark: mark["start"])
    return {
        "source": interview.source,
        "version": interview.version,
        "participants": list(interview.participants),
        "kind": interview.kind,
        "raw": interview.raw,
        "has_sound": interview.has_sound,
        "language": language,
        "duration": interview.transcript.duration,
        "signed": interview.signed,
        "approved": interview.approved,
        "turns": [
            _turn(turn, words[number], marks.get(number, [])) for number, turn in enumerate(turns)
        ],
        "labels": dict(interview.labels),
        "questions": dict(_question(question, interview) for question in interview.questions),
        "decisions": {
            each.id: _decision(each, interview, template) for each in interview.decisions
        },
        "entities": {
            name: {"name": fullest, **_entity(name, language, template)}
            for name, fullest in interview.names.items()
        },
    }


def delta(old: Shown, new: Shown) -> dict[str, Any]:
    """What must be put over `old` to have `new`.

    Of turns, by number, and of mappings, by id, only those that differ are there; None in a
    mapping is one that is gone. Values that are the same are left out, except the version.
    Where turns came or went, everything is there, and "full" is true.
    """
    if len(old["turns"]) != len(new["turns"]) or old["source"] != new["source"]:
        return full(new)
    changes: dict[str, Any] = {"version": new["version"]}
    for key, value in new.items():
        before = old[key]
        if value == before:
            continue
        if key == "turns":
            pairs = enumerate(zip(before, value, strict=True))
            changes[key] = {str(n): turn for n, (was, turn) in pairs if was != turn}
        elif isinstance(value, dict):
            gone: dict[str, Any] = {name: None for name in before if name not in value}
            put = {k: v for k, v in value.items() if k not in before or before[k] != v}
            changes[key] = gone | put
        else:
            changes[key] = value
    return changes


def full(state: Shown) -> dict[str, Any]:
    """Everything, as an answer to a page that knows nothing or too little."""
    return {**state, "full": True}


def unlike(state: Shown, place: Mapping[str, Any]) -> bool:
    """Whether a place is not any more what a page says that it is.

    `place` has "turn", "start" and "end" in the page's units, the "text" there, and the
    "entity" of the mention that has just these bounds, None without one.
    """
    number, start, end = place["turn"], place["start"], place["end"]
    if not 0 <= number < len(state["turns"]):
        return True
    turn = state["turns"][number]
    text = turn["text"]
    first, last = from_page(text, start), from_page(text, end)
    if not 0 <= first < last <= len(text) or text[first:last] != place["text"]:
        return True
    there = (m for m in turn["marks"] if m["start"] == start and m["end"] == end)
    entity = next((m["entity"] for m in there), None)
    return bool(entity != place.get("entity"))


def words_of(turn: Turn) -> list[float]:
    """Of each word offset, end, and seconds from and to, one after another."""
    text = turn.text
    words: list[float] = []
    for word in turn.words:
        end = word.offset + len(word.text)
        words += (to_page(text, word.offset), to_page(text, end))
        words += (round(word.start, 2), round(word.end, 2))
    return words


def _turn(turn: Turn, words: list[float], marks: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "speaker": turn.speaker,
        "start": turn.start,
        "end": turn.end,
        "text": turn.text,
        "words": words,
        "marks": marks,
    }


def _mark(text: str, mark: Mark, name: str, language: str) -> dict[str, Any]:
    """`code` or, if it is not "", `vague` stands for the words; `written` has a genitive's ending.

    `name` is the fullest form of the name.
    """
    mention = mark.mention
    vague = mention.generalised or ""
    known = Entity("", mention.type, None, None, name)
    ending = genitive(mention.text.strip(), known, language) if name else ""
    return {
        "start": to_page(text, mention.start),
        "end": to_page(text, mention.end),
        "type": mention.type,
        "entity": mention.entity,
        "code": mark.code,
        "vague": vague,
        "written": f"{vague or mark.code}{ending}",
        "misheard": mention.misheard,
        "by": mark.by if mention.recognizer != "coded" else "coded",
        "decided": list(mark.decided),
    }


def _codes(text: str, template: str, there: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Marks for the codes that a coded text holds, other than those that are there."""
    taken = [(mark["start"], mark["end"]) for mark in there]
    found: list[dict[str, Any]] = []
    for start, end, entity in code_spans(text, template):
        first, last = to_page(text, start), to_page(text, end)
        if any(a < last and first < b for a, b in taken):
            continue
        found.append(
            {
                "start": first,
                "end": last,
                "type": split_id(entity)[0],
                "entity": entity,
                "code": text[start:end],
                "vague": "",
                "written": text[start:end],
                "misheard": "",
                "by": "coded",
                "decided": [],
            }
        )
    return found


def _question(question: Question, interview: Interview) -> tuple[str, dict[str, Any]]:
    """`heard` are the seconds to listen to, where words do not tell them."""
    text = interview.transcript.turns[question.turn].text
    start, end = to_page(text, question.start), to_page(text, question.end)
    return place_id(question.turn, start, end), {
        "turn": question.turn,
        "start": start,
        "end": end,
        "why": list(question.why),
        "weight": question.weight,
        "type": question.type,
        "entity": question.entity,
        "also": question.also,
        "group": question.group,
        "done": question.done,
        "heard": _heard(question, interview) if question.why[0] == "trouble" else None,
    }


def _heard(question: Question, interview: Interview) -> tuple[float, float] | None:
    """From when to when a turn, or what follows it, is in trouble: there may be no word."""
    turns = interview.transcript.turns
    begin = turns[question.turn].start
    if begin is None:
        return None
    later = (turn.start for turn in turns[question.turn + 1 :] if turn.start is not None)
    until = next(later, math.inf)
    times = [
        (flag.start, flag.end)
        for flag in interview.flags
        if flag.start is not None
        and flag.end is not None
        and (flag.turn == question.turn or (flag.turn is None and begin <= flag.start < until))
    ]
    return (min(a for a, _ in times), max(b for _, b in times)) if times else None


def _decision(decision: Decision, interview: Interview, template: str) -> dict[str, Any]:
    """`turn` is None for one that was not taken in this source, or has no place. `codes` are of
    its entity and, in a merge, of the one that this gave way to.
    """
    language = interview.transcript.language
    entities = [decision.entity, decision.value if decision.kind == "merge" else None]
    turns = interview.transcript.turns
    here = decision.source == interview.source and 0 <= decision.turn < len(turns)
    text = turns[decision.turn].text if here else ""
    return {
        "kind": decision.kind,
        "scope": decision.scope,
        "source": decision.source,
        "turn": decision.turn if here else None,
        "start": to_page(text, decision.start),
        "end": to_page(text, decision.end),
        "text": decision.text,
        "at": decision.at,
        "type": decision.type,
        "codes": [_entity(each, language, template)["code"] for each in entities if each],
        "value": decision.value,
    }


def _entity(entity: str, language: str, template: str) -> dict[str, MentionType | str]:
    """The type and the code of an entity: participants are people, and their own codes."""
    try:
        kind, _ = split_id(entity)
    except ValueError:
        kind = "PERSON"
    return {"type": kind, "code": form_of_id(entity, language, template)}
