"""A machine without the key gives what a run gives, with all that is new; and older deltas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from anonpipe import batch, delta, relabelling, sealedrun
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.session import Session
from anonpipe.transcript import Flag, Transcript
from tests.audio.sound import encode, noise
from tests.conftest import TODAY, Workbench, make_workbench, row
from tests.speaking import TalkingTools, TalkingTranscriber
from tests.test_kept import setting
from tests.test_sealed import forge
from tests.test_seams import deltas, merge, seal

SOUND = encode(noise(25), "wav")
TROUBLE = (
    Flag("low-confidence", 0, count=2, start=4.5, end=6.0),
    Flag("language", 0, start=7.0, end=8.0),
    Flag("credits", start=20.0, end=21.0),
)


class Talking(TalkingTranscriber):
    """Hears two people and some trouble, and nothing in copies."""

    def transcribe(self, path: Readable, **options: Any) -> Transcript:
        if isinstance(path, Plaintext):
            return Transcript((), str(options["language"]), 1.0)
        heard = super().transcribe(path, **options)
        return replace(heard, flags=(*heard.flags, *TROUBLE))


class Tools(TalkingTools):
    def __init__(self, study: Any) -> None:
        super().__init__(study)
        self.transcriber = Talking()


@pytest.fixture
def both(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Workbench, Workbench]:
    """Two studies alike: one is run, the other is sealed and merged."""
    for place in (batch, sealedrun):
        monkeypatch.setattr(place, "Tools", Tools)
    monkeypatch.setattr("anonpipe.tools.Tools", Tools)
    benches = (bench, make_workbench(tmp_path / "other"))
    for each in benches:
        each.record("P01_a.wav", SOUND)
        each.record("P02_a.wav", SOUND + b"\0\0")
        each.note("P02.txt", "P02: Kari Nordmann, um, came to to Bergen.")
        each.register(row(audio="keep-bleeped", review="yes"), row("P02"))
    return benches


def told(bench: Workbench) -> dict[str, Any]:
    """What state.json says of the sources but for what depends on the key."""
    keep = ("stage", "participants", "flags", "speech", "language")
    state = bench.study.read_state()
    return {name: {each: getattr(state[name], each) for each in keep} for name in state}


def swap(bench: Workbench) -> None:
    def work(session: Session) -> None:
        relabelling.change(session, relabelling.plan_swap(session, "R01", today=TODAY))
        batch.run(session, report=lambda _: None, today=TODAY)

    bench.open(work)


WORDING = {"pauses": True, "laughter": True, "unclear": True, "numbers": "digits"}


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        pytest.param(*({}, "en"), marks=pytest.mark.long),
        pytest.param(*({"style": "both"}, "en"), marks=pytest.mark.long),
        ({"style": "both", "language": "auto"}, "en"),
        ({"style": "clean", "sound": "reversed", "margin": 0.4}, "nb"),
        pytest.param(*({"diarizer": "off", "interviewer": "last"}, "en"), marks=pytest.mark.long),
        pytest.param(
            *({"number_of_speakers": 3, "interviewer": "last", "style": "both"}, "en"),
            marks=pytest.mark.long,
        ),
    ],
)
def test_both_ways_give_the_same_before_and_after_a_swap(
    both: tuple[Workbench, Workbench], settings: dict[str, Any], language: str
) -> None:
    run, sealed = both
    for bench in both:
        setting(bench, **{"language": language, **WORDING, **settings})
    run.run()
    assert {o.status for o in seal(sealed)} == {"sealed"}
    merge(sealed)
    assert not deltas(sealed)
    assert told(sealed) == told(run)
    assert sealed.outputs() == run.outputs()
    if settings.get("diarizer") == "off" or settings.get("number_of_speakers") == 3:
        return
    for bench in both:
        swap(bench)
    assert told(sealed) == told(run)
    assert sealed.outputs() == run.outputs()


def test_a_delta_that_an_older_version_sealed(
    both: tuple[Workbench, Workbench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name stands for other settings: refused in one sentence, and replaced when asked."""
    _, sealed = both
    older = "0" * 64
    with monkeypatch.context() as patch:
        patch.setattr(delta, "settings_digest", lambda *_: older)
        seal(sealed)
    refused = [o for o in merge(sealed) if o.status == "failed"]
    assert len(refused) == 3
    for outcome in refused:
        assert "another version of anonpipe" in outcome.reason
        assert "run --sealed` again" in outcome.reason and outcome.reason.count(". ") == 0
    seal(sealed)
    assert len(deltas(sealed)) == 3
    assert not [o for o in merge(sealed) if o.status == "failed"]


@pytest.mark.parametrize("version", [0, 2])
def test_a_delta_of_another_format(both: tuple[Workbench, Workbench], version: int) -> None:
    _, sealed = both
    (sealed.folder / "recordings" / "P02_a.wav").unlink()
    (sealed.folder / "documents" / "P02.txt").unlink()
    seal(sealed)
    forge(sealed, lambda values: values.update(version=version), log=True)
    (refused,) = (o for o in merge(sealed) if o.status == "failed")
    assert "it is of another version: delete it, and run" in refused.reason


def test_a_delta_that_remembers_no_voices_is_used(both: tuple[Workbench, Workbench]) -> None:
    _, sealed = both
    (sealed.folder / "recordings" / "P02_a.wav").unlink()
    (sealed.folder / "documents" / "P02.txt").unlink()
    seal(sealed)
    forge(sealed, lambda values: values.pop("voices"), log=True)
    (outcome,) = merge(sealed)
    assert (outcome.status, outcome.reason) == ("waiting", "review")
