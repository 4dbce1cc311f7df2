"""Voices of chunks become speakers: right, in order, as many as there are, in little memory."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from anonpipe.speakers.backend import Voice
from anonpipe.speakers.chunks import Chunks, join
from anonpipe.speakers.clustering import Chain, cluster, merge
from anonpipe.speakers.counting import told_apart
from anonpipe.speakers.networks import FRAMES
from anonpipe.speakers.resegmentation import changes
from anonpipe.speakers.timeline import voices as timeline
from tests.speakers.made import Turn, conversation, sounds, taking_turns


def told(heard: Chunks, speakers: int | None) -> tuple[Voice, ...]:
    found = told_apart(heard, speakers)
    return timeline(heard, changes(heard, found), len(found.centres))


def wrong(found: tuple[Voice, ...], turns: list[Turn]) -> float:
    """Share of the speech that is not given to its speaker, who counts from 0 as they begin."""
    times = np.arange(0, turns[-1][1], 0.02)
    bad = total = 0
    for who in {who for *_, who in turns}:
        wanted, got = np.zeros(len(times), bool), np.zeros(len(times), bool)
        for start, end, speaker in turns:
            wanted |= (times >= start) & (times < end) & (speaker == who)
        for voice in found:
            got |= (times >= voice.start) & (times < voice.end) & (voice.speaker == who)
        bad += int((wanted != got).sum())
        total += int(wanted.sum())
    return bad / (2 * total)


@pytest.mark.parametrize("cosine", [0.3, 0.7, 0.88])
@pytest.mark.parametrize("speakers", [2, 3, 4])
def test_turns_go_to_their_speakers(speakers: int, cosine: float) -> None:
    turns = taking_turns(200, speakers, longest=8)
    heard = conversation(turns, sounds(speakers, cosine))
    assert wrong(told(heard, speakers), turns) < 0.03


def test_speakers_are_numbered_as_they_begin_and_voices_in_order_of_start() -> None:
    turns = [(1.0, 4.0, 1), (5.0, 9.0, 0), (10.0, 20.0, 2), (21.0, 30.0, 0)]
    found = told(conversation(turns, sounds(3)), 3)
    assert [voice.speaker for voice in found] == [0, 1, 2, 1]
    assert [voice.start for voice in found] == sorted(voice.start for voice in found)


def test_both_are_heard_where_two_speak() -> None:
    turns = [(1.0, 8.0, 0), (6.0, 14.0, 1), (15.0, 25.0, 0)]
    first, second, _ = told(conversation(turns, sounds(2)), 2)
    assert (first.speaker, second.speaker) == (0, 1)
    assert first.end - second.start == pytest.approx(2.0, abs=0.15)


def test_agreement_of_chunks_tells_where_sound_does_not() -> None:
    """The embeddings say nothing at all; who goes on speaking from chunk to chunk does."""
    turns = taking_turns(60, longest=3)
    heard = conversation(turns, sounds(2, 0.5))
    same = replace(heard, parts=np.ones_like(heard.parts) / 16)
    assert wrong(timeline(same, changes(same, cluster(Chain(same), 2)), 2), turns) < 0.03


def run_together(change: int) -> tuple[Chunks, list[Turn]]:
    """Turns of 10 s; the chunk from 5 s on takes the end of one and the next one for one voice.

    It has eight parts, and the first `change` of them sound like the first speaker.
    """
    turns = [(0.0, 10.0, 0), (10.2, 20.0, 1), (20.2, 30.0, 0), (30.2, 40.0, 1)]
    heard = conversation(turns, sounds(2, 0.6), noise=0.0)
    two = sounds(2, 0.6).astype(np.float16)
    activity, keep = heard.activity.copy(), np.ones(len(heard.chunk), bool)
    seconds = heard.seconds.copy()
    owner, first, parts = [], [], []
    place = np.full(len(heard.chunk), -1)
    both = int(np.flatnonzero(heard.starts == 5.0)[0])
    one, other = np.flatnonzero(heard.chunk == both).tolist()
    activity[both, :, heard.local[one]] = activity[both, :, heard.local[[one, other]]].max(axis=0)
    activity[both, :, heard.local[other]] = 0
    keep[other] = False
    place[keep] = np.arange(keep.sum())
    seconds[one] = 9.8
    for voice in np.flatnonzero(keep).tolist():
        if voice == one:
            for part in range(8):
                owner.append(place[voice])
                first.append(part * FRAMES // 8)
                parts.append(two[0 if part < change else 1])
        else:
            owner.append(place[voice])
            first.append(0)
            parts.append(heard.parts[voice])
    return (
        Chunks(
            heard.starts,
            activity,
            heard.chunk[keep],
            heard.local[keep],
            seconds[keep],
            np.array(owner, np.int32),
            np.array(first, np.int32),
            np.array(parts, np.float16),
            heard.speech,
        ),
        turns,
    )


def test_a_voice_of_two_speakers_is_parted_at_the_pause() -> None:
    heard, turns = run_together(4)
    found = told_apart(heard, 2)
    whole = [np.full(FRAMES, label) for label in found.labels.tolist()]
    assert wrong(timeline(heard, whole, 2), turns) > 0.04
    assert wrong(told(heard, 2), turns) < 0.02


def test_one_odd_part_is_no_change_of_speaker() -> None:
    heard, _ = run_together(8)
    parts = heard.parts.copy()
    long = np.flatnonzero(np.bincount(heard.owner) == 8).item()
    middle = np.flatnonzero(heard.owner == long)[3]
    parts[middle] = (parts[middle] + 1.2 * sounds(2, 0.6)[1]) / 2.1
    odd = replace(heard, parts=parts.astype(np.float16))
    (speakers,) = {tuple(set(changes(odd, told_apart(odd, 2))[long].tolist()))}
    assert len(speakers) == 1


@pytest.mark.parametrize("speakers", [1, 2, 3, 4])
def test_the_number_of_speakers_is_estimated(speakers: int) -> None:
    turns = taking_turns(240, speakers, longest=9)
    heard = conversation(turns, sounds(speakers, 0.6))
    assert {voice.speaker for voice in told(heard, None)} == set(range(speakers))


def test_one_voice_stays_one_where_two_were_expected() -> None:
    turns = [(at, at + 4.0, 0) for at in np.arange(0.5, 60, 4.5)]
    heard = conversation(turns, sounds(1))
    assert {voice.speaker for voice in told(heard, 2)} == {0}


@pytest.mark.parametrize("speakers", [None, 1, 2, 20])
def test_little_is_enough(speakers: int | None) -> None:
    heard = conversation([(1.0, 2.5, 0)], sounds(1))
    (voice,) = told(heard, speakers)
    assert (voice.speaker, voice.start, voice.end) == (
        0,
        pytest.approx(1, abs=0.15),
        pytest.approx(2.5, abs=0.15),
    )


def test_many_expected_speakers_are_found_in_time() -> None:
    begun = time.perf_counter()
    turns = taking_turns(120, 3, longest=4)
    told(conversation(turns, sounds(3)), 20)
    assert time.perf_counter() - begun < 10


def test_windows_joined_are_the_recording() -> None:
    turns = taking_turns(100)
    whole = conversation(turns, sounds(2))
    half = len(whole.starts) // 2
    first = whole.chunk < half
    parts = [
        Chunks(
            whole.starts[chunks],
            whole.activity[chunks],
            whole.chunk[chosen] - offset,
            whole.local[chosen],
            whole.seconds[chosen],
            whole.owner[chosen] - int(np.flatnonzero(chosen)[0]),
            whole.first[chosen],
            whole.parts[chosen],
            speech,
        )
        for chunks, chosen, offset, speech in (
            (slice(0, half), first, 0, whole.speech),
            (slice(half, None), ~first, half, whole.speech[:0]),
        )
    ]
    parts = [Chunks.unpack(part.pack()) for part in parts]
    assert told(join([parts[0], Chunks.nothing(), parts[1]]), 2) == told(whole, 2)


def test_the_same_gives_the_same() -> None:
    heard = conversation(taking_turns(150), sounds(2, 0.8), noise=0.5)
    assert told(heard, 2) == told(Chunks.unpack(heard.pack()), 2)
    assert heard.pack() == heard.pack()


@pytest.mark.parametrize("data", [b"", b"not an archive", b"PK\x03\x04"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not remembered voices"):
        Chunks.unpack(data)


@pytest.mark.long
def test_hours_cost_little() -> None:
    """Three hours: a table of each voice with each other would have 20 million cells."""
    turns = taking_turns(3 * 3600, longest=9)
    heard = conversation(turns, sounds(2, 0.7))
    assert len(heard.chunk) > 3000
    tracemalloc.start()
    begun = time.perf_counter()
    found = told(heard, 2)
    seconds, (_, peak) = time.perf_counter() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert wrong(found, turns) < 0.03
    assert peak < 100e6
    assert seconds < 60


def test_nearest_are_merged_first() -> None:
    a, b, c = np.array([[1.0, 0], [0.9, 0.436], [0, 1.0]], np.float32)
    groups = merge(np.stack([a, b, c]), np.ones(3, np.float32), count=2)
    assert sorted(map(sorted, groups)) == [[0, 1], [2]]
