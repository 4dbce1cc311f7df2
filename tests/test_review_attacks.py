"""The review under attack: odd decisions, kills, full disks, and what must hold all the same."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from anonpipe.codes import by_id, code_spans
from anonpipe.errors import AnonpipeError, UsageError
from anonpipe.review import signing, table
from anonpipe.review.decision import NEW, Request, Scope
from anonpipe.review.desk import Desk
from anonpipe.review.table import Row
from tests.conftest import Workbench, row
from tests.killing import killed_at_every_effect
from tests.reviewing import signed_in
from tests.test_review_desk import TEXT, asking, at_desk, mark_of, selecting, text_of, written


@pytest.fixture
def study(bench: Workbench) -> Workbench:
    """A document and a memo, both written, both waiting."""
    bench.register(row("P01", audio="delete-after-review", review="yes"))
    bench.note("P01_notes.txt", TEXT)
    bench.record("P01_memo.wav")
    bench.run()
    return bench


def codes_stand_for_somebody(desk: Desk, name: str) -> bool:
    rows = by_id(desk.entities(name))
    codes = [code for _, _, code in code_spans(text_of(desk, name), desk.study.settings.template)]
    return all(code in rows and not rows[code].is_placeholder for code in codes)


# -- decisions upon decisions


def test_a_generalised_mention_that_is_never_one_leaves_the_interview_readable(
    study: Workbench,
) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        request = asking(seen, "Bergen", kind="generalise", value="a town", type="LOCATION")
        desk.decide("D01", request)
        again = mark_of(desk.interview("R01"), "Bergen").mention
        never = Request("reject", "study", again.turn, again.start, again.end)
        desk.decide("R01", never)
        assert "in Bergen." in text_of(desk)
        desk.write("D01")
        assert "in Bergen." in written(study)


def test_a_correction_over_two_mentions_leaves_one(study: Workbench) -> None:
    with at_desk(study) as desk:
        before = text_of(desk)
        words = "Kari Nordmann in Bergen"
        effect = desk.decide(
            "D01", selecting(desk.interview("D01"), words, kind="word", value="Mia in Oslo")
        )
        assert text_of(desk).splitlines()[0].count("Person") == 1
        assert "Mia" not in text_of(desk)
        assert effect.decision is not None
        desk.undo(effect.decision.id)
        assert text_of(desk) == before


@pytest.mark.parametrize("write", [False, True], ids=["shown", "written"])
def test_names_are_coded_again_where_a_correction_is_taken_back(
    study: Workbench, write: bool
) -> None:
    with at_desk(study) as desk:
        before = text_of(desk)
        request = selecting(desk.interview("D01"), "Bergen", kind="word", value="the morning")
        effect = desk.decide("D01", request)
        if write:
            desk.write("D01")  # what the machine finds is found anew
        assert effect.decision is not None
        desk.undo(effect.decision.id)
        assert text_of(desk) == before


def test_what_was_corrected_to_common_words_is_no_name_any_more(study: Workbench) -> None:
    with at_desk(study) as desk:
        before = text_of(desk)
        request = selecting(desk.interview("D01"), "Ola Hansen", kind="word", value="all hands")
        effect = desk.decide("D01", request)
        assert "I meet all hands" in text_of(desk)
        desk.write("D01")
        assert "I meet all hands" in written(study)
        assert effect.decision is not None
        desk.undo(effect.decision.id)
        assert text_of(desk) == before


@pytest.mark.parametrize("more", ["", "confirm", "entity"])
def test_a_corrected_name_that_nobody_finds_is_written_as_it_was_shown(
    study: Workbench, more: str
) -> None:
    with at_desk(study) as desk:
        seen = desk.interview("D01")
        desk.decide("D01", selecting(seen, "Ola Hansen", kind="word", value="Solveig Berg"))
        if more:
            who = NEW if more == "entity" else None
            desk.decide("D01", asking(desk.interview("D01"), "Solveig Berg", kind=more, entity=who))
        shown = text_of(desk)
        assert "Berg" not in shown
        desk.write("D01")
        assert text_of(desk) == shown
        assert "Berg" not in written(study)
    study.note("P01_more.txt", "P01: Ola Hansen came.\n")
    study.run()
    study.run(again="D01")
    assert "Berg" not in written(study)
    with at_desk(study) as desk:
        request = asking(desk.interview("D01"), "Solveig Berg", kind="reject")
        desk.decide("D01", request)
        desk.write("D01")
        assert "I meet Solveig Berg" in written(study)


def test_what_was_rejected_says_nothing_of_words_that_were_corrected_to(study: Workbench) -> None:
    with at_desk(study) as desk:
        before = text_of(desk)
        seen = desk.interview("D01")
        rejected = desk.decide("D01", asking(seen, "Kari", kind="reject"))
        shown = text_of(desk)
        word = desk.decide(
            "D01",
            selecting(desk.interview("D01"), "Kari says", kind="word", value="Ola Hansen says"),
        )
        assert text_of(desk).splitlines()[1].startswith("[Person 2] ")
        desk.write("D01")
        assert "P01: [Person 2] " in written(study)
        assert rejected.decision is not None and word.decision is not None
        desk.undo(word.decision.id)
        assert text_of(desk) == shown
        desk.undo(rejected.decision.id)
        assert text_of(desk) == before


def test_a_code_that_others_speak_of_is_not_taken_back(study: Workbench) -> None:
    with at_desk(study) as desk:
        added = desk.decide(
            "D01",
            selecting(desk.interview("D01"), "Solveig", kind="add", type="PERSON", entity=NEW),
        ).decision
        assert added is not None
        memo = mark_of(desk.interview("R01"), "Kari").mention
        other = desk.decide(
            "R01",
            Request("entity", "here", memo.turn, memo.start, memo.end, entity=added.entity),
        ).decision
        assert other is not None
        with pytest.raises(UsageError, match=other.id):
            desk.undo(added.id)
        assert codes_stand_for_somebody(desk, "R01")
        desk.undo(other.id)
        desk.undo(added.id)
        assert codes_stand_for_somebody(desk, "D01")


def test_a_code_in_finished_transcripts_is_not_taken_back(study: Workbench) -> None:
    study.note("P01_more.txt", "P01: Then Solveig came.\n")
    study.run()
    with at_desk(study) as desk:
        added = desk.decide(
            "D01",
            selecting(desk.interview("D01"), "Solveig", kind="add", type="PERSON", scope="study"),
        ).decision
        assert added is not None
        shown = signing.prepared(desk, "D02")
        assert signing.sign(desk, "D02", "Reviewer", shown.digest).complete
        assert "[Person 3]" in written(study, "D02")
        with pytest.raises(UsageError, match="D02"):
            desk.undo(added.id)
        row_ = desk.table.entity("PERSON-3")
        assert row_ is not None and row_.canonical == "Solveig"


# -- kills and full disks


def _decided(desk: Desk) -> None:
    seen = desk.interview("D01")
    desk.decide(
        "D01", selecting(seen, "Solveig", kind="add", type="PERSON", scope="study", entity=NEW)
    )
    desk.decide("D01", selecting(desk.interview("D01"), "ill", kind="word", value="in Bergen"))
    last = desk.decide("D01", asking(desk.interview("D01"), "Ola Hansen", kind="reject"))
    assert last.decision is not None
    desk.undo(last.decision.id)
    desk.write("D01")


def test_killed_while_deciding_the_study_is_whole(
    tmp_path: Path, study: Workbench, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(study.folder, whole / "study", symlinks=True)
    shutil.copy(study.key, whole / "key")

    def prepare() -> Callable[[], object]:
        shutil.rmtree(study.folder)
        shutil.copytree(whole / "study", study.folder, symlinks=True)
        shutil.copy(whole / "key", study.key)

        def work() -> None:
            with at_desk(study) as desk:
                _decided(desk)

        return work

    def check() -> None:
        outcomes = study.run()
        assert {each.status for each in outcomes} == {"waiting"}
        with at_desk(study) as desk:
            taken = {each.id for each in desk.decisions("D01")}
            assert len(taken) == len(desk.decisions("D01"))
            for name in ("D01", "R01"):
                assert codes_stand_for_somebody(desk, name)
                assert text_of(desk, name)
            assert not desk.is_pending("D01")
            assert written(study).count("Kari") == 0
            before = desk.decisions("D01")
            fresh = desk.decide("D01", asking(desk.interview("D01"), "Bergen", kind="confirm"))
            assert fresh.decision is not None
            assert fresh.decision.id not in {each.id for each in before}

    killed_at_every_effect(prepare, check, monkeypatch, every=every)


@pytest.mark.parametrize("what", ["key", "sealed", "log"])
@pytest.mark.parametrize("scope", ["here", "study"])
def test_on_a_full_disk_nothing_is_decided_or_lost(
    study: Workbench, what: str, scope: Scope
) -> None:
    with at_desk(study) as desk:
        places = {"key": study.key.parent, "sealed": study.folder / "sealed", "log": desk.log.path}
        before = text_of(desk)
        request = selecting(
            desk.interview("D01"), "Solveig", kind="add", type="PERSON", scope=scope, entity=NEW
        )
        touched = what != "sealed" or scope == "here"
        with _full(places[what]), pytest.raises(AnonpipeError) if touched else nullcontext():
            desk.decide("D01", request)
        assert bool(desk.decisions("D01")) is not touched
        assert (text_of(desk) == before) is touched
        if touched:  # now there is room again
            desk.decide("D01", request)
        shown = text_of(desk)
        assert shown.count("Solveig") < before.count("Solveig")
    with at_desk(study) as desk:
        assert text_of(desk) == shown
        assert codes_stand_for_somebody(desk, "D01")


@contextmanager
def _full(place: Path) -> Iterator[None]:
    """Let nothing be written to a file, or below a folder."""
    write = os.write

    def no_room(fd: int, data: bytes) -> int:
        if Path(f"/proc/self/fd/{fd}").readlink().is_relative_to(place):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", no_room)
        yield


# -- files and requests from outside


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000])
def test_json_that_no_export_wrote_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(UsageError, match="is no JSON file"):
        table.read("decisions.json", data)


def test_a_number_without_end_in_an_export_is_refused_in_one_sentence() -> None:
    whole = json.loads(table.to_json([Row(source="R01")], with_text=False))
    whole["rows"][0]["turn"] = math.inf
    with pytest.raises(UsageError, match="is no JSON file"):
        table.read("decisions.json", json.dumps(whole).encode())


def test_nothing_is_told_of_somebody_who_withdrew_meanwhile(study: Workbench) -> None:
    with at_desk(study) as desk:
        client = signed_in(desk)
        assert client.get("/api/interviews/D01").status_code == 200
        study.register(
            row("P01", audio="delete-after-review", review="yes", withdrawn="2026-05-30")
        )
        answer = client.get("/api/interviews/D01")
        assert answer.status_code == 404
        assert "Kari" not in answer.text


def test_a_clip_from_the_end_of_time_is_refused(study: Workbench) -> None:
    with at_desk(study) as desk:
        answer = signed_in(desk).get("/interviews/R01/sound?from=1e308&to=1e309")
        assert answer.status_code == 404
