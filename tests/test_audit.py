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

from anonpipe import audit
from anonpipe.audit import AuditLog
from anonpipe.errors import AuditError

DIGEST = hashlib.sha256(b"x").hexdigest()


@pytest.fixture
def log(tmp_path) -> AuditLog:
    log = AuditLog(tmp_path / "audit.jsonl", salt="study-1")
    log.create()
    log.append("transcribed", subject="R01", seconds=61, language="nb", model=DIGEST)
    log.append("delete-intent", subject="R01", result="intended", rule="delete-on:2026-03-01")
    log.append("deleted", subject="R01", result="already-gone", done=True, share=0.5)
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
    assert entries[1].details == {"language": "nb", "model": DIGEST, "seconds": 61}
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
    other = AuditLog(tmp_path / "other.jsonl", salt="study-2")
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


@pytest.mark.parametrize(
    "value",
    ["Kari", "Kari Nordmann", "kari nordmann", "kari.mp3", "intervju_kari.wav", "a/b", "a\\b", "",
     "x" * 81, "æ", "a\n", None, float("nan"), float("inf"), b"x", {"a": 1}, ["Kari"], [["a"]],
     "R01 ", "AGE-SECRET-KEY-1"],
)  # fmt: skip
def test_values_that_no_entry_may_hold(log, value):
    before = log.path.read_bytes()
    with pytest.raises(ValueError, match="coded value") as caught:
        log.append("scanned", value=value)
    assert log.path.read_bytes() == before
    assert not isinstance(value, str) or len(value) < 4 or value not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    ["nb", "delete-after-review", "keep-until:2027-01-01", "whisper-base", "3.8.0", "R01", "P01",
     "PERSON-3", DIGEST, "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00", 0, -1, 2.5, True,
     ["P01", "P02"], (1, 2), "1.0.0+cpu", DIGEST * 2],
)  # fmt: skip
def test_values_that_entries_may_hold(log, value):
    log.append("scanned", value=value)
    expected = tuple(value) if isinstance(value, list) else value
    assert list(log.entries())[-1].details["value"] == expected
    log.verify()


@pytest.mark.parametrize("subject", ["Kari", "r01", "", "R01/x", "P01 P02", 1])
def test_subjects_are_codes(log, subject):
    with pytest.raises(ValueError):
        log.append("scanned", subject=subject)


def test_action_result_and_keys_are_words(log):
    for wrong in (
        lambda: log.append("Two words"),
        lambda: log.append("x", result="It failed"),
        lambda: log.append("x", **{"Kari": 1}),
        lambda: log.append("x", many=["a" * 70] * 300),
    ):
        with pytest.raises(ValueError):
            wrong()
    log.append("x", **{"low-confidence": 3})
    log.verify()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30), key=st.sampled_from(["value", "reason"]))
def test_free_text_never_gets_in(log, text, key):
    try:
        log.append("probe", **{key: text})
    except ValueError:
        return
    assert " " not in text and text.isascii() and (text == text.lower() or text[-1].isdigit())


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
     {"v": 2}, {"time": 5}, {"extra": 1}, {"details": {"b": float("nan")}}],
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
        log.append("more")
    assert log.path.read_bytes() == content


def test_a_missing_log_is_not_started_anew(tmp_path):
    log = AuditLog(tmp_path / "audit.jsonl", salt="s")
    assert not log.exists()
    with pytest.raises(AuditError, match="cannot be written"):
        log.append("more")
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
        log.append("after")
        after = list(log.entries())
        whole = end == len(original) - 1
        assert [e.action for e in after[3:]] == ["deleted"] * whole + ["log-recovered", "after"]
        assert after[-2].details == {"cut_bytes": 0 if whole else end - start}
        assert log.verify().torn_bytes == 0


def test_zeros_after_a_power_cut_are_a_crash(log):
    with log.path.open("ab") as file:
        file.write(b"\0" * 400)
    assert log.verify().torn_bytes == 400
    log.append("after")
    assert [e.action for e in log.entries()][-2:] == ["log-recovered", "after"]


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
        log.append("more")
    monkeypatch.undo()
    assert caught.value.exit_code == 5
    assert log.path.read_bytes() == before
    log.append("more")
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
            log.append("more")
        assert log.path.read_bytes() == b"".join(wrong)


def test_append_reads_only_the_tail(log, monkeypatch):
    for number in range(300):
        log.append("filler", number=number, many=["word"] * 40)
    assert log.path.stat().st_size > 2 * audit.MAX_LINE * 3
    read = []
    real = os.pread
    monkeypatch.setattr(audit.os, "pread", lambda *a: read.append(len(r := real(*a))) or r)
    log.append("more")
    assert read == [3 * audit.MAX_LINE]
    assert log.verify().count == 305


def test_longest_lines_still_leave_two_in_the_tail(log):
    for _ in range(5):
        log.append("long", many=["w" * 79] * 194)
    assert len(lines_of(log)[-1]) > 0.95 * audit.MAX_LINE
    with log.path.open("ab") as file:
        file.write(lines_of(log)[-1][:-5])
    log.append("more")
    assert log.verify().count == 11


def test_two_processes_at_once_keep_the_chain(log):
    program = (
        "import sys; from pathlib import Path; from anonpipe.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]), salt='study-1')\n"
        "for i in range(60): log.append('step', worker=sys.argv[2], i=i)"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program, str(log.path), name]) for name in "ab"
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    entries = [e for e in log.entries() if e.action == "step"]
    assert log.verify().count == 124
    for name in "ab":
        assert [e.details["i"] for e in entries if e.details["worker"] == name] == [*range(60)]


def test_entries_may_be_appended_while_reading(log):
    for _ in log.entries():
        log.append("more")
    assert log.verify().count == 8


def test_a_killed_writer_never_breaks_the_log(log):
    program = (
        "import sys; from pathlib import Path; from anonpipe.audit import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]), salt='study-1')\n"
        "print('go', flush=True)\n"
        "while True: log.append('step', many=['word'] * 200)"
    )
    for _ in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(log.path)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None and child.stdout.readline() == b"go\n"
        child.kill()
        child.communicate()
        log.verify()
        log.append("after")
    assert Path(log.path).read_bytes().endswith(b"\n")
