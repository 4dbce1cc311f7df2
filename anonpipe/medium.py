"""What a path lies on: kind of storage, file system, and folders that services copy away.

Overwriting a file means something on a magnetic disk and little on flash memory or a
copy-on-write file system; receipts therefore say what a deleted file lay on. Linux tells
through /proc/self/mountinfo and /sys (proc(5), sysfs-block in the kernel's ABI documents);
on macOS everything is unknown but the assumption that APFS copies on write.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["ssd", "hdd", "removable", "network", "memory", "unknown"]


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# The kernel's names of file systems, as /proc/filesystems and mountinfo give them.
NETWORK = _words(
    "nfs nfs4 cifs smb3 smbfs 9p afs ceph lustre gpfs beegfs gfs2 ocfs2 davfs fuse.sshfs",
    "fuse.glusterfs fuse.rclone fuse.davfs2 fuse.s3fs fuse.ceph",
)
MEMORY = _words("tmpfs ramfs devtmpfs")
COPY_ON_WRITE = _words("btrfs zfs bcachefs apfs nilfs2 f2fs overlay ubifs jffs2")
JOURNALED = _words("ext3 ext4 xfs jfs reiserfs ntfs ntfs3 fuseblk hfsplus")
WITHOUT_PERMISSIONS = _words("vfat msdos exfat ntfs ntfs3 fuseblk cifs smb3 smbfs 9p")
FILESYSTEMS = (
    NETWORK
    | MEMORY
    | COPY_ON_WRITE
    | JOURNALED
    | WITHOUT_PERMISSIONS
    | _words("ext2 unknown other")
)
"""What the log may call a file system."""
_VIRTUAL_DISK = re.compile(r"(?:vd|xvd|loop|nbd|zram|rbd)")
_VIRTUAL_MODEL = re.compile(r"qemu|vbox|virtual|vmware|msft|google|amazon elastic", re.IGNORECASE)

_SYNCED = re.compile(
    r"(?:dropbox|onedrive|google ?drive|icloud ?drive|mobile documents|nextcloud|owncloud"
    r"|box sync|jottacloud|pcloud(?:drive)?|proton ?drive|syncthing)(?:\b.*)?"
    r"|box|mega|sync"
)


@dataclass(frozen=True, slots=True)
class Medium:
    """What a path lies on.

    `filesystem` is the kernel's name of it or "unknown"; `copy_on_write` says that new bytes
    do not land where the old ones are; `notes` are words out of: journal, encrypted-volume,
    virtual-disk, assumed.
    """

    kind: Kind
    filesystem: str
    copy_on_write: bool
    notes: tuple[str, ...] = ()

    @property
    def known_filesystem(self) -> str:
        """The file system, or "other" if it is none of FILESYSTEMS: for the log."""
        return self.filesystem if self.filesystem in FILESYSTEMS else "other"


@dataclass(frozen=True, slots=True)
class _Mount:
    point: str
    filesystem: str
    source: str
    device: str


def medium(path: Path, *, root: Path = Path("/")) -> Medium:
    """What a file or folder lies on; never fails, "unknown" is an answer.

    `path` need not exist, its nearest existing folder counts. `root` is where /proc and
    /sys are looked for.
    """
    if sys.platform == "darwin":
        return Medium("unknown", "unknown", copy_on_write=True, notes=("assumed",))
    mount = _mount_of(path, root)
    if mount is None:
        return Medium("unknown", "unknown", copy_on_write=False)
    notes: list[str] = []
    kind: Kind = "unknown"
    if mount.filesystem in NETWORK:
        kind = "network"
    elif mount.filesystem in MEMORY:
        kind = "memory"
    else:
        disks = _disks(mount, root, notes)
        kinds = {_disk_kind(disk, root, notes) for disk in disks}
        # A volume over several disks is as good as its least known one.
        kind = kinds.pop() if len(kinds) == 1 else "unknown"
    if mount.filesystem in JOURNALED:
        notes.append("journal")
    return Medium(
        kind, mount.filesystem, mount.filesystem in COPY_ON_WRITE, tuple(dict.fromkeys(notes))
    )


def keeps_permissions(path: Path) -> bool:
    """Whether `chmod` means anything there; FAT and network shares know no permissions."""
    return medium(path).filesystem not in WITHOUT_PERMISSIONS


def synced_root(path: Path) -> Path | None:
    """The folder that a cloud service copies away and that the path lies in, or None.

    Goes by the usual names of such folders in the resolved path, so a renamed one, and the
    desktop and documents folders that iCloud and OneDrive can take over, stay unnoticed.
    """
    resolved = path.expanduser().resolve()
    for folder in reversed([resolved, *resolved.parents]):
        name = unicodedata.normalize("NFC", folder.name).casefold()
        if (
            folder.parent.name.casefold() == "cloudstorage" and name
        ):  # macOS: ~/Library/CloudStorage
            return folder
        if _SYNCED.fullmatch(name):
            return folder
    return None


def _mount_of(path: Path, root: Path) -> _Mount | None:
    try:
        text = (root / "proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        resolved = path.resolve()
    except OSError:
        return None
    best: _Mount | None = None
    for mount in _mounts(text):
        inside = mount.point == "/" or f"{resolved}/".startswith(f"{mount.point}/")
        # Of two mounts on one point the later hides the earlier.
        if inside and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def _mounts(text: str) -> Iterator[_Mount]:
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        left, right = before.split(" "), after.split(" ")
        if len(left) >= 5 and len(right) >= 2:
            yield _Mount(_unescape(left[4]), right[0], _unescape(right[1]), left[2])


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _disks(mount: _Mount, root: Path, notes: list[str]) -> set[Path]:
    """The whole disks under a mount: partitions and device-mapper layers are followed down."""
    device = root / "sys/dev/block" / mount.device
    if not device.exists():  # btrfs and zfs mounts have a number of their own
        device = root / "sys/class/block" / Path(mount.source).name
    found: set[Path] = set()
    todo = [device.resolve()] if device.exists() else []
    seen: set[Path] = set()
    while todo:
        disk = todo.pop()
        if disk in seen:
            continue
        seen.add(disk)
        if (disk / "partition").exists():
            disk = disk.parent
        if _read(disk / "dm/uuid").startswith("CRYPT-"):
            notes.append("encrypted-volume")
        below = list((disk / "slaves").iterdir()) if (disk / "slaves").is_dir() else []
        if below:
            todo += [slave.resolve() for slave in below]
        else:
            found.add(disk)
    return found


def _disk_kind(disk: Path, root: Path, notes: list[str]) -> Kind:
    model = f"{_read(disk / 'device/vendor')} {_read(disk / 'device/model')}"
    if disk.name.startswith("zram"):
        return "memory"
    if _VIRTUAL_DISK.match(disk.name) or _VIRTUAL_MODEL.search(model):
        # The rotational flag of a virtual disk says nothing about what is below it.
        notes.append("virtual-disk")
        return "unknown"
    usb = any(part.startswith("usb") for part in disk.parts[len(root.parts) :])
    if _read(disk / "removable") == "1" or usb or _read(disk / "device/type") == "SD":
        return "removable"
    return {"0": "ssd", "1": "hdd"}.get(_read(disk / "queue/rotational"), "unknown")  # type: ignore[return-value]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
