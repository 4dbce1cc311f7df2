"""Who can open the key: additions, removals and replacements, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from anonpipe import operations, recipients, vault
from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError, VaultError
from anonpipe.files import write_durably
from anonpipe.identity import Recipient, load_identities, new_identity
from anonpipe.recipients import added, change, check_set, find, without
from anonpipe.session import Session, open_log, session
from tests.conftest import Call, Workbench, row
from tests.killing import killed_at_every_effect

Change = Callable[[Session], object]


@dataclass
class Person:
    """Somebody with an identity file."""

    recipient: Recipient
    file: Path

    def opens(self, path: Path) -> bool:
        identities = load_identities([self.file], lambda _: None)
        try:
            vault.unseal(path.read_bytes(), identities)
        except VaultError as error:
            assert "not encrypted to any" in str(error)
            return False
        return True


def person(folder: Path, role: str) -> Person:
    file = folder / f"{role}.private"
    return Person(Recipient(role, new_identity(file, None, role)), file)


def student_of(bench: Workbench) -> Person:
    (identity,) = load_identities([bench.identity], lambda _: None)
    return Person(Recipient("student", identity.public_key), bench.identity)


def with_work(bench: Workbench) -> Workbench:
    """A study with two sealed files, whose sources wait for review."""
    bench.register(row("P01", review="yes"), row("P02", review="yes"))
    bench.record("P01_a.wav")
    bench.record("P02_b.wav", b"another sound")
    bench.run()
    assert len(list((bench.folder / "sealed").glob("*.age"))) == 2
    return bench


def change_as(bench: Workbench, who: Person, work: Change) -> object:
    with session(bench.study, [who.file], lambda _: None) as opened:
        return work(opened)


def signer_of(bench: Workbench) -> str:
    log = AuditLog(bench.study.log_file, salt=bench.study.settings.id)
    return log.verify().signer


def agreed(bench: Workbench, members: Sequence[Person], others: Sequence[Person] = ()) -> None:
    """Everything opens for these and for nobody else, and all that names them agrees."""
    wanted = {who.recipient for who in members}
    assert not operations.journal(bench.study).exists()
    log = open_log(bench.study)
    assert set(recipients.check_file(bench.study, log)) == wanted
    sealed = sorted((bench.folder / "sealed").glob("*.age"))
    assert len(sealed) == 2
    for path in (bench.key, *sealed):
        assert all(who.opens(path) for who in members)
        assert not any(who.opens(path) for who in others)
    for who in members:
        with session(bench.study, [who.file], lambda _: None) as opened:
            assert set(opened.key.recipients) == wanted
            assert opened.key.signer.public == log.verify().signer
            assert opened.key.unseal(sealed[0])["transcript"]["turns"]
    for who in others:
        with (
            pytest.raises(VaultError, match="not encrypted to any"),
            session(bench.study, [who.file], lambda _: None),
        ):
            pass


# -- the set


def people(*roles: str) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(role, str(pyrage.x25519.Identity.generate().to_public())) for role in roles
    )


def test_sets() -> None:
    student, supervisor, archive = people("student", "supervisor", "archive")
    both = (student, supervisor)
    assert added(both, [archive]) == (student, supervisor, archive)
    assert without(both, ["student"]) == without(both, [student.public_key]) == (supervisor,)
    assert find(both, supervisor.public_key) is find(both, "supervisor")
    with pytest.raises(UsageError, match="student, supervisor"):
        find(both, "Kari Nordmann")
    with pytest.raises(UsageError, match="supervisor-2"):
        added(both, people("supervisor"))
    with pytest.raises(UsageError, match="can open the key already"):
        added(both, [Recipient("archive", student.public_key)])
    with pytest.raises(UsageError, match="by a role, never by a name") as caught:
        added(both, [Recipient("Kari", archive.public_key)])
    assert "Kari" not in str(caught.value)


def test_sets_that_could_lose_the_key_must_be_asked_for() -> None:
    student, supervisor, archive = people("student", "supervisor", "archive")
    check_set([student, supervisor], student, single=False, not_me=False)
    check_set([student], student, single=True, not_me=False)
    check_set([supervisor, archive], student, single=False, not_me=True)
    with pytest.raises(UsageError, match="--single-recipient"):
        check_set([student], student, single=False, not_me=False)
    with pytest.raises(UsageError, match="--not-me"):
        check_set([supervisor, archive], student, single=False, not_me=False)
    with pytest.raises(UsageError, match="Somebody"):
        check_set([], student, single=True, not_me=True)


# -- changes


def test_adding_somebody(bench: Workbench, tmp_path: Path) -> None:
    with_work(bench)
    student, supervisor = student_of(bench), person(tmp_path, "supervisor")
    signer = signer_of(bench)
    agreed(bench, [student], [supervisor])
    bench.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    agreed(bench, [student, supervisor])
    assert signer_of(bench) == signer
    entry = [e for e in open_log(bench.study).entries() if e.action == "recipients"][-1]
    assert entry.details["roles"] == ("student", "supervisor")
    assert entry.details["previous_keys"] == (student.recipient.public_key,)
    assert {outcome.status for outcome in bench.run()} == {"waiting"}


def test_removing_somebody_takes_the_log_out_of_their_hands(
    bench: Workbench, tmp_path: Path
) -> None:
    with_work(bench)
    student, supervisor = student_of(bench), person(tmp_path, "supervisor")
    bench.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    old_key, signer = tmp_path / "old.key.age", signer_of(bench)
    shutil.copy(bench.key, old_key)
    done = change_as(
        bench,
        supervisor,
        lambda s: change(s, without(s.key.recipients, ["student"]), single=True),
    )
    assert isinstance(done, recipients.Changed)
    assert done.left == (student.recipient,) and done.sealed_files == 2
    agreed(bench, [supervisor], [student])
    assert signer_of(bench) != signer
    assert student.opens(old_key)  # which nothing can change, and which is said


def test_the_plan_is_not_for_those_who_go(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the next signing key."""
    with_work(bench)
    student, supervisor = student_of(bench), person(tmp_path, "supervisor")
    bench.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    plan = operations.journal(bench.study)
    seen: list[bool] = []
    monkeypatch.setattr(
        recipients,
        "write_recipients",
        lambda *_: seen.extend(who.opens(plan) for who in (student, supervisor)),
    )
    bench.open(lambda s: change(s, without(s.key.recipients, ["supervisor"]), single=True))
    assert seen == [True, False]


def test_a_sealed_file_that_does_not_open_stops_the_change_before_it_begins(
    bench: Workbench, tmp_path: Path
) -> None:
    with_work(bench)
    before = bench.key.read_bytes()
    (bench.folder / "sealed" / "R01.age").write_bytes(b"damaged")
    supervisor = person(tmp_path, "supervisor")
    with pytest.raises(VaultError, match=r"R01\.age"):
        bench.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    assert bench.key.read_bytes() == before
    assert not operations.journal(bench.study).exists()


def test_the_same_set_again_is_no_change(bench: Workbench) -> None:
    with pytest.raises(UsageError, match="already"):
        bench.open(lambda s: change(s, s.key.recipients, single=True))


# -- what the log says counts


def test_a_recipients_file_that_the_log_does_not_know(
    bench: Workbench, tmp_path: Path, call: Call
) -> None:
    stranger = person(tmp_path, "colleague")
    file = bench.study.recipients_file
    vault.write_recipients(file, [*vault.read_recipients(file), stranger.recipient])
    with pytest.raises(VaultError, match="not the list that the log knows"):
        bench.open(lambda s: None)
    assert call("key", "recipients", "list", bench.folder)[0] == 4
    assert call("key", "status", bench.folder)[0] == 4
    code, out, _ = call("key", "recipients", "restore", bench.folder)
    assert code == 0 and "student" in out
    bench.open(lambda s: None)
    assert vault.read_recipients(file) == (student_of(bench).recipient,)


def test_a_missing_recipients_file_is_restored(bench: Workbench, call: Call) -> None:
    bench.study.recipients_file.unlink()
    code, _, err = call("key", "show", bench.folder, "--reason", "audit")
    assert code == 4 and "anonpipe key recipients restore" in err
    assert call("key", "recipients", "restore", bench.folder)[0] == 0
    assert call("key", "show", bench.folder, "--reason", "audit")[0] == 0


def test_a_key_that_names_others_than_the_log(bench: Workbench, tmp_path: Path) -> None:
    """Saved by a program that did not log who can open it."""
    supervisor = person(tmp_path, "supervisor")
    bench.open(lambda s: s.key.save(s.key.table, [*s.key.recipients, supervisor.recipient]))
    with pytest.raises(VaultError, match="names other recipients than the log"):
        bench.open(lambda s: None)


# -- killed at every effect


@pytest.mark.parametrize("act", ["add", "remove", "replace", "hand over"])
def test_killed_at_every_effect(
    act: str, bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    student, supervisor = student_of(bench), person(tmp_path, "supervisor")
    archive = person(tmp_path, "archive")
    with_work(bench)
    if act != "add":
        bench.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    start = {
        path: path.read_bytes()
        for top in (bench.folder, bench.key.parent)
        for path in top.rglob("*")
        if path.is_file()
    }
    old, new = {
        "add": ([student], [student, supervisor]),
        "remove": ([student, supervisor], [student]),
        "replace": ([student, supervisor], [student, archive]),
        "hand over": ([student, supervisor], [supervisor, archive]),
    }[act]
    secret = tmp_path / "archive.private"
    # The new identity comes with the change, and its file is one of the effects.
    files = [recipients.NewFile(bench.key.with_name("archive.identity.age"), secret.read_bytes())]

    def prepare() -> Callable[[], object]:
        for top in (bench.folder, bench.key.parent):
            for path in [path for path in top.rglob("*") if path.is_file()]:
                if path not in start:
                    path.unlink()
        for path, content in start.items():
            write_durably(path, content, mode=path.stat().st_mode & 0o777)
        return lambda: bench.open(
            lambda s: change(
                s,
                [who.recipient for who in new],
                single=True,
                not_me=True,
                new_files=files if archive in new else (),
            )
        )

    ends: list[str] = []

    def check() -> None:
        """Whoever opens the key next, a newcomer if possible, finds the old or the new state."""
        able = [who for who in (*new, *old) if who.opens(bench.key)]
        able.sort(key=lambda who: (who not in new, who in old))
        with session(bench.study, [able[0].file], lambda _: None):
            pass
        now = set(recipients.recipients_of(open_log(bench.study)))
        if now == {who.recipient for who in old}:
            agreed(bench, old, [who for who in new if who not in old])
            ends.append("old")
        else:
            agreed(bench, new, [who for who in old if who not in new])
            ends.append("new")
            assert files[0].path.exists() == (archive in new)

    kills = killed_at_every_effect(prepare, check, monkeypatch, every=every)
    assert kills > 12 and ends[0] == "old" and ends[-1] == "new"


# -- as commands


def test_commands(bench: Workbench, tmp_path: Path, call: Call) -> None:
    with_work(bench)
    student, supervisor = student_of(bench), person(tmp_path, "supervisor")
    supervisors = f"supervisor={supervisor.recipient.public_key}"
    code, out, err = call("key", "recipients", "add", bench.folder, "--recipient", supervisors)
    assert (code, err) == (0, "") and "supervisor" in out
    agreed(bench, [student, supervisor])
    code, out, _ = call("key", "recipients", "list", bench.folder, "--json")
    rows = json.loads(out)["recipients"]
    assert [item["role"] for item in rows] == ["student", "supervisor"]
    assert rows[1]["fingerprint"] == supervisor.recipient.fingerprint

    remove = ("key", "recipients", "remove", bench.folder, "supervisor")
    code, _, err = call(*remove)
    assert code == 2 and "--single-recipient" in err
    code, _, err = call(*remove[:4], "student", "supervisor")
    assert code == 2 and "Somebody must be able" in err
    code, _, err = call(
        "key", "recipients", "remove", bench.folder, "student", "--single-recipient"
    )
    assert code == 2 and "--not-me" in err
    agreed(bench, [student, supervisor])

    code, out, err = call(
        *("key", "recipients", "replace", bench.folder, "supervisor"),
        *("--new-identity", "institution", "--no-passphrase"),
    )
    made = bench.key.with_name("institution.identity.age")
    assert (code, err) == (0, "") and str(made) in out.replace("\n", "")
    assert "still open for the former supervisor" in out.replace("\n", " ")
    (identity,) = load_identities([made], lambda _: None)
    made = made.rename(tmp_path / made.name)  # given to its holder
    institution = Person(Recipient("institution", identity.public_key), made)
    agreed(bench, [student, institution], [supervisor])

    third = person(tmp_path, "institution-2")
    code, out, err = call(
        *("key", "recipients", "replace", bench.folder, "institution"),
        third.recipient.public_key,
    )
    assert (code, err) == (0, "")
    third.recipient = Recipient("institution", third.recipient.public_key)
    agreed(bench, [student, third], [supervisor, institution])
    code, _, _ = call("audit", "verify", bench.folder)
    assert code == 0


def test_commands_that_say_too_little(bench: Workbench, tmp_path: Path, call: Call) -> None:
    public = person(tmp_path, "archive").recipient.public_key
    for arguments, says in [
        (("add",), "who is to be added"),
        (("add", "--recipient", public), "whose public key"),
        (("add", "--recipient", f"Kari={public}"), "by a role"),
        (("add", "--recipient", "archive=age1qqq"), "age public key"),
        (("add", "--new-identity", "Kari"), "by a role"),
        (("remove", "archive"), "Nobody of that role"),
        (("replace", "student"), "who comes instead"),
        (("replace", "student", public, "--new-identity", "archive"), "who comes instead"),
    ]:
        code, _, err = call("key", "recipients", arguments[0], bench.folder, *arguments[1:])
        assert code == 2 and says in err, arguments
    assert not list(bench.key.parent.glob("archive*"))


def test_of_several_identities_beside_the_key_one_is_taken_that_opens_it(
    bench: Workbench, tmp_path: Path, call: Call
) -> None:
    """The former student's file still lies there, and comes first in order of name."""
    supervisor = person(tmp_path, "supervisor")
    bench.open(lambda s: change(s, added(s.key.recipients, [supervisor.recipient])))
    change_as(
        bench,
        supervisor,
        lambda s: change(s, without(s.key.recipients, ["student"]), single=True),
    )
    shutil.copy(supervisor.file, bench.key.with_name("supervisor.identity"))
    assert bench.identity.exists()
    assert call("key", "show", bench.folder, "--reason", "audit")[0] == 0
    code, _, err = call(
        *("key", "show", bench.folder, "--reason", "audit", "--identity", bench.identity)
    )
    assert code == 4 and "not encrypted to any" in err


def test_several_identities_and_no_passphrase(
    bench: Workbench, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANONPIPE_PASSPHRASE", raising=False)
    monkeypatch.setattr("anonpipe.session.load_identities", _needs_a_passphrase)
    shutil.copy(bench.identity, bench.key.with_name("supervisor.identity"))
    code, _, err = call("key", "show", bench.folder, "--reason", "audit")
    assert code == 4 and "set ANONPIPE_PASSPHRASE" in err and "check the passphrase" not in err


def _needs_a_passphrase(files: list[Path], passphrase: Callable[[Path], str | None]) -> object:
    if passphrase(files[0]) is None:
        raise VaultError("It needs its passphrase.")
    raise AssertionError("there was none to be had")


@pytest.mark.long
def test_a_new_identity_has_a_passphrase_of_its_own(
    bench: Workbench, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several seconds of scrypt, twice."""
    phrase = tmp_path / "phrase"
    phrase.write_text("a lighthouse in June\n")
    add = ("key", "recipients", "add", bench.folder, "--new-identity", "archive")
    code, _, err = call(*add)
    assert code == 2 and "needs a passphrase" in err
    assert not bench.key.with_name("archive.identity.age").exists()
    code, _, err = call(*add, "--new-passphrase-file", phrase)
    assert (code, err) == (0, "")
    away = bench.key.with_name("archive.identity.age").rename(tmp_path / "archive.identity.age")
    monkeypatch.setenv("ANONPIPE_PASSPHRASE", "a lighthouse in May")
    show = ("key", "show", bench.folder, "--reason", "audit", "--identity", away)
    assert call(*show)[0] == 4
    monkeypatch.delenv("ANONPIPE_PASSPHRASE")
    assert call(*show, "--passphrase-file", phrase)[0] == 0
