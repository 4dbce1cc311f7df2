"""Signatures in the log: when they are made, and what they do not let pass."""

from __future__ import annotations

import errno
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from anonpipe import audit, chain, signing
from anonpipe.audit import AuditLog
from anonpipe.errors import AuditError
from anonpipe.signing import Signer
from tests.test_audit import DIGEST, STUDY

OLD, NEW, STRANGER = (Signer.from_secret(digit * 64) for digit in "123")


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    log = AuditLog(tmp_path / "audit.jsonl", salt=STUDY)
    log.create(OLD)
    return log


def again(log: AuditLog, signer: Signer | None = None) -> AuditLog:
    """The log as another process opens it."""
    other = AuditLog(log.path, salt=STUDY)
    other.signer = signer
    return other


def actions(log: AuditLog) -> list[str]:
    return [entry.action for entry in again(log).entries()]


def forge(log: AuditLog, action: str, time: str = "", **details: object) -> None:
    """Add an entry as somebody would who has the log's format but not its program."""
    last = list(again(log).entries())[-1]
    line, _ = chain.compose(last, time or last.time, last.actor, action, None, "done", details)
    with log.path.open("ab") as file:
        file.write(line)


def test_a_signer_shows_no_secret_and_keeps_purposes_apart() -> None:
    assert OLD.secret not in repr(OLD) + str(OLD) and OLD.public in repr(OLD)
    message = signing.compose("log", "a", "b")
    assert message == b"anonpipe log v1\na\nb\n"
    signature = OLD.sign(message)
    assert signing.verify(OLD.public, message, signature)
    assert not signing.verify(NEW.public, message, signature)
    assert not signing.verify(OLD.public, signing.compose("receipt", "a", "b"), signature)
    for wrong in ("", signature[:-2], signature.upper(), "zz" * 64, None):
        assert not signing.verify(OLD.public, message, wrong)  # type: ignore[arg-type]
    for wrong in ("", "0" * 63, "f" * 64, None):
        assert not signing.verify(wrong, message, signature)  # type: ignore[arg-type]
    assert Signer.generate().secret != Signer.generate().secret
    assert Signer.from_secret(OLD.secret) == OLD
    for parts in (("a\nb",), ("æ",)):
        with pytest.raises(ValueError):
            signing.compose("log", *parts)
    for secret in ("", "1" * 63, "A" * 64):
        with pytest.raises(ValueError) as caught:
            Signer.from_secret(secret)
        assert not secret or secret not in str(caught.value)


def test_rfc_8032() -> None:
    """Test 2 of section 7.1."""
    signer = Signer.from_secret("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    assert signer.public == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"r") == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_sign_signs_once(log: AuditLog) -> None:
    assert (log.verify().signer, log.verify().signed_to, log.verify().unsigned) == (
        OLD.public,
        0,
        1,
    )
    log.append("reset", subject="R01")
    log.sign()
    log.sign()
    assert actions(log) == ["log-created", "reset", "signature"]
    summary = again(log).verify()
    assert (summary.signed_to, summary.unsigned) == (2, 0)
    again(log).sign()  # who has no key signs nothing
    assert len(actions(log)) == 3


def test_every_hundred_entries_are_signed_and_a_host_without_key_leaves_them(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(98):
        log.append("reset", subject="R01")
    assert log.verify().unsigned == 99
    log.append("reset", subject="R01")
    assert log.verify().unsigned == 0 and actions(log)[-1] == "signature"
    keyless = again(log)
    for _ in range(250):
        keyless.append("reset", subject="R02")
    assert log.verify().unsigned == 250 == keyless.verify().unsigned
    assert log.append("final", subject="R01") == list(log.entries())[-2].hash
    assert log.verify().signed_to == 100 + 1 + 250 + 1


def test_what_the_key_rests_on_is_signed_at_once(log: AuditLog) -> None:
    log.append("key-intent", result="intended", key=DIGEST, entities=0)
    assert actions(log) == ["log-created", "key-intent", "signature"]


def test_what_was_not_signed_at_once_is_never_vouched_for(log: AuditLog) -> None:
    def vouched() -> list[object]:
        return [entry.details.get("key", "") for entry in again(log).vouched_entries()]

    intent = {"result": "intended", "entities": 0}
    log.append("key-intent", key="a" * 64, **intent)
    assert vouched() == ["a" * 64]
    again(log).append("key-intent", key="b" * 64, **intent)
    log.sign()
    assert again(log).verify().unsigned == 0 and actions(log)[-2:] == ["log-recovered", "signature"]
    again(log).append("key-intent", key="c" * 64, **intent)
    log.append("key-intent", key="d" * 64, **intent)
    again(log).append("key-intent", key="e" * 64, **intent)
    log.change_signer(NEW)
    again(log).append("key-intent", key="f" * 64, **intent)
    log.append("reset", subject="R01")
    log.sign()
    assert vouched() == ["a" * 64, "d" * 64, ""]  # the last is the change itself


def test_signing_reads_only_what_is_new(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    other = again(log)
    for _ in range(40):
        other.append("reset", subject="R01")
    log.append("reset", subject="R01")
    parsed = []
    real = chain.parse
    monkeypatch.setattr(chain, "parse", lambda line: parsed.append(line) or real(line))
    log.append("reset", subject="R02")
    assert 0 < len(parsed) <= 4
    other.append("reset", subject="R03")
    parsed.clear()
    log.sign()
    assert 0 < len(parsed) <= 4


def test_another_signer_than_the_logs_writes_nothing(log: AuditLog) -> None:
    before = log.path.read_bytes()
    for work in (
        lambda: again(log, STRANGER).append("reset", subject="R01"),
        lambda: again(log, STRANGER).sign(),
        lambda: again(log, STRANGER).change_signer(NEW),
        lambda: again(log).change_signer(NEW),
    ):
        with pytest.raises(AuditError, match="another key"):
            work()
    assert log.path.read_bytes() == before


def test_a_log_without_signing_key_stays_without(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl", salt=STUDY)
    log.create()
    log.append("reset", subject="R01")
    assert (log.verify().signer, log.verify().unsigned) == ("", 2)
    with pytest.raises(AuditError, match="another key"):
        again(log, OLD).sign()


def test_another_studys_log(log: AuditLog) -> None:
    with pytest.raises(AuditError, match="line 1 belongs to another study"):
        AuditLog(log.path, salt="6" * 16).verify()


# -- a change of keys


def test_the_signer_changes_when_the_old_one_signs_it(log: AuditLog) -> None:
    log.change_signer(NEW)
    assert actions(log) == ["log-created", "signer-changed", "signature"]
    assert log.signer == NEW and again(log).verify().signer == NEW.public
    log.append("reset", subject="R01")
    log.sign()
    assert again(log).verify().unsigned == 0
    log.change_signer(NEW)  # done already
    again(log).change_signer(NEW)
    assert len(actions(log)) == 5
    with pytest.raises(AuditError, match="another key"):
        again(log, OLD).sign()


@pytest.mark.parametrize("cut", [1, 40, 600])
def test_a_change_that_a_crash_interrupted_is_completed(log: AuditLog, cut: int) -> None:
    log.change_signer(NEW)
    whole = log.path.read_bytes()
    first, announced, signed = whole.splitlines(keepends=True)
    log.path.write_bytes(first + announced + signed[:-cut])
    opened = again(log, OLD)
    assert opened.verify().signer == OLD.public
    for _ in range(audit.SIGN_EVERY + 5):
        opened.append("reset", subject="R01")  # unsigned: a signature would complete the change
    assert "signature" not in actions(log)
    opened.change_signer(NEW)
    assert again(log).verify().signer == NEW.public and actions(log).count("signer-changed") == 1


def test_nobody_completes_a_change_that_a_stranger_announced(log: AuditLog) -> None:
    forge(log, "signer-changed", old=OLD.public, new=STRANGER.public)
    opened = again(log, OLD)
    assert any("not signed yet" in note for note in opened.verify().notes)
    opened.append("reset", subject="R01")
    with pytest.raises(AuditError, match="somebody wrote that"):
        opened.append("key-intent", result="intended", key=DIGEST, entities=0)
    with pytest.raises(AuditError, match="somebody wrote that"):
        opened.sign()
    with pytest.raises(AuditError, match="another signing key than this one"):
        opened.change_signer(NEW)
    assert "signature" not in actions(log)


def signature(log: AuditLog, signer: Signer, **changes: object) -> dict[str, object]:
    """What an entry "signature" holds if this signer makes it now."""
    last = list(again(log).entries())[-1]
    values = {"study": STUDY, "seq": last.seq, "head": last.hash, "time": last.time} | changes
    made = signer.sign(chain.signature_message(**values))  # type: ignore[arg-type]
    return {
        "signer": signer.public,
        "seq": values["seq"],
        "head": values["head"],
        "signature": made,
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, None),
        ({"study": "6" * 16}, "has a wrong signature"),
        ({"time": "2020-01-01T00:00:00Z"}, "has a wrong signature"),
        ({"seq": 0}, "signs other entries"),
        ({"head": DIGEST}, "signs other entries"),
    ],
)
def test_signatures_of_something_else(
    log: AuditLog, change: dict[str, object], says: str | None
) -> None:
    forge(log, "signature", **signature(log, OLD, **change))
    if says is None:
        again(log).verify()
        return
    with pytest.raises(AuditError, match=f"line 2 {says}"):
        again(log).verify()
    with pytest.raises(AuditError, match="does not verify at its end"):
        log.append("reset", subject="R01")


def test_signatures_by_somebody_else(log: AuditLog) -> None:
    honest = log.path.read_bytes()
    forge(log, "signature", **signature(log, STRANGER))
    with pytest.raises(AuditError, match="line 2 is signed by a key that does not count"):
        again(log).verify()
    log.path.write_bytes(honest)
    forge(log, "signature", **(signature(log, STRANGER) | {"signer": OLD.public}))
    with pytest.raises(AuditError, match="line 2 has a wrong signature"):
        again(log).verify()
    log.path.write_bytes(honest)
    forge(log, "signer-changed", old=OLD.public, new=STRANGER.public)
    forge(log, "signature", **signature(log, STRANGER))
    with pytest.raises(AuditError, match="line 3 is signed by a key that does not count"):
        again(log).verify()
    log.path.write_bytes(honest)
    forge(log, "signer-changed", old=STRANGER.public, new=NEW.public)
    with pytest.raises(AuditError, match="line 2 changes a signing key that does not count"):
        again(log).verify()
    log.path.write_bytes(honest)
    forge(log, "signer-changed", old=OLD.public, new=NEW.public)
    forge(log, "signer-changed", old=OLD.public, new=STRANGER.public)
    with pytest.raises(AuditError, match="line 3 changes a signing key that does not count"):
        again(log).verify()


def test_a_second_beginning(log: AuditLog) -> None:
    forge(log, "log-created", study=STUDY, signer=STRANGER.public)
    with pytest.raises(AuditError, match="line 2 is or lacks the beginning"):
        again(log).verify()


def test_the_old_keys_signature_is_worth_nothing_afterwards(log: AuditLog) -> None:
    log.change_signer(NEW)
    forge(log, "signature", **signature(log, OLD))
    with pytest.raises(AuditError, match="line 4 is signed by a key that does not count"):
        again(log).verify()


def test_a_log_rewritten_by_a_stranger_does_not_verify(log: AuditLog) -> None:
    """With every hash computed anew: that needs no key, the signature does."""
    log.append("names-sealed", count=4)
    log.append("final", subject="R01")
    log.sign()
    lines, before = [], None
    for line in log.path.read_bytes().splitlines():
        entry = json.loads(line)
        if entry["action"] == "names-sealed":
            entry["details"]["count"] = 0
        del entry["hash"]
        entry["prev"] = before or entry["prev"]
        body = json.dumps(entry, separators=(",", ":")).encode()[:-1]
        before = hashlib.sha256(body).hexdigest()
        lines.append(body + b',"hash":"' + before.encode() + b'"}\n')
    log.path.write_bytes(b"".join(lines))
    with pytest.raises(AuditError, match="line 4 signs other entries"):
        again(log).verify()


# -- disks and clocks


FULL = """
import resource, signal, sys
from pathlib import Path
from anonpipe.audit import AuditLog
from anonpipe.errors import AuditError
from anonpipe.signing import Signer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path, room, work = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
log = AuditLog(path, salt="5" * 16)
log.signer = Signer.from_secret("1" * 64)
log.verify()
size = path.stat().st_size + room
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    if work == "intent":
        log.append("key-intent", result="intended", key="a" * 64, entities=0)
    elif work == "sign":
        log.sign()
    else:
        log.change_signer(Signer.from_secret("2" * 64))
except AuditError as error:
    print(error)
"""


@pytest.mark.parametrize("work", ["intent", "sign", "change"])
@pytest.mark.parametrize("room", [0, 10, 400, 700])
def test_a_disk_that_fills_up_leaves_the_log_as_it_was(log: AuditLog, work: str, room: int) -> None:
    """The system itself refuses the bytes, in the middle of an entry or of its signature."""
    if work == "sign" and room > 600:
        return  # one line has room there
    before = log.path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(log.path), str(room), work],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "nothing more is done" in done.stdout and log.path.read_bytes() == before
    log.change_signer(NEW)
    log.append("reset", subject="R01")
    log.sign()
    assert again(log).verify().notes == ()


@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_what_was_not_written_is_not_remembered(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """A failed write does not disturb the next, which goes on from what is on the disk."""
    log.append("reset", subject="R01")
    before = log.path.read_bytes()

    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no")

    monkeypatch.setattr(audit.os, failing, fail)
    for work in (
        log.sign,
        lambda: log.change_signer(NEW),
        lambda: log.append("reset", subject="R02"),
    ):
        with pytest.raises(AuditError, match="the disk is full"):
            work()
    monkeypatch.undo()
    assert log.path.read_bytes() == before and log.signer == OLD
    log.sign()
    assert again(log).verify().unsigned == 0


def test_a_clock_that_jumps_is_noted_and_never_fatal(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = ("2031-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2026-03-01T09:00:00Z")
    for moment in moments:
        for module in (audit, chain):
            monkeypatch.setattr(module, "now", lambda moment=moment: moment)
        log.append("reset", subject="R01")
        log.sign()
    notes = again(log).verify().notes
    assert notes == (
        "The clock went back between lines 3 and 4.",
        "Line 3 is dated later than now.",
    )
    assert again(log).verify().unsigned == 0
