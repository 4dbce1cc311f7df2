"""Somebody who can write to the study and to the key's folder, but holds no identity.

They can append to the log, as its chain of hashes is no secret, and they can encrypt to the
recipients, whose public keys are none either. Whatever they write must not count, not even
after a holder of the key has gone on with the same log and signed all of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict

import pyrage
import pytest

from anonpipe import operations, recipients, vault
from anonpipe.audit import AuditLog
from anonpipe.custody import recipients_of
from anonpipe.errors import VaultError
from anonpipe.identity import Recipient
from anonpipe.key import StudyKey
from anonpipe.operations import Operation
from anonpipe.session import open_log
from anonpipe.study import Person
from tests.conftest import Workbench

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
