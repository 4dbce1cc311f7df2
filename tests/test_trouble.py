"""A recording whose trouble passes the study's limit is not deleted until somebody has looked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from anonpipe import batch
from anonpipe.audit import AuditLog
from anonpipe.cli.show_review import MOST, WHY, chosen, excerpt, files, where
from anonpipe.consent import load as load_register
from anonpipe.decisions import Why, needs_eyes
from anonpipe.due import due
from anonpipe.review.waiting import Spot, waiting
from anonpipe.settings import Settings
from anonpipe.study import SourceState, Study
from anonpipe.transcript import Flag, FlagKind, Transcript, Turn, Word
from anonpipe.trouble import TROUBLE, speech_seconds, trouble_share
from tests.conftest import TODAY, Call, StandInTools, StandInTranscriber, Workbench, row
from tests.test_retention import done, left, retain

LOW = Flag("low-confidence", 0, 0.0, 1.0)
"""One of the ten seconds that the stand-in hears: a tenth, which is the limit."""

MORE = Flag("text-without-speech", 0, 0.5, 1.5)


def spoken(*flags: Flag) -> Transcript:
    words = tuple(Word("word", 5 * n, float(n), n + 1.0, 0.9) for n in range(10))
    return Transcript(
        (Turn(" ".join(["word"] * 10), "", 0.0, 10.0, words),), "en", 60.0, flags=flags
    )


def flagged(monkeypatch: pytest.MonkeyPatch, *flags: Flag) -> None:
    """Let the stand-in transcriber hear with these flags."""

    class Troubled(StandInTranscriber):
        def transcribe(self, path, **options):
            return replace(super().transcribe(path, **options), flags=flags)

    class Tools(StandInTools):
        def __init__(self, study: Study) -> None:
            super().__init__(study)
            self.transcriber = Troubled()

    monkeypatch.setattr(batch, "Tools", Tools)


def limit(bench: Workbench, value: float) -> None:
    text = bench.study.settings_file.read_text()
    new = re.sub(r"(?m)^trouble_limit = \S+", f"trouble_limit = {value}", text)
    bench.study.settings_file.write_text(new)


# The share


def test_spans_count_once_and_only_of_what_is_trouble() -> None:
    flags = (LOW, MORE, Flag("clipping", None, 4.0, 9.0), Flag("overlap", 0, 3.0, 9.0))
    assert speech_seconds(spoken(*flags)) == 10.0
    assert trouble_share(flags, 10.0) == pytest.approx(0.15)
    assert trouble_share((*flags, Flag("language")), 10.0) == pytest.approx(0.15)
    everything = Flag("language", None, 0.0, 60.0)
    assert trouble_share((everything,), speech_seconds(spoken(everything))) == 1.0


def test_speech_without_text_is_speech() -> None:
    lost = Flag("speech-without-text", None, 20.0, 50.0)
    assert speech_seconds(spoken(lost)) == 40.0
    assert trouble_share((lost,), 40.0) == 0.75


def test_texts_have_no_speech_and_no_share() -> None:
    assert speech_seconds(Transcript((Turn("Hei", "", 1.0, 2.0),), "nb")) == 0.0
    assert trouble_share((Flag("ambiguous-name", 0),), 0.0) == 0.0


def test_every_kind_that_counts_is_one() -> None:
    assert set(get_args(FlagKind)) >= TROUBLE
    assert set(get_args(Why)) == {*WHY, "trouble"}


# The decision


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ((), ()),
        ((LOW,), ()),  # a tenth is not above a tenth
        ((LOW, MORE), ("trouble",)),
        ((Flag("repetition", 0, 1.0, 1.2),), ("repetition",)),
        ((Flag("speech-without-text", None, 20.0, 30.1),), ("unheard", "trouble")),
        ((Flag("other-script", 0), Flag("policy-ask", 0)), ("other-script", "policy-ask")),
        ((Flag("credits", 0, 3.0, 6.0),), ("trouble",)),
        ((Flag("speaker", 0, 0.0, 9.0), Flag("clipping", None, 0.0, 9.0)), ()),
    ],
)
def test_why_a_person_must_look(flags: tuple[Flag, ...], why: tuple[Why, ...]) -> None:
    study = Study(Path(), Settings(trouble_limit=0.1))
    assert needs_eyes(study, SourceState(flags=flags, speech=10.0)) == why


def test_the_limit_is_the_study_s() -> None:
    state = SourceState(flags=(LOW,), speech=10.0)
    assert needs_eyes(Study(Path(), Settings(trouble_limit=0.0)), state) == ("trouble",)
    assert needs_eyes(Study(Path(), Settings(trouble_limit=1.0)), state) == ()
    calm = SourceState(flags=(), speech=10.0)
    assert needs_eyes(Study(Path(), Settings(trouble_limit=0.0)), calm) == ()


# In a study


def test_a_recording_in_trouble_stays_whatever_its_rule(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged(monkeypatch, LOW, MORE)
    recording = bench.record("P01.wav")
    bench.register(row(audio="delete-after-transcription"))
    for _ in range(2):
        (outcome,) = bench.run()
        assert (outcome.status, outcome.reason, outcome.trouble) == ("waiting", "review", 0.15)
        assert recording.exists()
    bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run()
    assert (outcome.status, outcome.deleted) == ("final", True)
    assert not recording.exists()


def test_trouble_below_the_limit_hinders_nothing(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged(monkeypatch, LOW)
    recording = bench.record("P01.wav")
    bench.register(row(audio="delete-after-transcription"))
    (outcome,) = bench.run()
    assert (outcome.status, outcome.trouble) == ("final", 0.1)
    assert not recording.exists()


def test_another_limit_counts_at_once(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    flagged(monkeypatch, LOW, MORE)
    recording = bench.record("P01.wav")
    bench.register(row())
    bench.run()
    limit(bench, 0.2)
    (outcome,) = bench.run()
    assert outcome.status == "final" and not recording.exists()


def test_a_date_that_has_come_does_not_delete_what_nobody_looked_at(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged(monkeypatch, LOW, MORE)
    recording = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    day = date(2026, 7, 1)
    study = bench.study
    for today, status in ((TODAY, "waits-for-review"), (day, "overdue")):
        found = due(study, load_register(study.consent_file), study.read_state(), today)
        assert [item.status for item in found if item.what == "audio"] == [status]
    result = retain(bench, day)
    assert done(result) == [] and ("R01", "audio", "review") in left(result)
    (outcome,) = bench.run(today=day)
    assert outcome.reason == "review" and recording.exists()
    bench.open(lambda opened: batch.approve(opened, "R01"))
    assert ("R01", ("audio", "sealed")) in done(retain(bench, day))
    assert not recording.exists()


def test_approval_before_the_date_is_enough(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged(monkeypatch, LOW, MORE)
    recording = bench.record("P01.wav")
    bench.register(row(audio="delete-on:2026-07-01"))
    bench.run()
    bench.open(lambda opened: batch.approve(opened, "R01"))
    assert done(retain(bench, date(2026, 6, 30))) == [] and recording.exists()
    assert done(retain(bench, date(2026, 7, 1))) == [("R01", ("audio", "sealed"))]


def test_the_log_holds_the_share_in_per_cent(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged(monkeypatch, LOW, MORE)
    bench.record("P01.wav")
    bench.note("P01.txt", "Kari was there.")
    bench.register(row())
    bench.run()
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    found = {e.subject: e.details.get("trouble") for e in log.entries() if e.action == "written"}
    assert found == {"R01": 15, "D01": None}


def test_a_state_of_an_older_version_is_read(bench: Workbench) -> None:
    bench.record("P01.wav")
    bench.register(row(audio="delete-after-review"))
    bench.run()
    data = json.loads(bench.study.state_file.read_text())
    assert data["sources"]["R01"].pop("speech") == 10.0
    bench.study.state_file.write_text(json.dumps(data))
    (item,) = waiting(bench.study, TODAY)
    assert (item.waits_for, item.why, item.trouble) == ("review", (), 0.0)


def test_the_list_says_why_how_much_and_where(
    call: Call, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    credit = Flag("credits", 0, 3725.0, 3729.5, 3)
    flagged(monkeypatch, LOW, MORE, credit, Flag("repetition", 0, 4.0, 4.4, 5))
    bench.record("P01.wav")
    bench.register(row())
    (outcome,) = bench.run()
    code, out, _ = call("review", bench.folder, "--list")
    assert code == 0
    assert "44% of its speech (0:14) is in trouble, and the study's limit is 10%" in out
    assert WHY["repetition"] in out and out.count("must be reviewed") == 2
    assert f"`anonpipe review {bench.folder} --approve R01`" in out
    assert "credits 01:02:05–01:02:09" in out and "repetition 00:00:04 " in out
    code, out, _ = call("review", bench.folder, "--list", "--json")
    (item,) = json.loads(out)
    assert item["why"] == ["repetition", "trouble"]
    assert (item["trouble"], item["speech"], item["limit"]) == (0.441, 14.5, 0.1)
    code, out, _ = call("run", bench.folder, "--identity", bench.identity)
    (line,) = (line for line in out.splitlines() if line.startswith("R01: "))
    assert "5 repetition" in line and line.endswith("(44% of the speech)")
    assert f"`anonpipe review {bench.folder} --list` shows where to look." in out
    code, out, _ = call("run", bench.folder, "--json", "--identity", bench.identity)
    events = [json.loads(line) for line in out.splitlines()]
    assert [e["trouble"] for e in events if e["event"] == "outcome"] == [outcome.trouble]


def test_the_list_shows_the_words_in_question() -> None:
    text = "ord " * 40 + "her er det " + "ord " * 40
    spot = Spot("low-confidence", 0, 1.0, 2.0, 1, text, at=text.index("her er"))
    shown = excerpt(spot)
    assert shown.startswith("…ord") and "her er det" in shown and shown.endswith("…")
    assert len(shown) <= 80
    assert excerpt(replace(spot, at=0)) == text[:79] + "…"
    assert excerpt(replace(spot, text="kort", at=2)) == "kort"
    end = excerpt(replace(spot, at=len(text) - 4))
    assert end.startswith("…") and end.endswith("ord ") and len(end) <= 80


def test_marks_are_left_out_of_what_is_shown() -> None:
    text = "ord " * 40 + "her (uklart 00:12:41: er det) noe (4 s) " + "ord " * 40
    spot = Spot("low-confidence", 0, 761.0, 762.0, 1, text, at=text.index("er det"))
    assert "her er det noe ord" in excerpt(spot)
    assert excerpt(replace(spot, text="Ja (uklart 00:12:41: det)", at=4)) == "Ja det"


def test_many_spots_of_a_kind_are_shown_as_times() -> None:
    many = [Spot("low-confidence", 0, float(n), n + 0.2, n % 7, "ord") for n in range(30)]
    spots = [*many, Spot("credits", 0, 40.0, 42.0, 3, "ord")]
    shown, rest = chosen(spots)
    assert [spot.kind for spot in shown] == ["low-confidence"] * MOST + ["credits"]
    assert shown == sorted(shown, key=lambda spot: spot.start or 0.0)
    assert min(s.count for s in shown[:-1]) >= max(s.count for s in rest["low-confidence"])
    assert sorted([*shown, *rest["low-confidence"]], key=lambda s: s.start or 0.0) == spots
    assert [where(spot) for spot in spots[-2:]] == ["00:00:29", "00:00:40–00:00:42"]
    assert where(Spot("overlap", 2, None, None, 1, "")) == "turn 3"


def test_outputs_are_shown_by_transcript() -> None:
    names = [f"transcripts/P01-R01-{s}.{f}" for s in ("verbatim", "clean") for f in ("docx", "txt")]
    assert list(files([*names, "bleeped/P01-R01.flac"])) == [
        "transcripts/P01-R01-verbatim: docx, txt",
        "transcripts/P01-R01-clean: docx, txt",
        "bleeped/P01-R01.flac",
    ]


def test_a_spot_knows_where_in_the_text_it_is(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged(monkeypatch, Flag("low-confidence", 0, 6.0, 7.0), Flag("policy-ask", 0))
    bench.record("P01.wav")
    bench.register(row())
    bench.run()
    (item,) = waiting(bench.study, TODAY)
    said, other = item.spots
    assert said.text[said.at :].startswith("and ") and other.at == 0
