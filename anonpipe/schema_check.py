"""The proof that a log holds nothing but declared values, and the declaration for reading.

`python -m anonpipe.schema_check > docs/AUDIT-ACTIONS.md` writes the latter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from anonpipe.chain import parse
from anonpipe.errors import AuditError
from anonpipe.log_kinds import Kind
from anonpipe.log_schema import ACTIONS, Action


@dataclass(frozen=True, slots=True)
class Census:
    """What stands in a log: entries by action, and values by kind.

    The fields that every entry has (number, time, actor, hashes) are not counted. `torn_bytes`
    of a last line that a crash cut off are no entry and were not looked at.
    """

    entries: int
    actions: Mapping[str, int]
    values: Mapping[str, int]
    torn_bytes: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def census(lines: Sequence[bytes], torn: bytes = b"") -> Census:
    """Count what stands in a log, having checked every value.

    Raises AuditError (exit code 5) naming the first line that holds what is not declared.
    """
    actions: Counter[str] = Counter()
    values: Counter[str] = Counter()
    for number, line in enumerate(lines, start=1):
        try:
            entry = parse(line)  # which refuses what log_schema does not declare
        except ValueError as problem:
            raise AuditError(
                f"Line {number} {problem}: show nobody this log before you have looked at that "
                "line, and compare it with a backup."
            ) from None
        actions[entry.action] += 1
        declared = ACTIONS[entry.action]
        kinds = {**declared.details, **declared.optional}
        if entry.subject is not None and declared.subject is not None:
            values[declared.subject.name] += 1
        for name, value in entry.details.items():
            kind = kinds[name]
            if kind.item is not None and isinstance(value, tuple):
                values[kind.item.name] += len(value)
            else:
                values[kind.name] += 1
    return Census(
        len(lines), dict(sorted(actions.items())), dict(sorted(values.items())), len(torn)
    )


# -- for reading


def markdown() -> str:
    """Every action and every kind, as docs/AUDIT-ACTIONS.md."""
    kinds: dict[str, Kind] = {}
    for action in ACTIONS.values():
        for kind in _kinds(action):
            if kind.says != "one of these words":
                kinds.setdefault(kind.name, kind)
    lines = [
        "# What an entry of the log may hold",
        "",
        "Written by `python -m anonpipe.schema_check` from `anonpipe/log_schema.py`.",
        "The format of the log itself is in AUDIT-FORMAT.md.",
        "",
        "## Kinds of values",
        "",
        *(f"- {name}: {kind.says}" for name, kind in sorted(kinds.items())),
        "",
        "Where words stand instead of a kind, the value is one of them.",
    ]
    for name, action in ACTIONS.items():
        subject = ""
        if action.subject is not None:
            optional = " or null" if action.subject_optional else ""
            subject = f"Subject: {action.subject.name}{optional}. "
        lines += ["", f"## {name}", "", f"{action.says[0].upper()}{action.says[1:]}.", ""]
        signed = " Signed at once." if action.signed else ""
        lines += [f"{subject}Result: {' | '.join(action.results)}.{signed}", ""]
        lines += [f"- `{key}`: {kind.name}" for key, kind in sorted(action.details.items())]
        lines += [
            f"- `{key}`: {kind.name}; may be left out"
            for key, kind in sorted(action.optional.items())
        ]
        if not action.details and not action.optional:
            lines.append("No details.")
    return "\n".join(lines) + "\n"


def _kinds(action: Action) -> list[Kind]:
    kinds = [*action.details.values(), *action.optional.values()]
    kinds += [action.subject] if action.subject else []
    return kinds + [kind.item for kind in kinds if kind.item is not None]


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
