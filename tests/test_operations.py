"""Changes of many steps: whole or not at all, whenever they are killed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from anonpipe import operations, vault
from anonpipe.audit import AuditLog
from anonpipe.errors import VaultError
from anonpipe.files import write_durably
from anonpipe.operations import Operation
from anonpipe.session import Session
from tests.conftest import Workbench, make_workbench
from tests.killing import killed_at_every_effect

STEPS = ("one", "two", "three")


def three_files(session: Session, operation: Operation) -> None:
    """A handler: writes three files, each with the operation's word."""
    for name in STEPS:
        write_durably(session.study.folder / name, str(operation.values["word"]).encode())


@pytest.fixture(autouse=True)
def handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(operations.HANDLERS, "close", f"{__name__}:three_files")


def begin(bench: Workbench, word: str = "Nordmann") -> None:
    bench.open(lambda session: operations.begin(session, Operation("close", None, {"word": word})))


def done(bench: Workbench) -> list[bool]:
    return [(bench.folder / name).is_file() for name in STEPS]


def test_an_operation_leaves_its_work_and_no_plan(bench: Workbench) -> None:
    begin(bench)
    assert all(done(bench)) and not operations.journal(bench.study).exists()
    log = (bench.folder / "audit.jsonl").read_text()
    assert "operation-begun" in log and "operation-ended" in log and "Nordmann" not in log


def test_killed_anywhere_it_is_old_or_new_after_the_next_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    benches: list[Workbench] = []
    ends: set[bool] = set()

    def prepare():
        benches.append(make_workbench(tmp_path / str(len(benches))))
        return lambda: begin(benches[-1])

    def check() -> None:
        bench = benches[-1]
        if operations.journal(bench.study).exists():
            assert b"Nordmann" not in operations.journal(bench.study).read_bytes()
        bench.open(lambda session: None)
        found = done(bench)
        assert all(found) or not any(found)
        assert not operations.journal(bench.study).exists()
        ends.add(all(found))

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 6
    assert ends == {True, False}


def test_a_plan_that_nobody_announced_is_refused(bench: Workbench) -> None:
    (bench.folder / "sealed").mkdir()
    recipients = vault.read_recipients(bench.study.recipients_file)
    forged = vault.seal(b'{"kind": "close", "subject": null, "values": {}}', recipients)
    operations.journal(bench.study).write_bytes(forged)
    with pytest.raises(VaultError, match="not begun"):
        bench.open(lambda session: None)
    plan = hashlib.sha256(forged).hexdigest()  # whoever can write the log can announce it
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    log.append("operation-begun", kind="close", plan=plan)
    for _ in range(3):  # each session signs the log as it finds it
        with pytest.raises(VaultError, match="not begun"):
            bench.open(lambda session: None)
    assert log.verify().unsigned == 0 and not any(done(bench))


def test_a_plan_of_earlier_is_refused(bench: Workbench, tmp_path: Path) -> None:
    plans: list[bytes] = []

    def keep(session: Session, operation: Operation) -> None:
        plans.append(operations.journal(session.study).read_bytes())

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(operations.HANDLERS, "close", f"{__name__}:kept")
        patch.setitem(globals(), "kept", keep)
        begin(bench)
    begin(bench, "another")
    operations.journal(bench.study).write_bytes(plans[0])
    with pytest.raises(VaultError, match="not begun"):
        bench.open(lambda session: None)


def test_what_fails_is_carried_on(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(session: Session, operation: Operation) -> None:
        raise VaultError("The stick is gone: connect it.")

    monkeypatch.setitem(globals(), "broken", broken)
    with monkeypatch.context() as patch:
        patch.setitem(operations.HANDLERS, "close", f"{__name__}:broken")
        with pytest.raises(VaultError, match="stick"):
            begin(bench)
    assert not any(done(bench))
    bench.open(lambda session: None)
    assert all(done(bench))
