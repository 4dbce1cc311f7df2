"""A study over a year: a real, signed log, receipts, register and state, without any model.

The clock of the log is moved by hand, so that the timeline has something to show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from anonpipe import audit, chain
from anonpipe.audit import AuditLog
from anonpipe.identity import Recipient, write_recipients
from anonpipe.medium import Medium
from anonpipe.receipt import Erased, Receipt, announce, announced, issue
from anonpipe.signing import Signer
from anonpipe.study import SourceState, Stage, Study, load

BEGIN = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 8, 28, 12, 0, tzinfo=UTC)
AGE = "age1"
KEYS = (
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa",
    "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z",
)
SETTINGS = "ee" * 32
SSD = Medium("ssd", "ext4", copy_on_write=False, notes=("journal",))
REGISTER = """\
participant,recording,consented_on,consent_version,audio,review,transcript_until,quotes,archive,withdrawn_on
P01,P01_*,2025-09-02,v1,delete-after-transcription,no,2030-06-30,yes,yes,
P02,P02_*,2025-09-09,v1,delete-after-review,yes,2030-06-30,yes,no,
P03,P03_*,2025-10-01,v1,keep-until:2026-12-31,no,2030-06-30,yes,yes,
P04,P04_*,2025-10-15,v2,delete-after-transcription,no,2030-06-30,no,no,
P05,P05_*,2025-11-03,v2,delete-on:2026-10-01,no,2028-06-30,no,no,
P06,P06_*,2025-11-10,v2,delete-after-review,yes,2030-06-30,no,no,
P07,P07_*,2026-01-12,v2,delete-after-transcription,no,2030-06-30,no,no,2026-05-04
P08,P08_*,2026-02-02,v2,delete-after-review,yes,2026-07-31,yes,no,
"""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Year:
    """The study and its log; `at` moves the clock."""

    folder: Path
    log: AuditLog
    time: datetime
    state: dict[str, SourceState]

    @property
    def study(self) -> Study:
        return load(self.folder)

    def at(self, month: int, day: int, hour: int = 10, minute: int = 0) -> Year:
        year = 2025 if month >= 9 else 2026
        self.time = datetime(year, month, day, hour, minute, tzinfo=UTC)
        return self

    def tick(self) -> str:
        self.time += timedelta(seconds=41)
        return self.time.strftime("%Y-%m-%dT%H:%M:%SZ")

    def run(self) -> None:
        self.log.append(
            "run-start",
            settings=SETTINGS,
            network="namespace" if self.time.year == 2026 else "process",
            speech="70f1c6f3a27b4c3e",
            names="a4519c0d6b2ef817",
        )

    def end(self, **counts: int) -> None:
        zero = dict.fromkeys(("final", "waiting", "refused", "failed"), 0)
        self.log.append("run-end", **{**zero, **counts})
        self.log.sign()

    def written(self, name: str, participants: tuple[str, ...], kind: str = "audio") -> None:
        source = digest(name)
        self.log.append(
            "transcribed",
            subject=name,
            kind=kind,
            source=source,
            turns=212,
            seconds=3120 if kind == "audio" else 0,
            language="nb",
            model="70f1c6f3a27b4c3e" if kind == "audio" else "none",
        )
        counts = {"person": 14, "location": 9, "org": 3, "occupation": 2, "age": 1}
        self.log.append("coded", subject=name, settings=SETTINGS, mentions=29, **counts)
        self.log.append("written", subject=name, files=1, outputs=digest(f"out {name}"))
        output = f"transcripts/{'+'.join(participants)}-{name}.txt"
        path = self.folder / output
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"[Person 1] {name}\n", encoding="utf-8")
        self.state[name] = SourceState(
            stage=Stage.WRITTEN,
            kind="audio" if kind == "audio" else "text",
            digest=source,
            participants=participants,
            outputs={output: hashlib.sha256(path.read_bytes()).hexdigest()},
            language="nb",
        )

    def approved(self, name: str, changed: int = 0) -> None:
        self.log.append("approved", subject=name, changed=changed, accepted=0)
        approved = self.time.isoformat(timespec="seconds")
        self.state[name] = replace(self.state[name], approved=approved)

    def deleted(self, name: str, rule: str, *, gone: bool = False) -> None:
        state = self.state[name]
        entry = announced(
            self.log,
            announce(self.log, name, rule=rule, source=state.digest),
            name,
            state.digest,
        )
        methods = ("overwrite-attempted", "unlink")
        verified = ("overwritten", "emptied", "folder-synced", "name-gone")
        erased = Erased("deleted", methods, SSD, 57_400_112, verified)  # type: ignore[arg-type]
        folder = self.folder / "receipts"
        folder.mkdir(exist_ok=True)
        receipt = Receipt.of(
            self.log,
            entry,
            study=self.study.settings.id,
            kind=state.kind,
            participants=state.participants,
            consent_versions=("v1",),
            approved_at=state.approved,
            erased=Erased("already-gone", (), SSD, None) if gone else erased,
            outputs=state.outputs,
        )
        issue(folder, self.log, receipt)
        self.log.append("final", subject=name)
        self.state[name] = replace(state, stage=Stage.FINAL, rule=rule)

    def opened(self, act: str, reason: str, role: str = "student") -> None:
        holder = hashlib.sha256(KEYS[0 if role == "student" else 1].encode()).hexdigest()[:16]
        self.log.append("key-opened", act=act, reason=reason, holder=holder, role=role)

    def keyed(self, roles: tuple[str, ...], previous: tuple[str, ...] = ()) -> None:
        self.log.append(
            "recipients",
            keys=tuple(KEYS[i] for i in range(len(roles))),
            roles=roles,
            previous_keys=tuple(KEYS[i] for i in range(len(previous))),
            previous_roles=previous,
        )


@contextmanager
def clock(monkeypatch: pytest.MonkeyPatch, year: Year) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(audit, "now", year.tick)
        patch.setattr(chain, "now", lambda: NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))
        yield


def begin(folder: Path, settings: str = "") -> Year:
    """The folder of a study whose log is still to be written."""
    study = folder / "study"
    for name in ("recordings", "documents", "transcripts", "receipts"):
        (study / name).mkdir(parents=True)
    key = folder / "custody" / "study.key.age"
    key.parent.mkdir()
    key.write_bytes(b"age-encryption.org/v1\n")
    key.chmod(0o600)
    text = settings or '[study]\nid = "0f1e2d3c4b5a6978"\ntitle = "Overganger i arbeidslivet"\n'
    (study / "study.toml").write_text(f'{text}\n[key]\npath = "{key}"\n', encoding="utf-8")
    (study / "consent.csv").write_text(REGISTER, encoding="utf-8")
    return Year(study, AuditLog(study / "audit.jsonl", "0f1e2d3c4b5a6978"), BEGIN, {})


def fill(year: Year) -> None:
    """The events of the year."""
    log = year.log
    holders = zip(("student", "supervisor", "archive"), KEYS, strict=True)
    write_recipients(year.study.recipients_file, [Recipient(*who) for who in holders])
    log.create(Signer.generate())
    year.keyed(("student", "supervisor"))
    key = hashlib.sha256(b"age-encryption.org/v1\n").hexdigest()
    log.append("key-intent", result="intended", key=key, entities=0)
    log.append("key-saved", key=key, entities=0, recipients=digest("recipients"))
    log.append("study-created", recipients=2)
    year.at(9, 10).run()
    year.written("R01", ("P01",))
    year.deleted("R01", "delete-after-transcription")
    year.end(final=1)
    year.at(9, 24).run()
    year.written("R02", ("P02",))
    year.end(waiting=1)
    year.at(10, 3).approved("R02", changed=2)
    year.at(10, 3, 11).run()
    year.deleted("R02", "delete-after-review")
    year.end(final=2)
    year.at(10, 20).run()
    year.written("R03", ("P03",))
    year.written("R04", ("P04",))
    year.deleted("R04", "delete-after-transcription")
    year.end(final=3, waiting=1)
    year.at(11, 12).opened("show", "analysis")
    year.at(11, 21).run()
    year.written("R05", ("P05",))
    year.written("R06", ("P06",))
    year.written("D01", ("P06",), "text")
    year.end(final=3, waiting=2)
    log.append("final", subject="D01")
    year.state["D01"] = replace(year.state["D01"], stage=Stage.FINAL)
    year.at(12, 5).approved("R06")
    year.at(12, 5, 12).run()
    year.deleted("R06", "delete-after-review", gone=True)
    year.end(final=4, waiting=2)
    year.at(1, 20).run()
    year.written("R07", ("P07",))
    year.deleted("R07", "delete-after-transcription")
    year.end(final=5, waiting=2)
    year.at(1, 28).opened("show", "analysis")
    year.at(2, 10).keyed(("student", "supervisor", "archive"), ("student", "supervisor"))
    year.at(2, 18).run()
    year.written("R08", ("P08",))
    year.end(final=5, waiting=3)
    year.at(3, 3).opened("reveal", "participant-request", "supervisor")
    year.at(3, 17).opened("export", "other-coded")
    year.at(4, 22).opened("show", "correction", "supervisor")
    year.log.sign()
    for path in year.state.pop("R07").outputs:
        (year.folder / path).unlink()
    year.study.write_state(year.state)


@pytest.fixture
def year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Year]:
    """The study on the 28th of August 2026."""
    made = begin(tmp_path)
    with clock(monkeypatch, made):
        fill(made)
        yield made
