"""Who of those who speak is the interviewer, and what everybody is called.

A guess of three parts, each a share of 1 among the speakers: who asks, who introduces the
interview and thanks for it, and who speaks less. Nothing of it is certain, so the guess comes with
its score, and a close one is flagged for a person's eyes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from anonpipe.speakers.labels import interviewer_label, neutral, number_of, participant_label
from anonpipe.transcript import Flag, Transcript, Turn

ASKS, INTRODUCES, SPEAKS_LESS = 0.5, 0.2, 0.3
"""What each part of the evidence weighs; they sum to 1."""

MARGIN = 0.12
"""By how much the score of who asks must lead for the guess to need nobody's eyes."""

OPENING = CLOSING = 4
"""Turns of each speaker at either end in which interviews are opened and closed."""

_SENTENCE = re.compile(r"[^.?!…]+[.?!…]*")
# How questions begin, where the recogniser left out the question mark. In a question the verb comes
# before its subject: «Hva jeg savner mest» asks nothing.
_ASKING = {
    "nb": re.compile(
        r"(?:(?:og|men|ja|så|okei|ok|mhm|mm),? )*(?:(?:hva|hvordan|hvorfor|hvem|hvor|hvilke[nt]?|"
        r"korleis|kva|kvifor|kven|kor|koss|ka|kem|koffer|åssen)\b(?! (?:jeg|æ|eg|vi|han|hun|de|du|"
        r"det|den|man|en)\b)|når (?:var|er|ble|begynte|fikk|kom|skal|flyttet)\b|"
        r"(?:kan|kunne|vil|har|er|var|husker|synes|syns|tror|opplever|føler) du\b|"
        r"(?:fortell|beskriv|si litt)\b)",
        re.IGNORECASE,
    ),
    "nn": re.compile(
        r"(?:(?:og|men|ja|så|okei|ok|mhm|mm),? )*(?:(?:kva|korleis|kvifor|kven|kor|kvar|hva|"
        r"hvordan|hvorfor|ka|kem|koss|koffer)\b(?! (?:eg|e|æ|jeg|me|vi|han|ho|dei|du|det|den|"
        r"ein)\b)|når (?:var|er|vart|byrja|fekk|kom|skal|flytta)\b|"
        r"(?:kan|kunne|vil|har|er|var|hugsar|synest|trur|opplever|føler|kjenner) du\b|"
        r"(?:fortel|skildr|sei litt)\b)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?:(?:and|but|so|okay|ok|well|right|yes|mhm|please),? )*(?:(?:what|how|why|who|where|"
        r"which)\b(?! (?:I|we|he|she|they|you|it)\b)|when (?:did|was|were|do|does|will)\b|"
        r"(?:can|could|would|do|did|have|are|were) you\b|(?:is|was) there\b|"
        r"(?:tell me|describe)\b)",
        re.IGNORECASE,
    ),
}
_TAGS = re.compile(
    r"(?:ikke|ikkje|ikke sant|ikkje sant|sant|hæ|hva|kva|skjønner du|skjønar du|veit du|vet du|"
    r"right|you know|no|yeah|ok|okay|huh|eh|isn't it|don't you)\W*",
    re.IGNORECASE,
)
"""Whole sentences with a question mark that ask nothing."""

_OPENS = re.compile(
    r"\btakk for at du\b|\btusen takk for at\b|\bvelkommen\b|\bvelkomen\b|\bdette intervjuet\b|"
    r"\bintervjuet (?:er|handler|handlar|blir|vil)\b|"
    r"\bfør vi (?:begynner|starter|byrjar|startar)\b|"
    r"\bjeg (?:forsker|studerer|skriver master)|\beg (?:forskar|studerer|skriv master)|"
    r"\bsamtykke|\btar opp\b|\btek opp\b|\bta opp (?:dette|samtalen|intervjuet)\b|\bopptaker|"
    r"\bi dag er det\b|\bkan du (?:begynne|byrje|starte) med\b|\bkan du fortelle? litt om deg\b|"
    r"\bthank you (?:so much |very much )?for (?:coming|agreeing|taking|joining|being|meeting)\b|"
    r"\bthanks for (?:coming|agreeing|taking|joining|being|meeting)\b|"
    r"\bwelcome\b|\bthis interview\b|"
    r"\bbefore we (?:start|begin)\b|\bmy research\b|\bconsent\b|\brecord(?:ing)? (?:this|our)\b|"
    r"\btoday is\b|\b(?:please )?tell me (?:your name|a (?:bit|little) about yourself)\b|"
    r"\bstart by telling\b",
    re.IGNORECASE,
)
_OPENS_WEAKLY = re.compile(
    r"\b(?:jeg|eg) (?:heter|heiter)\b|\bmitt navn er\b|\bnamnet mitt er\b|\bmy name is\b",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"\b(?:tusen |hjertelig |hjarteleg )?takk (?:skal du ha|for praten|for samtalen|for intervjuet|"
    r"for at du|for tiden|for tida)\b|\bda (?:er vi|var vi) ferdig|\bda (?:stopper|slår) jeg\b|"
    r"\bnoe mer du vil\b|\bnoko meir du vil\b|\bvil du legge til\b|\bvil du leggje til\b|"
    r"\bthank you\b|\bthanks for\b|\bthat's all (?:my|the) questions\b|\banything (?:else|more) "
    r"you\b|\bstop the recording\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """How much speaks for a speaker as the interviewer.

    `score` is a share of 1 among the speakers: the higher, the likelier. `questions` is how many
    they ask.
    """

    speaker: str
    score: float
    questions: int


def questions(text: str, language: str) -> int:
    """How many questions a text asks, in nb, nn or en, with or without question marks."""
    asking = _ASKING.get(language, _ASKING["en"])
    count = 0
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        if _TAGS.fullmatch(sentence):
            continue
        count += "?" in sentence or asking.match(sentence) is not None
    return count


def candidates(turns: Sequence[Turn], language: str) -> list[Candidate]:
    """Each speaker as the interviewer, in the order in which they begin."""
    by_speaker: dict[str, list[Turn]] = {}
    for turn in turns:
        by_speaker.setdefault(turn.speaker, []).append(turn)
    words = {name: sum(len(t.text.split()) for t in own) for name, own in by_speaker.items()}
    asked = {
        name: sum(questions(t.text, language) for t in own) for name, own in by_speaker.items()
    }
    # Somebody who talks for an hour asks now and then; who interviews does hardly anything else.
    rates = {name: asked[name] / max(1, words[name]) for name in by_speaker}
    asks = {name: (_shares(asked)[name] + _shares(rates)[name]) / 2 for name in by_speaker}
    opens = _shares({name: _frames(own) for name, own in by_speaker.items()})
    spoken = _shares(words)
    others = max(1, len(by_speaker) - 1)
    return [
        Candidate(
            name,
            ASKS * asks[name]
            + INTRODUCES * opens[name]
            + SPEAKS_LESS * ((1 - spoken[name]) / others if len(by_speaker) > 1 else 1.0),
            asked[name],
        )
        for name in by_speaker
    ]


def _frames(turns: Sequence[Turn]) -> float:
    """How much of what opens and closes an interview somebody says."""
    found = 0.0
    for turn in turns[:OPENING]:
        found += bool(_OPENS.search(turn.text)) + 0.25 * bool(_OPENS_WEAKLY.search(turn.text))
    return found + sum(0.5 * bool(_CLOSES.search(turn.text)) for turn in turns[-CLOSING:])


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    """Values as shares of their sum; equal ones where that is 0."""
    total = sum(values.values())
    return {name: value / total if total > 0 else 1 / len(values) for name, value in values.items()}


def interviewer(turns: Sequence[Turn], language: str, how: str) -> tuple[str, bool]:
    """Who the interviewer is, by label, and whether that is sure.

    `how` is the setting: "guess", or "first" or "last" to begin to speak, which is taken for
    sure. `turns` must not be empty.
    """
    found = candidates(turns, language)
    if how != "guess" or len(found) == 1:
        return found[-1 if how == "last" else 0].speaker, how != "guess"
    best, second = sorted(found, key=lambda each: -each.score)[:2]
    return best.speaker, best.questions > 0 and best.score - second.score >= MARGIN


def named(
    transcript: Transcript,
    *,
    labels: Sequence[str],
    how: str,
    participants: Sequence[str],
) -> Transcript:
    """A transcript whose neutral labels («Taler 1») have become the study's.

    `labels` are the study's own: the interviewer's, then the others' in the order in which they
    begin to speak; without any, the interviewer is called so, and a single participant by the
    code of the register. Of several participants nobody knows from the sound who is who: they
    are «Deltaker 1», «Deltaker 2». Where there is but one speaker, it is the participant.

    Flagged "speaker", on the whole recording, is whatever a person should look at: a close guess
    of the interviewer, and more, or fewer, speakers than there are names for.
    """
    order = list(dict.fromkeys(turn.speaker for turn in transcript.turns))
    if not order or not all(map(number_of, order)):
        return transcript  # labels of two microphones, or nobody knows who speaks
    language = transcript.language
    if len(order) == 1:
        names, sure = _alone(order[0], labels, participants, language)
    else:
        asks, sure = interviewer(transcript.turns, language, how)
        others = [speaker for speaker in order if speaker != asks]
        if labels:
            names = dict(zip([asks, *others], labels, strict=False))
            # Of several others nobody has said who begins to speak first.
            sure = sure and len(labels) == len(order) == 2
        else:
            names = {asks: interviewer_label(language)}
            more, certain = _others(others, participants, transcript.turns, language)
            names |= more
            sure = sure and certain
    return renamed(transcript, names, sure=sure)


def _alone(
    speaker: str, labels: Sequence[str], participants: Sequence[str], language: str
) -> tuple[dict[str, str], bool]:
    """The name of the only speaker: the label, if there is one, or the participant's code."""
    if labels:
        return {speaker: labels[min(1, len(labels) - 1)]}, len(labels) == 1
    if len(participants) == 1:
        return {speaker: participants[0]}, True
    return {speaker: participant_label(1, language)}, False


def _others(
    speakers: Sequence[str], participants: Sequence[str], turns: Sequence[Turn], language: str
) -> tuple[dict[str, str], bool]:
    """Names of those who are not the interviewer, and whether these are sure."""
    if len(participants) == 1:
        words = Counter[str]()
        for turn in turns:
            words[turn.speaker] += len(turn.text.split())
        # Who else is heard may be an interpreter or a second interviewer, but says less.
        most = max(speakers, key=lambda speaker: words[speaker])
        return {most: participants[0]}, len(speakers) == 1
    return {s: participant_label(n, language) for n, s in enumerate(speakers, start=1)}, False


def renamed(transcript: Transcript, names: Mapping[str, str], *, sure: bool) -> Transcript:
    """A transcript with other labels, and with the flag on its labels as a whole if not `sure`.

    Neutral labels that are left count on without gaps.
    """
    left = [
        s
        for s in dict.fromkeys(turn.speaker for turn in transcript.turns)
        if number_of(s) and s not in names
    ]
    rest = {s: neutral(n, transcript.language) for n, s in enumerate(left, start=1)}
    every = {**rest, **names}
    turns = tuple(replace(t, speaker=every.get(t.speaker, t.speaker)) for t in transcript.turns)
    flags = [flag for flag in transcript.flags if not is_of_labels(flag)]
    if not sure:
        flags.insert(0, Flag("speaker"))
    return replace(transcript, turns=turns, flags=tuple(flags))


def is_of_labels(flag: Flag) -> bool:
    """Whether a flag says that it is uncertain who all the labels of a recording mean."""
    return flag.kind == "speaker" and flag.turn is None


def moved(transcript: Transcript, before: Sequence[str], after: Sequence[str]) -> Transcript:
    """A transcript of a recording that belongs to other participants now.

    The code of the one whose it was becomes that of the one whose it is; where there are several
    now, nobody knows which of them speaks.
    """
    here = {turn.speaker for turn in transcript.turns}
    gone = [code for code in before if code in here and code not in after]
    if not gone:
        more = set(after) > set(before) and any(code in here for code in before)
        return renamed(transcript, {}, sure=False) if more else transcript
    if len(gone) == len(before) == len(after) == 1 and after[0] not in here:
        return renamed(transcript, {gone[0]: after[0]}, sure=not _is_unsure(transcript))
    names = {
        code: participant_label(n, transcript.language) for n, code in enumerate(gone, start=1)
    }
    return renamed(transcript, names, sure=False)


def _is_unsure(transcript: Transcript) -> bool:
    return any(is_of_labels(flag) for flag in transcript.flags)
