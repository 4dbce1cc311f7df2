"""Withdrawal: everything of a participant goes, and nobody else's work is harmed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

from anonpipe import (
    audit,
    backup,
    batch,
    coding,
    formats,
    kept,
    operations,
    outputs,
    pipeline,
    vault,
    withdrawal,
)
from anonpipe.cli import cli
from anonpipe.errors import UsageError
from anonpipe.files import sha256
from anonpipe.identity import load_identities
from anonpipe.key import KeyTable
from anonpipe.session import Session
from anonpipe.study import Stage
from anonpipe.withdrawal import Plan, Standing
from tests.conftest import TODAY, Workbench, row, stand_in_keep
from tests.killing import done_or_killed, killed_at_every_effect

KEPT = "delete-on:2027-01-01"


def scene(bench: Workbench) -> Workbench:
    """P07 alone, P07 with P01, and others who speak of P07: sealed, final, edited."""
    settings = bench.folder / "study.toml"
    text = settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
    text += '\n[files]\n"Group Kari*" = { language = "en" }\n"P0*" = { language = "en" }\n'
    text += '\n[[people]]\nname = "Kari Nordmann"\nparticipant = "P07"\n'
    settings.write_text(text)
    bench.record("P07_a.wav", b"one")
    bench.record("Group Kari.wav", b"two")
    bench.record("P01_b.wav", b"three")
    bench.note("P02_notes.txt", "Ola Hansen met Kari Nordmann and saw Kari's boat.")
    bench.note("P07_notes.txt", "Kari Nordmann (ola@example.org) came with Ola Hansen.")
    bench.register(
        row(audio=KEPT, recording="P01* | Group Kari.wav"),
        row("P02"),
        row("P07", audio=KEPT, recording="P07* | Group Kari*"),
    )
    bench.run()
    edited = docx.Document(str(bench.folder / "transcripts" / "P02-D01.docx"))
    runs = edited.paragraphs[-1].add_run
    runs(" P0")
    runs("7's remark")
    edited.save(str(bench.folder / "transcripts" / "P02-D01.docx"))
    bench.open(lambda opened: batch.approve(opened, "D01"))
    (bench.folder / "transcripts" / "P02-D01.txt").write_text("P02: P07, by hand\n")
    (bench.folder / "transcripts" / "my notes.md").write_text("**P07** said so\n")
    (bench.folder / "transcripts" / "P07-R01 printed.pdf").write_bytes(b"%PDF P07")
    bench.record("P07_late.wav", b"four")
    bench.record("unknown.wav", b"one")
    return bench


@pytest.fixture
def ready(bench: Workbench) -> Workbench:
    return scene(bench)


def go(bench: Workbench, participant: str = "P07", also: tuple[str, ...] = ()) -> Plan:
    plans: list[Plan] = []

    def work(opened: Session) -> None:
        withdrawal.prepare(opened, TODAY)
        plan = withdrawal.plan(opened, participant, on=None, today=TODAY, also=also)
        plans.append(plan)
        withdrawal.withdraw(opened, plan)

    bench.open(work)
    return plans[0]


def stands(bench: Workbench, participant: str = "P07") -> Standing:
    return withdrawal.status(bench.study, participant, TODAY)


def table_of(bench: Workbench) -> KeyTable:
    tables: list[KeyTable] = []
    bench.open(lambda opened: tables.append(opened.key.table))
    return tables[0]


def log_of(bench: Workbench) -> list[audit.Entry]:
    return list(audit.AuditLog(bench.study.log_file, bench.study.settings.id).entries())


def names(bench: Workbench, folder: str) -> list[str]:
    return sorted(p.name for p in (bench.folder / folder).iterdir())


def files(bench: Workbench) -> dict[str, bytes]:
    """All of the study but the log, which remembers, and receipts, which hold times."""
    return {
        path.relative_to(bench.folder).as_posix(): path.read_bytes()
        for path in sorted(bench.folder.rglob("*"))
        if path.is_file()
        and path.name not in ("audit.jsonl", ".anonpipe.lock")
        and path.suffix != ".age"
        and path.parent.name != "receipts"
    }


def test_everything_of_a_participant_goes(ready: Workbench) -> None:
    plan = go(ready)
    assert {s.id: (s.with_others, s.files, s.new) for s in plan.sources} == {
        "R01": (("P01",), 1, False),
        "R03": ((), 2, False),  # a copy without a name that tells is known by what it holds
        "R04": ((), 1, True),
        "D02": ((), 1, False),
    }
    assert names(ready, "recordings") == ["P01_b.wav"] and names(ready, "documents") == []
    assert all("P07" not in name for name in names(ready, "transcripts"))
    assert names(ready, "sealed") == ["R02.age"]
    assert set(ready.study.read_state()) == {"R02", "D01"}
    for source, receipts in (("R01", 1), ("R03", 2), ("R04", 1)):
        found = list((ready.folder / "receipts").glob(f"X*-{source}.json"))
        assert len(found) == receipts
        for file in found:
            receipt = json.loads(file.read_text())
            assert receipt["rule"] == "withdrawal" and receipt["erased"]["result"] == "deleted"
            assert "P07" in receipt["participants"]
    assert stands(ready).complete


def test_the_key_forgets_and_never_gives_a_code_again(ready: Workbench) -> None:
    go(ready)
    table = table_of(ready)
    left = {entity.id: (entity.canonical, dict(entity.seen)) for entity in table.entities}
    assert left == {
        "LOCATION-1": ("Bergen", {"R02": 1}),
        "PERSON-1": ("Ola Hansen", {"D01": 1}),
        "EMAIL-1": ("", {}),
    }
    assert "Kari" not in json.dumps(table.to_payload())
    assert {n for n, s in table.sources.items() if s.path} == {"R02", "D01"}
    assert table.next_source_id("audio") == "R05"


def test_others_keep_their_transcripts_and_the_code_links_nobody(ready: Workbench) -> None:
    go(ready)
    texts = {
        n: (ready.folder / "transcripts" / n).read_bytes() for n in names(ready, "transcripts")
    }
    for name, data in texts.items():
        shown = data.decode() if name.endswith(".md") else ""
        form = name.rpartition(".")[2]
        shown = shown or "\n".join(formats.lines(data, form))
        assert "P07" not in shown and "[Person]" in shown, name
    assert b"I met [Person] in [Place 1] and [Person] said yes" in texts["P01-R02.txt"]
    assert texts["P02-D01.txt"] == b"P02: [Person], by hand\n"
    assert texts["my notes.md"] == b"**[Person]** said so\n"
    (turn,) = json.loads(texts["P01-R02.json"])["turns"]
    words = ["I", "met", "[Person]", "in", "[Place 1]", "and", "[Person]", "said", "yes"]
    assert [word["text"] for word in turn["words"]] == words
    edited = docx.Document(str(ready.folder / "transcripts" / "P02-D01.docx"))
    assert edited.paragraphs[-1].text.endswith("[Person]'s remark")


def test_what_was_approved_stays_so_and_what_was_not_does_not(ready: Workbench) -> None:
    go(ready)
    state = ready.study.read_state()["D01"]
    assert state.approved and state.edited == ("transcripts/P02-D01.docx",)
    (outcome,) = [o for o in ready.run() if o.id == "D01"]
    assert outcome.status == "final"
    files_ = {output: ready.folder / output for output in state.outputs}
    same = {o: pipeline.sha256(path) == state.outputs[o] for o, path in files_.items()}
    assert same["transcripts/P02-D01.docx"] and not same["transcripts/P02-D01.txt"]


def test_coding_anew_cannot_bring_the_person_back(ready: Workbench) -> None:
    go(ready)
    before = files(ready)
    first = ready.run()
    assert files(ready)["transcripts/P01-R02.txt"] == before["transcripts/P01-R02.txt"]
    ready.run(again="R02")
    assert files(ready)["transcripts/P01-R02.json"] == before["transcripts/P01-R02.json"]
    (outcome,) = [o for o in ready.run(today=date(2027, 1, 1)) if o.id == "R02"]
    assert outcome.deleted and all(o.status != "failed" for o in first)
    assert "Kari" not in json.dumps(table_of(ready).to_payload())


def test_new_files_of_theirs_are_refused_and_the_rest_goes_on(ready: Workbench) -> None:
    go(ready)
    again = ready.record("P07_again.wav", b"five")
    ready.record("P01_c.wav", b"six")
    outcomes = ready.run()
    assert [(o.status, o.participants) for o in outcomes if o.id in (None, "R05")] == [
        ("waiting", ("P01",)),
        ("refused", ()),
    ]
    assert not stands(ready).complete and stands(ready).left[0].kind == "file"
    plan = go(ready)
    assert [source.new for source in plan.sources] == [True] and not again.exists()
    assert stands(ready).complete
    assert "withdrawal-P07-2.json" in names(ready, "receipts")


def test_twice_is_once(ready: Workbench) -> None:
    go(ready)
    before, log = files(ready), len(log_of(ready))
    assert go(ready).empty
    assert files(ready) == before
    assert [e.action for e in log_of(ready)[log:]] == []


def test_proof_survives_without_the_person(ready: Workbench) -> None:
    go(ready)
    register = (ready.folder / "consent.csv").read_text()
    assert "P07,,2026-01-10,v1," in register and register.rstrip().endswith(TODAY.isoformat())
    assert "P01,P01*," in register  # «Group Kari.wav» spelled a name
    assert "Kari" not in (ready.folder / "study.toml").read_text()
    assert '"P0*"' in (ready.folder / "study.toml").read_text()
    taken_in = [e for e in log_of(ready) if (e.action, e.subject) == ("consent-row", "P07")]
    assert taken_in[-1].details["withdrawn_on"] == TODAY.isoformat()
    (entry,) = [e for e in log_of(ready) if e.action == "withdrawn"]
    assert entry.subject == "P07" and dict(entry.details) == {
        "backups": 0,
        "day": TODAY.isoformat(),
        "entries": 2,
        "exports": 0,
        "files": 15,
        "originals": 5,
        "others": 2,
        "places": 6,
        "record": sha256(ready.folder / "receipts" / "withdrawal-P07.json"),
        "sources": 4,
    }
    record = json.loads((ready.folder / "receipts" / "withdrawal-P07.json").read_text())
    assert record["consent_versions"] == ["v1"]
    assert {item["id"] for item in record["others"]} == {"R02", "D01"}
    assert "recorder" in {item["code"] for item in record["out_of_reach"]}
    text = (ready.folder / "receipts" / "withdrawal-P07.txt").read_text()
    assert "Kvittering for tilbaketrekking" in text and "Receipt of a withdrawal" in text
    for path in ready.folder.rglob("*"):
        assert "Kari" not in str(path.relative_to(ready.folder))
        assert not path.is_file() or b"Kari" not in path.read_bytes(), path


def test_a_plan_touches_nothing(ready: Workbench) -> None:
    before = files(ready), ready.key.read_bytes()
    ready.open(lambda opened: withdrawal.plan(opened, "P07", on=None, today=TODAY))
    assert (files(ready), ready.key.read_bytes()) == before
    assert not stands(ready).complete


def test_a_bleeped_copy_and_interrupted_deletions_go_too(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "keep", stand_in_keep)
    bench.record("P07.wav")
    bench.register(row("P07", audio="keep-bleeped"))
    bench.run()
    (bench.folder / "bleeped" / ".P07-R01.flac.part").write_bytes(b"of a crash")
    half = bench.record(".anonpipe-R01.5.deleting", b"sound")
    assert "P07-R01.flac" in names(bench, "bleeped")
    assert not stands(bench).complete
    go(bench)
    assert names(bench, "bleeped") == [] and not half.exists() and stands(bench).complete


@pytest.mark.parametrize("stage", [Stage.TRANSCRIBED, Stage.CODED])
def test_a_source_that_is_on_its_way_is_redacted_and_coded_without_the_name(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    settings = bench.folder / "study.toml"
    settings.write_text(
        settings.read_text() + '\n[[people]]\nname = "Kari Nordmann"\nparticipant = "P07"\n'
    )
    bench.record("P01.wav")
    bench.register(row(audio=KEPT), row("P07"))
    new = stage is Stage.TRANSCRIBED
    room, broken = (coding, "link") if new else (outputs, "replace_mentions")
    with monkeypatch.context() as patch:
        patch.setattr(room, broken, lambda *_, **__: 1 / 0)
        bench.run()
    assert bench.study.read_state()["R01"].stage is stage
    go(bench)
    assert bench.study.read_state()["R01"].stage is Stage.TRANSCRIBED
    sealed: list[object] = []
    bench.open(lambda o: sealed.append(o.key.unseal(bench.folder / "sealed" / "R01.age")))
    assert "Kari" not in json.dumps(sealed)
    bench.run()
    text = (bench.folder / "transcripts" / "P01-R01.txt").read_text()
    assert "I met [Person] in [Place 1] and [Person] said yes" in text


def test_who_is_not_in_the_key_must_be_pointed_out_first(bench: Workbench) -> None:
    bench.record("P07.wav", b"one")
    bench.record("P01.wav", b"two")
    bench.register(row(), row("P07"))
    bench.run()
    with pytest.raises(UsageError, match=r"does not say who P07 is.*PERSON-1"):
        go(bench)
    assert not stands(bench).complete and "P07-R02.txt" in names(bench, "transcripts")
    with pytest.raises(UsageError, match="PERSON-9 stands for nobody"):
        go(bench, also=("PERSON-9",))
    assert go(bench, also=("PERSON-1",)).entities == ("PERSON-1",)
    text = (bench.folder / "transcripts" / "P01-R01.txt").read_text()
    assert "I met [Person] in [Place 1] and [Person] said yes" in text
    assert "Kari" not in json.dumps(table_of(bench).to_payload())


def test_another_file_under_a_name_that_was_theirs_stays(bench: Workbench) -> None:
    bench.register(row("P07", recording="REC*"))
    bench.record("REC001.wav", b"theirs")
    bench.run()
    bench.register(row("P07", recording="P07*"), row("P01", recording="REC*"))
    other = bench.record("REC001.wav", b"another's")
    go(bench)
    assert other.read_bytes() == b"another's" and stands(bench).complete


def test_a_link_is_refused_before_anything_is_touched(ready: Workbench, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.wav").write_bytes(b"sound")
    (ready.folder / "recordings" / "P07_link.wav").symlink_to(tmp_path / "elsewhere.wav")
    before = files(ready)
    with pytest.raises(UsageError, match="is a link"):
        go(ready)
    assert files(ready) == before


@pytest.mark.parametrize(("code", "why"), [("P09", "no row"), ("Kari", "no row")])
def test_somebody_unknown_is_refused(ready: Workbench, code: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        go(ready, code)


def test_an_output_that_is_damaged_does_not_stop_the_withdrawal(ready: Workbench) -> None:
    (ready.folder / "transcripts" / "P02-D01.docx").write_bytes(b"not a package")
    plan = go(ready)
    assert {left.code: left.count for left in plan.left}["unread"] == 1
    assert stands(ready).complete


# -- copies of the key


def backed_up(bench: Workbench, disk: Path) -> Path:
    disk.mkdir()
    made: list[backup.Made] = []
    bench.open(lambda opened: made.append(backup.make(opened, disk)))
    return made[0].path


def held_by(bench: Workbench, copy: Path) -> str:
    opened = load_identities([bench.identity], lambda _: None)
    return vault.unseal(copy.read_bytes(), opened).decode()


def test_copies_of_the_key_in_reach_forget_as_well(ready: Workbench, tmp_path: Path) -> None:
    copy = backed_up(ready, tmp_path / "disk")
    assert "Kari" in held_by(ready, copy)
    plan = go(ready)
    assert "key-backups" not in {left.code for left in plan.left}
    assert copy.read_bytes() == ready.key.read_bytes() and "Kari" not in held_by(ready, copy)
    assert stands(ready).complete
    ready.note("P02_more.txt", "Bergen is where ola@example.org lives.")
    ready.run()
    assert copy.read_bytes() != ready.key.read_bytes() and stands(ready).complete


def test_a_copy_that_is_away_is_told_of_until_it_is_renewed(
    ready: Workbench, tmp_path: Path
) -> None:
    copy = backed_up(ready, tmp_path / "disk")
    away = (tmp_path / "disk").rename(tmp_path / "drawer")
    plan = go(ready)
    assert {left.code: left.ids for left in plan.left}["key-backups"] == ("B01",)
    record = json.loads((ready.folder / "receipts" / "withdrawal-P07.json").read_text())
    assert record["out_of_reach"][0]["ids"] == ["B01"]
    assert [(thing.kind, thing.ids) for thing in stands(ready).left] == [("backup", ("B01",))]
    away.rename(tmp_path / "disk")
    assert go(ready).empty and "Kari" not in held_by(ready, copy)
    assert stands(ready).complete


def test_a_copy_that_is_destroyed_is_somebodys_word(ready: Workbench, tmp_path: Path) -> None:
    copy = backed_up(ready, tmp_path / "disk")
    with pytest.raises(UsageError, match="still there"):
        ready.open(lambda opened: backup.attest_destroyed(opened, "B01"))
    copy.unlink()
    go(ready)
    assert not stands(ready).complete
    with pytest.raises(UsageError, match="no copy B02"):
        ready.open(lambda opened: backup.attest_destroyed(opened, "B02"))
    ready.open(lambda opened: backup.attest_destroyed(opened, "B01"))
    assert stands(ready).complete


def test_a_file_that_is_no_version_of_the_key_is_not_replaced(
    ready: Workbench, tmp_path: Path
) -> None:
    copy = backed_up(ready, tmp_path / "disk")
    copy.write_bytes(b"something else")
    go(ready)
    assert copy.read_bytes() == b"something else" and not stands(ready).complete


# -- killed in the middle


def copies(bench: Workbench, top: Path) -> Callable[[], Workbench]:
    """Makes copies of a study, key and all, each in its own place."""
    count = iter(range(10_000))

    def copy() -> Workbench:
        place = top / f"copy-{next(count)}"
        shutil.copytree(bench.folder.parent, place)
        settings = place / "study" / "study.toml"
        moved = settings.read_text().replace(str(bench.folder.parent), str(place))
        settings.write_text(moved)
        return Workbench(
            place / "study",
            place / "custody" / bench.key.name,
            place / "custody" / bench.identity.name,
        )

    return copy


def payload(bench: Workbench) -> dict[str, object]:
    return table_of(bench).to_payload()


def without_place(contents: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in contents.items() if name != "study.toml"}


def check_after_kill(bench: Workbench, before: dict[str, bytes], after: Workbench) -> bool:
    """Old or new, never between; whether it is new. Then it can be done all the same."""
    gone = [
        n for n in ("P07_a.wav", "Group Kari.wav") if not (bench.folder / "recordings" / n).exists()
    ]
    begun = operations.journal(bench.study).exists()
    assert begun or not gone or stands(bench).complete
    bench.open(lambda _: None)
    new = stands(bench).complete
    if not new:
        assert without_place(files(bench)) == without_place(before)
    go(bench)
    assert stands(bench).complete
    assert without_place(files(bench)) == without_place(files(after))
    assert payload(bench) == payload(after)
    receipts = [json.loads(f.read_text()) for f in (bench.folder / "receipts").glob("X*.json")]
    assert sorted(r["recording"] for r in receipts) == ["D01", "D02", "R01", "R03", "R03", "R04"]
    assert (bench.folder / "receipts" / "withdrawal-P07.json").is_file()
    done = [e.action for e in log_of(bench)]
    assert done.count("withdrawn") == 1 and done.count("deleted") == 6
    return new


@pytest.mark.parametrize("step", [3, 7, 12, 18, 25, 34, 43, 52, 61, 70, 79, 88, 103, 120, 135, 136])
def test_killed_anywhere_it_is_old_or_new(
    ready: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    copy = copies(ready, tmp_path)
    after, killed = copy(), copy()
    go(after)
    assert not done_or_killed(lambda: go(killed), step, monkeypatch)
    check_after_kill(killed, files(ready), after)


def test_status_tells_of_a_withdrawal_that_was_stopped(
    ready: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not done_or_killed(lambda: go(ready), 60, monkeypatch)
    assert operations.journal(ready.study).exists()
    kinds = {thing.kind for thing in stands(ready).left}
    assert "pending" in kinds and "not-carried-out" not in kinds
    ready.run()  # whatever opens the key goes on with it first
    assert stands(ready).complete and names(ready, "recordings") == ["P01_b.wav"]


@pytest.mark.long
def test_killed_at_every_effect_it_is_old_or_new(
    ready: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copies(ready, tmp_path)
    after = copy()
    go(after)
    current: list[Workbench] = []
    ends: set[bool] = set()

    def prepare() -> Callable[[], object]:
        current.append(copy())
        return lambda: go(current[-1])

    def check() -> None:
        ends.add(check_after_kill(current[-1], files(ready), after))
        shutil.rmtree(current[-1].folder.parent)

    assert killed_at_every_effect(prepare, check, monkeypatch) > 90
    assert ends == {True, False}


# -- the command


def command(bench: Workbench, *args: str, **options: object) -> tuple[int, str]:
    arguments = ["withdraw", str(args[0])] if args[0] == "status" else ["withdraw"]
    rest = args[1:] if args[0] == "status" else args
    result = CliRunner().invoke(cli, [*arguments, str(bench.folder), *rest], **options)  # type: ignore[arg-type]
    code = result.exit_code if not isinstance(result.exception, UsageError) else 2
    return code, result.output


def test_the_command_asks_plans_and_says_how_it_stands(ready: Workbench) -> None:
    identity = ("--identity", str(ready.identity))
    assert command(ready, "status", "P07")[0] == 3
    assert command(ready, "P07", *identity)[0] == 2  # no terminal, and nobody said --yes
    code, shown = command(ready, "P07", "--dry-run", "--on", TODAY.isoformat(), *identity)
    assert code == 0 and "R01 also hold other participants" in shown
    code, shown = command(ready, "P07", "--dry-run", "--json", *identity)
    assert code == 0 and json.loads(shown)["complete"] is False and "Kari" not in shown
    code, shown = command(ready, "P07", "--yes", "--json", *identity)
    assert code == 0 and json.loads(shown)["status"]["complete"] is True
    assert command(ready, "status", "P07") == (0, command(ready, "status", "P07")[1])
    code, shown = command(ready, "status", "P07", "--json")
    assert code == 0 and json.loads(shown)["left"] == []
    assert json.loads(shown)["material"] == "pseudonymised"


def test_help_is_there() -> None:
    result = CliRunner().invoke(cli, ["withdraw", "--help"])
    assert result.exit_code == 0 and "status" in result.output
    assert "--also" in result.output  # of the command that needs no name
