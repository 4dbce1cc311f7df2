"""A small study that is ready to be closed, and the answers that close it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from anonpipe import backup, closing
from anonpipe.audit import AuditLog, Entry
from anonpipe.closing.answers import read
from anonpipe.closing.questions import Answers
from anonpipe.session import Session
from tests.conftest import Workbench, row

TODAY = date.today()
NOTE = "Intervjuer: Hvem?\n\nP02: Kari Nordmann og Ola Hansen i Bergen.\n"
FILLED = {
    "ruled_out": "yes",
    "basis": ["read-through", "rare-judged"],
    "verdict": "accepted",
    "role": "student",
    "date": str(TODAY),
    **dict.fromkeys(("recorder", "phone", "cloud", "email", "exports", "backups"), "none"),
}


def prepare(bench: Workbench, *, at_end: tuple[str, str] = ("anonymise", "delete")) -> Workbench:
    """P01's recording and P02's note, both final; P02's note was deleted with its coding."""
    settings = bench.folder / "study.toml"
    text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
    settings.write_text(text)
    bench.record("P01.wav")
    bench.note("P02.txt", NOTE)
    bench.register(*(f"{row(p)},{end}" for p, end in zip(("P01", "P02"), at_end, strict=True)))
    assert [outcome.status for outcome in bench.run(today=TODAY)] == ["final", "final"]
    return bench


def backed_up(bench: Workbench, folder: Path) -> Path:
    """A registered copy of the key."""
    folder.mkdir(parents=True)
    made: list[Path] = []
    bench.open(lambda session: made.append(backup.make(session, folder).path))
    return made[0]


def checklist(bench: Workbench, path: Path) -> str:
    bench.open(lambda session: closing.write_checklist(session, path, TODAY))
    return path.read_text()


def fill(text: str, other: Mapping[str, object] | None = None) -> str:
    """A checklist with every answer filled in; `other` has values of settings by name, or by
    "table.name"."""
    values = {**FILLED, **(other or {})}
    table = ""
    lines = []
    for line in text.splitlines():
        found = re.match(r"\[+(\w+)\]", line)
        table = found[1] if found else table
        asked = re.match(r'(\w+) = (?:""|\[\])', line)
        if asked:
            name = asked[1]
            value = values.get(f"{table}.{name}", values.get(name))
            assert value is not None, line
            line = f"{name} = {value!r}"
        lines.append(line)
    return "\n".join(lines)


def answered(bench: Workbench, tmp: Path, other: Mapping[str, object] | None = None) -> Answers:
    path = tmp / f"checklist-{len(list(tmp.glob('checklist-*')))}.toml"
    return read(fill(checklist(bench, path), other), path.name)


def close(bench: Workbench, answers: Answers, **options: object) -> None:
    def work(session: Session) -> None:
        closing.close(session, closing.plan(session, answers, TODAY, **options))

    bench.open(work)


def log(bench: Workbench) -> list[Entry]:
    return list(AuditLog(bench.study.log_file, bench.study.settings.id).entries())


def said(path: Path) -> str:
    """All that a reader can see in an output."""
    data = path.read_bytes()
    if path.suffix == ".docx":
        data = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")
    return data.decode()
