"""Signing off: what it will do, told from the functions that will do it; and doing it.

`prepared` first writes what was decided, as nobody can sign what is not there, and deletes
nothing. `sign` takes a signature for exactly what was shown. What both give holds codes, numbers
and names of files in the study alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Literal, get_args

from anonpipe import batch, consent, datakey, decisions, formats, register_history, sweep
from anonpipe.codes import Place, by_id, code_spans, resolved
from anonpipe.consent import Demand
from anonpipe.errors import ConsentError, RecordingError, UsageError
from anonpipe.files import sha256
from anonpipe.outcome import Event, Outcome, Report
from anonpipe.outputs import BLEEP_FORMAT, Outputs, title_of
from anonpipe.review import agreement, signatures
from anonpipe.review.applying import rejects
from anonpipe.review.desk import Desk
from anonpipe.review.interview import Interview
from anonpipe.review.unseen import Unseen
from anonpipe.study import SourceState, Stage
from anonpipe.sweep import Hit
from anonpipe.transcript import MentionType, count_flags

FileStanding = Literal["there", "edited", "missing", "to-come", "goes"]
"""Of an output: as it was written, as a person changed it, not there, or how it changes now."""
What = Literal["audio", "document", "sealed", "bleeped"]
NOW, SECOND, CLOCK = "now", "second", "clock"
Why = Literal["left", "rejected", "accepted"]
"""Why a name of the key can be read: nobody says, a person found that it is none, or approved."""
WHYS: tuple[Why, ...] = get_args(Why)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class File:
    """An output, by its path in the study; the path holds codes only."""

    path: str
    standing: FileStanding


@dataclass(frozen=True, slots=True)
class Going:
    """Something that goes for good: `on` is `NOW`, a date (ISO 8601), `SECOND` (once another person
    has signed, too) or `CLOCK` (once the machine's date can be trusted); `rule` is the cell of
    consent.csv that says so.
    """

    what: What
    on: str
    rule: str


@dataclass(frozen=True, slots=True)
class Readable:
    """Where a name of the key can be read: `line` as in `sweep.Hit`, `turn` from 0, None where that
    is not known. `also` are other outputs, by their form, that say the same.
    """

    code: str
    type: MentionType
    output: str
    line: int
    turn: int | None
    why: Why
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a signature does.

    `stays` says that the original is kept (`documents.after`). `open` counts questions that nobody
    has answered, `flags` spots by kind, `eyes` are those for which the study demands a review.
    `others` are sources that decisions for the study touch, and which are written anew with this
    one. `signed` of `needed` persons have signed this. `hindered` are sentences that say why it
    cannot be signed now, `notes` what should be known.
    """

    source: str
    participants: tuple[str, ...]
    kind: str
    final: bool
    rule: str
    files: tuple[File, ...]
    going: tuple[Going, ...]
    stays: bool
    until: str
    readable: tuple[Readable, ...]
    unseen: tuple[Unseen, ...]
    open: int
    flags: dict[str, int]
    eyes: tuple[decisions.Why, ...]
    others: tuple[str, ...]
    signed: int
    needed: int
    hindered: tuple[str, ...]
    notes: tuple[str, ...]
    outputs: dict[str, str] = field(repr=False)
    decided: tuple[str, ...] = field(repr=False)

    @property
    def digest(self) -> str:
        """Stands for all that is shown, but for what becomes of other sources."""
        values = json.dumps(asdict(replace(self, others=())), sort_keys=True, default=str)
        return hashlib.sha256(values.encode()).hexdigest()

    @property
    def left(self) -> tuple[Readable, ...]:
        """Names that can be read and that nobody wanted to stand there."""
        return tuple(each for each in self.readable if each.why == "left")

    @property
    def is_last(self) -> bool:
        """Whether the source is signed off with the next signature."""
        return self.signed + 1 >= self.needed

    @property
    def deletes_now(self) -> tuple[What, ...]:
        """What goes as soon as it is signed."""
        return tuple(each.what for each in self.going if each.on == NOW)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature did. `complete` says that no other person has to sign; `receipts` are ids of
    what was deleted (X0001).
    """

    source: str
    complete: bool
    signed: int
    needed: int
    outcomes: tuple[Outcome, ...]
    receipts: tuple[str, ...]

    @property
    def own(self) -> Outcome | None:
        """What became of the source itself; None when another person must sign first."""
        return next((each for each in self.outcomes if each.id == self.source), None)


def quiet(_: Event) -> None:
    """Reports nothing."""


# -- what will happen


def prepared(desk: Desk, name: str, report: Report = quiet) -> Prepared:
    """Write a source with all that was decided, and tell what signing it off would do.

    Raises UsageError for a source that is unknown, withdrawn or not transcribed, and
    RecordingError when it cannot be written.
    """
    state = desk.state(name)
    if state.stage is Stage.NEW:
        raise UsageError(f"{name} is not transcribed yet: run `anonpipe run` first.")
    hindered = list(_out_of_order(desk))
    if not hindered and _is_interrupted(state):
        batch.finish_begun(desk.session, desk.today)
        desk.forget()
        state = desk.state(name)
    try:
        if not hindered and _is_old(desk, name, state):
            desk.write(name, report)
    except RecordingError as error:
        if not desk.edited(name):
            raise
        hindered.append(str(error))
    return _told(desk, name, hindered)


def is_to_be_written(desk: Desk, name: str) -> bool:
    """Whether `prepared` will write a source, which takes a while. Raises UsageError."""
    old = _is_old(desk, name, desk.state(name))
    return old and not desk.edited(name) and not any(_out_of_order(desk))


def _is_interrupted(state: SourceState) -> bool:
    """Whether a deletion or the replacing of outputs was begun, which must end first."""
    return state.stage is Stage.SWEEPING or (
        state.deleting is not None and state.stage is not Stage.FINAL
    )


def _is_old(desk: Desk, name: str, state: SourceState) -> bool:
    if _is_interrupted(state):
        return True
    missing = desk.is_raw(name, state) and any(
        not (desk.study.folder / output).is_file() for output in state.outputs
    )
    return missing or desk.is_pending(name)


def _told(desk: Desk, name: str, hindered: list[str]) -> Prepared:
    state, study = desk.state(name), desk.study
    demand = consent.load(study.consent_file).demand_of(state.participants)
    assert demand is not None  # else the desk shows nothing of it
    final, raw = state.stage is Stage.FINAL, desk.is_raw(name, state)
    edited = desk.edited(name)
    digests = {
        output: sha256(study.folder / output)
        for output in state.outputs
        if (study.folder / output).is_file()
    }
    missing = [output for output in state.outputs if output not in digests]
    if missing:
        hindered.append(f"{', '.join(missing)} is missing: put it back from a backup.")
    every: tuple[Hit, ...] = ()
    try:
        every = Outputs(study, desk.key).hits(state, changed=state.outputs)
    except RecordingError as error:  # one that somebody damaged cannot be searched
        hindered.append(str(error))
    accepted: dict[str, tuple[str, ...]] = {}
    for hit in every:
        accepted[hit.output] = (*accepted.get(hit.output, ()), hit.place)
    what = signatures.digest(digests, accepted)
    entries, vouched = desk.log.entries(), desk.log.vouched_entries()
    found = signatures.by_source(entries, vouched).get(name, ())
    mine = [each for each in found if each.signed == what]
    needed = study.settings.reviewers
    signed = min(signatures.persons(mine), needed)
    last = signed + 1 >= needed
    holder = desk.key.holder.fingerprint
    if signed and last and needed > 1 and all(each.holder == holder for each in mine):
        hindered.append(
            f"You have signed {name}, and a second person must: they open the study with an "
            "identity of their own and sign here with their own name."
        )
    interview = desk.interview(name) if raw else None
    going = () if final else tuple(_going(desk, name, state, demand, last=last))
    return Prepared(
        source=name,
        participants=state.participants,
        kind=state.kind,
        final=final,
        rule=str(demand.rule),
        files=tuple(_files(state, demand, edited, missing, name)),
        going=going,
        stays=not final and not decisions.deletes(study, state),
        until=demand.transcript_until.isoformat() if demand.transcript_until else "",
        readable=_readable(desk, name, state, every, edited, interview),
        unseen=desk.unseen(name),
        open=interview.open if interview else 0,
        flags=dict(count_flags(state.flags)),
        eyes=decisions.needs_eyes(study, state),
        others=tuple(_others(desk, name)),
        signed=signed,
        needed=needed,
        hindered=tuple(hindered),
        notes=(desk.doubt,) if desk.doubt and any(each.on == CLOCK for each in going) else (),
        outputs=digests,
        decided=tuple(each.id for each in desk.decisions(name if raw else None)),
    )


def _out_of_order(desk: Desk) -> Iterator[str]:
    """Why nothing that is signed would last."""
    log, key = desk.log.path, desk.study.key_file
    if not os.access(log, os.W_OK):
        yield f"{log} cannot be written, and nothing is signed or deleted without it."
    if not key.is_file() or sha256(key) != desk.key.version:
        yield f"The key {key} is not there, or is another one: connect its disk."
    if desk.study.settings.reviewers > len(desk.key.recipients):
        yield (
            "Two persons must sign in this study, and its key has one holder only: let another "
            f"one in with `anonpipe key recipients add {desk.study.folder}`."
        )
    held = register_history.held(desk.study.read_state())
    try:
        register_history.check(desk.log, consent.load(desk.study.consent_file), held)
    except ConsentError as error:
        yield str(error)


def _files(
    state: SourceState, demand: Demand, edited: tuple[str, ...], missing: list[str], name: str
) -> Iterator[File]:
    for output in state.outputs:
        standing: FileStanding = "there"
        if output in missing:
            standing = "missing"
        elif decisions.is_bleeped(output) and not demand.keep_bleeped:
            standing = "goes"
        elif output in edited:
            standing = "edited"
        yield File(output, standing)
    copies = any(decisions.is_bleeped(output) for output in state.outputs)
    open_ = state.stage is not Stage.FINAL
    if demand.keep_bleeped and state.kind == "audio" and not copies and open_:
        yield File(f"bleeped/{title_of(demand.participants, name)}.{BLEEP_FORMAT}", "to-come")


def _going(
    desk: Desk, name: str, state: SourceState, demand: Demand, *, last: bool
) -> Iterator[Going]:
    """What goes, by the rules that `Pipeline.finish` goes by."""
    study, rule = desk.study, str(demand.rule)
    if any(map(decisions.is_bleeped, state.outputs)) and not demand.keep_bleeped:
        yield Going("bleeped", NOW, rule)
    after = decisions.waits_for(study, replace(state, approved="signed"), demand, desk.today)
    on = after or (CLOCK if desk.doubt and demand.delete_from is not None else NOW)
    if not last and on == NOW:
        on = SECOND
    original = datakey.original(study, name, desk.table.sources[name])
    if original.is_file() and decisions.deletes(study, state):
        yield Going("audio" if state.kind == "audio" else "document", on, rule)
    if study.working_file(name).is_file():
        yield Going("sealed", on, rule)


def _readable(
    desk: Desk,
    name: str,
    state: SourceState,
    every: tuple[Hit, ...],
    edited: tuple[str, ...],
    interview: Interview | None,
) -> tuple[Readable, ...]:
    """Where names can be read, once each: in the output that tells most of those that agree."""
    if not every:
        return ()
    open_ = set(Outputs(desk.study, desk.key).unaccepted(state, edited))
    purpose = _on_purpose(desk, name, every, interview)
    found: dict[tuple[str, str, Why], list[Hit]] = {}
    for hit in every:
        why: Why
        if hit in open_:
            by_hand = hit.output in edited or hit.line == 0
            why = "rejected" if not by_hand and purpose(hit) else "left"
        elif hit.place in state.accepted.get(hit.output, ()):
            why = "accepted"
        else:
            continue  # a misheard form in what the program wrote, which is no name for it
        by = hit.output if hit.output in edited else ""
        found.setdefault((by, hit.code, why), []).append(hit)
    places = []
    for (_, _, why), hits in found.items():
        first = max((hit.output for hit in hits), key=lambda o: (formats.form_of(o) == "json", o))
        also = sorted({formats.form_of(h.output) for h in hits} - {formats.form_of(first)})
        places += [
            Readable(h.code, h.type, h.output, h.line, h.turn, why, tuple(also))
            for h in hits
            if h.output == first
        ]
    return tuple(sorted(places, key=lambda p: (WHYS.index(p.why), p.output, p.line, p.code)))


def _on_purpose(
    desk: Desk, name: str, every: tuple[Hit, ...], interview: Interview | None
) -> Callable[[Hit], bool]:
    """Tells of a hit whether a person found that those words are no name there."""
    if interview is None:
        return lambda _: False
    said = rejects(desk.decisions(name), name)
    turns: dict[str, dict[int, bool]] = {}  # by code: whether all in a turn were rejected
    for code in {hit.code for hit in every}:
        mine = turns.setdefault(code, {})
        for turn, start, end in _uncovered(desk, interview, code):
            text = interview.transcript.turns[turn].text[start:end]
            mine[turn] = mine.get(turn, True) and said((turn, start, end), text)

    def purpose(hit: Hit) -> bool:
        mine = turns[hit.code]
        if hit.turn is not None:
            return mine.get(hit.turn, False)
        return bool(mine) and all(mine.values())

    return purpose


def _uncovered(desk: Desk, interview: Interview, code: str) -> list[Place]:
    """Where names of an entity stand in the raw transcript and nothing codes them."""
    bearers = desk.table.bearers(desk.study.settings.policies)
    names = [bearer for bearer, of in bearers.items() if of == code]
    return sweep.missed(interview.transcript, [mark.mention for mark in interview.marks], names)


def words_left(
    desk: Desk, interview: Interview, now: Prepared
) -> dict[tuple[str, int], tuple[str, ...]]:
    """The words that can be read, by the code and the turn of `now.readable`.

    They are raw text, for the screen alone; none once the raw transcript is gone.
    """
    found: dict[tuple[str, int], dict[str, None]] = {}
    if not interview.raw:
        return {}
    for code in dict.fromkeys(each.code for each in now.readable):
        for turn, start, end in _uncovered(desk, interview, code):
            text = interview.transcript.turns[turn].text[start:end]
            found.setdefault((code, turn), {})[text] = None
    return {place: tuple(words) for place, words in found.items()}


def _others(desk: Desk, name: str) -> Iterator[str]:
    """Other sources that decisions for the study have changed since they were written."""
    wide, written = 0, dict[str, int]()
    for entry in desk.log.entries():
        if entry.action == "decided" and entry.details["scope"] == "study":
            wide = entry.seq
        elif entry.action in ("written", "swept"):
            written[str(entry.subject)] = entry.seq
    for other, state in sorted(desk.study.read_state().items()):
        if other == name or written.get(other, 0) > wide:
            continue
        if state.stage in (Stage.WRITTEN, Stage.FINAL):
            with contextlib.suppress(UsageError):
                if _is_touched(desk, other):
                    yield other


def _is_touched(desk: Desk, name: str) -> bool:
    state = desk.state(name)
    if desk.is_raw(name, state):
        return desk.is_pending(name)
    if state.stage is not Stage.FINAL:
        return False
    rows, template = by_id(desk.table.entities), desk.study.settings.template
    merged = any(
        resolved(code, rows) not in (code, None)
        for coded in desk.coded(name).values()
        for _, _, code in code_spans(coded.text, template)
    )
    return merged or bool(Outputs(desk.study, desk.key).unaccepted(state))


# -- signing


def sign(desk: Desk, name: str, reviewer: str | None, shown: str, report: Report = quiet) -> Signed:
    """Sign a source off as it was shown, and do what follows from that, deletions among it.

    `reviewer` is the name that a person signs with, None in a script; `shown` is the digest of
    what they saw. Where two must sign and this is the first, nothing follows yet.

    Raises UsageError when anything has changed since, or it cannot be signed; nothing is signed
    then. What goes wrong afterwards is in the outcomes, and the next run goes on.
    """
    mark = None if reviewer is None else desk.key.reviewer(_written_name(reviewer))
    now = _as_shown(desk, name, shown, report)
    if now.others:
        # First, as what is found there may tell of names that stand here.
        _run(desk, report, only=frozenset((name, *now.others)), finish=False)
        now = _as_shown(desk, name, shown, report)
    if now.hindered:
        raise UsageError(now.hindered[0])
    if now.is_last and desk.is_raw(name, desk.state(name)):
        agreement.keep(desk, name)  # it cannot be counted once the raw transcript is gone
    batch.approve(desk.session, name, mark)
    *_, entry = (e for e in desk.log.entries() if e.action in ("reviewed", "approved"))
    complete = entry.action == "approved"
    outcomes = _run(desk, report, only=frozenset((name,)), finish=True) if complete else ()
    receipts = tuple(
        str(each.details["receipt"])
        for each in desk.log.entries()
        if each.seq > entry.seq and each.action == "deleted" and each.subject == name
    )
    signed = now.needed if complete else now.signed + 1
    return Signed(name, complete, signed, now.needed, outcomes, receipts)


def _written_name(reviewer: str) -> str:
    name = " ".join(reviewer.split())
    if not name:
        raise UsageError("Write your name to sign; the log keeps a fingerprint of it only.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"Write a name of at most {LONGEST_NAME} characters to sign.")
    return name


def _as_shown(desk: Desk, name: str, shown: str, report: Report) -> Prepared:
    now = prepared(desk, name, report)
    if now.digest != shown:
        raise UsageError(
            f"Something about {name} has changed since this was shown, so it was not signed: look "
            "at it again, then sign."
        )
    return now


def _run(desk: Desk, report: Report, *, only: frozenset[str], finish: bool) -> tuple[Outcome, ...]:
    try:
        return batch.run(
            desk.session,
            report=report,
            today=desk.today,
            only=only,
            doubt=desk.doubt,
            finish=finish,
            tools=desk.tools,
        )
    finally:
        desk.forget()
