"""`anonpipe run --sealed`: work on a machine that holds recipients' public keys and no identity.

For each source that consent allows, the transcript and what was found in it are encrypted to
the recipients that the log names (`delta`); nothing else is written but the log. The key is
neither needed nor looked for, no original is deleted, no output written, state.json not touched.
What the machine cannot know it does not decide: ids, final codes and deletion are given by
whoever merges (`anonpipe key merge`, or a plain run) where the key is.

For each source, in this order, so that a crash costs at most one transcription:

    the delta is written; the log has its digest before it gets its name
    the index (sealed/deltas.json) says which file it stands for
    deltas of earlier versions of that file, or made with earlier settings, go
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

from anonpipe import closed, consent, delta, operations, register_history, vault
from anonpipe.admission import check_file
from anonpipe.agefile import ARMOR_BEGIN, VERSION_LINE
from anonpipe.audit import AuditLog
from anonpipe.codes import link
from anonpipe.consent import Demand
from anonpipe.errors import (
    AnonpipeError,
    AuditError,
    ConsentError,
    RecordingError,
    UsageError,
)
from anonpipe.files import lock, make_folder, remove_leftovers, sha256, write_durably
from anonpipe.identity import Recipient
from anonpipe.key import KeyTable
from anonpipe.log_kinds import FAILURES
from anonpipe.models_used import models_used
from anonpipe.offline import how_barred
from anonpipe.outcome import FATAL, Event, Outcome, Report, exit_code, unexpected
from anonpipe.recipients import recipients_of
from anonpipe.session import open_log
from anonpipe.study import Source, Stage, Study
from anonpipe.tools import Tools, hear
from anonpipe.transcript import count_flags

PROVISIONAL = "R0"
"""Stands for the source's id, which only the key can give."""


def run(study: Study, *, report: Report, today: date, dry_run: bool = False) -> tuple[Outcome, ...]:
    """Seal a delta of every source that consent allows and that has none, in order of name.

    In outcomes and events the name of a source's delta stands in place of its id. Raises
    UsageError when another anonpipe works on the study or a setting is wrong, ConsentError when
    the register promises less than a holder of the key has taken in, AuditError when the log
    does not verify or cannot be written, and ModelError; whatever concerns one source alone is
    in its outcome.
    """
    with lock(study.folder / ".anonpipe.lock"):
        log = open_log(study, locked=True)
        closed.require_open(study, log)
        if closed.state_of(log) != "open" or operations.journal(study).exists():
            raise UsageError(
                f"A change of {study.folder} was interrupted and comes first: run `anonpipe run` "
                "where the key is."
            )
        register = consent.load(study.consent_file)
        held = register_history.held(study.read_state())
        register_history.take_in(log, register, held)  # compares; a holder of the key takes in
        if not dry_run:
            for place in (study.folder, study.sealed):
                if place.is_dir():
                    remove_leftovers(place)
            used = asdict(models_used(study))
            digest = study.settings_digest()
            log.append("sealed-run-start", settings=digest, network=how_barred(), **used)
        host = _Host(study, log, register, report, today, dry_run)
        outcomes = tuple(host.all())
        if not dry_run:
            counts = Counter(outcome.status for outcome in outcomes)
            log.append(
                "sealed-run-end",
                result="done" if exit_code(outcomes) == 0 else "incomplete",
                sealed=counts["sealed"],
                refused=counts["refused"],
                failed=counts["failed"],
            )
        return outcomes


class _Host:
    def __init__(
        self,
        study: Study,
        log: AuditLog,
        register: consent.Register,
        report: Report,
        today: date,
        dry_run: bool,
    ) -> None:
        self.study, self.log, self.register = study, log, register
        self.report, self.today, self.dry_run = report, today, dry_run
        self.recipients = signed_recipients(study, log)
        self.sealed, self.done = delta.logged(log), delta.done(log)
        self.index = delta.read_index(study)
        self.tools = Tools(study)
        # The names that the study lists, as they would stand in a key that holds no others.
        self.table = KeyTable(study.settings.id).with_people(study.settings.people)

    def all(self) -> Iterator[Outcome]:
        for source in self.study.sources():
            outcome = self.guarded(source)
            self.report(Event("outcome", outcome.id, {"outcome": outcome}))
            yield outcome

    def guarded(self, source: Source) -> Outcome:
        """Seal one source's delta; what goes wrong with it alone becomes its outcome."""
        try:
            return self.one(source)
        except FATAL:
            raise
        except ConsentError as error:
            self.note("refused", "consent")
            code = ConsentError.exit_code
            return Outcome(
                None, "refused", source.kind, reason=str(error), why="consent", exit_code=code
            )
        except AnonpipeError as error:
            return self.failed(source, type(error).__name__, str(error))
        except Exception as error:
            return self.failed(source, *unexpected(error, "A source"))

    def failed(self, source: Source, what: str, reason: str) -> Outcome:
        why = what.casefold() if what.casefold() in FAILURES else "unexpected"
        self.note("failed", why)
        return Outcome(None, "failed", source.kind, reason=reason, why=why, exit_code=1)

    def note(self, action: str, why: str) -> None:
        if not self.dry_run:
            self.log.append(action, result="error", why=why)

    def one(self, source: Source) -> Outcome:
        if is_sealed(source.path):  # its name says nothing of whose it is
            raise RecordingError(
                f"{source.path} was encrypted on arrival, and only the key opens it: "
                "process it with `anonpipe run` where the key is."
            )
        demand = self.register.demand(source.relative, self.today)
        check_file(source)
        digest = sha256(source.path)
        settings = delta.settings_digest(self.study, source)
        name = delta.name_of(self.study.settings.id, digest, settings)
        outcome = Outcome(name, "sealed", source.kind, demand.participants, rule=str(demand.rule))
        done = name in self.done or self.is_there(name)
        if self.dry_run:
            return outcome if done else replace(outcome, status="planned")
        if not done:
            outcome = replace(outcome, flags=self.seal(source, name, digest, settings, demand))
        self.remember(source, name)
        return outcome

    def is_there(self, name: str) -> bool:
        """Whether the delta is there as the log knows it."""
        path = delta.file_of(self.study, name)
        return path.is_file() and sha256(path) in self.sealed.get(name, ())

    def seal(
        self, source: Source, name: str, digest: str, settings: str, demand: Demand
    ) -> Mapping[str, int]:
        """Do the slow work on a source and write its delta; the spots that need eyes."""
        self.report(Event("stage", name, {"stage": Stage.NEW}))

        def progress(done: float, total: float) -> None:
            self.report(Event("progress", name, {"done": done, "total": total}))

        hotwords = self.table.hotwords()
        heard = hear(
            self.tools,
            self.study,
            source,
            source.path,
            hotwords,
            demand.participants,
            progress,
        )
        transcript = heard.transcript
        self.report(Event("stage", name, {"stage": Stage.TRANSCRIBED}))
        detector, policies = self.tools.detector, self.study.settings.policies
        found = detector.find(transcript)
        linked = link(
            detector.complete(transcript, found, self.table.known_names(policies)),
            self.table.entities,
            source=PROVISIONAL,
            transcript=transcript,
            participants=demand.participants,
            template=self.study.settings.template,
            policies=policies,
        )
        made = delta.Delta(
            study=self.study.settings.id,
            kind=source.kind,
            path=str(source.relative),
            sha256=digest,
            settings=settings,
            models={
                "speech": self.tools.model_digest if source.kind == "audio" else delta.NO_MODEL,
                "names": models_used(self.study).names,
            },
            transcript=transcript,
            found=found,
            mentions=linked.mentions,
            voices=heard.voices,
        )
        if sha256(source.path) != digest:
            raise RecordingError(
                f"{source.path} changed while it was read: run again when it is complete."
            )
        data = vault.seal(json.dumps(made.to_json()).encode(), self.recipients)
        make_folder(self.study.sealed)
        write_durably(
            delta.file_of(self.study, name),
            data,
            # The log knows every delta before it can be seen; one that it does not know is forged.
            before_replace=lambda: self.announce(made, delta.digest(data)),
        )
        return count_flags(transcript.flags)

    def announce(self, made: delta.Delta, digest: str) -> None:
        self.log.append(
            "delta-sealed",
            delta=made.name,
            file=digest,
            kind=made.kind,
            turns=len(made.transcript.turns),
            seconds=round(made.transcript.duration or 0),
            mentions=len(made.mentions),
            model=made.models["speech"],
        )

    def remember(self, source: Source, name: str) -> None:
        """Note which file a delta stands for, and remove those that stood for it before."""
        path = delta.path_digest(self.study, source)
        there = delta.present(self.study)
        if name in there and self.index.get(name) != path:
            self.index[name] = path
            delta.write_index(self.study, self.index)
        for old in there:
            if old != name and self.index.get(old) == path:
                delta.remove(self.study, self.log, old, "outdated")
                del self.index[old]
                delta.write_index(self.study, self.index)


def signed_recipients(study: Study, log: AuditLog) -> tuple[Recipient, ...]:
    """Who deltas are sealed to: whom the signed log names. Raises AuditError if that is nobody."""
    found = recipients_of(log)
    if not found:
        raise AuditError(
            f"{study.log_file} does not say in a signed entry who holds the key: open the study "
            "once where the key is, with `anonpipe run`, and bring that log here."
        )
    return found


def is_sealed(path: Path) -> bool:
    """Whether a file is encrypted with age, as those are that `anonpipe ingest` encrypted."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(64).startswith((VERSION_LINE, ARMOR_BEGIN))
