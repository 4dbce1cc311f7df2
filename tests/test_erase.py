"""Deletion: what is left after each step, each failure and each crash, and what receipts claim."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from anonpipe import erase as module
from anonpipe.erase import Erased, already_gone, begin, erase, pending
from anonpipe.errors import RecordingError
from anonpipe.medium import Medium, medium, synced_root

CONTENT = b"Kari Nordmann speaks. " * 5000
VERIFIED = ("overwritten", "emptied", "folder-synced", "name-gone")
DISK = Medium("hdd", "ext4", copy_on_write=False, notes=("journal",))


@pytest.fixture
def recording(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(module, "medium", lambda path: DISK)
    path = tmp_path / "recordings" / "Kari Nordmann.wav"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


def test_begin_renames_to_a_name_that_says_nothing(recording):
    half = begin(recording, "R01")
    assert half.name == f".anonpipe-R01.{len(CONTENT)}.deleting"
    assert half.read_bytes() == CONTENT and not recording.exists()
    assert pending(recording.parent) == pending(recording.parent, "R01") == (half,)
    assert pending(recording.parent, "R02") == () == pending(recording.parent / "none")


def test_erase(recording):
    erased = erase(begin(recording, "R01"))
    assert erased == Erased(
        "deleted", ("overwrite-attempted", "unlink"), DISK, len(CONTENT), VERIFIED, 0, True, False
    )
    assert list(recording.parent.iterdir()) == []


def test_the_content_is_overwritten_once_then_emptied_before_the_name_goes(recording, monkeypatch):
    half = begin(recording, "R01")
    seen = []
    real_truncate, real_unlink = os.ftruncate, Path.unlink

    def truncate(fd, size):
        seen.append(half.read_bytes())
        real_truncate(fd, size)

    def unlink(self, *args, **kwargs):
        seen.append(half.read_bytes())
        real_unlink(self, *args, **kwargs)

    monkeypatch.setattr(module.os, "ftruncate", truncate)
    monkeypatch.setattr(Path, "unlink", unlink)
    erase(half)
    assert len(seen[0]) == len(CONTENT) and b"Kari" not in seen[0] and len(set(seen[0])) == 256
    assert seen[1] == b""


def test_an_erased_file_is_gone_already(recording):
    half = begin(recording, "R01")
    erase(half)
    for again in (erase(half), already_gone(recording.parent)):
        assert again == Erased("already-gone", (), DISK, None)
    assert pending(recording.parent) == ()


def test_a_changed_recording_stays(recording):
    digest = hashlib.sha256(CONTENT).hexdigest()
    recording.write_bytes(CONTENT + b"more")
    with pytest.raises(RecordingError, match="changed since"):
        begin(recording, "R01", expected_sha256=digest)
    assert recording.exists()
    recording.write_bytes(CONTENT)
    begin(recording, "R01", expected_sha256=digest)


def test_links_folders_and_missing_files_are_refused(recording, tmp_path):
    link = tmp_path / "link.wav"
    link.symlink_to(recording)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, says in [
        (link, "symbolic link"),
        (tmp_path / "recordings", "no ordinary file"),
        (pipe, "no ordinary file"),
        (tmp_path / "gone.wav", "does not exist"),
    ]:
        with pytest.raises(RecordingError, match=says) as caught:
            begin(path, "R01")
        assert caught.value.exit_code == 1
    assert recording.read_bytes() == CONTENT and link.is_symlink()
    with pytest.raises(ValueError, match="id"):
        begin(recording, "../R01")
    with pytest.raises(ValueError, match="begin"):
        erase(recording)
    assert recording.read_bytes() == CONTENT


def test_two_files_of_one_id_do_not_replace_each_other(recording):
    first = begin(recording, "R01")
    recording.write_bytes(CONTENT)
    second = begin(recording, "R01")
    assert first != second and pending(recording.parent, "R01") == tuple(sorted([first, second]))
    assert erase(second).size == erase(first).size == len(CONTENT)


def test_hard_links_are_emptied_and_counted(recording, tmp_path):
    other = tmp_path / "copy.wav"
    os.link(recording, other)
    erased = erase(begin(recording, "R01"))
    assert (erased.other_names, erased.other_names_emptied) == (1, True)
    assert other.read_bytes() == b""


def test_hard_links_are_reported_when_they_cannot_be_emptied(recording, tmp_path, monkeypatch):
    other = tmp_path / "copy.wav"
    os.link(recording, other)
    half = begin(recording, "R01")
    real = os.open

    def only_reading(path, flags, *args, **kwargs):
        if flags & os.O_RDWR:
            raise PermissionError(errno.EPERM, "immutable")
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(module.os, "open", only_reading)
    erased = erase(half)
    assert erased.methods == ("unlink",) and not half.exists()
    assert (erased.other_names, erased.other_names_emptied) == (1, False)


def test_a_read_only_file_is_still_erased(recording, monkeypatch):
    """The tests may run as root, whom modes do not stop: the refusal is played."""
    recording.chmod(0o400)
    half = begin(recording, "R01")
    real = os.open

    def as_user(path, flags, *args, **kwargs):
        if flags & os.O_RDWR and not Path(path).stat().st_mode & 0o200:
            raise PermissionError(errno.EACCES, "no")
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(module.os, "open", as_user)
    assert erase(half).methods == ("overwrite-attempted", "unlink")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EIO])
def test_a_folder_that_cannot_be_changed_keeps_the_recording(recording, monkeypatch, code):
    def fail(self, target):
        raise OSError(code, "no")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(RecordingError, match="cannot be deleted"):
        begin(recording, "R01")
    assert recording.read_bytes() == CONTENT and pending(recording.parent) == ()


def test_an_unlink_that_fails_can_be_tried_again(recording, monkeypatch):
    half = begin(recording, "R01")

    def fail(self, *args, **kwargs):
        raise OSError(errno.EROFS, "no")

    monkeypatch.setattr(Path, "unlink", fail)
    with pytest.raises(RecordingError, match="mounted read-only"):
        erase(half)
    monkeypatch.undo()
    assert pending(recording.parent) == (half,)
    assert erase(half).result == "deleted"


@pytest.mark.parametrize("call", ["write", "urandom", "ftruncate"])
def test_overwriting_that_fails_does_not_stop_the_deletion(recording, monkeypatch, call):
    """A copy-on-write file system that is full refuses to overwrite."""
    half = begin(recording, "R01")

    def fail(*args):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(module.os, call, fail)
    erased = erase(half)
    assert erased.result == "deleted" and not half.exists()
    overwritten = ("overwrite-attempted", "unlink")
    assert erased.methods == (overwritten if call == "ftruncate" else ("unlink",))
    assert erased.other_names_emptied == (call != "ftruncate")


def test_a_size_limit_in_a_real_process_does_not_stop_the_deletion(recording):
    half = begin(recording, "R01")
    program = (
        "import signal, sys; from pathlib import Path; from anonpipe import erase, medium\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "erase.medium = lambda path: medium.Medium('hdd', 'ext4', False)\n"
        "print(erase.erase(Path(sys.argv[1])).methods)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(half)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "('unlink',)", done.stderr
    assert not half.exists()


def test_copy_on_write_is_not_overwritten(recording, monkeypatch):
    monkeypatch.setattr(module, "medium", lambda path: Medium("ssd", "btrfs", copy_on_write=True))
    erased = erase(begin(recording, "R01"))
    assert erased.methods == ("unlink",) and erased.medium.copy_on_write
    assert "overwritten" not in erased.verified


CRASHES = {
    "rename": "Path.rename = die",
    "after-rename": "erase.sync_folder = die",
    "open": "erase.os.urandom = die",
    "mid-overwrite": "erase.CHUNK = 1000\nreal = os.write\ndef one(*a): real(*a); die()\n"
    "erase.os.write = one",
    "truncate": "erase.os.ftruncate = die",
    "unlink": "Path.unlink = die",
    "after-unlink": "step = []\ndef second(*a): step.append(1); len(step) > 1 and die()\n"
    "erase.sync_folder = second",
}


@pytest.mark.parametrize("moment", CRASHES)
def test_a_kill_at_every_step_leaves_the_recording_or_something_to_finish(recording, moment):
    program = (
        "import os, sys; from pathlib import Path; from anonpipe import erase, medium\n"
        "def die(*a, **k): os._exit(9)\n"
        "erase.medium = lambda path: medium.Medium('hdd', 'ext4', False)\n"
        f"{CRASHES[moment]}\n"
        "erase.erase(erase.begin(Path(sys.argv[1]), 'R01'))"
    )
    assert subprocess.run([sys.executable, "-c", program, str(recording)]).returncode == 9
    left = list(recording.parent.iterdir())
    if moment == "rename":
        assert left == [recording] and recording.read_bytes() == CONTENT
        half = begin(recording, "R01")
    elif moment == "after-unlink":
        assert left == []
        return
    else:
        assert left == list(pending(recording.parent, "R01"))
        half = left[0]
    erased = erase(half)
    assert (erased.result, erased.size) == ("deleted", len(CONTENT))
    # After the truncation there is nothing left to overwrite, so it is not claimed.
    assert ("overwrite-attempted" in erased.methods) == (moment != "unlink")
    assert list(recording.parent.iterdir()) == []


# -- media


def fake_linux(root: Path, mounts: list[str], disks: dict[str, dict[str, str]]) -> Path:
    """A /proc and /sys with these mounts (mountinfo fields) and disks (path under devices)."""
    (root / "proc/self").mkdir(parents=True)
    lines = []
    for number, mount in enumerate(mounts):
        point, filesystem, source, device = mount.split(" ")
        lines.append(f"{number} 1 {device} / {point} rw shared:1 - {filesystem} {source} rw\n")
    (root / "proc/self/mountinfo").write_text("".join(lines))
    for place in ("sys/dev/block", "sys/class/block"):
        (root / place).mkdir(parents=True)
    for path, values in disks.items():
        disk = root / "sys/devices" / path
        disk.mkdir(parents=True, exist_ok=True)
        for name, value in values.items():
            if name == "slaves":
                (disk / "slaves").mkdir()
                (disk / "slaves" / value).symlink_to(root / "sys/class/block" / value)
            elif name == "number":
                (root / "sys/dev/block" / value).symlink_to(disk)
            else:
                (disk / name).parent.mkdir(exist_ok=True)
                (disk / name).write_text(value + "\n")
        (root / "sys/class/block" / disk.name).symlink_to(disk)
    return root


PCI = "pci0000:00"
DISKS = {
    f"{PCI}/nvme0n1": {"queue/rotational": "0", "removable": "0"},
    f"{PCI}/nvme0n1/nvme0n1p2": {"partition": "2", "number": "259:2"},
    f"{PCI}/ata1/sda": {"queue/rotational": "1", "removable": "0", "number": "8:0"},
    f"{PCI}/usb1/1-1/sdb": {"queue/rotational": "1", "removable": "0", "number": "8:16"},
    f"{PCI}/mmc0/mmcblk0": {"queue/rotational": "0", "device/type": "SD", "number": "179:0"},
    f"{PCI}/virtio1/vda": {"queue/rotational": "1", "number": "254:0"},
    f"{PCI}/ata2/sdc": {
        "queue/rotational": "1",
        "device/vendor": "ATA",
        "device/model": "QEMU HARDDISK",
        "number": "8:32",
    },
    "virtual/dm-0": {"slaves": "nvme0n1p2", "dm/uuid": "CRYPT-LUKS2-1", "number": "253:0"},
    "virtual/dm-1": {"slaves": "dm-0", "dm/uuid": "LVM-1", "number": "253:1"},
    "virtual/zram0": {"queue/rotational": "0", "number": "253:9"},
}


@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ("ext4 /dev/nvme0n1p2 259:2", Medium("ssd", "ext4", False, ("journal",))),
        ("btrfs /dev/nvme0n1p2 0:35", Medium("ssd", "btrfs", True)),
        ("xfs /dev/sda 8:0", Medium("hdd", "xfs", False, ("journal",))),
        ("exfat /dev/sdb 8:16", Medium("removable", "exfat", False)),
        ("vfat /dev/mmcblk0 179:0", Medium("removable", "vfat", False)),
        ("ext4 /dev/vda 254:0", Medium("unknown", "ext4", False, ("virtual-disk", "journal"))),
        ("ext4 /dev/sdc 8:32", Medium("unknown", "ext4", False, ("virtual-disk", "journal"))),
        ("ext4 /dev/mapper/x 253:1", Medium("ssd", "ext4", False, ("encrypted-volume", "journal"))),
        ("nfs4 server:/home 0:50", Medium("network", "nfs4", False)),
        ("fuse.sshfs me@server: 0:51", Medium("network", "fuse.sshfs", False)),
        ("tmpfs tmpfs 0:52", Medium("memory", "tmpfs", False)),
        ("ext2 /dev/zram0 253:9", Medium("memory", "ext2", False)),
        ("overlay overlay 0:53", Medium("unknown", "overlay", True)),
        ("fuse.unheard-of x 0:54", Medium("unknown", "fuse.unheard-of", False)),
    ],
)
def test_medium_on_linux(tmp_path, monkeypatch, mount, expected):
    monkeypatch.setattr(sys, "platform", "linux")
    here = tmp_path / "my data" / "study"
    here.mkdir(parents=True)
    point = str(here.parent).replace(" ", "\\040")
    root = fake_linux(
        tmp_path / "root",
        ["/ squashfs none 0:1", f"{point} ext4 /dev/sda 8:0", f"{point} {mount}",
         f"{point}2 tmpfs tmpfs 0:52"],
        DISKS,
    )  # fmt: skip
    assert medium(here / "not there yet.wav", root=root) == expected


def test_medium_never_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert medium(tmp_path, root=tmp_path / "nothing") == Medium("unknown", "unknown", False)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text("nonsense\n1 2 3\n")
    assert medium(tmp_path, root=tmp_path).kind == "unknown"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert medium(tmp_path) == Medium("unknown", "unknown", True, ("assumed",))


def test_medium_of_this_machine(tmp_path):
    assert medium(tmp_path).filesystem


def test_synced_root(tmp_path):
    inside = tmp_path / "OneDrive - UiO" / "a" / "b"
    assert synced_root(inside) == (tmp_path / "OneDrive - UiO").resolve()
    assert synced_root(tmp_path / "plain") is None
    (tmp_path / "door").symlink_to(inside.parent)
    assert synced_root(tmp_path / "door" / "b") == (tmp_path / "OneDrive - UiO").resolve()
