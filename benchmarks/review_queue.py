"""What the queue of a review brings up: of what detection missed, and of what it marked in vain.

    python benchmarks/review_queue.py GOLD... [--misses]

GOLD are folders of marked transcripts, as benchmarks/detection.py has them. Every file is read as
turns, detected and linked as a study would, without any list of names, and its queue is made
(anonpipe/review/questions), without a recogniser's probabilities, since the files have none.

missed     identifying spans with a letter or digit that no mention covers, as detection.py counts
           them; *comes up* is the share of them of which an uncovered letter or digit lies in a
           question
telling    the same without spans of which only words such as «og», “the” or “Mr” are left; in
           brackets a 95 % interval from 2,000 bootstrap samples of files. *Direct*: those of names,
           addresses and numbers of people. *Right marks*: telling ones, where the machine's false
           marks were taken out first, as if everything marked had been right
false      mentions that overlap nothing marked, and the share of them that comes up
questions, decisions    per 1,000 words; a decision answers all questions of a group
worth it   share of decisions with a place where something is missed, only partly covered or
           marked in vain
minutes    for an interview of 45 minutes (6,500 words) with as many decisions per word: a model,
           see SECONDS

`--misses` lists what does not come up. Do not use it on benchmarks/heldout.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detection import DIRECT, parse

from anonpipe.codes import link
from anonpipe.detect import Detector
from anonpipe.detect.chances import chances
from anonpipe.detect.contexts import contexts
from anonpipe.review.interview import Question
from anonpipe.review.questions import questions
from anonpipe.transcript import Mention, Transcript, Turn

WORDS = 6500
"""Words of an interview of 45 minutes: two people who speak 145 words a minute between them."""
SECONDS = {False: 5.0, True: 9.0}
"""Seconds a decision takes, without and with listening. A model, in the operators of the
keystroke-level model (Card, Moran and Newell 1980, Communications of the ACM 23(7), 396-410): M
(1.35 s) to see what is asked, about a dozen words to read at four words a second (3 s), M to
decide with K (0.28 s) for the key: 6 s if all of it must be done anew, 5 s as questions are alike.
Listening adds K and the words with two seconds around them, of which one hears most."""
LISTENS = 0.4
"""Share of decisions for which one listens, in the model."""
OPEN_AND_SIGN = 60.0
"""Seconds to begin and to sign off."""
_WORD = re.compile(r"[^\W_]+")
_LABEL = re.compile(r"^([^\s:\[\]][^:\n\[\]]{0,30}): ")
Gold = tuple[int, int, int, str]
"""Turn, start, end, type ("" where it is open whether it identifies)."""


@dataclass(frozen=True, slots=True)
class Result:
    """One file: its misses and false marks, and which of them come up."""

    missed: tuple[bool, ...]
    telling: tuple[bool, ...]
    missed_direct: tuple[bool, ...]
    missed_right: tuple[bool, ...]
    false: tuple[bool, ...]
    identifying: int
    words: int
    questions: int
    decisions: int
    worth: int
    left: tuple[str, ...]


def load(path: Path) -> tuple[Transcript, list[Gold]]:
    """A marked file as turns, and its spans."""
    turns: list[Turn] = []
    gold: list[Gold] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        label = _LABEL.match(line)
        text, spans = parse(line[label.end() :] if label else line)
        gold += [(len(turns), start, end, kind) for start, end, kind, _ in spans]
        turns.append(Turn(text, label[1] if label else ""))
    return Transcript(tuple(turns), path.stem.split("_")[1]), gold


def places(transcript: Transcript, things: Iterable[Mention | Question]) -> set[tuple[int, int]]:
    """The letters and digits that some mentions or questions hold, as (turn, character)."""
    return {
        (thing.turn, at)
        for thing in things
        if thing.turn >= 0
        for at in range(thing.start, thing.end)
        if transcript.turns[thing.turn].text[at].isalnum()
    }


def letters(transcript: Transcript, span: Gold) -> set[tuple[int, int]]:
    turn, start, end, _ = span
    text = transcript.turns[turn].text
    return {(turn, at) for at in range(start, end) if text[at].isalnum()}


def judge(path: Path, detector: Detector) -> Result:
    """Make the queue of one file and compare it with the marks."""
    transcript, gold = load(path)
    mentions = detector.detect(transcript)
    likely = chances(transcript)
    either = {at for span in gold for at in letters(transcript, span)}
    false = [m for m in mentions if m.turn >= 0 and either.isdisjoint(places(transcript, [m]))]

    def queue(those: Sequence[Mention]) -> tuple[Question, ...]:
        linked = link(those, (), source="D01", transcript=transcript)
        return questions(
            transcript, linked.mentions, flags=linked.flags, entities=linked.entities,
            source="D01", chances=likely,
        )  # fmt: skip

    asked = queue(mentions)
    right = queue([m for m in mentions if m not in false])
    covered = places(transcript, mentions)
    up, up_right = places(transcript, asked), places(transcript, right)
    open_ = [
        (span, letters(transcript, span) - covered)
        for span in gold
        if span[3] and letters(transcript, span) - covered
    ]
    tell = [(span, rest) for span, rest in open_ if tells(transcript, span, rest)]
    wrong = set().union(*(rest for _, rest in open_), *(places(transcript, [m]) for m in false))
    groups: dict[str, bool] = {}
    for question in asked:
        hit = not wrong.isdisjoint(places(transcript, [question]))
        groups[question.group] = groups.get(question.group, False) or hit
    return Result(
        missed=tuple(not up.isdisjoint(rest) for _, rest in open_),
        telling=tuple(not up.isdisjoint(rest) for _, rest in tell),
        missed_direct=tuple(
            not up.isdisjoint(rest) for span, rest in tell if span[3] in DIRECT
        ),
        missed_right=tuple(not up_right.isdisjoint(rest) for _, rest in tell),
        false=tuple(not up.isdisjoint(places(transcript, [m])) for m in false),
        identifying=sum(bool(span[3]) for span in gold),
        words=len(transcript.text.split()),
        questions=len(asked),
        decisions=len(groups),
        worth=sum(groups.values()),
        left=tuple(
            f"{path.stem} {span[3]}: {_around(transcript, span)}"
            for span, rest in tell
            if up.isdisjoint(rest)
        ),
    )  # fmt: skip


def tells(transcript: Transcript, span: Gold, rest: set[tuple[int, int]]) -> bool:
    """Whether what is left of a span says anything: all of it, a figure, more than small words."""
    if rest == letters(transcript, span):
        return True
    turn, start, end, _ = span
    text, context = transcript.turns[turn].text, contexts(transcript.language)
    small = context.function | context.particles | context.fillers | context.titles
    return any(
        word[0].isdigit() or (word[0].lower() not in small and len(word[0]) > 1)
        for word in _WORD.finditer(text, start, end)
        if not rest.isdisjoint((turn, at) for at in range(*word.span()))
    )


def _around(transcript: Transcript, span: Gold) -> str:
    turn, start, end, _ = span
    text = transcript.turns[turn].text
    return f"{text[max(0, start - 40) : start]}<<{text[start:end]}>>{text[end : end + 30]}"


def share(hits: Iterable[bool]) -> str:
    those = list(hits)
    return f"{sum(those)} of {len(those)}" + (f" ({sum(those) / len(those):.0%})" if those else "")


def interval(results: Sequence[Result]) -> str:
    rng = random.Random(1)
    shares = []
    for _ in range(2000):
        sample = [hit for r in rng.choices(results, k=len(results)) for hit in r.telling]
        shares.append(sum(sample) / len(sample) if sample else 1.0)
    shares.sort()
    return f"{shares[50]:.0%}–{shares[1949]:.0%}"


def minutes(decisions_per_word: float) -> float:
    """The model: minutes for an interview of 45 minutes."""
    each = (1 - LISTENS) * SECONDS[False] + LISTENS * SECONDS[True]
    return (OPEN_AND_SIGN + decisions_per_word * WORDS * each) / 60


def row(title: str, results: Sequence[Result]) -> str:
    words = sum(r.words for r in results)
    decisions = sum(r.decisions for r in results)
    cells = [
        title,
        f"{words:,}",
        f"{sum(r.identifying for r in results)}",
        share(hit for r in results for hit in r.missed),
        f"{share(hit for r in results for hit in r.telling)} [{interval(results)}]",
        share(hit for r in results for hit in r.missed_direct),
        share(hit for r in results for hit in r.missed_right),
        share(hit for r in results for hit in r.false),
        f"{1000 * sum(r.questions for r in results) / words:.1f}",
        f"{1000 * decisions / words:.1f}",
        f"{sum(r.worth for r in results) / max(1, decisions):.0%}",
        f"{WORDS * decisions / words:.0f}",
        f"{minutes(decisions / words):.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--misses", action="store_true", help="list what does not come up")
    chosen = parser.parse_args()
    detector = Detector()
    columns = (
        "files words spans missed_comes_up telling direct right_marks false questions decisions "
        "worth_it decisions_in_45_minutes minutes"
    )
    head = [name.replace("_", " ") for name in columns.split()]
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for folder in chosen.gold:
        files = sorted(folder.glob("*_*_*.txt"))
        if not files:
            parser.error(f"no file NN_LANGUAGE_STYLE.txt in {folder}")
        results = {path: judge(path, detector) for path in files}
        for style, name in (("clean", "clean"), ("asr", "raw recogniser")):
            some = [r for path, r in results.items() if path.stem.endswith(style)]
            if some:
                print(row(f"{folder.name}, {name}", some), flush=True)
        print(row(f"{folder.name}, all", list(results.values())), flush=True)
        if chosen.misses:
            print(*(line for r in results.values() for line in r.left), sep="\n")


if __name__ == "__main__":
    main()
