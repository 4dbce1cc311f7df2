"""A close that is killed at every one of its effects: the study is as it was, or closed."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from anonpipe import audit, closed, erase, operations, status
from anonpipe.audit import AuditLog
from anonpipe.closed import StudyClosed
from anonpipe.closing import carrying
from anonpipe.errors import AuditError, VaultError
from anonpipe.session import open_log
from tests.closing import answered, backed_up, close, prepare
from tests.conftest import Workbench
from tests.killing import Killed, done_or_killed, killed_at_every_effect


class Template:
    """A study that can be put back to where it stood, in the same place."""

    def __init__(self, top: Path, parts: list[Path]) -> None:
        self.store, self.parts = top, parts
        for number, part in enumerate(parts):
            shutil.copytree(part, top / str(number))

    def restore(self) -> None:
        for number, part in enumerate(self.parts):
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(self.store / str(number), part)


@pytest.fixture
def scene(bench: Workbench, tmp_path: Path):
    """A study that is ready, with its answers; and what the study is like before and after."""
    backup = backed_up(prepare(bench), tmp_path / "stick")
    answers = answered(bench, tmp_path)
    template = Template(tmp_path / "store", [bench.folder, bench.key.parent, backup.parent])
    before = bench.outputs()
    close(bench, answers)
    after = bench.outputs()
    template.restore()
    return bench, backup, answers, template, before, after


def is_new(bench: Workbench, backup: Path, before: dict, after: dict) -> bool:
    """Whether the study is closed; it must be wholly that, or wholly what it was."""
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    log.verify()
    new = closed.state_of(log) == "closed"
    assert bench.outputs() == (after if new else before)
    assert bench.key.exists() != new and backup.exists() != new
    assert (status.material(log).word == "anonymised") == new
    assert not operations.journal(bench.study).exists()
    assert not list(bench.folder.rglob(".*.deleting")) and not list(bench.folder.rglob("*.tmp"))
    if new:
        assert (bench.folder / "closing" / "report.txt").is_file()
        assert not list(bench.key.parent.glob("[!.]*.age")) or list(
            bench.key.parent.glob("*.identity*")
        )
        assert not bench.study.recipients_file.exists()
    return new


def test_killed_at_every_effect(scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, backup, answers, template, before, after = scene
    ends: list[bool] = []

    def prepare():
        template.restore()
        return lambda: close(bench, answers)

    def check() -> None:
        if len(ends) % 2:  # by turns a command that needs no key, and one that does
            log = open_log(bench.study)
            if not bench.key.exists():
                assert closed.state_of(log) == "closed"
        try:
            bench.open(lambda session: None)
        except StudyClosed:
            pass
        else:
            assert bench.key.exists()
        ends.append(is_new(bench, backup, before, after))

    kills = killed_at_every_effect(prepare, check, monkeypatch)
    assert kills > 40
    assert set(ends) == {False, True}


def test_killed_twice(scene, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, backup, answers, template, before, after = scene
    for step in range(20, 110, 9):
        template.restore()
        if done_or_killed(lambda: close(bench, answers), step, monkeypatch):
            break
        try:
            done_or_killed(lambda: bench.open(lambda session: None), 5, monkeypatch)
            bench.open(lambda session: None)
        except StudyClosed:
            pass
        is_new(bench, backup, before, after)


def test_a_log_on_a_full_disk_stops_it_and_it_goes_on(
    scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, backup, answers, template, before, after = scene
    for most in range(0, 40):
        template.restore()
        written = 0

        def full(fd: int, data: bytes, most: int = most) -> None:
            nonlocal written
            written += 1
            if written > most:
                raise OSError(28, "No space left on device")
            os.write(fd, data)

        with monkeypatch.context() as patch:
            patch.setattr(audit, "write_all", full)
            try:
                close(bench, answers)
            except AuditError as error:
                assert "the disk is full" in str(error)
            else:
                assert most > 8
                return
        with contextlib.suppress(StudyClosed):
            bench.open(lambda session: None)
        is_new(bench, backup, before, after)
    raise AssertionError("never done")


def test_a_backup_that_is_unplugged_in_the_middle(
    scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the plan and its turn: nothing may be claimed of a disk that is away."""
    bench, backup, answers, _, before, after = scene
    begin = operations.begin

    def unplug(session, operation) -> None:
        backup.parent.rename(tmp_path / "away")
        (backup.parent).mkdir()  # an empty mount point
        begin(session, operation)

    with monkeypatch.context() as patch:
        patch.setattr(operations, "begin", unplug)
        with pytest.raises(VaultError, match=r"B01.*connect its disk"):
            close(bench, answers)
    with pytest.raises(VaultError, match="B01"):
        bench.run()
    assert bench.key.exists()
    backup.parent.rmdir()
    (tmp_path / "away").rename(backup.parent)
    with pytest.raises(StudyClosed):
        bench.run()
    assert is_new(bench, backup, before, after)


def test_the_keys_stick_is_unplugged_as_the_key_went(
    scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the key is gone cannot be told from a disk that is away, and is not claimed."""
    bench, backup, answers, _, before, after = scene

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(closed, "finish", killed)
        patch.setattr(carrying.closed, "finish", killed)
        with pytest.raises(Killed):
            close(bench, answers)
    assert not bench.key.exists() and not erase.pending(bench.key.parent)
    away = bench.key.parent.rename(tmp_path / "away")
    bench.key.parent.mkdir()
    with pytest.raises(VaultError, match="connect its disk"):
        bench.run()
    assert status.material(open_log(bench.study)).word == "pseudonymised"
    bench.key.parent.rmdir()
    away.rename(bench.key.parent)
    assert status.material(open_log(bench.study)).word == "anonymised"
    assert is_new(bench, backup, before, after)
