"""The errors a user can meet, each with its exit code.

A message is one sentence that says what is wrong and what to do next. It may
name files, rows and columns, never text from an interview: messages end up in
terminals, mails to support and batch logs.
"""

from __future__ import annotations


class AnonpipeError(Exception):
    """Base of every error that is reported as one sentence; `exit_code` is the process's."""

    exit_code = 1


class RecordingError(AnonpipeError):
    """One recording or document could not be processed; the others can (exit code 1)."""

    exit_code = 1


class UsageError(AnonpipeError):
    """Wrong usage or settings (exit code 2)."""

    exit_code = 2


class ConsentError(AnonpipeError):
    """Refused for consent or retention (exit code 3)."""

    exit_code = 3


class VaultError(AnonpipeError):
    """The key cannot be opened, or is not the one the log knows (exit code 4)."""

    exit_code = 4


class AuditError(AnonpipeError):
    """The log does not verify or cannot be written (exit code 5)."""

    exit_code = 5


class ModelError(AnonpipeError):
    """A model is missing or does not match its digest (exit code 6)."""

    exit_code = 6
