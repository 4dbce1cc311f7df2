"""Machines without the key: what they seal, what they leave alone, and what a holder makes of it.

A `Place` is such a machine's view of a study: the folder of the key is not there.
"""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from anonpipe import audit, delta, operations, recipients, sealedrun, vault
from anonpipe.cli import cli
from anonpipe.delta import Delta
from anonpipe.errors import ConsentError, UsageError, VaultError
from anonpipe.files import lock
from anonpipe.identity import Recipient, new_identity
from anonpipe.outcome import Outcome, exit_code
from anonpipe.session import Session
from anonpipe.withdrawal.carrying import withdraw
from anonpipe.withdrawal.plan import plan
from tests.conftest import (
    NAMES,
    TODAY,
    StandInTools,
    StandInTranscriber,
    Workbench,
    make_workbench,
    row,
)
from tests.killing import done_or_killed, killed_at_every_effect

NOTE = "Ola Hansen met Kari Nordmann at Solbakken skole. Frida Berg did not come."
PEOPLE = '\n[[people]]\nname = "Ola Hansen"\nparticipant = "P02"\n'


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anonpipe.offline.block_network", lambda: None)
    monkeypatch.setattr(sealedrun, "Tools", StandInTools)


@contextmanager
def keyless(bench: Workbench) -> Iterator[None]:
    """The folder of the key is not there."""
    away = bench.key.parent.with_name("elsewhere")
    bench.key.parent.rename(away)
    try:
        yield
    finally:
        assert not bench.key.parent.exists(), "the folder of the key was made anew"
        away.rename(bench.key.parent)


def seal(bench: Workbench, today: date = TODAY, **options: Any) -> tuple[Outcome, ...]:
    with keyless(bench):
        return sealedrun.run(bench.study, report=lambda _: None, today=today, **options)


def merge(bench: Workbench, today: date = TODAY, **options: Any) -> tuple[Outcome, ...]:
    return bench.run(today, transcribe=False, **options)


def scene(bench: Workbench) -> None:
    """Two recordings, a note and a name that the study lists."""
    bench.record("P01_a.wav", b"one")
    bench.record("P02_b.wav", b"two")
    bench.note("P01_notes.txt", NOTE)
    bench.register(row(), row("P02", audio="delete-after-review"))
    settings = bench.folder / "study.toml"
    text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
    settings.write_text(text + PEOPLE)


def contents(bench: Workbench) -> dict[str, bytes]:
    return {
        path.relative_to(bench.folder).as_posix(): path.read_bytes()
        for path in bench.folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def entries(bench: Workbench, *actions: str) -> list[audit.Entry]:
    log = audit.AuditLog(bench.study.log_file, bench.study.settings.id)
    return [entry for entry in log.entries() if entry.action in actions]


def originals(bench: Workbench) -> list[str]:
    return sorted(
        path.name for top in ("recordings", "documents") for path in (bench.folder / top).iterdir()
    )


# -- the machine without the key


def test_a_machine_without_the_key_writes_deltas_and_nothing_else(bench: Workbench) -> None:
    scene(bench)
    before = contents(bench)
    outcomes = seal(bench)
    assert [outcome.status for outcome in outcomes] == ["sealed"] * 3
    assert exit_code(outcomes) == 0
    after = contents(bench)
    new = {f"sealed/delta-{outcome.id}.age" for outcome in outcomes} | {"sealed/deltas.json"}
    assert set(after) - set(before) == new
    assert {name for name in before if after[name] != before[name]} == {"audit.jsonl"}


def test_no_raw_text_is_left_where_the_key_is_not(bench: Workbench) -> None:
    scene(bench)
    readable = {*originals(bench), "study.toml"}
    seal(bench)
    for name, data in contents(bench).items():
        if Path(name).name not in readable:
            assert not [each for each in (*NAMES, "I met", "notes") if each.encode() in data], name


def test_deltas_open_for_the_recipients_only(bench: Workbench) -> None:
    scene(bench)
    (first, *_) = seal(bench)
    data = (bench.folder / "sealed" / f"delta-{first.id}.age").read_bytes()
    identities = vault.load_identities([bench.identity], lambda _: None)
    sealed = json.loads(vault.unseal(data, identities))
    assert sealed["path"] == "P01_a.wav" and sealed["format"] == "anonpipe-delta"
    assert json.loads(json.dumps(Delta.from_json(sealed).to_json())) == sealed
    codes = {mention["text"]: mention["entity"] for mention in sealed["mentions"]}
    assert codes == {"Kari Nordmann": "PERSON-1", "Bergen": "LOCATION-1", "Kari": "PERSON-1"}


def test_the_log_tells_counts_and_no_names(bench: Workbench) -> None:
    scene(bench)
    seal(bench)
    actions = ["sealed-run-start", *["delta-sealed"] * 3, "sealed-run-end"]
    logged = entries(bench, *set(actions))
    assert [entry.action for entry in logged] == actions
    assert logged[1].subject is None
    assert logged[1].details["mentions"] == 3 and logged[1].details["seconds"] == 10
    assert logged[-1].details["sealed"] == 3


def test_what_is_done_is_not_done_again(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    scene(bench)
    first = seal(bench)
    before = contents(bench)
    monkeypatch.setattr(sealedrun, "hear", lambda *_: pytest.fail("heard again"))
    assert seal(bench) == first
    after = contents(bench)
    assert {name for name in after if after[name] != before[name]} == {"audit.jsonl"}
    assert seal(bench, dry_run=True) == first and contents(bench) == after


def test_a_dry_run_changes_nothing(bench: Workbench) -> None:
    scene(bench)
    before = contents(bench)
    assert [outcome.status for outcome in seal(bench, dry_run=True)] == ["planned"] * 3
    assert contents(bench) == before


def test_a_changed_file_has_a_new_delta_and_the_old_one_goes(bench: Workbench) -> None:
    scene(bench)
    first = [outcome.id for outcome in seal(bench)]
    bench.record("P01_a.wav", b"another take")
    second = [outcome.id for outcome in seal(bench)]
    assert second[0] != first[0] and second[1:] == first[1:]
    assert delta.present(bench.study) == tuple(sorted(map(str, second)))
    (removed,) = entries(bench, "delta-removed")
    assert (removed.details["delta"], removed.details["reason"]) == (first[0], "outdated")


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ('channels = "auto"', 'channels = "mix"', True),
        ("also = []", 'also = ["faith"]', True),
        ('language = "en"', 'language = "nb"', True),
        ('style = "verbatim"', 'style = "clean"', False),
        ('# LOCATION = "generalise"', 'LOCATION = "keep"', False),
        (PEOPLE, PEOPLE + '[[people]]\nname = "Kari Nordmann"\n', False),
    ],
)
def test_settings_that_bear_on_it_make_a_new_delta(
    bench: Workbench, old: str, new: str, changes: bool
) -> None:
    scene(bench)
    first = [outcome.id for outcome in seal(bench)]
    settings = bench.folder / "study.toml"
    assert old in settings.read_text()
    settings.write_text(settings.read_text().replace(old, new))
    second = [outcome.id for outcome in seal(bench)]
    assert (first != second) is changes
    assert set(delta.present(bench.study)) == set(second)


def test_without_consent_nothing_is_heard(bench: Workbench) -> None:
    scene(bench)
    bench.register(row(consented=""), row("P02"))
    outcomes = seal(bench)
    assert [outcome.status for outcome in outcomes] == ["refused", "sealed", "refused"]
    assert exit_code(outcomes) == 3 and len(delta.present(bench.study)) == 1


def test_a_register_that_promises_less_is_refused(bench: Workbench) -> None:
    """As the holder of the key took it in; nobody here can approve of another."""
    scene(bench)
    bench.run()
    bench.record("P01_c.wav", b"three")
    bench.register(row(audio="keep-until:2030-01-01"), row("P02", audio="delete-after-review"))
    with pytest.raises(ConsentError, match="was promised more"):
        seal(bench)
    assert delta.present(bench.study) == ()


def test_one_that_fails_does_not_stop_the_others(bench: Workbench) -> None:
    scene(bench)
    bench.record("P01_a.wav", b"")
    outcomes = seal(bench)
    assert [outcome.status for outcome in outcomes] == ["failed", "sealed", "sealed"]
    assert "P01_a.wav is empty" in outcomes[0].reason and exit_code(outcomes) == 1


def test_a_failure_tells_no_text(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("I met Kari Nordmann")

    scene(bench)
    monkeypatch.setattr(sealedrun, "link", fail)
    outcomes = seal(bench)
    assert all("failed unexpectedly (ValueError at test_sealed.py:" in o.reason for o in outcomes)
    assert not any("Kari" in outcome.reason for outcome in outcomes)
    assert delta.present(bench.study) == ()


def test_an_interrupted_change_comes_first(bench: Workbench) -> None:
    scene(bench)
    (bench.folder / "sealed").mkdir()
    operations.journal(bench.study).write_bytes(b"")
    with pytest.raises(UsageError, match="where the key is"):
        seal(bench)


def test_a_study_that_is_being_closed_is_refused_and_left_alone(bench: Workbench) -> None:
    """Where the key is not there anyway, its absence does not tell that it was destroyed."""
    scene(bench)
    going = {"key": entries(bench, "key-saved")[-1].details["key"], "versions": 1}
    bench.open(lambda opened: opened.log.append("key-going", result="intended", **going))
    before = contents(bench)
    with pytest.raises(UsageError, match="where the key is"):
        seal(bench)
    assert contents(bench) == before


def test_recipients_that_nobody_signed_are_not_sealed_to(bench: Workbench, tmp_path: Path) -> None:
    """Whoever can write to the log there could else add themselves."""
    scene(bench)
    other = make_workbench(tmp_path / "other")
    stranger = recipients.recipients_of(log_of(other))
    mine = recipients.recipients_of(log_of(bench))
    log_of(bench).append(
        "recipients",
        keys=[who.public_key for who in (*mine, *stranger)],
        roles=["student", "recipient"],
        previous_keys=[who.public_key for who in mine],
        previous_roles=["student"],
    )
    (first, *_) = seal(bench)
    data = delta.file_of(bench.study, str(first.id)).read_bytes()
    with pytest.raises(VaultError, match="not encrypted to any"):
        vault.unseal(data, vault.load_identities([other.identity], lambda _: None))
    assert exit_code(merge(bench)) == 0 and len(bench.outputs()) == 11


@pytest.mark.parametrize("name", ["R01.age", "P01.wav"])
def test_a_file_that_was_encrypted_on_arrival_is_refused(bench: Workbench, name: str) -> None:
    bench.record(name, vault.seal(b"sound", recipients.recipients_of(log_of(bench))))
    bench.register(row())
    (outcome,) = seal(bench)
    assert outcome.status == "failed" and "encrypted on arrival" in outcome.reason


def log_of(bench: Workbench) -> audit.AuditLog:
    return audit.AuditLog(bench.study.log_file, bench.study.settings.id)


def test_two_at_once_are_refused(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    scene(bench)
    monkeypatch.setattr(sealedrun, "lock", functools.partial(lock, wait=0.1))
    with lock(bench.folder / ".anonpipe.lock"), pytest.raises(UsageError, match="locked"):
        seal(bench)


def test_the_command_needs_no_key_and_tells_a_program_what_it_did(bench: Workbench) -> None:
    scene(bench)
    with keyless(bench):
        result = CliRunner().invoke(cli, ["run", str(bench.folder), "--sealed", "--json"])
    assert result.exit_code == 0, result.output
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [e["status"] for e in events if e["event"] == "outcome"] == ["sealed"] * 3
    assert events[0]["event"] == "stage" and events[0]["source"] in delta.present(bench.study)
    assert events[-1]["sealed"] == 3
    assert not [name for name in (*NAMES, "P01_a", "notes") if name in result.stdout]
    wrong = CliRunner().invoke(cli, ["run", str(bench.folder), "--sealed", "--again", "R01"])
    assert isinstance(wrong.exception, UsageError)


# -- the same results


def disclosed(outcomes: tuple[Outcome, ...]) -> list[tuple[object, ...]]:
    return [(o.id, o.status, o.participants, o.reason, o.outputs, o.deleted) for o in outcomes]


@pytest.mark.parametrize("finish", [merge, Workbench.run])
def test_both_ways_give_the_same(
    bench: Workbench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    finish: Callable[[Workbench], tuple[Outcome, ...]],
) -> None:
    """Two rounds; in the second the key has names that the machine without it cannot know."""
    plain, sealed = bench, make_workbench(tmp_path / "sealed")
    for each in (plain, sealed):
        scene(each)
    seal(sealed)
    with monkeypatch.context() as patch:
        patch.setattr(StandInTranscriber, "transcribe", lambda *_, **__: pytest.fail("heard"))
        second = finish(sealed)
    assert disclosed(second) == disclosed(plain.run())
    assert sealed.outputs() == plain.outputs() and len(plain.outputs()) == 11
    assert originals(sealed) == originals(plain) == ["P02_b.wav"]
    assert delta.present(sealed.study) == ()
    assert not (sealed.folder / "sealed" / "deltas.json").exists()
    assert "Ola Hansen" not in (sealed.folder / "study.toml").read_text()

    for each in (plain, sealed):
        settings = each.folder / "study.toml"
        settings.write_text(settings.read_text() + '\n[[people]]\nname = "Frida Berg"\n')
        each.run()
        each.note("P01_more.txt", "Then Frida Berg and Ola Hansen spoke of Bergen.")
        each.record("P01_c.wav", b"three")
    assert "Frida Berg" not in (sealed.folder / "study.toml").read_text()
    seal(sealed)
    with monkeypatch.context() as patch:
        patch.setattr(StandInTranscriber, "transcribe", lambda *_, **__: pytest.fail("heard"))
        second = finish(sealed)
    assert disclosed(second) == disclosed(plain.run())
    assert sealed.outputs() == plain.outputs()
    (text,) = (data for name, data in plain.outputs().items() if name.endswith("P01-D02.txt"))
    assert b"Frida" not in text and b"P02 spoke of" in text


def test_merging_leaves_alone_what_nobody_has_sealed(bench: Workbench) -> None:
    scene(bench)
    outcomes = merge(bench)
    assert [(o.status, o.reason) for o in outcomes] == [("waiting", "delta")] * 3
    assert exit_code(outcomes) == 0 and not bench.outputs()
    assert originals(bench) == ["P01_a.wav", "P01_notes.txt", "P02_b.wav"]
    seal(bench)
    assert [o.status for o in merge(bench)] == ["final", "waiting", "final"]


def test_what_has_served_is_not_sealed_again_unless_it_is_wanted(bench: Workbench) -> None:
    bench.record("P01.wav", b"one")
    bench.register(row(audio="delete-after-review"))
    (first,) = seal(bench)
    merge(bench)
    assert seal(bench) == (first,) and delta.present(bench.study) == ()
    bench.record("P01.wav", b"two")
    seal(bench)
    merge(bench)
    bench.record("P01.wav", b"one")
    (outcome,) = merge(bench)
    assert (outcome.status, outcome.reason) == ("waiting", "delta")
    seal(bench)
    assert delta.present(bench.study) == (first.id,)
    (outcome,) = merge(bench)
    assert (outcome.status, outcome.reason) == ("waiting", "review")


def test_a_delta_that_is_needed_no_more_goes(bench: Workbench) -> None:
    scene(bench)
    seal(bench)
    with_deltas = {name: data for name, data in contents(bench).items() if "delta" in name}
    merge(bench)
    assert originals(bench) == ["P02_b.wav"]
    for name, data in with_deltas.items():  # a copy comes back, its recordings do not
        (bench.folder / name).write_bytes(data)
    assert exit_code(merge(bench)) == 0
    assert delta.present(bench.study) == ()


def test_what_was_found_elsewhere_is_used_again(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-after-review"))
    seal(bench)
    merge(bench)
    before = bench.outputs()
    bench.run(again="R01")
    assert bench.outputs() == before


def test_what_was_found_counts_for_that_text_only(bench: Workbench) -> None:
    """Raw text that was changed since, as when somebody's part was taken out, is searched anew."""
    bench.record("P01.wav")
    bench.register(row(audio="delete-after-review"))
    seal(bench)
    merge(bench)

    def redact(opened: Session) -> None:
        path = opened.study.sealed / "R01.age"
        values = opened.key.unseal(path)
        turn = values["transcript"]["turns"][0]
        turn.update(text="[-] said that Kari Nordmann came to Bergen", words=[])
        path.write_bytes(opened.key.seal_working("R01", values))

    bench.open(redact)
    bench.run(again="R01")
    assert (
        b"[-] said that [Person 1] came to [Place 1]" in bench.outputs()["transcripts/P01-R01.txt"]
    )


def test_a_dry_merge_changes_nothing(bench: Workbench) -> None:
    scene(bench)
    seal(bench)
    bench.record("P02_late.wav", b"late")
    (bench.folder / "recordings" / "P01_a.wav").unlink()
    bench.open(lambda _: None)  # signs the log
    before = contents(bench)
    outcomes = merge(bench, dry_run=True)
    assert sorted(o.status for o in outcomes) == ["failed", "planned", "planned", "waiting"]
    assert contents(bench) == before


def test_the_merge_command(bench: Workbench) -> None:
    scene(bench)
    seal(bench)
    command = ["key", "merge", str(bench.folder), "--identity", str(bench.identity)]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    assert len(bench.outputs()) == 11 and originals(bench) == ["P02_b.wav"]


# -- what is refused


def refused(bench: Workbench, words: str) -> None:
    """The merge refuses the only delta with these words, keeps it, and deletes nothing."""
    (name,) = delta.present(bench.study)
    before = originals(bench)
    outcomes = merge(bench)
    (outcome,) = (o for o in outcomes if o.status == "failed")
    assert words in outcome.reason and outcome.reason.count(".") <= 6, outcome.reason
    assert not [each for each in NAMES if each in outcome.reason]
    assert exit_code(outcomes) == 1
    assert delta.present(bench.study) == (name,) and originals(bench) == before
    assert not bench.outputs()


@pytest.fixture
def one(bench: Workbench) -> Workbench:
    """A study with one recording and its delta."""
    bench.record("P01.wav", b"one")
    bench.register(row())
    seal(bench)
    return bench


def test_a_recording_that_changed_is_refused(one: Workbench) -> None:
    one.record("P01.wav", b"other")
    refused(one, "was changed since")


def test_a_recording_that_is_not_there_is_refused(one: Workbench) -> None:
    (one.folder / "recordings" / "P01.wav").unlink()
    refused(one, "is not there")


def test_settings_that_changed_are_refused(one: Workbench) -> None:
    settings = one.folder / "study.toml"
    settings.write_text(settings.read_text().replace('"auto"', '"mix"'))
    refused(one, "has other settings")


def test_a_recording_that_was_renamed_is_the_same(one: Workbench) -> None:
    (one.folder / "recordings" / "P01.wav").rename(one.folder / "recordings" / "P01 again.wav")
    (outcome,) = merge(one)
    assert outcome.status == "final" and outcome.deleted


def test_the_delta_of_one_who_withdrew_goes_with_the_recording(one: Workbench) -> None:
    one.register(row(withdrawn="2026-05-30"))
    (outcome,) = merge(one)
    assert outcome.status == "refused" and len(delta.present(one.study)) == 1
    (one.folder / "recordings" / "P01.wav").unlink()
    assert merge(one) == () and delta.present(one.study) == ()
    assert entries(one, "delta-removed")[-1].details["reason"] == "consent"


def test_who_withdraws_takes_their_deltas_along(bench: Workbench) -> None:
    scene(bench)
    _, second, _ = seal(bench)

    def leave(opened: Session) -> None:
        withdraw(opened, plan(opened, "P01", on=None, today=TODAY))

    bench.open(leave)
    assert originals(bench) == ["P02_b.wav"]
    assert delta.present(bench.study) == (second.id,)
    assert set(delta.read_index(bench.study)) == {second.id}


def test_a_recording_that_is_nobodys_any_more_is_refused(one: Workbench) -> None:
    """A register that is being edited deletes nothing."""
    one.register()
    (one.folder / "recordings" / "P01.wav").unlink()
    refused(one, "is not there")


def forge(bench: Workbench, change: Callable[[dict[str, Any]], object], *, log: bool) -> None:
    """Replace the only delta by a changed one, sealed to the public keys of the recipients."""
    (name,) = delta.present(bench.study)
    path = delta.file_of(bench.study, name)
    identities = vault.load_identities([bench.identity], lambda _: None)
    values = json.loads(vault.unseal(path.read_bytes(), identities))
    change(values)
    data = vault.seal(json.dumps(values).encode(), recipients.recipients_of(log_of(bench)))
    path.write_bytes(data)
    if log:
        details = dict(entries(bench, "delta-sealed")[-1].details)
        log_of(bench).append("delta-sealed", **{**details, "file": delta.digest(data)})


def test_a_forged_delta_is_refused(one: Workbench) -> None:
    forge(one, lambda values: values["found"].clear(), log=False)
    refused(one, "is not in the log")


def test_a_damaged_delta_is_refused(one: Workbench) -> None:
    path = delta.file_of(one.study, *delta.present(one.study))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    refused(one, "is not in the log")


def test_a_delta_for_others_is_refused(one: Workbench, tmp_path: Path) -> None:
    other = make_workbench(tmp_path / "other")
    path = delta.file_of(one.study, *delta.present(one.study))
    path.write_bytes(vault.seal(b"{}", recipients.recipients_of(log_of(other))))
    details = dict(entries(one, "delta-sealed")[-1].details)
    log_of(one).append("delta-sealed", **{**details, "file": delta.digest(path.read_bytes())})
    refused(one, "does not open")


def in_turn(values: dict[str, Any]) -> dict[str, Any]:
    turn: dict[str, Any] = values["transcript"]["turns"][0]
    return turn


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v.update(study="0123456789abcdef"), "is of another study"),
        (lambda v: v.update(sha256="0" * 64), "is of another file"),
        (lambda v: v.update(settings="0" * 64), "is of another file"),
        (lambda v: v.update(kind="text"), "is of another file"),
        (lambda v: v.update(version=2), "another version"),
        (lambda v: v.pop("mentions"), "malformed"),
        (lambda v: v.update(path="../P01.wav"), "out of the study"),
        (lambda v: v.update(path="P01\n.wav"), "out of the study"),
        (lambda v: v["models"].update(speech="Kari Nordmann"), "malformed"),
        (lambda v: v["found"][0].update(end=4000), "outside the text"),
        (lambda v: v["found"][0].update(start=-1), "outside the text"),
        (lambda v: v["found"][0].update(start=True), "outside the text"),
        (lambda v: v["found"].reverse(), "outside the text or overlaps"),
        (lambda v: v["found"][0].update(type="FACE"), "type of mention is unknown"),
        (lambda v: v["found"][0].update(score=float("nan")), "malformed"),
        (lambda v: v["found"][0].update(score="1"), "malformed"),
        (lambda v: v["found"][0].update(more=1), "malformed"),
        (lambda v: v["mentions"][0].update(turn=9), "outside the transcript"),
        (lambda v: v["mentions"][0].update(end=90), "outside its turn"),
        (lambda v: v["mentions"][0].update(text="Ola"), "not what stands in its turn"),
        (lambda v: v["mentions"][0].update(turn=-1), "no label of a speaker"),
        (lambda v: v["transcript"].update(language="xx"), "language is unknown"),
        (lambda v: in_turn(v).update(start=None), "has no time"),
        (lambda v: in_turn(v)["words"].pop(), "a word has no time"),
        (lambda v: in_turn(v)["words"][0].update(start="0"), "has no time"),
        (lambda v: in_turn(v)["words"][0].update(offset=999), "a word lies outside its turn"),
        (lambda v: in_turn(v)["words"][0].update(text="You"), "a word is not what stands"),
        (lambda v: v["transcript"]["flags"].append({"kind": "other"}), "flag that there is not"),
    ],
)
def test_claims_are_checked(
    one: Workbench, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    """Though the log was written to, too, as whoever has the machine can do."""
    forge(one, change, log=True)
    refused(one, words)


def test_a_document_must_say_what_its_delta_says(bench: Workbench) -> None:
    bench.note("P01.txt", NOTE)
    bench.register(row())
    seal(bench)
    forge(
        bench,
        lambda v: (in_turn(v).update(text="Nobody came."), v.update(found=[], mentions=[])),
        log=True,
    )
    refused(bench, "does not say what")


def test_a_delta_under_another_name_is_refused(one: Workbench) -> None:
    (name,) = delta.present(one.study)
    shutil.copy(delta.file_of(one.study, name), delta.file_of(one.study, "0" * 16))
    outcomes = merge(one)
    assert [o.status for o in outcomes] == ["final", "failed"]
    assert "is not in the log" in outcomes[1].reason


# -- other holders of the key


def supervisor(folder: Path) -> tuple[Recipient, Path]:
    file = folder / "supervisor.private"
    return Recipient("supervisor", new_identity(file, None)), file


def test_a_new_holder_of_the_key_opens_deltas_too(bench: Workbench, tmp_path: Path) -> None:
    scene(bench)
    (first, *_) = seal(bench)
    who, file = supervisor(tmp_path)
    bench.open(lambda opened: recipients.change(opened, (*opened.key.recipients, who)))
    data = delta.file_of(bench.study, str(first.id)).read_bytes()
    vault.unseal(data, vault.load_identities([file], lambda _: None))
    assert all(outcome.status == "sealed" for outcome in seal(bench))
    assert len(entries(bench, "delta-sealed")) == 3
    assert exit_code(merge(bench)) == 0 and len(bench.outputs()) == 11


def test_a_forged_delta_stays_forged_for_a_new_holder(one: Workbench, tmp_path: Path) -> None:
    forge(one, lambda values: values["found"].clear(), log=False)
    who, _ = supervisor(tmp_path)
    one.open(lambda opened: recipients.change(opened, (*opened.key.recipients, who)))
    refused(one, "is not in the log")


def test_killed_while_the_holders_change_deltas_stay_what_they_are(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    who, _ = supervisor(tmp_path)
    made: list[Workbench] = []

    def prepare() -> Callable[[], object]:
        each = make_workbench(tmp_path / str(len(made)))
        made.append(each)
        each.record("P01.wav", b"one")
        each.register(row())
        seal(each)
        return lambda: each.open(
            lambda opened: recipients.change(opened, (*opened.key.recipients, who))
        )

    def check() -> None:
        (outcome,) = merge(made[-1])
        assert outcome.status == "final" and outcome.deleted

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 10


# -- crashes


def test_killed_while_sealing_and_run_again_nothing_is_missing(
    tmp_path: Path, bench: Workbench, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    made: list[Workbench] = []

    def prepare() -> Callable[[], object]:
        each = make_workbench(tmp_path / str(len(made)))
        made.append(each)
        scene(each)
        seal(each)
        each.record("P01_a.wav", b"another take")
        return lambda: sealedrun.run(each.study, report=lambda _: None, today=TODAY)

    def check() -> None:
        each = made[-1]
        outcomes = seal(each)
        assert [o.status for o in outcomes] == ["sealed"] * 3
        assert set(delta.present(each.study)) == {o.id for o in outcomes}
        assert set(delta.read_index(each.study)) >= {str(o.id) for o in outcomes}
        assert exit_code(merge(each)) == 0 and len(each.outputs()) == 11

    assert killed_at_every_effect(prepare, check, monkeypatch, every=every) > 10


@pytest.fixture
def undisturbed(bench: Workbench) -> Workbench:
    scene(bench)
    bench.run()
    return bench


def merged_after_kill(
    bench: Workbench, step: int, monkeypatch: pytest.MonkeyPatch, wanted: Workbench
) -> bool:
    """Kill a merge, look at what is there, merge again and compare."""
    scene(bench)
    seal(bench)
    finished = done_or_killed(lambda: merge(bench), step, monkeypatch)
    for name, output in (("P01_a.wav", "P01-R01.txt"), ("P02_b.wav", "P02-R02.txt")):
        kept = (bench.folder / "recordings" / name).exists()
        assert kept or (bench.folder / "transcripts" / output).exists()
    with monkeypatch.context() as patch:
        patch.setattr(StandInTranscriber, "transcribe", lambda *_, **__: pytest.fail("heard"))
        outcomes = merge(bench)
    assert exit_code(outcomes) == 0
    assert bench.outputs() == wanted.outputs() and originals(bench) == originals(wanted)
    assert delta.present(bench.study) == ()
    return finished


@pytest.mark.parametrize("step", [7, 12, 17, 22, 27, 32, 37, 42, 47, 52, 57])
def test_killed_while_merging_and_run_again_nothing_differs(
    undisturbed: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    again = make_workbench(tmp_path / "killed")
    assert not merged_after_kill(again, step, monkeypatch, undisturbed)


@pytest.mark.long
def test_killed_at_every_effect_of_merging_nothing_differs(
    undisturbed: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, finished = 0, False
    while not finished:
        step += 1
        again = make_workbench(tmp_path / f"killed-{step}")
        finished = merged_after_kill(again, step, monkeypatch, undisturbed)
    assert step > 60
