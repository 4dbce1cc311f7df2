"""What a close asks, the TOML file to be filled with the answers, and what they leave out.

The first three questions are the criteria of the Article 29 Working Party's Opinion 05/2014 on
anonymisation techniques (WP216): singling out, linkability and inference. Every answer is a word
out of a closed list, so that no answer can name anybody; comments in the file are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, get_args

from anonpipe.rarity import Findings, Rare
from anonpipe.transcript import MentionType

FORMAT = "anonpipe-closing-answers"
VERSION = 1
Place = Literal["recorder", "phone", "cloud", "email", "exports", "backups"]
PLACES: tuple[Place, ...] = get_args(Place)
CopyState = Literal["destroyed", "none", "exists"]
COPY_STATES: tuple[CopyState, ...] = get_args(CopyState)
Verdict = Literal["accepted", "generalised"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

QUESTIONS: dict[str, str] = {
    "singling-out": "Is it ruled out that somebody can pick out one person in the transcripts?",
    "linkability": "Is it ruled out that two records of one person can be linked, within the "
    "transcripts or with something outside?",
    "inference": "Is it ruled out that something about a person can be worked out with "
    "significant probability?",
    "small-group": "There are five participants or fewer. Is it ruled out that somebody who "
    "knows the group can tell who is who?",
}
"""Code of the reason if the answer is no -> the question."""

BASES_FOR: dict[str, str] = {
    "read-through": "every transcript was read in full with this question in mind",
    "second-reader": "somebody else read them too",
    "generalised": "ages, places, occupations and dates were made less exact",
    "rare-judged": "every rare combination was looked at",
    "links-judged": "every link between participants was looked at",
    "large-group": "the group that the participants come from is large",
    "recognition-tried": "somebody tried to recognise the participants and could not",
}
"""Codes that may stand behind a yes -> what they mean."""
BASES_AGAINST: dict[str, str] = {
    "rare-values": "a combination of details points to somebody",
    "rare-story": "a story or event tells who it was",
    "own-words": "dialect or way of speaking tells who it was",
    "small-community": "the participants come from a small community",
    "known-participation": "others know who took part",
    "links": "what several participants tell belongs together",
    "not-examined": "nobody has examined it",
}
"""Codes that may stand behind a no -> what they mean."""
_PLACE_TEXT: dict[Place, str] = {
    "recorder": "recordings on the recorder and its memory card",
    "phone": "recordings on telephones",
    "cloud": "recordings, transcripts or keys in cloud services, with their bins and versions",
    "email": "what was sent by e-mail or message",
    "exports": "exports of the key (`anonpipe key export`), and printouts",
    "backups": "backups of the computers that held the study or the key",
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """An answer to one of QUESTIONS, with the codes of what it rests on."""

    ruled_out: bool
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered. `role` and `on` say who judged, and when.

    `criteria` has the codes of QUESTIONS; "small-group" is among them only for small groups.
    `rare` maps a participant and codes to the verdict; `kept` are the types that stay
    readable and were accepted.
    """

    role: str
    on: date
    criteria: Mapping[str, Criterion]
    rare: Mapping[tuple[str, tuple[str, ...]], Verdict]
    kept: tuple[MentionType, ...]
    copies: Mapping[Place, CopyState]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values of the coded answers; `from_json` is the inverse."""
        return {
            "role": self.role,
            "on": self.on.isoformat(),
            "criteria": {code: asdict(answer) for code, answer in self.criteria.items()},
            "rare": [
                {"participant": who, "codes": list(codes), "verdict": verdict}
                for (who, codes), verdict in sorted(self.rare.items())
            ],
            "kept": list(self.kept),
            "copies": dict(self.copies),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answers:
        """Rebuild answers from `to_json`'s values; KeyError, TypeError or ValueError for others."""
        return cls(
            role=data["role"],
            on=date.fromisoformat(data["on"]),
            criteria={
                code: Criterion(value["ruled_out"], tuple(value["basis"]))
                for code, value in data["criteria"].items()
            },
            rare={
                (item["participant"], tuple(item["codes"])): item["verdict"]
                for item in data["rare"]
            },
            kept=tuple(data["kept"]),
            copies=data["copies"],
        )

    def why_not(self) -> tuple[str, ...]:
        """Codes of `status.REASONS` that follow from the answers."""
        return (
            *(code for code, answer in self.criteria.items() if not answer.ruled_out),
            *(f"copy-{place}" for place, state in self.copies.items() if state == "exists"),
        )


def missing(answers: Answers, findings: Findings, exports: int) -> list[str]:
    """Sentences on what the answers leave out or contradict, given what the tool found.

    `exports` is how many times the log says that the key was exported.
    """
    found = [_unanswered(rare, answers) for rare in findings.rare]
    said = [sentence for sentence in found if sentence]
    said += [
        f"{kind} is kept readable: answer it under [[kept]], or change its policy."
        for kind in findings.kept
        if kind not in answers.kept
    ]
    if findings.is_small and "small-group" not in answers.criteria:
        said.append("The group is small: answer [small_group].")
    if exports and answers.copies["exports"] == "none":
        said.append(
            f"The log knows {exports} export(s) of the key, so copies.exports is not none: "
            "answer destroyed or exists."
        )
    return said


def _unanswered(rare: Rare, answers: Answers) -> str | None:
    verdict = answers.rare.get((rare.participant, rare.codes))
    what = f"{', '.join(rare.codes)} of {rare.participant}"
    if verdict is None:
        return f"{what} is rare: accept it under [[rare]], or make it less exact."
    if verdict == "generalised":
        return f"{what} still stands in the transcripts as it was found, though answered so."
    return None


# -- the file to be filled


def checklist(findings: Findings, still_open: Sequence[str], notes: Sequence[str]) -> str:
    """The TOML file to be filled; `still_open` and `notes` are lines without names."""
    return "\n".join(_checklist(findings, still_open, notes)) + "\n"


def _checklist(
    findings: Findings, still_open: Sequence[str], notes: Sequence[str]
) -> Iterator[str]:
    yield "# Closing a study: fill in what stands between the quotes, then"
    yield "# `anonpipe close STUDY --answers THIS-FILE --dry-run`, and at last without --dry-run."
    yield "# Only the words named here may be answered; comments are not kept."
    yield "#"
    yield "# Still open, and to be settled before the study can be closed:"
    yield from (f"#   - {line}" for line in still_open or ("nothing",))
    if notes:
        yield "#"
        yield "# To know:"
        yield from (f"#   - {line}" for line in notes)
    yield ""
    yield f'format = "{FORMAT}"'
    yield f"version = {VERSION}"
    yield ""
    yield "# Who judges: the role whose identity opens the key; and the day (2027-06-30)."
    yield "[judge]"
    yield 'role = ""'
    yield 'date = ""'
    yield ""
    yield "# The questions of WP216, Opinion 05/2014 of the Article 29 Working Party: yes or no."
    yield "# A yes rests on one or more of:"
    yield from (f"#   {code:18} {text}" for code, text in BASES_FOR.items())
    yield "# and a no on one or more of:"
    yield from (f"#   {code:18} {text}" for code, text in BASES_AGAINST.items())
    for code, question in QUESTIONS.items():
        if code == "small-group" and not findings.is_small:
            continue
        yield ""
        yield f"# {question}"
        yield f"[{table_of(code)}]"
        if code == "linkability":
            yield from _links(findings)
        if code == "small-group":
            yield f"# participants: {len(findings.participants)}"
        yield 'ruled_out = ""'
        yield "basis = []"
    yield ""
    yield from _rare(findings)
    yield "# Where copies are: destroyed, none (there never was one) or exists."
    yield "[copies]"
    for place in PLACES:
        yield f'{place} = ""  # {_PLACE_TEXT[place]}'


def _links(findings: Findings) -> Iterator[str]:
    if findings.links:
        yield "# codes that stand in the transcripts of several participants:"
    for link in findings.links:
        yield f"#   {link.code}: {', '.join(link.participants)}"


def _rare(findings: Findings) -> Iterator[str]:
    yield "# Details that stand in one participant's transcripts only, by code: accepted, or"
    yield "# generalised if you have made them less exact in the transcripts since."
    if not findings.rare:
        yield "# None was found."
    for each in findings.rare:
        how = "each of them alone" if each.alone else "all of them together"
        seen = ", a reader sees something of the value" if each.readable else ""
        yield "[[rare]]"
        yield f'participant = "{each.participant}"'
        yield f"codes = {json.dumps(each.codes)}  # {how}{seen}"
        yield 'verdict = ""'
        yield ""
    for kind in findings.kept:
        yield "[[kept]]  # left readable by the study's policies, and not searched"
        yield f'type = "{kind}"'
        yield 'verdict = ""  # accepted'
        yield ""


def table_of(code: str) -> str:
    """The name of a question's table in the file."""
    return code.replace("-", "_")
