"""Commands that are killed (SIGKILL) as processes: the study is as before or as after.

Each command is killed a few times before some change of the file system, drawn by lot, and a few
times at a moment drawn by lot. ANONPIPE_KILLS is how often each way, ANONPIPE_SEED the lot.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from anonpipe import checkpoint, closed, identity, operations, status
from anonpipe.audit import AuditLog
from anonpipe.errors import VaultError
from anonpipe.files import sha256
from anonpipe.identity import load_identities
from anonpipe.keyfile import StudyKey
from anonpipe.receipt_check import check_all
from anonpipe.study import Stage
from tests.audio import sound
from tests.closing import backed_up, checklist, fill
from tests.closing import prepare as to_be_closed
from tests.conftest import Workbench, row
from tests.second_verifier import second_verifier

pytestmark = pytest.mark.long
KILLS = int(os.environ.get("ANONPIPE_KILLS", "2"))
SEED = os.environ.get("ANONPIPE_SEED", "2026")
ROOT = Path(__file__).resolve().parent.parent
YESTERDAY = date.today() - timedelta(days=1)
CONSENTED = "2026-01-10"


def anonpipe(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.driving", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def killed_at_moment(arguments: list[object], seconds: float) -> bool:
    """Whether the command was still at work when it was killed, so long after it began."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.driving", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "READY": str(writing)},
        cwd=ROOT,
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    time.sleep(seconds)
    process.kill()
    return process.wait() == -signal.SIGKILL


@dataclass
class Case:
    """A command on a study. `whole` says that it is never carried out in part.

    `again` are exit codes that the same command may have once it is complete.
    """

    bench: Workbench
    folders: list[Path]
    arguments: list[object]
    whole: bool = True
    codes: tuple[int, ...] = (0,)
    again: tuple[int, ...] = (0,)
    keyless: bool = False


def content(bench: Workbench) -> dict[str, Any]:
    """What the study says: files but for the log and receipts, and what the key and sealed files
    hold, without what is drawn by lot."""
    found: dict[str, Any] = {}
    for path in sorted(bench.folder.rglob("*")):
        name = path.relative_to(bench.folder).as_posix()
        if path.is_file() and path.suffix not in (".age", ".lock", ".jsonl"):
            found[name] = path.read_bytes()
        if path.is_dir() and name == "closing":
            found["closing"] = sorted(p.name for p in path.iterdir())
    found = {
        name: data
        for name, data in found.items()
        if not name.startswith(("receipts/", "closing/", "state.json", ".anonpipe"))
    }
    for name, item in bench.study.read_state().items():
        found[f"state {name}"] = (item.stage, item.participants, item.outputs, item.flags)
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    found["material"] = status.material(log).word
    if not bench.key.exists():
        return found
    identities = load_identities([bench.identity], lambda _: None)
    try:
        key = StudyKey.open(bench.study, log, identities)
    except VaultError as error:
        assert "not encrypted to any" in str(error)
        return found | {"key": "others'"}
    found["recipients"] = sorted((r.label, r.public_key) for r in key.recipients)
    found["beside"] = identity.read_recipients(bench.study.recipients_file)
    payload = key.table.to_payload()
    del payload["secrets"]
    for item in payload["sources"].values():
        item["data_key"] = bool(item["data_key"])
    found["key"] = payload
    for path in sorted((bench.folder / "sealed").glob("*.age")):
        found[f"sealed {path.name}"] = key.open_sealed(path)
    for path in sorted(bench.folder.glob("*/*.age")):
        found.setdefault(f"there {path.name}", True)
    return found


def nothing_lost(bench: Workbench) -> None:
    """Whoever's original is gone has outputs as they were verified, or they went as well."""
    study = bench.study
    log = AuditLog(study.log_file, study.settings.id)
    entries = list(log.entries())
    gone_too = {
        str(e.subject)
        for e in entries
        if e.action in ("outputs-deleted", "close-deleted", "source-removed", "operation-begun")
    }
    for name, item in study.read_state().items():
        begun = list(study.source_folder(item.kind).glob(f".anonpipe-{name}.*"))
        if (item.stage is not Stage.FINAL and not begun) or name in gone_too:
            continue
        if any(e.action == "operation-begun" and e.details["kind"] == "close" for e in entries):
            continue
        if item.stage is Stage.NEW and study.encrypted(item.kind, name).is_file():
            continue  # what is being deleted is the file as it was before it was encrypted
        assert item.outputs, name
        for output, digest in item.outputs.items():
            assert sha256(study.folder / output) == digest, output


def both_verifiers_agree(bench: Workbench) -> None:
    study = bench.study
    lines, torn = AuditLog(study.log_file, study.settings.id).lines()
    first = checkpoint.examine(lines, torn, study.settings.id)
    code, said = second_verifier(study.log_file, "--study", study.settings.id)
    assert code == 0 and tuple(said.splitlines()) == first.lines


def settled(bench: Workbench) -> None:
    """Nothing is begun and not ended, and every receipt is sound."""
    assert not operations.journal(bench.study).exists()
    for top in (bench.folder, bench.key.parent):
        assert not list(top.rglob(".anonpipe-*")), "leftovers"
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    unsound = [c for c in check_all(bench.study.receipts, list(log.entries())) if not c.sound]
    assert not unsound
    assert closed.state_of(log) in ("open", "closed")


# -- the commands


def small(bench: Workbench) -> Workbench:
    """P07 alone and with P01, and P02 who speaks of P07; all but one wait for a date."""
    later = date.today() + timedelta(days=300)
    settings = bench.folder / "study.toml"
    text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
    text += '\n[[people]]\nname = "Kari Nordmann"\nparticipant = "P07"\n'
    settings.write_text(text)
    bench.record("P07_a.wav", b"one")
    bench.record("group.wav", b"two")
    bench.note("P02_notes.txt", "Ola Hansen met Kari Nordmann and saw Kari's boat.")
    bench.note("P07_notes.txt", "Kari Nordmann (ola@example.org) came with Ola Hansen.")
    bench.register(
        row(audio=f"delete-on:{later}", recording="P01* | group.wav"),
        row("P02"),
        row("P07", audio=f"delete-on:{later}", recording="P07* | group*"),
    )
    bench.run(today=date.today())
    return bench


def key_of(bench: Workbench) -> list[object]:
    return [bench.folder, "--identity", bench.identity]


def withdraw(bench: Workbench, tmp: Path) -> Case:
    small(bench)
    where = [bench.folder, bench.key.parent]
    return Case(bench, where, ["withdraw", *key_of(bench), "P07", "--yes"])


def retention(bench: Workbench, tmp: Path) -> Case:
    small(bench)
    file = bench.folder / "consent.csv"
    later = date.today() + timedelta(days=300)
    strict = file.read_text().replace(f"delete-on:{later}", f"delete-on:{YESTERDAY}")
    strict = strict.replace(
        "P02,,2026-01-10,v1,delete-after-transcription,no,,",
        f"P02,,2026-01-10,v1,delete-after-transcription,no,{YESTERDAY},",
    )
    file.write_text(strict)
    where = [bench.folder, bench.key.parent]
    return Case(bench, where, ["retention", "run", *key_of(bench)], whole=False)


def close(bench: Workbench, tmp: Path) -> Case:
    to_be_closed(bench)
    backup = backed_up(bench, tmp / "stick")
    answers = tmp / "answers.toml"
    answers.write_text(fill(checklist(bench, tmp / "checklist.toml")))
    where = [bench.folder, bench.key.parent, backup.parent]
    arguments = ["close", *key_of(bench), "--answers", answers]
    return Case(bench, where, arguments, again=(2,))


def other(tmp: Path, role: str) -> str:
    return f"{role}={identity.new_identity(tmp / f'{role}.private', None, role)}"


def add(bench: Workbench, tmp: Path) -> Case:
    small(bench)
    bench.register(row("P01", review="yes", recording="P01* | group.wav"), row("P02"), row("P07"))
    where = [bench.folder, bench.key.parent]
    new = other(tmp, "supervisor")
    arguments = ["key", "recipients", "add", *key_of(bench), "--recipient", new]
    return Case(bench, where, arguments, again=(2,))


def with_supervisor(bench: Workbench, tmp: Path) -> None:
    small(bench)
    new = other(tmp, "supervisor")
    made = anonpipe("key", "recipients", "add", *key_of(bench), "--recipient", new)
    assert made.returncode == 0, made.stderr


def remove(bench: Workbench, tmp: Path) -> Case:
    with_supervisor(bench, tmp)
    where = [bench.folder, bench.key.parent]
    arguments = ["key", "recipients", "remove", *key_of(bench), "supervisor", "--single-recipient"]
    return Case(bench, where, arguments, again=(2,))


def replace(bench: Workbench, tmp: Path) -> Case:
    with_supervisor(bench, tmp)
    where = [bench.folder, bench.key.parent]
    new = other(tmp, "colleague")
    arguments = ["key", "recipients", "replace", *key_of(bench), "supervisor", new]
    return Case(bench, where, arguments, again=(2,))


def merge(bench: Workbench, tmp: Path) -> Case:
    bench.record("P01_a.wav", b"one")
    bench.record("P02_b.wav", b"two")
    bench.note("P01_notes.txt", "Ola Hansen met Kari Nordmann at Solbakken skole.")
    bench.register(row(), row("P02", audio="delete-after-review"))
    sealed = anonpipe("run", bench.folder, "--sealed")
    assert sealed.returncode == 0, sealed.stderr
    where = [bench.folder, bench.key.parent]
    return Case(bench, where, ["key", "merge", *key_of(bench)], whole=False)


def ingest(bench: Workbench, tmp: Path) -> Case:
    bench.record("P01 one.wav", sound.encode(sound.sine(330, 1.0), "wav"))
    bench.note("P01 notes.txt", "Ola Hansen came to Bergen.")
    bench.register(row())
    where = [bench.folder, bench.key.parent]
    return Case(bench, where, ["ingest", *key_of(bench)], whole=False)


def run(bench: Workbench, tmp: Path) -> Case:
    small(bench)
    bench.record("P02_new.wav", b"three")
    bench.note("P07_new.txt", "Solbakken skole is in Bergen.")
    where = [bench.folder, bench.key.parent]
    return Case(bench, where, ["run", *key_of(bench)], whole=False)


COMMANDS: list[Callable[[Workbench, Path], Case]] = [
    withdraw,
    retention,
    close,
    add,
    remove,
    replace,
    merge,
    ingest,
    run,
]


def carry_on(bench: Workbench) -> None:
    """Whatever is done next carries on what was interrupted."""
    try:
        bench.open(lambda session: None)
    except closed.StudyClosed:
        assert not bench.key.exists()
    else:
        assert bench.key.exists()


@pytest.mark.parametrize("make", COMMANDS, ids=lambda make: make.__name__)
def test_killed(bench: Workbench, tmp_path: Path, make: Callable[[Workbench, Path], Case]) -> None:
    case = make(bench, tmp_path)
    store = tmp_path / "store"
    for number, folder in enumerate(case.folders):
        shutil.copytree(folder, store / str(number))

    def restore() -> None:
        for number, folder in enumerate(case.folders):
            shutil.rmtree(folder)
            shutil.copytree(store / str(number), folder)

    before = content(bench)
    counter = tmp_path / "count"
    start = time.monotonic()
    done = anonpipe(*case.arguments, COUNT_TO=str(counter))
    took = time.monotonic() - start
    assert done.returncode in case.codes, done.stderr
    after = content(bench)
    assert after != before
    settled(bench)
    effects = int(counter.read_text())
    lot = random.Random(f"{SEED} {make.__name__}")
    ends: list[str] = []
    for number in range(2 * KILLS):
        restore()
        if number < KILLS:
            step = lot.randint(1, effects)
            killed = anonpipe(*case.arguments, KILL_AT=str(step))
            assert killed.returncode == -signal.SIGKILL, killed.stderr
            what = f"killed before effect {step} of {effects}"
        else:
            moment = lot.uniform(0, 0.7 * took)
            if not killed_at_moment(case.arguments, moment):
                continue
            what = f"killed after {moment:.3f} s of {took:.3f}"
        nothing_lost(bench)
        both_verifiers_agree(bench)
        carry_on(bench)
        nothing_lost(bench)
        now = content(bench)
        if case.whole:
            assert now in (before, after), what
            settled(bench)
        ends.append("new" if now == after else "old" if now == before else "part")
        again = anonpipe(*case.arguments)
        allowed = case.again if now == after else case.codes
        assert again.returncode in (*allowed, *case.codes), (what, again.stderr)
        assert content(bench) == after, what
        settled(bench)
        both_verifiers_agree(bench)
    print(make.__name__, effects, ends)
