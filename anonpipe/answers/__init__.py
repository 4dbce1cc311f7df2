"""The officer's questions and their answers, each from the verified log and what lies beside it.

No answer needs the key, and none shows anything that identifies. One module a family of
questions; `ask` gives the answer to one of `NAMES`, `ask_all` all of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from anonpipe import checkpoint, consent, custody, status
from anonpipe.answers.deletions import deletion
from anonpipe.answers.key_apart import apart
from anonpipe.answers.key_holders import holders, openings
from anonpipe.answers.log import intact
from anonpipe.answers.material import anonymous
from anonpipe.answers.model import Answer, Evidence
from anonpipe.answers.retention import due
from anonpipe.answers.runs import offline, oversight
from anonpipe.answers.withdrawals import withdrawal
from anonpipe.audit import AuditLog
from anonpipe.checkpoint import Checkpoint
from anonpipe.errors import AnonpipeError
from anonpipe.log_kinds import PARTICIPANT, SOURCE
from anonpipe.receipt import Language, read_receipts
from anonpipe.session import open_log
from anonpipe.study import SourceState, Study

__all__ = ["NAMES", "Answer", "Evidence", "ask", "ask_all", "check_log", "gather"]


def check_log(study: Study, language: Language, against: Checkpoint | None = None) -> Answer:
    """Whether the log is intact; the one question that a broken log can be asked."""
    _ = study.key_file  # a study without one was never initialised, which is another mistake
    lines, torn = AuditLog(study.log_file, salt=study.settings.id).lines()
    return intact(checkpoint.examine(lines, torn, study.settings.id, against), language)


def gather(study: Study, now: datetime | None = None, zone: tzinfo | None = None) -> Evidence:
    """What answers are drawn from. Raises AuditError (exit code 5) when the log does not verify.

    `now` is aware, and the present by default; `zone` the machine's own.
    """
    now = now or datetime.now(UTC)
    local = now.astimezone(zone)
    log = open_log(study)
    register = None
    with contextlib.suppress(AnonpipeError):
        register = consent.load(study.consent_file)
    return Evidence(
        study=study,
        log=log,
        entries=tuple(log.entries()),
        vouched=tuple(log.vouched_entries()),
        state=dict(_coded(study.read_state())),
        receipts=read_receipts(study.receipts),
        register=register,
        today=local.date(),
        now=now.astimezone(UTC),
        zone=local.tzinfo or UTC,
    )


def _coded(state: Mapping[str, SourceState]) -> Iterator[tuple[str, SourceState]]:
    """What state.json says under codes: anybody can write to that file, names too."""
    for name, each in state.items():
        if SOURCE.holds(name):
            codes = tuple(code for code in each.participants if PARTICIPANT.holds(code))
            yield name, replace(each, participants=codes)


_ASKED: Mapping[str, Callable[[Evidence, Language], Answer]] = {
    "intact": lambda evidence, language: check_log(evidence.study, language),
    "holders": holders,
    "openings": openings,
    "apart": lambda evidence, language: apart(evidence, custody.status(evidence.study), language),
    "due": due,
    "deletion": deletion,
    "withdrawal": withdrawal,
    "offline": offline,
    "oversight": oversight,
    "anonymous": lambda evidence, language: anonymous(
        evidence, status.material(evidence.log), language
    ),
}
NAMES = tuple(_ASKED)


def ask(name: str, evidence: Evidence, language: Language = "en") -> Answer:
    """The answer to one question."""
    return _ASKED[name](evidence, language)


def ask_all(
    evidence: Evidence, language: Language = "en", against: Checkpoint | None = None
) -> tuple[Answer, ...]:
    """Every answer, in order; `against` is what was kept from an earlier visit."""
    first = check_log(evidence.study, language, against)
    return (first, *(ask(name, evidence, language) for name in NAMES[1:]))
