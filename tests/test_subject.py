"""The right of access and of correction, for participants and for those only mentioned."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import audit, batch, formats, operations
from anonpipe.cli import cli
from anonpipe.codes import Entity
from anonpipe.errors import UsageError
from anonpipe.session import Session
from anonpipe.splicing import splice
from anonpipe.subject import code_of, find, rectifying
from anonpipe.subject.exporting import export
from anonpipe.subject.rectifying import Correction, Detail
from anonpipe.transcript import Mention, Transcript, Turn
from tests.conftest import Workbench, row
from tests.killing import done_or_killed, killed_at_every_effect
from tests.test_withdrawal import copies

KEPT = "delete-on:2027-01-01"


@pytest.fixture
def ready(bench: Workbench) -> Workbench:
    """P01 says twice that she met Kari (PERSON-1) and said yes; P02's final note says so too."""
    settings = bench.folder / "study.toml"
    settings.write_text(
        settings.read_text().replace('after = "keep"', 'after = "delete-after-coding"')
        + '\n[[people]]\nname = "Ola Hansen"\nparticipant = "P02"\n'
    )
    bench.record("P01_a.wav", b"one")
    bench.record("P01_b.wav", b"two")
    bench.note("P02_notes.txt", "P02: Kari Nordmann said yes.\n\nP02: Ola Hansen said so himself.")
    bench.register(row(audio=KEPT), row("P02"))
    bench.run()
    return bench


def exported(bench: Workbench, code: str, target: Path) -> dict[str, object]:
    export(bench.study, code, target, "participant-request", [bench.identity], lambda _: None)
    (file,) = target.glob("*.json")
    values: dict[str, object] = json.loads(file.read_text())
    return values


def log_of(bench: Workbench) -> list[audit.Entry]:
    return list(audit.AuditLog(bench.study.log_file, bench.study.settings.id).entries())


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("P02", "P02"),
        ("p02", "P02"),
        ("PERSON-1", "PERSON-1"),
        ("[Person 1]", "PERSON-1"),
        ("Person 1", "PERSON-1"),
        ("[Sted 2]", "LOCATION-2"),
    ],
)
def test_a_code_is_taken_as_it_stands_anywhere(code: str, found: str) -> None:
    assert code_of(code) == found


@pytest.mark.parametrize("code", ["Kari", "[Person]", "PERSON-0", ""])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(UsageError, match="no code"):
        code_of(code)


def test_a_participant_gets_all_there_is(ready: Workbench, tmp_path: Path) -> None:
    values = exported(ready, "P02", tmp_path / "out")
    assert values["key"]["canonical"] == "Ola Hansen"  # type: ignore[index]
    assert values["register"]["participant"] == "P02"  # type: ignore[index]
    assert [source["id"] for source in values["sources"]] == ["D01"]  # type: ignore[attr-defined]
    assert [t["text"] for t in values["transcripts"]["D01"]] == [  # type: ignore[index]
        "[Person 1] said yes.",
        "P02 said so himself.",
    ]
    assert {receipt["recording"] for receipt in values["receipts"]} == {"D01"}  # type: ignore[attr-defined]
    assert {"deleted", "key-opened"} <= {e["action"] for e in values["log"]}  # type: ignore[attr-defined]
    assert sorted(p.name for p in (tmp_path / "out" / "transcripts").iterdir()) == [
        "P02-D01.docx",
        "P02-D01.json",
        "P02-D01.txt",
    ]
    page = (tmp_path / "out" / "subject-P02.html").read_text()
    assert "Pseudonymisert" in page and "Pseudonymised" in page
    assert "Samtykkeregisteret" in page and "The consent register" in page
    assert "Kari" not in page + json.dumps(values) and "<script" not in page


def test_what_is_sealed_of_their_own_is_theirs_too(ready: Workbench, tmp_path: Path) -> None:
    values = exported(ready, "P01", tmp_path / "out")
    assert set(values["raw"]) == {"R01", "R02"}  # type: ignore[call-overload]
    assert "I met Kari Nordmann" in json.dumps(values["raw"])
    assert "Kari" not in json.dumps(values["transcripts"])


def test_a_shared_interview_shows_no_raw_text_and_no_file_name(
    ready: Workbench, tmp_path: Path
) -> None:
    ready.register(row(audio=KEPT, recording="P01*"), row("P02", recording="P02* | P01_a*"))
    ready.run()
    values = exported(ready, "P01", tmp_path / "out")
    assert set(values["raw"]) == {"R02"}  # type: ignore[call-overload]
    files = {s["id"]: s["file"] for s in values["sources"]}  # type: ignore[attr-defined]
    assert files == {"R01": None, "R02": "P01_b.wav"}


def test_somebody_only_mentioned_sees_the_turns_about_them(
    ready: Workbench, tmp_path: Path
) -> None:
    values = exported(ready, "[Person 1]", tmp_path / "out")
    assert values["key"]["canonical"] == "Kari Nordmann"  # type: ignore[index]
    assert {n: [t["text"] for t in turns] for n, turns in values["mentions"].items()} == {  # type: ignore[attr-defined]
        "R01": ["I met [Person 1] in [Place 1] and [Person 1] said yes"],
        "R02": ["I met [Person 1] in [Place 1] and [Person 1] said yes"],
        "D01": ["[Person 1] said yes."],
    }
    assert [t["text"] for t in values["raw_mentions"]["R01"]] == [  # type: ignore[index]
        "I met Kari Nordmann in [Place 1] and Kari said yes"
    ]
    assert "speaker" not in json.dumps(values) and "Ola" not in json.dumps(values)
    assert "register" not in values and "sources" not in values and "transcripts" not in values


def test_it_is_logged_first_and_readable_by_the_owner_alone(
    ready: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(ready, "P02", tmp_path / "out")
    for path in (tmp_path / "out").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    (entry,) = [e for e in log_of(ready) if e.action == "key-opened"]
    assert (entry.subject, entry.details["act"]) == ("P02", "subject-export")
    assert entry.details["reason"] == "participant-request"
    append = audit.AuditLog.append

    def full(self: audit.AuditLog, action: str, **details: object) -> str:
        if action == "key-opened":
            raise audit.AuditError("audit.jsonl cannot be written.")
        return append(self, action, **details)  # type: ignore[arg-type]

    monkeypatch.setattr(audit.AuditLog, "append", full)
    with pytest.raises(audit.AuditError):
        exported(ready, "P02", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_places_where_an_export_may_not_go(ready: Workbench, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for target, why in (
        (ready.folder / "out", "inside the study"),
        (tmp_path / "full", "not empty"),
        (tmp_path / "no" / "where", "not there"),
    ):
        with pytest.raises(UsageError, match=why):
            exported(ready, "P02", target)
    with pytest.raises(UsageError, match="nobody"):
        exported(ready, "PERSON-77", tmp_path / "out")
    assert not (tmp_path / "out").exists()


# -- names


def rename(bench: Workbench, code: str, old: str, new: str, *, drop_old: bool = False) -> Entity:
    made: list[Entity] = []
    bench.open(
        lambda o: made.append(
            rectifying.rectify_name(o, find(o, code), old, new, drop_old=drop_old)
        )
    )
    return made[0]


def test_a_right_name_takes_the_place_of_a_wrong_one(ready: Workbench) -> None:
    entity = rename(ready, "PERSON-1", "kari  nordmann", "Kari Nordmo")
    assert entity.canonical == "Kari Nordmo"
    assert entity.aliases == ("Kari Nordmo", "Kari Nordmann", "Kari")
    before = (ready.folder / "transcripts" / "P01-R01.txt").read_bytes()
    ready.run()
    assert (ready.folder / "transcripts" / "P01-R01.txt").read_bytes() == before
    (entry,) = [e for e in log_of(ready) if e.action == "rectified"]
    assert entry.subject == "PERSON-1" and entry.details["names"] == 1
    assert "Nordmo" not in ready.study.log_file.read_text()


def test_the_wrong_form_may_be_dropped(ready: Workbench) -> None:
    entity = rename(ready, "PERSON-1", "Kari Nordmann", "Kari Nordmo", drop_old=True)
    assert entity.aliases == ("Kari Nordmo", "Kari")


def test_a_name_that_is_added_is_looked_for_by_the_next_run(ready: Workbench) -> None:
    ready.note("P02_more.txt", "P02: Bestemor came along, and Zbyszek too.")
    ready.run()
    assert "Zbyszek" in (ready.folder / "transcripts" / "P02-D02.txt").read_text()
    rename(ready, "PERSON-1", "", "Zbyszek")
    ready.run()
    text = (ready.folder / "transcripts" / "P02-D02.txt").read_text()
    assert "came along, and [Person 1] too" in text


def test_a_participant_without_a_name_gets_one(ready: Workbench) -> None:
    entity = rename(ready, "P01", "", "Berit Moe")
    assert (entity.id, entity.participant, entity.is_known) == ("P01", "P01", True)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("Somebody Else", "Kari", "no such form"),
        ("", "  ", "one line"),
        ("", "[Person 3]", "holds a code"),
        ("", "P02", "holds a code"),
    ],
)
def test_names_that_will_not_do(ready: Workbench, old: str, new: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        rename(ready, "PERSON-1", old, new)


# -- words


def correct(bench: Workbench, code: str, old: str, new: str, only: tuple[str, ...] = ()) -> Detail:
    plans: list[Detail] = []

    def work(opened: Session) -> None:
        plan = rectifying.plan_detail(opened, find(opened, code), old, new, only)
        plans.append(plan)
        rectifying.rectify_detail(opened, plan)

    bench.open(work)
    return plans[0]


def test_words_are_corrected_in_every_format_and_in_what_is_sealed(ready: Workbench) -> None:
    plan = correct(ready, "P01", "said yes", "said no thanks")
    assert {n: (r.places, r.raw, len(r.outputs)) for n, r in plan.rewrites.items()} == {
        "R01": (1, 1, 4),
        "R02": (1, 1, 4),
    }
    assert [(line.source, "[Person 1] said yes" in line.text) for line in plan.lines] == [
        ("R01", True),
        ("R02", True),
    ]
    for form in ("txt", "vtt", "docx", "json"):
        data = (ready.folder / "transcripts" / f"P01-R01.{form}").read_bytes()
        assert "[Person 1] said no thanks" in " ".join("\n".join(formats.lines(data, form)).split())
    assert "said yes" in (ready.folder / "transcripts" / "P02-D01.txt").read_text()
    before = ready.outputs()
    assert all(outcome.status != "failed" for outcome in ready.run())
    ready.run(again="R01")
    assert ready.outputs() == before
    (entry,) = [e for e in log_of(ready) if e.action == "rectified"]
    assert dict(entry.details) == {"names": 0, "sources": 2, "files": 8, "places": 2}


def test_one_source_alone_may_be_corrected(ready: Workbench) -> None:
    assert set(correct(ready, "PERSON-1", "said yes", "agreed", ("D01",)).rewrites) == {"D01"}
    with pytest.raises(UsageError, match="no source of P01; there are R01, R02"):
        correct(ready, "P01", "yes", "no", ("D01",))


def test_edits_of_people_are_corrected_and_stay_edits(ready: Workbench) -> None:
    file = ready.folder / "transcripts" / "P02-D01.docx"
    document = docx.Document(str(file))
    document.paragraphs[-1].add_run(" He sa")
    document.paragraphs[-1].add_run("id yes again.")
    document.save(str(file))
    ready.open(lambda opened: batch.approve(opened, "D01"))
    correct(ready, "P02", "said yes", "agreed")
    state = ready.study.read_state()["D01"]
    assert state.edited == ("transcripts/P02-D01.docx",)
    assert docx.Document(str(file)).paragraphs[-1].text.endswith("He agreed again.")
    assert [o.status for o in ready.run() if o.id == "D01"] == ["final"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("said yes", "said Kari Nordmann", "a name that is in the key"),
        ("met", "met Ola Hansen, who", "a name that is in the key"),
        ("in [Place 1]", "there", "holds a code"),
        ("said yes", "said P02", "holds a code"),
        ("said", "", "one line"),
        ("never said", "x", "stand nowhere"),
        ("aid ye", "x", "stand nowhere"),
        ("Person", "Woman", "stand nowhere"),
    ],
)
def test_corrections_that_are_refused_change_nothing(
    ready: Workbench, old: str, new: str, why: str
) -> None:
    before = ready.outputs(), ready.key.read_bytes()
    with pytest.raises(UsageError, match=why) as caught:
        correct(ready, "P01", old, new)
    assert "Kari" not in str(caught.value) and "Ola" not in str(caught.value)
    assert (ready.outputs(), ready.key.read_bytes()) == before
    assert not operations.journal(ready.study).exists()


def test_a_word_inside_a_name_is_not_corrected(ready: Workbench) -> None:
    ready.note("P02_more.txt", "P02: Solbakken skole is a skole.")
    ready.run()
    correct(ready, "P02", "skole", "school", ("D02",))
    assert (
        "[Organisation 1] is a school."
        in (ready.folder / "transcripts" / "P02-D02.txt").read_text()
    )


words = st.lists(st.sampled_from(["a", "b", "ab", "[Person 1]", "Kari"]), min_size=1, max_size=9)


@given(words, st.sampled_from(["a", "ab", "a b"]), st.sampled_from(["x", "ab", "b a x"]))
def test_mentions_stay_where_they_belong(said: list[str], old: str, new: str) -> None:
    text = " ".join(said)
    mentions, at = [], 0
    for word in said:
        if word == "Kari":
            mentions.append(Mention(0, at, at + 4, "PERSON", "Kari", 1.0, "test", "PERSON-2"))
        at += len(word) + 1
    change = Correction(old, new, "[{label} {number}]")
    transcript = Transcript((Turn(text),), "nb")
    after, moved, put = rectifying._corrected(transcript, mentions, change)
    assert after.turns[0].text == splice(text, change.pieces(text))
    assert put.get(0, []) == change.pieces(text) and len(moved) == len(mentions)
    assert all(after.turns[0].text[m.start : m.end] == "Kari" for m in moved)


def check(bench: Workbench, before: dict[str, bytes], after: dict[str, bytes]) -> None:
    bench.open(lambda _: None)
    assert bench.outputs() in (before, after)
    if bench.outputs() == before:
        correct(bench, "P01", "said yes", "said no thanks")
    bench.run()
    assert bench.outputs() == after
    assert [e.action for e in log_of(bench)].count("rectified") == 1


@pytest.mark.parametrize("step", [4, 8, 11, 14, 17, 20, 23])
def test_killed_anywhere_a_correction_is_whole_or_not_at_all(
    ready: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    copy = copies(ready, tmp_path)
    done, killed = copy(), copy()
    correct(done, "P01", "said yes", "said no thanks")
    work = lambda: correct(killed, "P01", "said yes", "said no thanks")  # noqa: E731
    assert not done_or_killed(work, step, monkeypatch)
    check(killed, ready.outputs(), done.outputs())


@pytest.mark.long
def test_killed_at_every_effect_a_correction_is_whole_or_not_at_all(
    ready: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copies(ready, tmp_path)
    done = copy()
    correct(done, "P01", "said yes", "said no thanks")
    current: list[Workbench] = []

    def prepare() -> Callable[[], object]:
        current.append(copy())
        return lambda: correct(current[-1], "P01", "said yes", "said no thanks")

    def after_kill() -> None:
        check(current[-1], ready.outputs(), done.outputs())
        shutil.rmtree(current[-1].folder.parent)

    assert killed_at_every_effect(prepare, after_kill, monkeypatch) > 20


# -- the commands


def command(bench: Workbench, *args: str, given: str = "") -> tuple[int, str]:
    name, *rest = args
    line = ["subject", name, str(bench.folder), *rest, "--identity", str(bench.identity)]
    result = CliRunner().invoke(cli, line, input=given)
    return (2 if isinstance(result.exception, UsageError) else result.exit_code), result.output


def test_what_is_wrong_and_right_comes_from_standard_input(ready: Workbench) -> None:
    lines = "said yes\nsaid no\n"
    assert command(ready, "rectify", "P01", given=lines)[0] == 2
    code, shown = command(ready, "rectify", "P01", "--dry-run", "--json", given=lines)
    assert code == 0 and json.loads(shown)["sources"]["R01"]["places"] == 1
    assert "said yes" in (ready.folder / "transcripts" / "P01-R01.txt").read_text()
    code, shown = command(ready, "rectify", "P01", "--yes", given=lines)
    assert code == 0 and "R01: 1 place in 4 files" in shown
    assert "said no" in (ready.folder / "transcripts" / "P01-R01.txt").read_text()
    assert command(ready, "rectify", "P01", "--yes", given="only one\n")[0] == 2
    assert command(ready, "rectify", "P01", "--drop-old", "--yes", given=lines)[0] == 2
    code, shown = command(ready, "rectify", "[Person 1]", "--name", "--yes", given="\nKari Moe\n")
    assert code == 0 and "Moe" not in shown


def test_the_export_says_what_to_do_with_it(ready: Workbench, tmp_path: Path) -> None:
    code, shown = command(ready, "export", "P02", "--to", str(tmp_path / "out"))
    assert code == 0 and "delete it here" in " ".join(shown.split())
