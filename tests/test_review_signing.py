"""Signing off: what is shown happens, nothing else does, and no name stays behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from anonpipe import batch, create, retention
from anonpipe.audit import AuditLog
from anonpipe.detect.spans import Span
from anonpipe.errors import UsageError
from anonpipe.files import sha256
from anonpipe.review import agreement, signatures, signing
from anonpipe.review import desk as desk_module
from anonpipe.review.desk import Desk
from anonpipe.review.waiting import waiting
from anonpipe.session import session
from anonpipe.study import Stage, load
from anonpipe.transcript import Transcript
from tests.conftest import TODAY, Call, StandInDetector, StandInTools, Workbench, row
from tests.killing import killed_at_every_effect
from tests.test_review_desk import TEXT, asking, at_desk, selecting, study, written

__all__ = ["study"]
REVIEWER = "Birgitte Skovlund-Wærness"
"""Stands nowhere else, so that it is found wherever it stays."""


def sign(desk: Desk, name: str, reviewer: str | None = REVIEWER) -> signing.Signed:
    return signing.sign(desk, name, reviewer, signing.prepared(desk, name).digest)


def log_of(bench: Workbench, *actions: str) -> list[tuple[str, str | None, dict[str, object]]]:
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    return [(e.action, e.subject, dict(e.details)) for e in log.entries() if e.action in actions]


def settings(bench: Workbench, old: str, new: str) -> None:
    file = bench.folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


# -- one person


def test_what_is_shown_is_what_happens(study: Workbench) -> None:
    recording = study.folder / "recordings" / "P01_memo.wav"
    with at_desk(study) as desk:
        now = signing.prepared(desk, "R01")
        assert {file.standing for file in now.files} == {"there"}
        assert [file.path for file in now.files] == list(study.study.read_state()["R01"].outputs)
        assert now.going == (
            signing.Going("audio", "now", "delete-after-review"),
            signing.Going("sealed", "now", "delete-after-review"),
        )
        assert not (now.readable or now.unseen or now.hindered or now.others or now.stays)
        assert recording.exists()
        done = signing.sign(desk, "R01", REVIEWER, now.digest)
        assert done.complete and done.receipts == ("X0001",)
        assert done.own is not None and done.own.deleted
    assert not recording.exists()
    assert not study.study.working_file("R01").exists()
    assert [path.stem for path in (study.folder / "receipts").glob("*.json")] == ["X0001-R01"]
    assert study.study.read_state()["R01"].stage is Stage.FINAL


def test_a_document_that_stays_loses_its_raw_transcript_alone(study: Workbench) -> None:
    with at_desk(study) as desk:
        now = signing.prepared(desk, "D01")
        assert now.stays and [going.what for going in now.going] == ["sealed"]
        assert sign(desk, "D01").receipts == ()
    assert (study.folder / "documents" / "P01_notes.txt").exists()
    assert not study.study.working_file("D01").exists()


def test_the_reviewers_name_is_kept_as_a_fingerprint_only(study: Workbench) -> None:
    with at_desk(study) as desk:
        sign(desk, "R01", f"  {REVIEWER.upper()} ")
        sign(desk, "D01")
        mark, holder = desk.key.reviewer(REVIEWER), desk.key.holder.fingerprint
    marks = [details["reviewer"] for _, _, details in log_of(study, "approved")]
    assert marks == [mark, mark]
    assert {details["holder"] for _, _, details in log_of(study, "approved")} == {holder}
    for path in (*study.folder.rglob("*"), *study.key.parent.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            assert b"Skovlund" not in data and b"SKOVLUND" not in data.upper(), path


def test_another_studys_key_gives_another_fingerprint(study: Workbench, tmp_path: Path) -> None:
    from tests.conftest import make_workbench

    other = make_workbench(tmp_path / "other")
    found: list[str] = []
    for bench in (study, other):
        bench.open(lambda opened: found.append(opened.key.reviewer("Kari")))
    assert found[0] != found[1] and all(len(each) == 16 for each in found)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b"])
def test_a_signature_needs_a_name_that_can_be_written(study: Workbench, name: str) -> None:
    with at_desk(study) as desk, pytest.raises(UsageError, match="name"):
        sign(desk, "R01", name)
    assert not log_of(study, "approved")


def test_pending_decisions_are_written_first_and_nothing_is_deleted(study: Workbench) -> None:
    with at_desk(study) as desk:
        desk.decide("D01", asking(desk.interview("D01"), "Ola Hansen", kind="reject"))
        before = written(study)
        now = signing.prepared(desk, "D01")
        assert written(study) != before and "Ola Hansen" in written(study)
        assert not desk.is_pending("D01")
        assert now == signing.prepared(desk, "D01") and now.decided == ("D01-1",)
    assert not log_of(study, "approved", "delete-intent")


def test_what_changed_since_it_was_shown_is_not_signed(study: Workbench) -> None:
    with at_desk(study) as desk:
        shown = signing.prepared(desk, "D01").digest
        desk.decide("D01", asking(desk.interview("D01"), "Ola Hansen", kind="reject"))
        with pytest.raises(UsageError, match="has changed since"):
            signing.sign(desk, "D01", REVIEWER, shown)
        shown = signing.prepared(desk, "D01").digest
        study.register(row("P01", audio="delete-after-transcription", review="yes"))
        with pytest.raises(UsageError, match="has changed since"):
            signing.sign(desk, "D01", REVIEWER, shown)
    assert not log_of(study, "approved")


def test_a_later_date_is_waited_for(bench: Workbench) -> None:
    bench.register(row(audio="delete-on:2026-09-01", review="yes"))
    recording = bench.record("P01.wav")
    bench.run()
    with at_desk(bench) as desk:
        now = signing.prepared(desk, "R01")
        assert {going.on for going in now.going} == {"2026-09-01"}
        assert now.deletes_now == ()
        done = sign(desk, "R01")
        assert done.own is not None and done.own.reason == "2026-09-01"
    assert recording.exists() and bench.study.working_file("R01").exists()


def test_a_date_that_cannot_be_trusted_deletes_nothing(bench: Workbench) -> None:
    bench.register(row(audio="delete-on:2026-05-01", review="yes"))
    recording = bench.record("P01.wav")
    bench.run()
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        desk = Desk(opened, today=TODAY, doubt="The clock may be wrong.")
        now = signing.prepared(desk, "R01")
        assert {going.on for going in now.going} == {"clock"} and now.notes
        done = sign(desk, "R01")
        assert done.own is not None and done.own.status == "refused"
    assert recording.exists()


def test_a_kept_copy_is_made_or_goes_as_the_rule_says(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.conftest import stand_in_keep

    monkeypatch.setattr("anonpipe.kept.keep", stand_in_keep)
    bench.register(row(audio="delete-after-review"))
    bench.record("P01.wav")
    bench.run()
    bench.register(row(audio="keep-bleeped", review="yes"))
    with at_desk(bench) as desk:
        now = signing.prepared(desk, "R01")
        assert "was promised more before" in now.hindered[0]
        with pytest.raises(UsageError, match="was promised more before"):
            signing.sign(desk, "R01", REVIEWER, now.digest)
    assert not log_of(bench, "approved")
    bench.run(approval="SIKT-123456", finish=False)
    with at_desk(bench) as desk:
        now = signing.prepared(desk, "R01")
        assert signing.File("bleeped/P01-R01.flac", "to-come") in now.files
        sign(desk, "R01")
    assert (bench.folder / "bleeped" / "P01-R01.flac").exists()
    bench.record("P01_b.wav", b"more sound")
    bench.run()
    bench.register(row(audio="delete-after-review"))
    with at_desk(bench) as desk:
        now = signing.prepared(desk, "R02")
        assert signing.Going("bleeped", "now", "delete-after-review") in now.going
        assert signing.File("bleeped/P01-R02.flac", "goes") in now.files
        sign(desk, "R02")
    assert not (bench.folder / "bleeped" / "P01-R02.flac").exists()


def test_a_script_signs_without_a_name(study: Workbench, call: Call) -> None:
    key = ("--identity", study.identity)
    code, out, _ = call("review", study.folder, "--approve", "D01", *key)
    assert (code, "X0001" in out) == (0, False)
    code, out, _ = call("review", study.folder, "--approve", "R01", "--reviewer", REVIEWER, *key)
    assert code == 0 and "the recording and the sealed raw transcript" in out
    first, second = (details for _, _, details in log_of(study, "approved"))
    assert "reviewer" not in first and first["holder"] == second["holder"]
    assert len(str(second["reviewer"])) == 16
    code, _, err = call("review", study.folder, "--reviewer", REVIEWER)
    assert code == 2 and "--approve" in err


def test_a_final_source_may_be_signed_again(study: Workbench) -> None:
    with at_desk(study) as desk:
        sign(desk, "R01")
        now = signing.prepared(desk, "R01")
        assert now.final and now.going == ()
        text = study.folder / "transcripts" / "P01-R01.txt"
        text.write_text(text.read_text() + "Kari Nordmann\n")
        now = signing.prepared(desk, "R01")
        assert [file.path for file in now.files if file.standing == "edited"] == [
            "transcripts/P01-R01.txt"
        ]
        assert {(each.code, each.output) for each in now.left} == {
            ("PERSON-1", "transcripts/P01-R01.txt")
        }
        assert sign(desk, "R01").receipts == ()
        assert signing.prepared(desk, "R01").left == ()


# -- what can be read


def test_a_name_that_can_be_read_is_told_by_code_and_place(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Leaky(StandInDetector):
        def complete(self, transcript, found, known=()):  # type: ignore[no-untyped-def]
            return super().complete(transcript, found, known)[:1]

    class Tools(StandInTools):
        def __init__(self, of: object) -> None:
            super().__init__(of)  # type: ignore[arg-type]
            self.detector = Leaky()

    monkeypatch.setattr(batch, "Tools", Tools)
    monkeypatch.setattr(desk_module, "Tools", Tools)
    bench.register(row(audio="delete-after-review"))
    bench.record("P01.wav")
    bench.run()
    with at_desk(bench) as desk:
        now = signing.prepared(desk, "R01")
        (place,) = now.left
        assert (place.code, place.output, place.turn) == (
            "PERSON-1",
            "transcripts/P01-R01.json",
            0,
        )
        assert place.also == ("docx", "txt", "vtt")
        assert "Kari" not in str(now)
        done = sign(desk, "R01")
        assert done.own is not None and done.own.deleted
        now = signing.prepared(desk, "R01")
        assert now.left == () and {each.why for each in now.readable} == {"accepted"}
    ((_, _, details),) = log_of(bench, "approved")
    assert details["accepted"] == 4


def test_what_a_person_rejected_is_shown_apart(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Kari", 0, kind="reject"))
        now = signing.prepared(desk, "D01")
        assert now.left == ()
        assert [(each.why, each.turn) for each in now.readable] == [("rejected", 1)]
        # The same name where nobody rejected it, put there by hand, is no such place.
        text = study.folder / "transcripts" / "P01-D01.txt"
        text.write_text(text.read_text() + "P01: Kari Nordmann\n")
        now = signing.prepared(desk, "D01")
        assert {each.output for each in now.left} == {"transcripts/P01-D01.txt"}


# -- outputs that a person changed, and that are not there


def test_an_output_changed_by_hand_is_signed_as_it_is(study: Workbench) -> None:
    text = study.folder / "transcripts" / "P01-D01.txt"
    text.write_text(text.read_text().replace("never ill", "seldom ill"))
    with at_desk(study) as desk:
        now = signing.prepared(desk, "D01")
        assert signing.File("transcripts/P01-D01.txt", "edited") in now.files
        assert not now.hindered
        sign(desk, "D01")
    assert "seldom ill" in text.read_text()


def test_an_output_changed_by_hand_is_never_overwritten(study: Workbench) -> None:
    text = study.folder / "transcripts" / "P01-D01.txt"
    with at_desk(study) as desk:
        desk.decide("D01", asking(desk.interview("D01"), "Ola Hansen", kind="reject"))
        text.write_text(text.read_text().replace("never ill", "seldom ill"))
        mine = text.read_bytes()
        now = signing.prepared(desk, "D01")
        (sentence,) = now.hindered
        assert "P01-D01.txt was changed by hand" in sentence
        with pytest.raises(UsageError, match="changed by hand"):
            signing.sign(desk, "D01", REVIEWER, now.digest)
        assert text.read_bytes() == mine
        text.rename(study.folder / "mine.txt")
        assert not signing.prepared(desk, "D01").hindered
        assert "Ola Hansen" in text.read_text()


def test_an_output_that_is_missing_is_written_anew_while_that_can_be(study: Workbench) -> None:
    text = study.folder / "transcripts" / "P01-R01.txt"
    before = text.read_bytes()
    text.unlink()
    with at_desk(study) as desk:
        assert not signing.prepared(desk, "R01").hindered
        assert text.read_bytes() == before
        sign(desk, "R01")
        text.unlink()
        now = signing.prepared(desk, "R01")
        assert "is missing" in now.hindered[0]
        with pytest.raises(UsageError, match="is missing"):
            signing.sign(desk, "R01", REVIEWER, now.digest)


def test_an_output_that_cannot_be_searched_is_not_signed(study: Workbench) -> None:
    (study.folder / "transcripts" / "P01-R01.docx").write_bytes(b"no Word file")
    with at_desk(study) as desk:
        now = signing.prepared(desk, "R01")
        assert "docx output is damaged" in now.hindered[0]
        with pytest.raises(UsageError, match="is damaged"):
            signing.sign(desk, "R01", REVIEWER, now.digest)


def test_nothing_is_signed_without_the_key_at_hand(study: Workbench) -> None:
    with at_desk(study) as desk:
        away = study.key.rename(study.key.with_suffix(".away"))
        assert "connect its disk" in signing.prepared(desk, "R01").hindered[0]
        away.rename(study.key)
        assert not signing.prepared(desk, "R01").hindered


# -- what nobody has seen


class Contextual(StandInDetector):
    """Knows Solveig for a name only where somebody speaks of Tromsø."""

    def find(self, transcript: Transcript) -> tuple[Span, ...]:
        text = transcript.text
        found = list(super().find(transcript))
        if "Tromsø" in text and "Solveig" in text:
            at = text.index("Solveig")
            found.append(Span(at, at + 7, "PERSON", 1.0, "stand-in"))
        return tuple(sorted(found, key=lambda span: span.start))


def test_what_the_machine_found_anew_is_shown_before_it_is_signed(
    study: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tools(StandInTools):
        def __init__(self, of: object) -> None:
            super().__init__(of)  # type: ignore[arg-type]
            self.detector = Contextual()

    monkeypatch.setattr(desk_module, "Tools", Tools)
    with at_desk(study) as desk:
        request = asking(desk.interview("D01"), "Bergen", kind="word", value="Tromsø")
        desk.decide("D01", request)
        now = signing.prepared(desk, "D01")
        turns = TEXT.splitlines()
        assert [(each.turn, each.type, each.came) for each in now.unseen] == [
            (1, "PERSON", True),
            (1, "PERSON", True),
        ]
        at = turns[1].removeprefix("P01: ").index("Solveig")
        assert now.unseen[0].start == at
        assert signing.prepared(desk, "D01").unseen == now.unseen  # it does not go by itself
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Solveig", 0, kind="confirm"))
        assert len(signing.prepared(desk, "D01").unseen) == 1
        sign(desk, "D01")
    assert "Solveig" not in written(study)


# -- agreement


def test_how_far_machine_and_person_agree_outlasts_the_raw_transcript(study: Workbench) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", asking(seen, "Ola Hansen", kind="reject"))
        desk.decide("D01", selecting(seen, "Solveig", kind="add", type="PERSON", scope="source"))
        counted = agreement.of_source(desk, "D01")
        sign(desk, "D01")
        assert agreement.remembered(desk)["D01"] == counted
    people = next(
        details for _, _, details in log_of(study, agreement.ACTION) if details["type"] == "PERSON"
    )
    assert {name: people[name] for name in ("found", "unchanged", "rejected", "added")} == {
        "found": 4,
        "unchanged": 3,
        "rejected": 1,
        "added": 2,
    }
    order = [action for action, *_ in log_of(study, agreement.ACTION, "approved", "final")]
    assert order[-2:] == ["approved", "final"]


# -- other sources


def test_sources_that_a_decision_for_the_study_touches_are_told_and_written(
    study: Workbench,
) -> None:
    study.note("P01_b.txt", "P01: Solveig lives here.\n")
    study.run()
    with at_desk(study) as desk:
        sign(desk, "D02")
        assert "Solveig" in written(study, "D02")
        request = selecting(
            desk.interview("D01"), "Solveig", kind="add", type="PERSON", scope="study"
        )
        desk.decide("D01", request)
        now = signing.prepared(desk, "D01")
        assert now.others == ("D02",)
        assert "Solveig" in written(study, "D02")  # not before it is signed
        done = signing.sign(desk, "D01", REVIEWER, now.digest)
        assert done.own is not None and done.own.status == "final"
        assert written(study, "D02").strip().endswith("[Person 3] lives here.")
        assert study.study.read_state()["R01"].stage is Stage.WRITTEN


# -- two persons


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A study with two holders of the key, in which two must sign."""
    monkeypatch.setattr(batch, "Tools", StandInTools)
    monkeypatch.setattr(desk_module, "Tools", StandInTools)
    made = create.create(
        tmp_path / "study",
        key=tmp_path / "custody" / "study.key.age",
        recipients=(),
        identities=[create.NewIdentity(who, None) for who in ("student", "supervisor")],
        language="en",
    )
    bench = Workbench(made.study.folder, made.key, made.identities[0])
    settings(bench, "people = 1 ", "people = 2 ")
    bench.register(row(audio="delete-after-review"))
    bench.record("P01.wav")
    bench.note("P01.txt", TEXT)
    bench.run()
    return bench


@contextmanager
def as_supervisor(bench: Workbench) -> Iterator[Desk]:
    identity = bench.identity.with_name("supervisor.identity.age")
    with session(bench.study, [identity], lambda _: None) as opened:
        yield Desk(opened, today=TODAY)


def test_two_persons_sign_and_then_it_goes(two: Workbench, call: Call) -> None:
    recording = two.folder / "recordings" / "P01.wav"
    with at_desk(two) as desk:
        now = signing.prepared(desk, "R01")
        assert (now.signed, now.needed, now.is_last) == (0, 2, False)
        assert {going.on for going in now.going} == {"second"}
        done = sign(desk, "R01", "Kari")
        assert (done.complete, done.signed, done.outcomes) == (False, 1, ())
        item = next(item for item in desk.sources() if item.id == "R01")
        assert (item.signed, item.needed, item.waits_for) == (1, 2, "review")
        assert desk.interview("R01").signed == 1
    assert [outcome.reason for outcome in two.run()] == ["review", "review"]
    code, out, _ = call("review", two.folder, "--list")
    assert code == 0 and "signed by 1 of 2 persons" in out
    assert recording.exists()
    with as_supervisor(two) as desk:
        now = signing.prepared(desk, "R01")
        assert (now.signed, now.is_last) == (1, True) and not now.hindered
        done = sign(desk, "R01", "Ola")
        assert done.complete and done.receipts == ("X0001",)
    assert not recording.exists()
    assert [action for action, *_ in log_of(two, "reviewed", "approved")] == [
        "reviewed",
        "approved",
    ]


def test_one_person_cannot_sign_for_two(two: Workbench) -> None:
    with at_desk(two) as desk:
        sign(desk, "R01", "Kari")
        now = signing.prepared(desk, "R01")
        assert "a second person must" in now.hindered[0]
        with pytest.raises(UsageError, match="a second person must"):
            signing.sign(desk, "R01", "Ola", now.digest)
        with pytest.raises(UsageError, match="a second person must"):
            batch.approve(desk.session, "R01", desk.key.reviewer("Ola"))
    with as_supervisor(two) as desk:
        with pytest.raises(UsageError, match="a second person must"):
            sign(desk, "R01", " kari ")
        with pytest.raises(UsageError, match="--reviewer"):
            sign(desk, "R01", None)
    assert [action for action, *_ in log_of(two, "reviewed", "approved")] == ["reviewed"]


@pytest.mark.parametrize("change", ["decision", "undone", "recoded", "edited"])
def test_a_first_signature_lapses_when_what_was_signed_changes(two: Workbench, change: str) -> None:
    with at_desk(two) as desk:
        sign(desk, "D01", "Kari")
        seen = desk.interview("D01")
        if change in ("decision", "undone"):
            effect = desk.decide("D01", asking(seen, "Bergen", kind="confirm"))
            if change == "undone":
                assert effect.decision is not None
                desk.undo(effect.decision.id)
    if change == "recoded":
        two.run(again="D01")
    if change == "edited":
        text = two.folder / "transcripts" / "P01-D01.txt"
        text.write_text(text.read_text().replace("never ill", "seldom ill"))
    with as_supervisor(two) as desk:
        assert signing.prepared(desk, "D01").signed == 0
        assert not sign(desk, "D01", "Ola").complete
    with at_desk(two) as desk:
        assert sign(desk, "D01", "Kari").complete


def test_one_holder_of_the_key_cannot_be_two_persons(study: Workbench) -> None:
    settings(study, "people = 1 ", "people = 2 ")
    with at_desk(study) as desk:
        now = signing.prepared(desk, "R01")
        assert "its key has one holder only" in now.hindered[0]
        with pytest.raises(UsageError, match="one holder only"):
            signing.sign(desk, "R01", "Kari", now.digest)


def test_state_json_does_not_stand_for_a_second_signature(two: Workbench) -> None:
    with at_desk(two) as desk:
        sign(desk, "R01", "Kari")
    state = two.study.read_state()
    two.study.write_state({**state, "R01": replace(state["R01"], approved="2026-06-01T00:00:00")})
    assert {outcome.reason for outcome in two.run()} == {"review"}
    two.open(lambda opened: retention.run(opened, datetime(2026, 6, 1, 12, tzinfo=UTC)))
    log = AuditLog(two.study.log_file, two.study.settings.id)
    assert {item.waits_for for item in waiting(two.study, TODAY, log)} == {"review"}
    assert (two.folder / "recordings" / "P01.wav").exists()


def test_a_signature_counts_for_no_more_than_the_study_wants_now(two: Workbench) -> None:
    """What one person signed off waits again once two must."""
    settings(two, "people = 2 ", "people = 1 ")
    two.register(row(audio="delete-on:2026-09-01", review="yes"))
    two.run(approval="SIKT-123456")
    with at_desk(two) as desk:
        assert sign(desk, "R01", "Kari").complete
    later = TODAY.replace(month=10)
    settings(two, "people = 1 ", "people = 2 ")
    assert {o.reason for o in two.run(later) if o.id == "R01"} == {"review"}
    with as_supervisor(two) as desk:
        assert sign(desk, "R01", "Ola").complete
    assert {o.status for o in two.run(later) if o.id == "R01"} == {"final"}


@pytest.mark.parametrize("value", ["0", "3", '"two"', "true", "1.5"])
def test_one_or_two_persons_sign(bench: Workbench, value: str) -> None:
    settings(bench, "people = 1 ", f"people = {value} ")
    with pytest.raises(UsageError, match=r"review\.people: write 1, or 2"):
        load(bench.folder)


def test_signatures_are_told_apart_by_holder_and_name() -> None:
    def one(holder: str, reviewer: str) -> signatures.Signature:
        return signatures.Signature("", holder, reviewer, "x", last=True)

    assert signatures.persons([]) == 0
    assert signatures.persons([one("", ""), one("", "")]) == 1
    assert signatures.persons([one("a", "k"), one("a", "o"), one("b", "k")]) == 2
    assert signatures.persons([one("a", "k"), one("a", "o")]) == 1
    assert signatures.persons([one("a", "k"), one("b", "k")]) == 1
    assert signatures.enough([one("a", "k")], 1)
    assert not signatures.enough([replace(one("a", "k"), last=False)], 1)
    other = replace(one("b", "o"), signed="y")
    assert not signatures.enough([one("a", "k"), other], 2)


# -- killed in the middle


@pytest.mark.parametrize("onward", ["run", "sign"])
def test_a_signature_that_is_killed_loses_nothing(
    tmp_path: Path, bench: Workbench, monkeypatch: pytest.MonkeyPatch, every: bool, onward: str
) -> None:
    """What is deleted had its outputs verified and was signed off; the next run, or the next
    signature, ends what was begun.
    """
    from tests.conftest import make_workbench

    number = 0
    current = bench

    def prepare() -> object:
        nonlocal number, current
        number += 1
        current = make_workbench(tmp_path / str(number))
        current.register(row(audio="delete-after-review"))
        current.record("P01.wav")
        current.note("P01.txt", TEXT)
        current.run()
        with at_desk(current) as desk:
            seen = desk.interview("D01")
            desk.decide("D01", selecting(seen, "Solveig", kind="add", type="PERSON", scope="study"))

        def work() -> None:
            with at_desk(current) as desk:
                sign(desk, "R01")

        return work

    expected: list[bytes] = []

    def check() -> None:
        recording = current.folder / "recordings" / "P01.wav"
        state = current.study.read_state()["R01"]
        if not recording.exists():
            for output, digest in state.outputs.items():
                assert sha256(current.folder / output) == digest
            assert log_of(current, "approved")
        if onward == "run":
            current.run()
        if current.study.read_state()["R01"].stage is not Stage.FINAL:
            assert recording.exists() or onward == "sign"
            with at_desk(current) as desk:
                assert sign(desk, "R01").complete
        assert not recording.exists()
        assert not current.study.working_file("R01").exists()
        outputs = [data for name, data in current.outputs().items() if "R01" in name]
        expected.append(b"".join(outputs))
        assert len(set(expected)) == 1

    killed_at_every_effect(prepare, check, monkeypatch, every=every)  # type: ignore[arg-type]


def test_what_is_logged_is_what_was_signed(study: Workbench) -> None:
    with at_desk(study) as desk:
        now = signing.prepared(desk, "R01")
        sign(desk, "R01")
    ((_, _, details),) = log_of(study, "approved")
    assert details["signed"] == signatures.digest(now.outputs, {})
    assert json.dumps(details)


# -- what others are told


def test_the_officers_answer_tells_how_many_persons_signed(two: Workbench, call: Call) -> None:
    def answer() -> dict[str, object]:
        _, out, _ = call("audit", "oversight", two.folder, "--json")
        found: dict[str, object] = json.loads(out)
        return found

    with at_desk(two) as desk:
        sign(desk, "R01", "Kari")
        sign(desk, "D01", "Kari")
    data = answer()["data"]
    assert isinstance(data, dict)
    assert data["signed_by_one_of_two"] == ["D01", "R01"] and data["approved"] == []
    with as_supervisor(two) as desk:
        sign(desk, "R01", "Ola")
        sign(desk, "D01", "Ola")
    found = answer()
    data = found["data"]
    assert isinstance(data, dict)
    assert found["standing"] == "good" and data["signed_by_one_of_two"] == []
    assert [(each["source"], each["persons"]) for each in data["approved"]] == [
        ("D01", 2),
        ("R01", 2),
    ]


def test_who_signs_second_is_told_in_the_terminal(two: Workbench, call: Call) -> None:
    key = ("--identity", two.identity)
    other = ("--identity", two.identity.with_name("supervisor.identity.age"))
    code, _, err = call("review", two.folder, "--approve", "R01", *key)
    assert code == 2 and "--reviewer NAME" in err
    code, out, _ = call("review", two.folder, "--approve", "R01", "--reviewer", "Kari", *key)
    assert code == 0 and "Signed by 1 of 2 persons; R01 waits for another one" in out
    code, _, err = call("review", two.folder, "--approve", "R01", "--reviewer", "Ola", *key)
    assert code == 1 and "a second person must" in err
    code, out, _ = call("review", two.folder, "--approve", "R01", "--reviewer", "Ola", *other)
    assert code == 0 and "R01" in out
    assert not (two.folder / "recordings" / "P01.wav").exists()
