"""Somebody who can write to the study and to the key's folder, but holds no identity.

They can append to the log, as its chain of hashes is no secret, and they can encrypt to the
recipients, whose public keys are none either. Whatever they write must not count, not even
after a holder of the key has gone on with the same log and signed all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pyrage
import pytest

from anonpipe import batch, operations, recipients, vault
from anonpipe.audit import AuditLog, Entry
from anonpipe.chain import compose, now, parse
from anonpipe.custody import recipients_of
from anonpipe.errors import AuditError, VaultError
from anonpipe.identity import Recipient
from anonpipe.keyfile import StudyKey
from anonpipe.operations import Operation
from anonpipe.receipt import Receipt
from anonpipe.receipt_check import check_all
from anonpipe.session import open_log
from anonpipe.settings import Person
from anonpipe.signing import Signer
from anonpipe.study import Stage
from tests.conftest import Call, Workbench, make_workbench, row

Forge = Callable[[AuditLog], object]


def forge(bench: Workbench, work: Forge) -> None:
    """Write to the log without any key."""
    work(AuditLog(bench.study.log_file, salt=bench.study.settings.id))


def honest(bench: Workbench) -> None:
    bench.open(lambda s: s.log.append("names-sealed", count=1))


def test_an_older_key_that_an_unsigned_entry_calls_the_last_one(bench: Workbench) -> None:
    old = bench.key.read_bytes()
    bench.open(lambda s: s.key.save(s.key.table.with_people([Person("Kari Nordmann")])))
    new, digest = bench.key.read_bytes(), hashlib.sha256(old).hexdigest()
    for action, more in [
        ("key-intent", {"result": "intended"}),
        ("key-saved", {"recipients": "0" * 64}),
    ]:
        forge(bench, lambda log: log.append(action, key=digest, entities=0, **more))  # noqa: B023
        bench.key.write_bytes(old)
        with pytest.raises(VaultError, match="replaced or is older"):
            bench.open(lambda s: None)
        bench.key.write_bytes(new)
        honest(bench)
        bench.key.write_bytes(old)
        with pytest.raises(VaultError, match="replaced or is older"):
            bench.open(lambda s: None)
        bench.key.write_bytes(new)


def test_a_recipient_whom_nobody_signed_for(bench: Workbench) -> None:
    before = recipients_of(open_log(bench.study))
    mine = str(pyrage.x25519.Identity.generate().to_public())
    forge(
        bench,
        lambda log: log.append(
            "recipients",
            keys=[mine],
            roles=["supervisor"],
            previous_keys=[before[0].public_key],
            previous_roles=["student"],
        ),
    )
    assert recipients_of(open_log(bench.study)) == before
    honest(bench)
    assert recipients_of(open_log(bench.study)) == before
    assert recipients_of(AuditLog(bench.study.log_file, salt=bench.study.settings.id)) == before


def test_a_plan_that_nobody_signed_for(bench: Workbench) -> None:
    """A forged plan could hand the key over or delete what it names."""
    file = operations.journal(bench.study)
    file.parent.mkdir(exist_ok=True)
    plan = Operation("recipients", values={"old": [], "new": [], "signing": "", "files": []})
    sealed = vault.seal(json.dumps(asdict(plan)).encode(), recipients_of(open_log(bench.study)))
    file.write_bytes(sealed)
    digest = hashlib.sha256(sealed).hexdigest()
    forge(bench, lambda log: log.append("operation-begun", kind="recipients", plan=digest))
    for _ in range(2):
        with pytest.raises(VaultError, match="not begun by this study's log"):
            bench.open(lambda s: None)
    away = file.rename(file.with_name("away"))
    honest(bench)
    away.rename(file)
    with pytest.raises(VaultError, match="not begun by this study's log"):
        bench.open(lambda s: None)


def test_a_plan_that_is_put_back_when_it_was_carried_out(bench: Workbench) -> None:
    plans: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "_end", lambda s: None)
        supervisor = Recipient("supervisor", str(pyrage.x25519.Identity.generate().to_public()))
        bench.open(lambda s: recipients.change(s, [*s.key.recipients, supervisor]))
    plans.append(operations.journal(bench.study).read_bytes())
    before = bench.key.read_bytes()
    for _ in range(2):
        bench.open(lambda s: None)
        assert not operations.journal(bench.study).exists()
        assert bench.key.read_bytes() == before
        operations.journal(bench.study).write_bytes(plans[0])


def test_a_key_that_was_forged_with_the_public_keys_alone(bench: Workbench) -> None:
    (known,) = recipients_of(open_log(bench.study))
    opened: list[StudyKey] = []
    bench.open(lambda s: opened.append(s.key))
    forged = vault.seal(
        json.dumps(
            {**opened[0].table.to_payload(), "entities": [], "recipients": [asdict(known)]}
        ).encode(),
        [known],
    )
    bench.key.write_bytes(forged)
    with pytest.raises(VaultError, match="replaced or is older") as caught:
        bench.open(lambda s: None)
    assert caught.value.exit_code == 4


# -- deletions


def action(bench: Workbench, name: str) -> Entry:
    log = AuditLog(bench.study.log_file, salt=bench.study.settings.id)
    return [entry for entry in log.entries() if entry.action == name][-1]


def pretend(bench: Workbench, source: str, **changes: object) -> None:
    """Write into state.json what somebody would like to be so."""
    state = bench.study.read_state()
    bench.study.write_state({**state, source: replace(state[source], **changes)})


def two_recordings(bench: Workbench) -> None:
    """R01 of P01 is deleted with a receipt, R02 of P02 is kept for a year."""
    bench.record("P01_a.wav")
    bench.record("P02_b.wav", b"another")
    bench.register(row("P01"), row("P02", audio="delete-on:2027-06-01"))
    bench.run()
    assert [p.name for p in (bench.folder / "recordings").iterdir()] == ["P02_b.wav"]


def asked(call: Call, bench: Workbench) -> tuple[str, bool]:
    """What the audit says became of P02's original, and whether all seems to be well."""
    code, out, _ = call("audit", "deletion", bench.folder, "P02", "--json")
    answer = json.loads(out)
    (original,) = answer["data"]["originals"]
    return original["fate"], answer["standing"] == "good" and code == 0


def test_a_deletion_that_borrows_the_receipt_of_another(bench: Workbench, call: Call) -> None:
    two_recordings(bench)
    real = dict(action(bench, "deleted").details)
    forge(bench, lambda log: log.append("deleted", subject="R02", result="deleted", **real))
    pretend(bench, "R02", stage=Stage.FINAL)
    assert asked(call, bench) == ("kept", False)
    honest(bench)
    assert asked(call, bench) == ("kept", False)


def test_a_receipt_of_a_signer_whom_the_log_only_announces(bench: Workbench, call: Call) -> None:
    two_recordings(bench)
    stranger, digest = Signer.generate(), bench.study.read_state()["R02"].digest
    (file,) = bench.study.receipts.glob("*-R01.json")
    real = Receipt.from_json(json.loads(file.read_bytes()))
    log = AuditLog(bench.study.log_file, salt=bench.study.settings.id)
    lines = log.path.read_bytes().splitlines()
    announcement = {"old": log.verify().signer, "new": stranger.public}
    line, _ = compose(
        parse(lines[-1]), now(), "0" * 16, "signer-changed", None, "done", announcement
    )
    with log.path.open("ab") as end:
        end.write(line)
    rule = "delete-after-transcription"
    details = {"rule": rule, "source": digest, "receipt": "X0002"}
    log.append("delete-intent", subject="R02", result="intended", **details)
    intent = action(bench, "delete-intent")
    forged = replace(
        real,
        id="X0002",
        recording="R02",
        participants=("P02",),
        digest=digest,
        outputs={},
        intent=(intent.seq, intent.hash),
        actor=intent.actor,
    ).signed(stranger)
    path = file.with_name("X0002-R02.json")
    path.write_bytes(forged.to_bytes())
    path.with_suffix(".txt").write_bytes(forged.to_both_texts())
    told = {**action(bench, "deleted").details, "receipt": "X0002", "participants": ("P02",)}
    told["receipt_digest"] = forged.file_digest()
    log.append("deleted", subject="R02", result="deleted", **told)
    pretend(bench, "R02", stage=Stage.FINAL)
    assert asked(call, bench) == ("kept", False)
    found = {item.name: item for item in check_all(bench.study.receipts, list(log.entries()))}
    assert {"signer", "intent", "not-deleted"} <= set(found["X0002-R02"].problems)
    assert found["X0001-R01"].sound


def test_a_deletion_that_state_json_says_was_announced(bench: Workbench) -> None:
    two_recordings(bench)
    digest = bench.study.read_state()["R02"].digest
    details = {"rule": "delete-after-transcription", "source": digest, "receipt": "X0002"}
    announce = lambda log: log.append(  # noqa: E731
        "delete-intent", subject="R02", result="intended", **details
    )
    forge(bench, announce)
    pretend(bench, "R02", deleting=action(bench, "delete-intent").hash)
    with pytest.raises(AuditError, match="announced"):
        bench.run()
    pretend(bench, "R02", deleting=action(bench, "deleted").hash)  # of another, and signed
    with pytest.raises(AuditError, match="announced"):
        bench.run()
    assert (bench.folder / "recordings" / "P02_b.wav").exists()
    pretend(bench, "R02", deleting=None)
    forge(bench, lambda log: announce(log) and None)
    bench.register(row("P01"), row("P02"))
    bench.run()  # the number of the forged ones is not counted on
    assert action(bench, "deleted").details["receipt"] == "X0002"


def test_the_highest_number_that_a_receipt_can_have(bench: Workbench) -> None:
    details = {"rule": "delete-after-transcription", "source": "0" * 64, "receipt": "X999999"}
    forge(
        bench,
        lambda log: log.append("delete-intent", subject="R01", result="intended", **details),
    )
    two_recordings(bench)
    assert action(bench, "deleted").details["receipt"] == "X0001"


def test_no_outputs_are_no_verified_outputs(bench: Workbench) -> None:
    two_recordings(bench)
    pretend(bench, "R02", outputs={})
    bench.register(row("P01"), row("P02"))
    (outcome,) = (outcome for outcome in bench.run() if outcome.id == "R02")
    assert outcome.status == "failed" and "has no outputs" in outcome.reason
    assert (bench.folder / "recordings" / "P02_b.wav").exists()


def test_a_review_that_nobody_made(bench: Workbench, call: Call) -> None:
    bench.record("P01_a.wav")
    bench.register(row("P01", audio="delete-after-review"))
    bench.run()
    forge(bench, lambda log: log.append("approved", subject="R01", changed=0, accepted=0))
    pretend(bench, "R01", approved="2026-06-01T09:00:00+00:00")
    for _ in range(2):
        assert [outcome.reason for outcome in bench.run()] == ["review"]
        assert (bench.folder / "recordings" / "P01_a.wav").exists()
        _, out, _ = call("audit", "oversight", bench.folder, "--json")
        assert json.loads(out)["data"]["approved"] == []
    bench.open(lambda s: batch.approve(s, "R01"))
    before = bench.study.read_state()["R01"].approved
    bench.run(again="R01")
    pretend(bench, "R01", approved=before)  # of what was written before
    assert [outcome.reason for outcome in bench.run()] == ["review"]
    bench.open(lambda s: batch.approve(s, "R01"))
    assert [outcome.status for outcome in bench.run()] == ["final"]


# -- working files


def test_working_files_in_each_others_place(bench: Workbench) -> None:
    for code in ("P01", "P02"):
        bench.note(f"{code}.txt", f"This is what {code} said of Bergen.")
    bench.register(row("P01", review="yes"), row("P02", review="yes"))
    bench.run()
    one, two = (bench.folder / "sealed" / f"{name}.age" for name in ("D01", "D02"))
    first, before = one.read_bytes(), bench.outputs()
    one.write_bytes(two.read_bytes())
    outcome = bench.run(again="D01")[0]
    assert outcome.status == "failed" and "sealed/D01.age is damaged" in outcome.reason
    raw: list[dict[str, object]] = []
    one.write_bytes(first)
    bench.open(lambda s: raw.append(s.key.unseal(one)))
    forged = {**raw[0], "source": "D01", "mac": "0" * 64}
    one.write_bytes(vault.seal(json.dumps(forged).encode(), recipients_of(open_log(bench.study))))
    assert bench.run()[0].status == "failed"
    one.write_bytes(first)
    assert bench.run()[0].status == "waiting"
    assert bench.outputs() == before


# -- withdrawals


@pytest.mark.parametrize("register", [(row("P01"),), (row("P01"), row("P02"))])
def test_a_withdrawal_that_is_taken_out_of_the_register(
    bench: Workbench, call: Call, register: tuple[str, ...]
) -> None:
    bench.record("P01_a.wav")
    bench.record("P02_b.wav", b"another")
    bench.register(row("P01"), row("P02", withdrawn="2026-05-01"))
    bench.run()
    bench.register(*register)
    code, out, _ = call("audit", "withdrawal", bench.folder, "P02", "--json")
    (found,) = json.loads(out)["data"]["withdrawals"]
    assert code == 3 and not found["complete"]


# -- the log and the key of another time, or of another study


def test_an_older_key_with_the_log_of_its_time(
    bench: Workbench, call: Call, tmp_path: Path
) -> None:
    """Only what was kept elsewhere shows it."""
    key, log = bench.key.read_bytes(), bench.study.log_file.read_bytes()
    bench.open(lambda s: s.key.save(s.key.table.with_people([Person("Kari Nordmann")])))
    kept = tmp_path / "kept"
    assert call("audit", "checkpoint", bench.folder, kept)[0] == 0
    bench.key.write_bytes(key)
    bench.study.log_file.write_bytes(log)
    honest(bench)
    code, out, _ = call("audit", "verify", bench.folder, "--against", kept)
    assert code == 5 and out.startswith(("TRUNCATED", "REWRITTEN"))


def test_the_log_of_another_study(bench: Workbench, tmp_path: Path) -> None:
    other = make_workbench(tmp_path / "other")
    bench.study.log_file.write_bytes(other.study.log_file.read_bytes())
    with pytest.raises(AuditError, match="another study"):
        bench.open(lambda s: None)
