"""Durable writing and locks: what is there after every way in which a write can fail."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from anonpipe import files
from anonpipe.errors import AuditError, RecordingError, UsageError, VaultError
from anonpipe.files import lock, remove_leftovers, sha256, write_durably

pytestmark = pytest.mark.usefixtures("real_fsync")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "out.txt"
    write_durably(path, b"one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    write_durably(path, b"two" * 1_000_000, mode=0o644)
    assert path.read_bytes() == b"two" * 1_000_000
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600
    assert names(tmp_path) == ["out.txt"]


def test_temporary_name_holds_nothing_of_the_name(tmp_path):
    seen = []
    path = tmp_path / "Kari Nordmann.txt"
    write_durably(path, b"x", before_replace=lambda: seen.extend(names(tmp_path)))
    assert len(seen) == 1 and seen[0].startswith(".anonpipe-") and "Kari" not in seen[0]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "write", "fsync"])
def test_failing_call_leaves_the_old_file(tmp_path, monkeypatch, call, code):
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")

    def fail(*args, **kwargs):
        raise OSError(code, "no")

    monkeypatch.setattr(files.os, call, fail)
    with pytest.raises(VaultError) as caught:
        write_durably(path, b"new", error=VaultError)
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["out.txt"]
    assert str(caught.value).count(". ") == 0 and "out.txt" in str(caught.value)


def test_failing_rename_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")

    def fail(self, target):
        raise OSError(errno.EIO, "no")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(RecordingError):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["out.txt"]


def test_a_medium_that_alters_bytes_is_noticed(tmp_path, monkeypatch):
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")
    monkeypatch.setattr(files, "write_all", lambda fd, data: os.write(fd, b"nev"))
    with pytest.raises(RecordingError, match="does not read back"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("written", [b"ne", b"new and more", b""])
def test_a_medium_that_shortens_or_lengthens_is_noticed(tmp_path, monkeypatch, written):
    monkeypatch.setattr(files, "write_all", lambda fd, data: os.write(fd, written))
    with pytest.raises(RecordingError, match="does not read back"):
        write_durably(tmp_path / "out.txt", b"new")


def test_short_writes_are_continued(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(files.os, "write", lambda fd, data: real(fd, bytes(data[:3])))
    write_durably(tmp_path / "out.txt", b"0123456789")
    assert (tmp_path / "out.txt").read_bytes() == b"0123456789"


def test_before_replace_can_stop_the_rename(tmp_path):
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")

    def refuse() -> None:
        raise AuditError("The log is full.")

    with pytest.raises(AuditError):
        write_durably(path, b"new", before_replace=refuse)
    assert path.read_bytes() == b"old" and names(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("links", [True, False])
def test_never_overwrites_when_told(tmp_path, monkeypatch, links):
    if not links:

        def no_links(*args, **kwargs):
            raise OSError(errno.EPERM, "FAT")

        monkeypatch.setattr(files.os, "link", no_links)
    path = tmp_path / "key"
    write_durably(path, b"one", overwrite=False)
    with pytest.raises(RecordingError, match="exists already"):
        write_durably(path, b"two", overwrite=False)
    assert path.read_bytes() == b"one" and names(tmp_path) == ["key"]


def test_missing_folder_is_one_sentence(tmp_path):
    with pytest.raises(RecordingError, match="does not exist; create it"):
        write_durably(tmp_path / "gone" / "out.txt", b"x")


def test_file_size_limit_in_a_real_process(tmp_path):
    """RLIMIT_FSIZE stands in for a full disk: the system itself refuses in mid-write."""
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")
    program = (
        "import signal, sys; from pathlib import Path; signal.signal(signal.SIGXFSZ, "
        "signal.SIG_IGN)\nfrom anonpipe.files import write_durably\n"
        "write_durably(Path(sys.argv[1]), b'n' * 100_000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        capture_output=True,
        text=True,
    )
    assert "RecordingError" in done.stderr and "larger than this system allows" in done.stderr
    assert path.read_bytes() == b"old" and names(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("call", ["write", "fsync", "link"])
def test_kill_at_a_step_leaves_old_or_new_and_the_rest_can_be_swept(tmp_path, call):
    path = tmp_path / "out.txt"
    if call != "link":
        path.write_bytes(b"old")
    program = (
        "import os, sys; from pathlib import Path; from anonpipe import files\n"
        "def die(*a, **k): os._exit(9)\n"
        f"files.os.{call} = die\n"
        "files.write_durably(Path(sys.argv[1]), b'new', overwrite=sys.argv[2] == 'yes')"
    )
    over = "no" if call == "link" else "yes"
    assert subprocess.run([sys.executable, "-c", program, str(path), over]).returncode == 9
    assert not path.exists() if call == "link" else path.read_bytes() == b"old"
    assert remove_leftovers(tmp_path) == 1
    assert names(tmp_path) == ([] if call == "link" else ["out.txt"])


def test_sweep_keeps_what_is_being_written(tmp_path):
    counts = []
    write_durably(
        tmp_path / "a", b"x", before_replace=lambda: counts.append(remove_leftovers(tmp_path))
    )
    assert counts == [0] and (tmp_path / "a").read_bytes() == b"x"


def test_lock_excludes_and_is_released(tmp_path):
    path = tmp_path / ".lock"
    with lock(path):
        with pytest.raises(UsageError, match="another anonpipe"), lock(path, wait=0.1):
            pass
        with pytest.raises(VaultError), lock(path, wait=0, error=VaultError):
            pass
    with lock(path, wait=0):
        pass


def test_lock_goes_with_its_process(tmp_path):
    path = tmp_path / ".lock"
    program = (
        "import os, sys; from pathlib import Path; from anonpipe.files import lock\n"
        "with lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdout.readline() == b"held\n"
    with pytest.raises(UsageError), lock(path, wait=0.1):
        pass
    child.kill()
    child.communicate()
    with lock(path, wait=1):
        pass


def test_lock_in_a_missing_folder(tmp_path):
    with pytest.raises(UsageError, match="cannot be locked"), lock(tmp_path / "no" / "lock"):
        pass


def test_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")
