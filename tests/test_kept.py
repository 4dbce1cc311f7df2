"""The kept recording: heard again, made again while a name is left, and told when it stays."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anonpipe import batch, kept, models
from anonpipe.audio.bleep import bleep_check
from anonpipe.audio.decode import blocks, native_blocks
from anonpipe.decisions import bleep_spans
from anonpipe.errors import ModelError, RecordingError
from anonpipe.plaintext import Plaintext, Readable
from anonpipe.settings import Bleep, BleepSound, ChangedVoices
from anonpipe.transcribe import Transcriber
from anonpipe.transcript import Flag, KnownName, Mention, Transcript, Turn, Word
from tests.audio.sound import encode, noise, write
from tests.conftest import SPOKEN, StandInTools, StandInTranscriber, Workbench, row
from tests.killing import Killed

MEMO = Path(__file__).parent.parent / "samples" / "recordings" / "P03_memo.ogg"
MEMO_NAMES = re.compile(r"Susan|Walker|Riverside|Helen|Carter|Oxford")
KNOWN = (KnownName("Kari Nordmann", "PERSON"),)


def spoken(text: str, start: float = 0.0, probability: float = 0.9, each: float = 1.0) -> Turn:
    """A turn whose words last `each` seconds."""
    words, offset = [], 0
    for n, word in enumerate(text.split()):
        words.append(Word(word, offset, start + n * each, start + (n + 1) * each, probability))
        offset += len(word) + 1
    return Turn(text, "P01", start, start + len(words) * each, tuple(words))


TRANSCRIPT = Transcript((spoken("we met Kari by the old boat shed"),), "en", 20.0)
MENTIONS = (Mention(0, 7, 11, "PERSON", "Kari", 1.0, "test"),)


class Ears:
    """Hears what it is told to, one answer for each time that it listens."""

    def __init__(self, *answers: Transcript) -> None:
        self.answers, self.seconds = list(answers), []

    def __call__(self, sound: Readable) -> Transcript:
        assert isinstance(sound, Plaintext) and "Kari" not in sound.name
        self.seconds.append(sum(b.shape[1] for b in blocks(sound, channels=1)) / 16_000)  # type: ignore[attr-defined]
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


NOTHING = Transcript((spoken("we met by the old boat shed"),), "en", 9.0)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write(tmp_path / "a.wav", noise(20))


def keep(recording: Path, ears: Ears | None, settings: Bleep = Bleep()) -> tuple[kept.Kept, Path]:  # noqa: B008
    part = recording.with_name("b.part")
    made = kept.keep(
        recording, part, TRANSCRIPT, MENTIONS, settings, secret=b"1" * 32, known=KNOWN, listen=ears
    )
    return made, part


def test_a_copy_in_which_no_name_is_heard_is_made_once(recording: Path) -> None:
    ears = Ears(NOTHING)
    made, part = keep(recording, ears)
    assert made == kept.Kept(1, True) and part.exists()
    # what is heard again: the span with its margin, three seconds on both sides as far as there
    # are, two pauses
    assert ears.seconds == [pytest.approx(3.25 + 3.0 + 2.0, abs=0.01)]


def test_a_name_that_is_heard_is_covered_too(recording: Path) -> None:
    # the excerpt begins a second into what is heard, and with the recording
    name = Transcript((spoken("so nordmann then", 4.6, each=0.5),), "en", 9.0)
    ears = Ears(name, NOTHING)
    made, part = keep(recording, ears)
    assert made == kept.Kept(2, True) and len(ears.seconds) == 2
    begin, end = 4.6 + 0.5 - 1.0, 4.6 + 1.0 - 1.0
    bleep_check(part, [(2.0, 3.0), (begin - 0.25, end + 0.25)], 20.0)
    with pytest.raises(RecordingError):
        bleep_check(part, [(2.0, 3.0), (begin - 0.6, end)], 20.0)


def test_a_name_that_is_always_heard_is_told_and_the_copy_is_made_three_times(
    recording: Path,
) -> None:
    ears = Ears(Transcript((spoken("hello Kari Nordmann said", 1.2),), "en", 9.0))
    made, part = keep(recording, ears)
    assert len(ears.seconds) == 3 and part.exists()
    assert [(flag.kind, flag.start) for flag in made.flags] == [("name-audible", 1.2)]


def test_without_a_recogniser_nobody_listens(recording: Path) -> None:
    assert keep(recording, None)[0] == kept.Kept(1, False)


def test_nothing_is_left_when_listening_fails(recording: Path) -> None:
    def broken(_: Readable) -> Transcript:
        raise RecordingError("no")

    with pytest.raises(RecordingError):
        keep(recording, broken)  # type: ignore[arg-type]
    assert not recording.with_name("b.part").exists()


def test_what_is_heard_again_lies_where_it_was_said(tmp_path: Path) -> None:
    """Words keep their times in the file, and parts of one word stay one word."""
    places = [(1.0, 10.0, 18.0), (10.0, 40.0, 44.0)]
    words = (
        Word("Hansen", 0, 2.0, 2.5, 0.9),
        Word("-Moe", 6, 2.5, 2.9, 0.9),
        Word("came", 11, 3.0, 3.2, 0.9),
        Word("Ola", 16, 9.2, 10.5, 0.9),
        Word("went", 20, 13.0, 15.5, 0.9),
    )
    heard = Transcript((Turn("Hansen-Moe came Ola went", "", 2.0, 15.5, words),), "en")
    placed = kept._placed(heard, places)
    assert [turn.text for turn in placed.turns] == ["Hansen-Moe came", "Ola went"]
    assert [(w.text, w.start, w.end) for turn in placed.turns for w in turn.words] == [
        ("Hansen", 11.0, 11.5),
        ("-Moe", 11.5, 11.9),
        ("came", 12.0, 12.2),
        ("Ola", 40.0, 40.5),
        ("went", 43.0, 44.0),
    ]


def test_long_stretches_are_heard_in_portions_that_overlap() -> None:
    portions = list(kept._portions([(0.0, 10.0), (20.0, 1400.0), (1500.0, 1510.0)]))
    assert portions == [
        [(0.0, 10.0)],
        [(20.0, 620.0)],
        [(617.0, 1217.0)],
        [(1214.0, 1400.0), (1500.0, 1510.0)],
    ]


# -- what is covered


def test_words_beside_a_name_that_nobody_could_hear_are_covered_too() -> None:
    turn = spoken("we met Anne kvarrt by the shed")
    words = tuple(
        replace(w, probability=0.1) if w.text in ("kvarrt", "shed") else w for w in turn.words
    )
    transcript = Transcript((replace(turn, words=words),), "en", 20.0)
    mention = Mention(0, 7, 11, "PERSON", "Anne", 1.0, "test")
    assert bleep_spans(transcript, (mention,)) == [(2.0, 3.0), (3.0, 4.0)]


def test_a_turn_without_words_is_covered_whole() -> None:
    transcript = Transcript((Turn("we met Kari", "P01", 3.0, 5.0),), "en", 20.0)
    assert bleep_spans(transcript, MENTIONS) == [(3.0, 5.0)]


# -- voices


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (("", "P01", "Intervjuer"), {"Intervjuer"}),
        (("", "P01", "P02"), set()),
        (("", "P01", "Taler 2"), set()),
        (("", "Intervjuer", "Informant"), set()),  # who of them is the participant?
        (("",), set()),
        (("P01", "Deltakar", "Interviewer 2", "Tolk", "Kona"), {"Interviewer 2", "Tolk"}),
    ],
)
def test_only_those_who_are_surely_no_participants_keep_their_voices(
    labels: tuple[str, ...], known: set[str]
) -> None:
    assert kept.outsiders(labels) == known


def test_participants_only_leaves_what_the_interviewer_says_alone(recording: Path) -> None:
    def turn(speaker: str, start: float, end: float) -> Turn:
        return Turn("said", speaker, start, end, (Word("said", 0, start, end, 0.9),))

    transcript = Transcript(
        (turn("Interviewer", 2, 8), turn("P01", 7, 12), turn("Interviewer", 12, 19)),
        "en",
        20.0,
        flags=(Flag("speaker", start=14.0, end=15.0),),
    )
    part = recording.with_name("b.part")
    made = kept.keep(
        recording,
        part,
        transcript,
        (),
        Bleep(voices="participants", margin=0.2),
        secret=b"1" * 32,
        known=(),
        listen=None,
    )
    before, after = (
        np.concatenate(list(native_blocks(path)), axis=1)[0] for path in (recording, part)
    )
    same = [
        bool((before[at * 1600 : (at + 1) * 1600] == after[at * 1600 : (at + 1) * 1600]).all())
        for at in range(200)
    ]
    stay = {
        at
        for start, end in ((22.5, 69.5), (122.5, 139.5), (150.5, 187.5))
        for at in range(200)
        if start < at < end - 1
    }
    assert {at for at in range(200) if same[at]} == stay
    assert made.flags == (Flag("voice-kept"),)  # a person listens whose voice it is


def test_two_recordings_of_one_study_get_different_voices(bench: Workbench) -> None:
    with_key: list[bytes] = []
    bench.open(lambda opened: with_key.extend(opened.key.voice_secret(n) for n in ("R01", "R02")))
    bench.open(lambda opened: with_key.append(opened.key.voice_secret("R01")))
    assert with_key[0] == with_key[2] != with_key[1]


# -- in a run


def setting(bench: Workbench, **values: object) -> None:
    path = bench.folder / "study.toml"
    lines = path.read_text().splitlines()
    for name, value in values.items():
        at = next(n for n, line in enumerate(lines) if line.startswith(f"{name} ="))
        lines[at] = f"{name} = {json.dumps(value)}"
    path.write_text("\n".join(lines) + "\n")


class DeafToCopies(StandInTranscriber):
    """Hears nothing in what is heard again, which comes from memory."""

    def transcribe(self, path: Readable, **options: object) -> Transcript:
        heard = super().transcribe(path, **options)
        return replace(heard, turns=()) if isinstance(path, Plaintext) else heard


def ears(monkeypatch: pytest.MonkeyPatch, transcriber: type[StandInTranscriber] | None) -> None:
    """What the run hears with; None: no speech model is there."""

    def made(_: object) -> StandInTranscriber:
        if transcriber is None:
            raise ModelError("no model")
        return transcriber()

    monkeypatch.setattr(StandInTools, "transcriber", property(made, lambda *_: None), raising=False)


@pytest.fixture
def bench_with_sound(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    bench.record("P01.wav", encode(noise(len(SPOKEN.split()) + 1), "wav"))
    bench.register(row(audio="keep-bleeped", review="yes"))
    ears(monkeypatch, DeafToCopies)
    return bench


def bleeped(bench: Workbench) -> list[dict[str, object]]:
    lines = (bench.folder / "audit.jsonl").read_text().splitlines()
    return [entry["details"] for entry in map(json.loads, lines) if entry["action"] == "bleeped"]


def test_other_settings_count_when_a_source_is_written_again(bench_with_sound: Workbench) -> None:
    bench = bench_with_sound
    bench.run()
    copy = bench.folder / "bleeped" / "P01-R01.flac"
    first = copy.read_bytes()
    setting(bench, sound="reversed", margin=0.4, voices="all")
    bench.run()
    assert copy.read_bytes() == first
    bench.run(again="R01")
    assert copy.read_bytes() != first
    again = copy.read_bytes()
    bench.run(again="R01")
    assert copy.read_bytes() == again  # the same voice
    logged = bleeped(bench)
    assert [(e["sound"], e["voices"], e["margin_ms"]) for e in logged] == [
        ("beep", "none", 250),
        *[("reversed", "all", 400)] * 2,
    ]
    assert all(e["listened"] is True and e["spans"] for e in logged)


def test_half_a_copy_that_a_kill_left_goes_though_no_copy_is_to_be_kept_any_more(
    bench_with_sound: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_with_sound

    def killed(part: Path, *_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(kept, "bleep_check", killed)
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # nothing tidies up behind it
        with pytest.raises(Killed):
            bench.run()
    assert len(list((bench.folder / "bleeped").iterdir())) == 1
    bench.register(row(review="yes"))
    (outcome,) = bench.run()
    assert outcome.status == "waiting" and list((bench.folder / "bleeped").iterdir()) == []


def test_a_name_that_stays_audible_waits_for_a_person(
    bench_with_sound: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_with_sound
    bench.register(row(audio="keep-bleeped"))
    ears(monkeypatch, StandInTranscriber)
    (outcome,) = bench.run()
    assert outcome.status == "waiting" and outcome.flags["name-audible"]
    assert (bench.folder / "recordings" / "P01.wav").exists()
    bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run()
    assert outcome.deleted


def test_a_copy_made_late_in_which_a_name_is_heard_stops_the_deletion(
    bench_with_sound: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_with_sound
    bench.register(row(audio="keep-until:2030-01-01"))
    bench.run()
    bench.register(row(audio="keep-bleeped"))
    ears(monkeypatch, StandInTranscriber)
    outcomes = [bench.run(approval="SIKT-123456")[0], bench.run()[0]]
    assert not any(outcome.deleted for outcome in outcomes)
    assert (bench.folder / "recordings" / "P01.wav").exists()
    bench.open(lambda opened: batch.approve(opened, "R01"))
    assert bench.run()[0].deleted


def test_where_no_speech_model_is_the_log_says_that_nobody_listened(
    bench_with_sound: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = bench_with_sound
    bench.register(row(audio="keep-until:2030-01-01"))
    bench.run()
    bench.register(row(audio="keep-bleeped"))
    ears(monkeypatch, None)
    assert bench.run(approval="SIKT-123456")[0].deleted
    assert [entry["listened"] for entry in bleeped(bench)] == [False]


@pytest.fixture(scope="module")
def heard() -> tuple[Transcriber, Transcript, tuple[Mention, ...]]:
    """A memo of the sample study as Whisper hears it, and the names in it."""
    models.install("whisper-base")
    transcriber = Transcriber(models.resolve("whisper-base"))
    transcript = transcriber.transcribe(MEMO, language="en")
    mentions = tuple(
        Mention(index, match.start(), match.end(), "PERSON", match[0], 1.0, "test")
        for index, turn in enumerate(transcript.turns)
        for match in MEMO_NAMES.finditer(turn.text)
    )
    assert len(mentions) >= 5
    return transcriber, transcript, mentions


@pytest.mark.long
@pytest.mark.parametrize("voices", ["none", "all"])
@pytest.mark.parametrize("sound", ["tone", "silence", "reversed"])
def test_no_name_comes_back_when_the_copy_is_transcribed(
    heard: tuple[Transcriber, Transcript, tuple[Mention, ...]],
    tmp_path: Path,
    sound: BleepSound,
    voices: ChangedVoices,
) -> None:
    """Neither as it is, nor turned round, nor slower, nor faster; but the rest does."""
    transcriber, transcript, mentions = heard
    known = tuple(KnownName(name, "PERSON") for name in {m.text for m in mentions})

    def listen(content: Readable) -> Transcript:
        return transcriber.transcribe(content, language="en")

    part = tmp_path / "b.flac"
    made = kept.keep(
        MEMO,
        part,
        transcript,
        mentions,
        Bleep(sound, voices=voices),
        secret=b"1" * 32,
        known=known,
        listen=listen,
    )
    assert made.listened and not made.flags
    samples = np.concatenate(list(blocks(part, channels=1)), axis=1)
    played = {
        "as it is": (samples, 16_000),
        "turned round": (samples[:, ::-1], 16_000),
        "slower": (samples, 13_000),
        "faster": (samples, 19_500),
    }
    for how, (sounding, rate) in played.items():
        data = encode(np.ascontiguousarray(sounding), "wav", rate)
        text = listen(Plaintext("again.wav", data)).text
        assert not MEMO_NAMES.search(text), how
        assert how != "as it is" or "week" in text
