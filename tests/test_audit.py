"""The log: what it refuses to hold, what it notices, and what a crash leaves of it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonpipe import audit, chain
from anonpipe.audit import AuditLog
from anonpipe.errors import AuditError
from tests.examples import examples

DIGEST = hashlib.sha256(b"x").hexdigest()
STUDY, OTHER = "5" * 16, "6" * 16
TRANSCRIBED = {
    "kind": "audio",
    "source": DIGEST,
    "turns": 4,
    "seconds": 61,
    "language": "nb",
    "model": DIGEST[:16],
}


@pytest.fixture
def log(tmp_path) -> AuditLog:
    log = AuditLog(tmp_path / "audit.jsonl", salt=STUDY)
    log.create()
    log.append("transcribed", subject="R01", **TRANSCRIBED)
    rule = "delete-on:2026-03-01"
    log.append("delete-intent", subject="R01", result="intended", rule=rule, source=DIGEST)
    log.append("deleted", subject="R01", result="already-gone", rule=rule)
    return log


def lines_of(log: AuditLog) -> list[bytes]:
    return log.path.read_bytes().splitlines(keepends=True)


def test_entries_and_summary(log):
    entries = list(log.entries())
    assert [e.action for e in entries] == [
        "log-created",
        "transcribed",
        "delete-intent",
        "deleted",
    ]
    assert [e.seq for e in entries] == [1, 2, 3, 4]
    assert entries[1].details == TRANSCRIBED
    assert entries[3].subject == "R01" and entries[3].result == "already-gone"
    summary = log.verify()
    assert (summary.count, summary.head, summary.torn_bytes) == (4, entries[-1].hash, 0)
    assert summary.first == entries[0].time and summary.notes == ()


def test_append_returns_the_hash_in_the_log(log):
    assert log.append("final", subject="R01") == log.verify().head


def test_the_documented_format(log):
    """A reader with nothing but the module's docstring can check the chain."""
    prev = "0" * 64
    for number, line in enumerate(lines_of(log), start=1):
        body, _, rest = line.partition(b',"hash":"')
        entry = json.loads(line)
        assert hashlib.sha256(body).hexdigest() == rest[:64].decode() == entry["hash"]
        assert (entry["v"], entry["seq"], entry["prev"]) == (1, number, prev)
        assert line.isascii() and b" " not in line
        prev = entry["hash"]


def test_actor_is_the_user_but_not_the_name(log, tmp_path):
    import pwd

    name = pwd.getpwuid(os.geteuid()).pw_name
    other = AuditLog(tmp_path / "other.jsonl", salt=OTHER)
    other.create()
    actors = {entry.actor for entry in log.entries()}
    assert len(actors) == 1 and actors != {entry.actor for entry in other.entries()}
    assert hashlib.sha256(name.encode()).hexdigest()[:16] not in actors
    assert name not in actors


def test_create_never_overwrites(log):
    before = log.path.read_bytes()
    with pytest.raises(AuditError, match="exists already"):
        log.create()
    assert log.path.read_bytes() == before


def test_what_is_not_declared_is_refused_and_leaves_no_trace(log):
    before = log.path.read_bytes()
    for wrong in (
        lambda: log.append("Two words"),
        lambda: log.append("no-such-action"),
        lambda: log.append("final"),
        lambda: log.append("final", subject="Kari"),
        lambda: log.append("final", subject="R01", result="It failed"),
        lambda: log.append("final", subject="R01", note="Kari"),
        lambda: log.append("names-sealed", count="Kari"),
        lambda: log.append("names-sealed"),
    ):
        with pytest.raises(ValueError) as caught:
            wrong()
        assert "Kari" not in str(caught.value)
    assert log.path.read_bytes() == before


@pytest.mark.parametrize("action", ["log-created", "log-recovered", "signature", "signer-changed"])
def test_nobody_else_writes_what_the_log_says_of_itself(log, action):
    with pytest.raises(ValueError, match="by itself"):
        log.append(action)


def test_lists_come_back_as_they_went_in(log):
    log.append("name-left", subject="D01", result="error", hits=2, codes=["PERSON-3", "P01"])
    assert list(log.entries())[-1].details["codes"] == ("PERSON-3", "P01")
    log.append("written", subject="D01", files=1, outputs=DIGEST, **{"low-confidence": 3})
    log.verify()


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_is_noticed(log, data):
    original = log.path.read_bytes()
    at = data.draw(st.integers(0, len(original) - 1))
    to = data.draw(st.integers(0, 255).filter(lambda value: value != original[at]))
    log.path.write_bytes(original[:at] + bytes([to]) + original[at + 1 :])
    try:
        summary = log.verify()
    except AuditError as error:
        assert " line " in str(error)
    else:  # the very last line feed: what is left looks cut off, and is reported as that
        assert at == len(original) - 1 and summary.torn_bytes and summary.count == 3
    finally:
        log.path.write_bytes(original)


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_removed_moved_and_repeated_lines_are_noticed(log, data):
    original = lines_of(log)
    order = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=5))
    if order == list(range(len(order))):
        return  # the log itself, or one cut off at a line, which no chain can show
    log.path.write_bytes(b"".join(original[i] for i in order))
    try:
        with pytest.raises(AuditError, match="line"):
            log.verify()
    finally:
        log.path.write_bytes(b"".join(original))


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ([0, 2, 3], "line 2 has number 3, so entries before it were removed"),
        ([0, 2, 1, 3], "line 2 has number 3"),
        ([0, 1, 1, 2, 3], "line 3 has number 2, so entries were repeated or moved"),
        ([1, 2, 3], "line 1 has number 2"),
    ],
)
def test_the_message_says_what_and_where(log, order, says):
    original = lines_of(log)
    log.path.write_bytes(b"".join(original[i] for i in order))
    with pytest.raises(AuditError, match=says) as caught:
        log.verify()
    assert caught.value.exit_code == 5


def forged(line: bytes, **changes: object) -> bytes:
    """The line with other values and a hash that fits them."""
    entry = {**json.loads(line), **changes}
    del entry["hash"]
    body = json.dumps(entry, separators=(",", ":")).encode()[:-1]
    return body + b',"hash":"' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'


def test_an_entry_put_in_with_a_fitting_hash(log):
    original = lines_of(log)
    log.path.write_bytes(original[0] + forged(original[1], actor="0" * 16) + b"".join(original[2:]))
    with pytest.raises(AuditError, match="line 3 does not follow the line before"):
        log.verify()


@pytest.mark.parametrize(
    "change",
    [{"details": {"note": "Kari Nordmann"}}, {"subject": "Kari"}, {"seq": "4"}, {"seq": True},
     {"v": 2}, {"v": True}, {"v": 1.0}, {"time": 5}, {"time": "Kari"}, {"actor": "Kari Nordmann"},
     {"prev": "Kari"}, {"extra": 1}, {"details": {"b": float("nan")}}, {"action": "kari"},
     {"action": []}, {"details": []}, {"details": {"rule": "Kari"}}],
)  # fmt: skip
def test_an_entry_that_holds_what_it_may_not(log, change):
    original = lines_of(log)
    log.path.write_bytes(b"".join(original[:3]) + forged(original[3], **change))
    with pytest.raises(AuditError, match="line 4 holds what no entry") as caught:
        log.verify()
    assert "Kari" not in str(caught.value)


def test_a_clock_that_went_back_is_only_noted(log):
    original = lines_of(log)
    log.path.write_bytes(b"".join(original[:3]) + forged(original[3], time="2001-01-01T00:00:00Z"))
    assert log.verify().notes == ("The clock went back between lines 3 and 4.",)


@pytest.mark.parametrize("content", [b"", b"\n", b"{}\n", b"[" * 9000 + b"\n", b"\x00" * 50])
def test_a_file_that_is_no_log(log, content):
    log.path.write_bytes(content)
    with pytest.raises(AuditError):
        log.verify()
    with pytest.raises(AuditError):
        log.append("reset", subject="R01")
    assert log.path.read_bytes() == content


def test_a_missing_log_is_not_started_anew(tmp_path):
    log = AuditLog(tmp_path / "audit.jsonl", salt=STUDY)
    assert not log.exists()
    with pytest.raises(AuditError, match="cannot be written"):
        log.append("reset", subject="R01")
    with pytest.raises(AuditError, match="cannot be read"):
        log.verify()
    assert not log.exists()


# -- crashes and full disks


def test_every_cut_of_the_last_line_is_a_crash_and_is_mended(log):
    original = log.path.read_bytes()
    start = original.rindex(b"\n", 0, len(original) - 1) + 1
    for end in range(start + 1, len(original)):
        log.path.write_bytes(original[:end])
        summary = log.verify()
        assert (summary.count, summary.torn_bytes) == (3, end - start) and summary.notes
        assert len(list(log.entries())) == 3
        log.append("final", subject="R01")
        after = list(log.entries())
        whole = end == len(original) - 1
        assert [e.action for e in after[3:]] == ["deleted"] * whole + ["log-recovered", "final"]
        assert after[-2].details == {"cut_bytes": 0 if whole else end - start}
        assert log.verify().torn_bytes == 0


def test_zeros_after_a_power_cut_are_a_crash(log):
    with log.path.open("ab") as file:
        file.write(b"\0" * 400)
    assert log.verify().torn_bytes == 400
    log.append("final", subject="R01")
    assert [e.action for e in log.entries()][-2:] == ["log-recovered", "final"]


@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_log_that_cannot_be_written_stops_and_stays_whole(log, monkeypatch, call, code):
    before = log.path.read_bytes()
    real = os.write

    def fail(fd, data=b""):
        if call == "write" and len(data) > 20:
            return real(fd, bytes(data[:20]))  # a disk that fills up in mid-line
        raise OSError(code, "no")

    monkeypatch.setattr(audit.os, call, fail)
    with pytest.raises(AuditError, match="nothing more is done") as caught:
        log.append("reset", subject="R01")
    monkeypatch.undo()
    assert caught.value.exit_code == 5
    assert log.path.read_bytes() == before
    log.append("reset", subject="R01")
    assert log.verify().notes == ()


def test_append_refuses_a_log_that_was_changed_at_its_end(log):
    original = lines_of(log)
    for wrong in (
        [*original[:3], original[3].replace(b"already-gone", b"done")],
        [*original[:2], original[3]],
        original[3:],
        [*original, original[3]],
    ):
        log.path.write_bytes(b"".join(wrong))
        with pytest.raises(AuditError, match="does not verify at its end"):
            log.append("reset", subject="R01")
        assert log.path.read_bytes() == b"".join(wrong)


def test_append_reads_only_the_tail(log, monkeypatch):
    for _ in range(300):
        log.append("name-left", subject="R01", result="error", hits=9, codes=["PERSON-123"] * 60)
    assert log.path.stat().st_size > 2 * audit.MAX_LINE * 3
    read = []
    real = os.pread
    monkeypatch.setattr(audit.os, "pread", lambda *a: read.append(len(r := real(*a))) or r)
    log.append("reset", subject="R01")
    assert read == [3 * audit.MAX_LINE]
    assert log.verify().count == 305


def test_longest_lines_still_leave_two_in_the_tail(log, monkeypatch):
    codes = ["NATIONAL_ID-123456"] * 60
    log.append("name-left", subject="R01", result="error", hits=9, codes=codes)
    monkeypatch.setattr(audit, "MAX_LINE", len(lines_of(log)[-1]) + 20)
    for _ in range(4):
        log.append("name-left", subject="R01", result="error", hits=9, codes=codes)
    with log.path.open("ab") as file:
        file.write(lines_of(log)[-1][:-5])
    log.append("reset", subject="R01")
    assert log.verify().count == 11
    with pytest.raises(ValueError, match="longer than"):
        codes[0] = "PERSON-1"
        monkeypatch.setattr(audit, "MAX_LINE", 500)
        log.append("name-left", subject="R01", result="error", hits=9, codes=codes)


def test_two_processes_at_once_keep_the_chain(log):
    program = (
        "import sys; from pathlib import Path; from anonpipe.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]), salt='5' * 16)\n"
        "for i in range(60): log.append('names-sealed', count=i + int(sys.argv[2]))"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program, str(log.path), first])
        for first in ("0", "1000")
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    counts = [e.details["count"] for e in log.entries() if e.action == "names-sealed"]
    assert log.verify().count == 124
    assert [n for n in counts if n < 1000] == [*range(60)]
    assert [n - 1000 for n in counts if n >= 1000] == [*range(60)]


def test_entries_may_be_appended_while_reading(log):
    for _ in log.entries():
        log.append("reset", subject="R01")
    assert log.verify().count == 8


def test_lines_are_verified_once_until_they_change(log, monkeypatch):
    """A run asks the log about each source: that may not cost the whole log each time."""
    checked: list[bytes] = []
    then = chain.Chain.then

    def counted(self: chain.Chain, line: bytes) -> chain.Chain:
        checked.append(line)
        return then(self, line)

    monkeypatch.setattr(chain.Chain, "then", counted)
    before = log.verify()
    assert len(checked) == 4
    assert len(list(log.entries())) == 4 and log.credible_entries() and len(checked) == 4
    AuditLog(log.path, salt=STUDY).append("final", subject="R01")
    assert log.verify().count == 5 and len(checked) == 5
    whole = log.path.read_bytes()
    for byte in range(0, len(whole) - 1, 7):  # a line that was verified a moment ago
        log.path.write_bytes(whole[:byte] + bytes([whole[byte] ^ 1]) + whole[byte + 1 :])
        with pytest.raises(AuditError):
            list(log.entries())
    log.path.write_bytes(b"".join(whole.splitlines(keepends=True)[:4]))
    assert log.verify() == before and len(list(log.entries())) == 4
    log.path.write_bytes(whole[:-1])
    assert log.verify().count == 4 and log.verify().torn_bytes
    log.path.write_bytes(whole)
    assert log.verify().count == 5


def test_a_killed_writer_never_breaks_the_log(log):
    program = (
        "import sys; from pathlib import Path; from anonpipe.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]), salt='5' * 16)\n"
        "print('go', flush=True)\n"
        "many = ['NATIONAL_ID-123456'] * 60\n"
        "while True:\n"
        "    log.append('name-left', subject='R01', result='error', hits=1, codes=many)"
    )
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(log.path)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None and child.stdout.readline() == b"go\n"
        child.kill()
        child.communicate()
        log.verify()
        log.append("final", subject="R01")
    assert Path(log.path).read_bytes().endswith(b"\n")
