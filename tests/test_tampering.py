"""Whatever is done to a log shows, and both verifiers say the same of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anonpipe import chain, checkpoint
from anonpipe.audit import AuditLog
from anonpipe.checkpoint import Checkpoint
from anonpipe.errors import AuditError, UsageError
from anonpipe.signing import Signer
from tests.examples import examples
from tests.second_verifier import module, second_verifier
from tests.test_audit import DIGEST

STUDY, OTHER = "5" * 16, "6" * 16
FIRST, SECOND, STRANGER = (Signer.from_secret(digit * 64) for digit in "123")
SLOW = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(150)
)
Judge = Callable[..., tuple[str, ...]]


def write_log(path: Path, study: str = STUDY, subject: str = "R01") -> list[bytes]:
    """A log of eleven entries with a change of keys, the last of them not signed."""
    log = AuditLog(path, salt=study)
    log.create(FIRST)
    log.append("names-sealed", count=4)
    log.append("approved", subject=subject, changed=0, accepted=0)
    log.sign()
    log.change_signer(SECOND)
    log.append("reset", subject=subject)
    log.sign()
    log.append("final", subject=subject)
    log.append("key-intent", result="intended", key=DIGEST, entities=0)
    log.append("run-end", final=1, waiting=0, refused=0, failed=0)
    return path.read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return write_log(tmp_path_factory.mktemp("log") / "audit.jsonl")


SIGNED = 8
"""Entries at the checkpoint: up to and with the first signature by the second key."""


@pytest.fixture(scope="module")
def kept(lines: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("officer") / "checkpoint"
    checkpoint.write(path, checkpoint.take([line[:-1] for line in lines[:SIGNED]], STUDY))
    return path


@pytest.fixture
def judge(tmp_path: Path, kept: Path) -> Judge:
    """The verdict on a log, on which both verifiers must agree; with the checkpoint or not."""
    path = tmp_path / "audit.jsonl"
    point = checkpoint.read(kept, STUDY)

    def both(data: bytes, *, against: bool) -> tuple[str, ...]:
        path.write_bytes(data)
        whole, torn = AuditLog(path, salt=STUDY).lines()
        verdict = checkpoint.examine(whole, torn, STUDY, point if against else None)
        options = ["--against", kept] if against else []
        code, printed = second_verifier(path, "--study", STUDY, *options)
        assert printed.splitlines() == list(verdict.lines)
        assert code == (0 if verdict.sound else 5)
        assert bool(verdict.why) != verdict.sound
        return verdict.lines

    return both


def test_the_log_itself(lines: list[bytes], kept: Path, judge: Judge) -> None:
    assert len(lines) == 12 and checkpoint.read(kept, STUDY).entries == SIGNED
    assert judge(b"".join(lines), against=False) == ("CONSISTENT 12",)
    assert judge(b"".join(lines), against=True) == ("CONSISTENT 8 -> 12",)
    assert judge(b"".join(lines[:SIGNED]), against=True) == ("CONSISTENT 8 -> 8",)


# -- bits, cuts, order


def check_flip(lines: list[bytes], judge: Judge, bit: int) -> None:
    data = bytearray(b"".join(lines))
    number = data[: bit // 8].count(b"\n") + 1
    data[bit // 8] ^= 1 << bit % 8
    if bit // 8 == len(data) - 1:  # the last line feed: the line looks cut off
        expected = [("CONSISTENT 11", "TORN LAST LINE"), ("CONSISTENT 8 -> 11", "TORN LAST LINE")]
    else:
        word = "REWRITTEN" if number <= SIGNED else "DOES NOT VERIFY"
        expected = [(f"DOES NOT VERIFY at {number}",), (f"{word} at {number}",)]
    assert [judge(bytes(data), against=known) for known in (False, True)] == expected


def check_cut(lines: list[bytes], judge: Judge, size: int) -> None:
    data = b"".join(lines)[:size]
    whole = data.count(b"\n")
    torn = ("TORN LAST LINE",) if data[-1:] not in (b"", b"\n") else ()
    alone = (f"CONSISTENT {whole}", *torn) if whole else ("DOES NOT VERIFY at 1",)
    known = (f"CONSISTENT 8 -> {whole}", *torn) if whole >= SIGNED else (f"TRUNCATED 8 -> {whole}",)
    assert judge(data, against=False) == alone
    assert judge(data, against=True) == known


def test_flipped_bits_show_where_they_are(lines: list[bytes], judge: Judge) -> None:
    size = len(b"".join(lines))
    ends = [8 * len(b"".join(lines[:n])) - 8 + bit for n in range(1, 13) for bit in range(8)]
    for bit in {*range(0, 8 * size, 131), *ends}:
        check_flip(lines, judge, bit)


@pytest.mark.long
def test_every_flipped_bit(lines: list[bytes], judge: Judge) -> None:
    for bit in range(8 * len(b"".join(lines))):
        check_flip(lines, judge, bit)


def test_cuts_are_a_crash_or_a_truncation(lines: list[bytes], judge: Judge) -> None:
    size = len(b"".join(lines))
    ends = [len(b"".join(lines[:n])) + more for n in range(13) for more in (-1, 0, 1)]
    for at in {*range(0, size, 41), *(at for at in ends if 0 <= at <= size)}:
        check_cut(lines, judge, at)


@pytest.mark.long
def test_every_cut(lines: list[bytes], judge: Judge) -> None:
    for at in range(len(b"".join(lines)) + 1):
        check_cut(lines, judge, at)


@SLOW
@given(order=st.lists(st.integers(0, 11), max_size=14) | st.permutations(range(12)))
def test_lines_removed_repeated_and_moved(
    lines: list[bytes], judge: Judge, order: list[int]
) -> None:
    wrong = next((n for n, at in enumerate(order, start=1) if at != n - 1), None)
    data = b"".join(lines[at] for at in order)
    if wrong is None:
        check_cut(lines, judge, len(data))
        return
    word = "REWRITTEN" if wrong <= SIGNED else "DOES NOT VERIFY"
    assert judge(data, against=False) == (f"DOES NOT VERIFY at {wrong}",)
    assert judge(data, against=True) == (f"{word} at {wrong}",)


@pytest.mark.parametrize("text", [b"{}", b"", b"[]", b"null", b"\xff\xfe", b"[" * 5000, b"1e999"])
@pytest.mark.parametrize("at", [0, 3, 10, 12])
def test_lines_that_are_no_entries(lines: list[bytes], judge: Judge, text: bytes, at: int) -> None:
    data = b"".join([*lines[:at], text + b"\n", *lines[at:]])
    word = "REWRITTEN" if at + 1 <= SIGNED else "DOES NOT VERIFY"
    assert judge(data, against=False) == (f"DOES NOT VERIFY at {at + 1}",)
    assert judge(data, against=True) == (f"{word} at {at + 1}",)


# -- splices


@pytest.mark.parametrize("at", range(1, 12))
def test_a_tail_from_another_log(lines: list[bytes], judge: Judge, tmp_path: Path, at: int) -> None:
    for study in (STUDY, OTHER):
        other = write_log(tmp_path / f"{study}.jsonl", study, subject="R02")
        spliced = lines[:at] + other[at:]
        # Entries without a subject are the same in two logs of one study and second.
        line = next(i for i, one in enumerate(spliced) if one != lines[i]) + 1
        word = "REWRITTEN" if line <= SIGNED else "DOES NOT VERIFY"
        assert judge(b"".join(spliced), against=True) == (f"{word} at {line}",)
        (tmp_path / f"{study}.jsonl").unlink()


def test_the_log_of_another_study(lines: list[bytes], judge: Judge, tmp_path: Path) -> None:
    other = b"".join(write_log(tmp_path / "other.jsonl", OTHER))
    assert judge(other, against=False) == ("DOES NOT VERIFY at 1",)
    assert judge(other, against=True) == ("REWRITTEN at 1",)


@pytest.mark.parametrize("at", range(1, 8))
def test_an_older_state_that_went_another_way(
    lines: list[bytes], judge: Judge, tmp_path: Path, at: int
) -> None:
    """The log is put back from a backup and goes on, signed with the right key."""
    path = tmp_path / "fork.jsonl"
    path.write_bytes(b"".join(lines[:at]))
    log = AuditLog(path, salt=STUDY)
    log.signer = SECOND if at >= 6 else FIRST
    if at == 5:
        log.change_signer(SECOND)  # which was announced in that state
    for _ in range(9):
        log.append("reset", subject="R09")
    log.sign()
    data = path.read_bytes()
    assert judge(data, against=False) == (f"CONSISTENT {len(data.splitlines())}",)
    assert judge(data, against=True) == (f"REWRITTEN at {at + 1}",)


# -- rewrites by somebody who can compute, and by somebody who can sign


def rewrite(
    lines: list[bytes],
    change: Callable[[dict[str, Any]], object],
    keys: tuple[Signer, ...] = (),
) -> list[bytes]:
    """The log with its entries changed, the chain computed anew, and signed where `keys` can."""
    last, written = None, []
    signers = {signer.public: signer for signer in keys}
    for line in lines:
        entry = json.loads(line)
        change(entry)
        details, time = entry["details"], entry["time"]
        if entry["action"] == "signature":
            assert last is not None
            details |= {"seq": last.seq, "head": last.hash}
            if details["signer"] in signers:
                message = chain.signature_message(STUDY, last.seq, last.hash, time)
                details["signature"] = signers[details["signer"]].sign(message)
        new, last = chain.compose(
            last, time, entry["actor"], entry["action"], entry["subject"], entry["result"], details
        )
        written.append(new)
    return written


def dated_later(number: int) -> Callable[[dict[str, Any]], None]:
    def change(entry: dict[str, Any]) -> None:
        if entry["seq"] == number:
            entry["time"] = "2099" + entry["time"][4:]

    return change


def test_a_rewrite_that_changes_nothing_is_none(lines: list[bytes]) -> None:
    """Ed25519 is deterministic, so the helper above does what it says."""
    assert rewrite(lines, lambda _: None, (FIRST, SECOND)) == lines


@pytest.mark.parametrize("number", range(1, 13))
def test_a_rewrite_without_the_key(lines: list[bytes], judge: Judge, number: int) -> None:
    data = rewrite(lines, dated_later(number))
    signatures = [json.loads(line)["seq"] for line in data if b'"action":"signature"' in line]
    broken = next((seq for seq in signatures if seq >= number), None)
    alone = f"DOES NOT VERIFY at {broken}" if broken else "CONSISTENT 12"
    assert judge(b"".join(data), against=False) == (alone,)
    known = f"REWRITTEN at {number}" if number <= SIGNED else alone
    known = known.replace("CONSISTENT", "CONSISTENT 8 ->")
    assert judge(b"".join(data), against=True) == (known,)


@pytest.mark.parametrize("number", range(1, 13))
def test_a_rewrite_signed_with_the_right_keys(
    lines: list[bytes], judge: Judge, number: int
) -> None:
    data = b"".join(rewrite(lines, dated_later(number), (FIRST, SECOND)))
    assert judge(data, against=False) == ("CONSISTENT 12",)
    known = f"REWRITTEN at {number}" if number <= SIGNED else "CONSISTENT 8 -> 12"
    assert judge(data, against=True) == (known,)


def test_a_rewrite_with_a_key_of_ones_own(
    lines: list[bytes], judge: Judge, kept: Path, tmp_path: Path
) -> None:
    def mine(entry: dict[str, Any]) -> None:
        for name in ("signer", "old", "new"):
            if name in entry["details"]:
                entry["details"][name] = STRANGER.public

    data = rewrite(lines, mine, (STRANGER,))
    assert judge(b"".join(data), against=False) == ("CONSISTENT 12",)
    assert judge(b"".join(data), against=True) == ("REWRITTEN at 1",)
    point = checkpoint.read(kept, STUDY)
    verdict = checkpoint.examine([line[:-1] for line in data], b"", STUDY, point)
    assert "no key of this log signed the checkpoint" in verdict.why


def test_a_log_without_its_signatures(lines: list[bytes], judge: Judge, tmp_path: Path) -> None:
    bare = [line for line in lines if json.loads(line)["action"] not in ("signature",)]
    bare = [line for line in bare if json.loads(line)["action"] != "signer-changed"]
    data = rewrite(bare, lambda _: None)
    path = tmp_path / "bare.jsonl"
    path.write_bytes(b"".join(data))
    summary = AuditLog(path, salt=STUDY).verify()
    assert (summary.signed_to, summary.unsigned) == (0, len(data))
    assert judge(b"".join(data), against=True) == ("REWRITTEN at 4",)


def test_a_hash_that_begins_like_the_right_one(
    lines: list[bytes], kept: Path, judge: Judge
) -> None:
    """Somebody who searches long enough finds an entry whose hash begins as the trail says."""
    whole = [line[:-1] for line in lines]
    point = checkpoint.read(kept, STUDY)
    found = replace(point, head=point.head[:8] + "0" * 56)
    signed = replace(point, signature="0" * 128)
    for changed, at in ((found, SIGNED - 1), (signed, SIGNED)):
        verdict = checkpoint.examine(whole, b"", STUDY, changed)
        assert verdict.lines == (f"REWRITTEN at {at}",)
        values = {
            name: getattr(changed, name) for name in ("seq", "head", "signer", "signature", "trail")
        }
        assert module().judge(whole, STUDY, values) == f"REWRITTEN at {at}"


# -- the checkpoint itself


def refused(path: Path, log: Path) -> str:
    """What is said of a file that is no checkpoint of this log; both verifiers refuse it."""
    with pytest.raises(UsageError) as caught:
        checkpoint.read(path, STUDY)
    assert second_verifier(log, "--study", STUDY, "--against", path) == (2, "")
    return str(caught.value)


@pytest.fixture
def log_file(lines: list[bytes], tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"".join(lines))
    return path


@pytest.mark.parametrize("step", [61, pytest.param(1, marks=pytest.mark.long)])
def test_a_damaged_checkpoint_is_refused(
    kept: Path, log_file: Path, tmp_path: Path, step: int
) -> None:
    data, path = kept.read_bytes(), tmp_path / "damaged"
    for bit in range(0, 8 * len(data), step):
        wrong = bytearray(data)
        wrong[bit // 8] ^= 1 << bit % 8
        path.write_bytes(wrong)
        assert "was damaged" in refused(path, log_file)
    for size in range(0, len(data) - 1, step):
        path.write_bytes(data[:size])
        assert "was damaged" in refused(path, log_file)
    path.write_bytes(data.rstrip() + b"\r\n")  # as a mail may bring it
    assert checkpoint.read(path, STUDY).entries == SIGNED


def test_another_studys_checkpoint_and_forged_ones(
    kept: Path, log_file: Path, tmp_path: Path
) -> None:
    other = write_log(tmp_path / "other.jsonl", OTHER)
    path = tmp_path / "of-other"
    checkpoint.write(path, checkpoint.take([line[:-1] for line in other], OTHER))
    assert "of another study" in refused(path, log_file)
    assert second_verifier(log_file, "--against", path) == (2, "")
    good = checkpoint.read(kept, STUDY)
    for number, change in enumerate(
        ({"signature": "0" * 128}, {"time": "2020-01-01T00:00:00Z"}, {"signer": STRANGER.public})
    ):
        checkpoint.write(tmp_path / f"forged-{number}", replace(good, **change))
        assert "a wrong signature" in refused(tmp_path / f"forged-{number}", log_file)
    for number, wrong in enumerate(
        (replace(good, trail=good.trail[1:]), replace(good, trail=("0" * 8,) * good.entries))
    ):
        checkpoint.write(tmp_path / f"odd-{number}", wrong)
        assert "was damaged" in refused(tmp_path / f"odd-{number}", log_file)
    assert "cannot be read" in refused(tmp_path / "missing", log_file)


def test_a_stranger_can_only_forge_alarm(
    lines: list[bytes], log_file: Path, tmp_path: Path, kept: Path
) -> None:
    good = checkpoint.read(kept, STUDY)
    message = chain.signature_message(STUDY, good.seq, good.head, good.time)
    forged = replace(good, signer=STRANGER.public, signature=STRANGER.sign(message))
    path = tmp_path / "forged"
    checkpoint.write(path, forged)
    whole = [line[:-1] for line in lines]
    verdict = checkpoint.examine(whole, b"", STUDY, checkpoint.read(path, STUDY))
    assert verdict.lines == ("REWRITTEN at 8",)
    assert "no key of this log signed the checkpoint" in verdict.why
    printed = second_verifier(log_file, "--study", STUDY, "--against", path)
    assert printed == (5, "REWRITTEN at 8\n")


def test_a_checkpoint_covers_the_last_signature_only(lines: list[bytes], tmp_path: Path) -> None:
    whole = [line[:-1] for line in lines]
    assert [checkpoint.take(whole[:n], STUDY).entries for n in range(4, 13)] == (
        [4, 4, 6, 6, 8, 8, 8, 11, 11]
    )
    for n in range(4):
        with pytest.raises(AuditError, match="no signature yet"):
            checkpoint.take(whole[:n], STUDY)
    with pytest.raises(AuditError, match="line 4 has number 5"):
        checkpoint.take(whole[:3] + whole[4:], STUDY)
    path = tmp_path / "checkpoint"
    made = checkpoint.take(whole, STUDY)
    checkpoint.write(path, made)
    assert checkpoint.read(path, STUDY) == made
    before = path.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        checkpoint.write(path, Checkpoint(**{**_values(made), "seq": 3}))
    assert path.read_bytes() == before


def _values(made: Checkpoint) -> dict[str, Any]:
    return {name: getattr(made, name) for name in Checkpoint.__dataclass_fields__}


def test_a_missing_log(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be read"):
        AuditLog(tmp_path / "none", salt=STUDY).lines()
    assert second_verifier(tmp_path / "none") == (5, "")
