"""What became of a source in a run, and what is told of the run while it goes on."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from anonpipe.errors import AuditError, ModelError, VaultError

Status = Literal["final", "waiting", "failed", "refused", "planned", "sealed"]
FATAL = (AuditError, VaultError, ModelError)
"""Errors that concern every source: going on would only repeat or worsen them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source; `id` is None when it was refused before it got one.

    `reason` says why a source waits ("review", "delta", "run" where only a run with the key can
    transcribe it, or a date), or in a sentence, which may name its file, why it was refused or
    failed; `why` says the latter in one word, without names. `trouble` is the share of its speech
    that is in trouble.
    """

    id: str | None
    status: Status
    kind: str
    participants: tuple[str, ...] = ()
    rule: str = ""
    reason: str = ""
    why: str = ""
    outputs: tuple[str, ...] = ()
    flags: Mapping[str, int] = field(default_factory=dict)
    trouble: float = 0.0
    deleted: bool = False
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something to show while a run goes on; ids, numbers and stages only."""

    kind: Literal["names-sealed", "stage", "progress", "swept", "name-left", "outcome"]
    id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


Report = Callable[[Event], None]


def exit_code(outcomes: tuple[Outcome, ...]) -> int:
    """The process's exit code: a refusal (3) tells more than a failure (1); else 0."""
    return max((outcome.exit_code for outcome in outcomes), default=0)


def unexpected(error: Exception, subject: str) -> tuple[str, str]:
    """The class of an error that nobody expected, and a sentence that says where it came up.

    Not the exception's own text or its traceback, which may quote the interview.
    """
    where = traceback.extract_tb(error.__traceback__)[-1]
    what = type(error).__name__
    place = f"{what} at {Path(where.filename).name}:{where.lineno}"
    return what, (
        f"{subject} failed unexpectedly ({place}): run again to go on where it stopped, and "
        "report these words if it stays so."
    )
