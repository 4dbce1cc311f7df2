"""The parts of one interview as one recording, and text that never was a file."""

from __future__ import annotations

import functools
import io
import json
import shutil
import sys
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import numpy as np
import pytest

from anonpipe import batch
from anonpipe.audio.decode import blocks, native_blocks, probe
from anonpipe.errors import RecordingError, UsageError
from anonpipe.key import KeySource, Part
from anonpipe.parts import alike, in_order
from anonpipe.plaintext import Plaintext
from anonpipe.scrub.joined import join_sound
from tests.audio import sound
from tests.conftest import Call, StandInTools, Workbench, row
from tests.killing import done_or_killed
from tests.scrub import planted
from tests.test_ingest import actions, content, names, table, take
from tests.tones import TonesTools

RATE = 16_000
ONE = sound.encode(sound.sine(330, 12.0), "wav", tags={"title": planted.CANARY})
TWO = sound.encode(sound.sine(440, 8.0), "wav")
TEXT = "Interviewer: Where do you live?\nKari: In Bergen, with Ola Hansen.\n"


def outside(tmp_path: Path, **files: bytes) -> list[Path]:
    folder = tmp_path / "card"
    folder.mkdir(exist_ok=True)
    paths = []
    for name, data in files.items():
        paths.append(folder / f"{name}.wav")
        paths[-1].write_bytes(data)
    return paths


# -- sound


def decoded(data: bytes, **options: object) -> np.ndarray:
    return np.concatenate(list(native_blocks(Plaintext("R01", data), **options)), axis=1)  # type: ignore[arg-type]


def test_parts_alike_are_joined_sample_by_sample(tmp_path: Path) -> None:
    paths = outside(tmp_path, del1=ONE, del2=TWO)
    joined = join_sound(paths, "R01")
    whole = decoded(joined.content.data)
    assert (whole == np.concatenate([decoded(ONE), decoded(TWO)], axis=1)).all()
    assert not planted.has_canary(joined.content.data)
    assert (joined.content.name, joined.method) == ("R01", "samples-recoded")


def test_parts_of_other_rates_and_channels_are_converted(tmp_path: Path) -> None:
    stereo = np.stack([sound.sine(330, 4, 44_100), sound.sine(500, 4, 44_100)])
    high = tmp_path / "1.m4a"
    high.write_bytes(sound.encode(stereo, "m4a", 44_100))
    low = tmp_path / "2.mp3"
    low.write_bytes(sound.encode(sound.sine(700, 6, 22_050), "mp3", 22_050))
    joined = join_sound([low, high, low], "R01").content
    info = probe(joined)
    assert (info.sample_rate, info.channels) == (44_100, 2)
    assert info.duration == pytest.approx(16, abs=0.2)
    heard = np.concatenate(list(blocks(joined)), axis=1)

    def hertz(second: float, channel: int) -> float:
        part = heard[channel, int(second * RATE) : int((second + 1) * RATE)]
        return float(np.abs(np.fft.rfft(part)).argmax())

    assert [hertz(2, 0), hertz(2, 1), hertz(8, 0), hertz(8, 1)] == [700, 700, 330, 500]
    assert hertz(13, 0) == 700
    # as loud as it was
    mono = np.concatenate(list(blocks(low)), axis=1)[0, RATE : 3 * RATE].astype(float)
    assert heard[0, RATE : 3 * RATE].astype(float).std() == pytest.approx(mono.std(), rel=0.02)


def test_24_bits_stay_24_bits(tmp_path: Path) -> None:
    fine = planted_24_bits(tmp_path / "fine.flac")
    (plain,) = outside(tmp_path, plain=TWO)
    data = join_sound([fine, plain], "R01").content.data
    whole = decoded(data, wide=True)
    assert (whole[:, : RATE // 2] == decoded(fine.read_bytes(), wide=True)[:, : RATE // 2]).all()
    assert (whole % 65_536).any()


def planted_24_bits(path: Path) -> Path:
    import av

    values = (np.arange(RATE, dtype=np.int32) * 77_777 % 1_000_000) << 8
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE)
        stream.codec_context.layout = "mono"
        stream.codec_context.format = "s32"
        frame = av.AudioFrame.from_ndarray(values[None], format="s32p", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


# -- names


def test_what_names_tell() -> None:
    assert in_order(["P01_del10.m4a", "P01_del2.m4a"]) == ["P01_del2.m4a", "P01_del10.m4a"]
    assert in_order(["a (1).wav", "a (2).wav"]) == ["a (1).wav", "a (2).wav"]
    assert in_order(["morning.wav", "evening.wav"]) is None
    assert in_order(["x1.wav", "y1.wav"]) is None


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["P01_del1.m4a", "P01_del2.m4a", "P02_del1.m4a"], [["P01_del1.m4a", "P01_del2.m4a"]]),
        (["P01 part 2.m4a", "P01 part 1.m4a"], [["P01 part 1.m4a", "P01 part 2.m4a"]]),
        (["P01_1.wav", "P01_2.wav", "P01_3.mp3"], [["P01_1.wav", "P01_2.wav", "P01_3.mp3"]]),
        (["P01 (1).wav", "P01 (2).wav"], [["P01 (1).wav", "P01 (2).wav"]]),
        (["P01.wav", "P02.wav"], []),
        (["P01_interview.wav", "P01_followup.wav"], []),
        (["P01_14.wav", "P01_37.wav"], []),
        (["a/P01_1.wav", "b/P01_2.wav"], []),
    ],
)
def test_which_files_look_like_parts(files: list[str], found: list[list[str]]) -> None:
    groups = alike(PurePosixPath(file) for file in files)
    assert [[str(file) for file in group] for group in groups] == found


# -- in a study


def test_parts_become_one_source_whose_times_go_on(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = outside(tmp_path, P01_del1=ONE, P01_del2=TWO)
    bench.register(row())
    (taken,) = take(bench, *paths, join=True, move=True)
    assert (taken.id, taken.status, taken.participants, taken.left) == (
        "R01",
        "taken",
        ("P01",),
        False,
    )
    assert not any(path.exists() for path in paths)
    assert names(bench, "recordings") == ["R01.age"]
    assert probe(Plaintext("R01", content(bench, "R01"))).duration == pytest.approx(20, abs=0.01)
    done = actions(bench)
    assert done.count("plain-deleted") == done.count("plain-delete-intent") == 2
    assert done.index("ingested") < done.index("plain-delete-intent")
    item = table(bench).sources["R01"]
    assert item.paths == ("P01_del1.wav", "P01_del2.wav")
    assert KeySource.from_json(json.loads(json.dumps(item.to_json()))) == item

    monkeypatch.setattr(batch, "Tools", TonesTools)
    bench.run()  # tones look like a recogniser that loops
    bench.open(lambda opened: batch.approve(opened, "R01"))
    (outcome,) = bench.run()
    assert outcome.status == "final" and outcome.deleted
    data = json.loads((bench.folder / "transcripts" / "P01-R01.json").read_text())
    words = [word for turn in data["turns"] for word in turn["words"]]
    assert {w["text"] for w in words if w["start"] < 11.9} == {"w330"}
    assert {w["text"] for w in words if w["start"] > 12.1} == {"w440"}
    assert words[-1]["end"] > 19
    assert len(list((bench.folder / "receipts").glob("*-R01.json"))) == 1


@pytest.mark.parametrize("before", [True, False])
def test_parts_that_lie_in_the_study(bench: Workbench, before: bool) -> None:
    """Before or after a run has seen them: one that failed is not in the way."""
    first, second = bench.record("P01_del1.wav", ONE), bench.record("P01_del2.wav", TWO)
    bench.register(row())
    if not before:

        class Failing(StandInTools):
            @property
            def transcriber(self) -> object:
                raise RecordingError("no model today")

            @transcriber.setter
            def transcriber(self, _: object) -> None:
                return

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batch, "Tools", Failing)
            assert {outcome.status for outcome in bench.run()} == {"failed"}
    (taken,) = take(bench, first, second, join=True)
    assert (taken.id, taken.status, taken.left) == ("R01", "taken", False)
    assert names(bench, "recordings") == ["R01.age"]
    outcomes = bench.run()
    assert [outcome.id for outcome in outcomes] == ["R01"]
    assert outcomes[0].status == "final"


def test_what_stays_apart(bench: Workbench, tmp_path: Path) -> None:
    first, second = bench.record("P01_del1.wav", ONE), bench.record("P01_del2.wav", TWO)
    bench.register(row(audio="delete-after-review"), row("P02"))
    bench.run()
    (taken,) = take(bench, first, second, join=True)
    assert taken.exit_code == 1 and "was transcribed on its own already, as R01" in taken.reason
    assert first.exists() and second.exists()
    three, four = outside(tmp_path, x=sound.encode(sound.sine(500, 2), "wav"), y=TWO[:-2] + b"ab")
    (taken,) = take(bench, three, three, join=True, participants=("P01",))
    assert "hold the same" in taken.reason
    take(bench, three, participants=("P01",))
    (taken,) = take(bench, three, four, join=True, participants=("P01",))
    assert "was taken in on its own already, as R03" in taken.reason
    other = three.rename(three.with_name("P02_x.wav"))
    (taken,) = take(bench, other, four.rename(four.with_name("P01_y.wav")), join=True)
    assert taken.exit_code == 3 and "belong to the same participants" in taken.reason
    with pytest.raises(UsageError, match="makes one recording of several"):
        take(bench, four, join=True)
    note = bench.note("P01.txt", TEXT)
    with pytest.raises(UsageError, match="documents of one interview stay apart"):
        take(bench, note, note, join=True)


def test_a_copy_of_a_part_is_known(bench: Workbench, tmp_path: Path) -> None:
    paths = outside(tmp_path, P01_del1=ONE, P01_del2=TWO)
    bench.register(row(audio="delete-after-review"))
    take(bench, *paths, join=True)
    assert all(path.exists() for path in paths)
    bench.record("P01_del2.wav", TWO)
    outcomes = bench.run()
    assert "is a part of R01, which lies encrypted" in outcomes[0].reason
    (_,) = take(bench)
    assert names(bench, "recordings") == ["R01.age"]
    (taken,) = take(bench, *paths, join=True, move=True)
    assert (taken.status, taken.left) == ("already", False)
    bench.open(lambda opened: batch.approve(opened, "R01"))
    bench.run()
    assert names(bench, "recordings") == []
    bench.record("P01_del2.wav", TWO)
    assert "which was deleted as its consent demands" in bench.run()[0].reason
    (taken,) = take(bench)
    assert taken.status == "refused" and "was deleted as its consent" in taken.reason
    paths = outside(tmp_path, P01_del1=ONE, P01_del2=TWO)
    (taken,) = take(bench, *paths, join=True)
    assert taken.status == "refused"
    assert {part.path for part in table(bench).sources["R01"].parts} <= {
        "P01_del1.wav",
        "P01_del2.wav",
        "R01",
    }


@pytest.mark.long
def test_killed_at_every_effect_parts_are_there_or_one_recording_is(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row(audio="delete-after-review"))
    kept = bench.folder.parent / "copy"
    for step in range(1, 100):
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(bench.folder, kept)
        key = bench.key.read_bytes()
        paths = outside(tmp_path, P01_del1=ONE, P01_del2=TWO)
        work = functools.partial(take, bench, *paths, join=True, move=True)
        whole = done_or_killed(work, step, monkeypatch)
        (taken,) = take(bench, *paths, join=True, move=True)
        assert taken.id == "R01" and not taken.left, (step, taken)
        assert probe(Plaintext("R01", content(bench, "R01"))).duration == pytest.approx(
            20, abs=0.01
        )
        log = actions(bench)
        assert log.count("plain-delete-intent") >= 2 and log.count("plain-deleted") >= 2
        assert not list(paths[0].parent.iterdir())
        if whole:
            assert step > 20
            return
        shutil.rmtree(bench.folder)
        shutil.copytree(kept, bench.folder)
        bench.key.write_bytes(key)
    raise AssertionError("it has no end")


def test_a_withdrawal_takes_copies_of_parts_along(
    bench: Workbench, tmp_path: Path, call: Call
) -> None:
    paths = outside(tmp_path, P01_del1=ONE, P01_del2=TWO)
    bench.register(row(audio="delete-after-review"))
    take(bench, *paths, join=True, move=True)
    bench.record("unnamed.wav", TWO)
    code, _, said = call("withdraw", bench.folder, "P01", "--identity", bench.identity, "--yes")
    assert code == 0, said
    assert names(bench, "recordings") == []
    assert table(bench).sources["R01"].parts == ()


def test_a_run_tells_how_parts_are_joined(bench: Workbench, call: Call) -> None:
    bench.record("P01_del1.wav", ONE)
    bench.record("P01_del2.wav", TWO)
    bench.record("P02_1.wav", ONE[:-2] + b"cd")
    bench.register(row(audio="delete-after-review"), row("P02", audio="delete-after-review"))
    code, out, said = call("run", bench.folder, "--identity", bench.identity, "--json")
    assert code == 0
    assert said.strip() == (
        "anonpipe: P01_del1.wav and P01_del2.wav look like parts of one interview: to have one "
        "transcript of them, stop, and join them in the study folder with `anonpipe ingest . "
        "--join recordings/P01_del1.wav recordings/P01_del2.wav`."
    )
    assert '"event": "parts", "source": null, "count": 2' in out
    assert "del1" not in out
    _, _, said = call("run", bench.folder, "--identity", bench.identity)
    assert said == ""  # they are transcribed


def test_the_order_is_shown_and_minded(bench: Workbench, tmp_path: Path, call: Call) -> None:
    one, two = outside(tmp_path, P01_del1=ONE, P01_del2=TWO)
    bench.register(row())
    options = ("--identity", bench.identity, "--join")
    code, _, said = call("ingest", bench.folder, two, one, *options)
    assert code == 2 and "say another order: P01_del1.wav, P01_del2.wav" in said
    code, out, said = call("ingest", bench.folder, one, two, *options)
    assert code == 0 and "part 1  P01_del1.wav\npart 2  P01_del2.wav" in said
    assert "R01  taken" in out and "were left there (2)" in out


def test_a_key_with_and_without_parts() -> None:
    plain = KeySource("audio", "a.wav", "1")
    assert "parts" not in plain.to_json() and KeySource.from_json(plain.to_json()) == plain
    joined = KeySource("audio", "a.wav", "1", parts=(Part("a.wav", "2"), Part("b.wav", "3")))
    assert KeySource.from_json(joined.to_json()) == joined


# -- text from standard input


def pasted(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    stdin = SimpleNamespace(buffer=io.BytesIO(data), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", stdin)


def test_pasted_text_is_encrypted_and_never_lies_in_the_clear(
    bench: Workbench, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row())
    arguments = ("ingest", bench.folder, "-", "--participant", "P01", "--identity", bench.identity)
    pasted(monkeypatch, TEXT.encode())
    code, out, said = call(*arguments)
    assert (code, said) == (0, "") and "D01  taken    P01" in out and "left there" not in out
    assert names(bench, "documents") == ["D01.age"]
    for path in bench.folder.parent.rglob("*"):
        assert not path.is_file() or b"Bergen" not in path.read_bytes()
    stored = json.loads(content(bench, "D01"))
    assert [turn["speaker"] for turn in stored["turns"]] == ["Interviewer", "Kari"]
    pasted(monkeypatch, TEXT.encode())
    assert "D01  already" in call(*arguments)[1]
    (outcome,) = bench.run()
    assert outcome.outputs and "Bergen" not in "".join(
        path.read_text() for path in (bench.folder / "transcripts").glob("*.txt")
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "The text from standard input is empty"),
        (b" \n\n", "The text from standard input is empty"),
        (ONE, "The text from standard input is no text that can be read"),
        (b"\x00\x01\x02" * 50, "The text from standard input is no text that can be read"),
    ],
)
def test_what_is_no_text_is_refused(
    bench: Workbench, call: Call, monkeypatch: pytest.MonkeyPatch, data: bytes, told: str
) -> None:
    bench.register(row())
    pasted(monkeypatch, data)
    code, _, said = call(
        "ingest", bench.folder, "-", "--participant", "P01", "--identity", bench.identity
    )
    assert code == 1 and told in said and said.count("\n") == 1
    assert not list((bench.folder / "documents").iterdir())


def test_pasted_text_needs_a_participant(
    bench: Workbench, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.register(row())
    pasted(monkeypatch, TEXT.encode())
    code, _, said = call("ingest", bench.folder, "-", "--identity", bench.identity)
    assert code == 3 and "--participant" in said
