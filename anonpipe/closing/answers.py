"""Reading the filled answers of a close: words out of closed lists, and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from anonpipe.closing.questions import (
    BASES_AGAINST,
    BASES_FOR,
    COPY_STATES,
    FORMAT,
    PLACES,
    QUESTIONS,
    VERDICTS,
    VERSION,
    Answers,
    Criterion,
    Verdict,
    table_of,
)
from anonpipe.codes import split_id
from anonpipe.errors import UsageError
from anonpipe.log_kinds import ROLE, ROLES
from anonpipe.transcript import MENTION_TYPES, PARTICIPANT_CODE, MentionType


def read(text: str, name: str) -> Answers:
    """The answers in a filled file. Raises UsageError, which names the setting, not its value."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise UsageError(f"{name} is not valid TOML: write each answer between quotes.") from None
    return from_values(data, name)


def from_values(data: dict[str, Any], name: str) -> Answers:
    """The answers in the values of such a file; `name` is for messages. Raises UsageError."""
    return _Reader(name).answers(data)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, setting: str, hint: str) -> UsageError:
        return UsageError(f"{self.name}, {setting}: {hint}")

    def answers(self, data: dict[str, Any]) -> Answers:
        tables = {table_of(code): code for code in QUESTIONS}
        self.only(data, "", ("format", "version", "judge", *tables, "rare", "kept", "copies"))
        if (data.get("format"), data.get("version")) != (FORMAT, VERSION):
            raise self.wrong(
                "format", "this is no file of `anonpipe close --checklist` of this version."
            )
        judge = self.table(data, "judge", ("role", "date"))
        copies = self.table(data, "copies", PLACES)
        small = "small_group" in data
        return Answers(
            role=self.role(judge.get("role")),
            on=self.day(judge.get("date")),
            criteria={
                code: self.criterion(data, table)
                for table, code in tables.items()
                if table != "small_group" or small
            },
            rare=dict(self.rare(item) for item in self.items(data, "rare")),
            kept=tuple(self.kept(item) for item in self.items(data, "kept")),
            copies={
                place: self.choice(copies.get(place), f"copies.{place}", COPY_STATES)
                for place in PLACES
            },
        )

    def only(self, table: Mapping[str, Any], where: str, known: Sequence[str]) -> None:
        """No free text: what the checklist does not ask for may not be told."""
        if any(key not in known for key in table):
            raise self.wrong(
                where or "the file",
                f"there may be nothing but {', '.join(known)}; write no texts of your own.",
            )

    def table(self, data: Mapping[str, Any], name: str, known: Sequence[str]) -> dict[str, Any]:
        found = data.get(name)
        if not isinstance(found, dict):
            raise self.wrong(name, "this table is missing; make the checklist anew.")
        self.only(found, name, known)
        return found

    def items(self, data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        found = data.get(name, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise self.wrong(name, f"write [[{name}]] above each of its entries.")
        return found

    def choice(self, value: object, setting: str, known: Sequence[Any]) -> Any:
        if not isinstance(value, str) or value not in known:
            raise self.wrong(setting, f"answer one of {', '.join(known)}.")
        return value

    def role(self, value: object) -> str:
        if not isinstance(value, str) or not ROLE.holds(value):
            raise self.wrong("judge.role", f"answer one of {', '.join(ROLES)}, never a name.")
        return value

    def day(self, value: object) -> date:
        if type(value) is date:
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise self.wrong("judge.date", "write a date, such as 2027-06-30.") from None

    def criterion(self, data: Mapping[str, Any], name: str) -> Criterion:
        table = self.table(data, name, ("ruled_out", "basis"))
        ruled_out = self.choice(table.get("ruled_out"), f"{name}.ruled_out", ("yes", "no")) == "yes"
        known = BASES_FOR if ruled_out else BASES_AGAINST
        basis = table.get("basis")
        if not isinstance(basis, list) or not basis:
            raise self.wrong(f"{name}.basis", f"name at least one of {', '.join(known)}.")
        chosen = {self.choice(code, f"{name}.basis", tuple(known)) for code in basis}
        return Criterion(ruled_out, tuple(code for code in known if code in chosen))

    def rare(self, item: dict[str, Any]) -> tuple[tuple[str, tuple[str, ...]], Verdict]:
        self.only(item, "rare", ("participant", "codes", "verdict"))
        who, codes = item.get("participant"), item.get("codes")
        if not isinstance(who, str) or not PARTICIPANT_CODE.fullmatch(who):
            raise self.wrong("rare.participant", "leave the code as the checklist wrote it.")
        try:
            if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
                raise ValueError
            for code in codes:
                split_id(code)
        except ValueError:
            raise self.wrong("rare.codes", "leave the codes as the checklist wrote them.") from None
        verdict = self.choice(item.get("verdict"), f"rare.verdict of {who}", VERDICTS)
        return (who, tuple(sorted(codes))), verdict

    def kept(self, item: dict[str, Any]) -> MentionType:
        self.only(item, "kept", ("type", "verdict"))
        kind: MentionType = self.choice(item.get("type"), "kept.type", MENTION_TYPES)
        self.choice(item.get("verdict"), f"kept.verdict of {kind}", ("accepted",))
        return kind
