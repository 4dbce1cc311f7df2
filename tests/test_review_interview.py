"""The server's half of the page of one interview: what it sends, takes and refuses."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import batch
from anonpipe.review.desk import Desk
from anonpipe.review.web.pages.interview import KNOWN_STATES
from anonpipe.review.web.shown import delta, from_page, shown, to_page
from anonpipe.session import session
from anonpipe.transcript import Transcript, Turn
from tests.conftest import TODAY, Workbench, row
from tests.reviewing import signed_in

TEXT = """\
Interviewer: Where do you work, and with whom?
P01: I work with Kari Nordmann in Bergen. 😀 Kari's room is there.
P01: Kari says that Solveig is ill, and Solveig is never ill.
"""
AT = "/api/interviews/D01"
Json = dict[str, Any]


@pytest.fixture
def study(bench: Workbench) -> Workbench:
    bench.register(row("P01", audio="delete-after-review", review="yes"))
    bench.note("P01_notes.txt", TEXT)
    bench.run()
    return bench


@pytest.fixture
def desk(study: Workbench) -> Iterator[Desk]:
    with session(study.study, [study.identity], lambda _: None) as opened:
        yield Desk(opened, today=TODAY)


@pytest.fixture
def client(desk: Desk) -> Any:
    return signed_in(desk)


def state(client: Any) -> Json:
    answer = client.get(AT)
    assert answer.status_code == 200
    found = dict(answer.json())
    assert found.pop("full")
    return found


def units(text: str) -> list[str]:
    """A text as scripts count it: UTF-16 code units."""
    data = text.encode("utf-16-le")
    return [data[n : n + 2].decode("utf-16-le", "surrogatepass") for n in range(0, len(data), 2)]


def place(now: Json, words: str, nth: int = 0) -> Json:
    """Where words stand, as the page would send it."""
    found = []
    for number, turn in enumerate(now["turns"]):
        at = turn["text"].find(words)
        while at >= 0:
            start = len(units(turn["text"][:at]))
            found.append({"turn": number, "start": start, "end": start + len(units(words))})
            at = turn["text"].find(words, at + 1)
    return found[nth]


def entity(now: Json, there: Json) -> str | None:
    bounds = (there["start"], there["end"])
    marks = now["turns"][there["turn"]]["marks"]
    return next((m["entity"] for m in marks if (m["start"], m["end"]) == bounds), None)


def decide(client: Any, now: Json, words: str, nth: int = 0, **request: Any) -> Json:
    there = place(now, words, nth)
    seen = {**there, "text": words, "entity": entity(now, there)}
    body = {"version": now["version"], "place": seen, "request": {**there, **request}}
    answer = client.post(f"{AT}/decide", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def put_over(now: Json, answer: Json) -> Json:
    """What the page does with an answer."""
    if answer.get("full"):
        return {key: value for key, value in answer.items() if key != "full"}
    result = {**now, "turns": list(now["turns"])}
    for key, value in answer.items():
        if key == "turns":
            for number, turn in value.items():
                result["turns"][int(number)] = turn
        elif isinstance(now.get(key), dict):
            merged = {**now[key], **value}
            result[key] = {name: item for name, item in merged.items() if item is not None}
        elif key not in ("effect", "refused"):
            result[key] = value
    return result


def test_the_page_itself_holds_nothing_of_the_interview(client: Any) -> None:
    answer = client.get("/interviews/D01")
    assert answer.status_code == 200
    assert "<title>D01 – anonpipe</title>" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    for words in ("Kari", "Bergen", "Solveig", "P01"):
        assert words not in answer.text


def test_an_unknown_interview_is_not_there(client: Any) -> None:
    assert client.get("/interviews/R09", headers={"X-Anonpipe": ""}).status_code == 404
    assert client.get("/api/interviews/R09").status_code == 404


def test_marks_stand_where_the_page_counts_them(client: Any) -> None:
    now = state(client)
    assert now["raw"] and not now["has_sound"]
    turn = now["turns"][1]
    said = ["".join(units(turn["text"])[m["start"] : m["end"]]) for m in turn["marks"]]
    assert said == ["Kari Nordmann", "Bergen", "Kari"]
    assert [mark["written"] for mark in turn["marks"]] == ["[Person 1]", "[Place 1]", "[Person 1]"]
    assert now["entities"]["PERSON-1"] == {
        "name": "Kari Nordmann",
        "type": "PERSON",
        "code": "[Person 1]",
    }


def test_an_answer_holds_no_more_than_what_has_changed(client: Any) -> None:
    now = state(client)
    answer = decide(client, now, "Bergen", kind="reject")
    assert answer["effect"]["total"] == 1
    assert set(answer["turns"]) == {"1"} and "labels" not in answer
    assert put_over(now, answer) == state(client)


def test_every_kind_of_decision_and_back_again(client: Any, desk: Desk) -> None:
    wanted: list[Json] = [
        {"words": "Kari Nordmann", "kind": "confirm", "scope": "source"},
        {"words": "Solveig", "kind": "add", "type": "PERSON", "scope": "source"},
        {"words": "never ill", "kind": "seen"},
        {"words": "Bergen", "kind": "entity", "type": "ORG", "entity": "new"},
        {"words": "Kari", "nth": 2, "kind": "entity", "entity": "new"},
        {"words": "Bergen", "kind": "generalise", "value": "[a town]"},
        {"words": "room", "kind": "word", "value": "office"},
        {"words": "Kari", "nth": 2, "kind": "reject", "scope": "study"},
    ]
    for each in wanted:
        before = state(client)
        request = dict(each)
        words, nth = request.pop("words"), request.pop("nth", 0)
        answer = decide(client, before, words, nth, **request)
        after = put_over(before, answer)
        assert after == state(client)
        assert answer["effect"]["id"] in after["decisions"], each
        undone = client.post(
            f"{AT}/undo", json={"version": after["version"], "id": answer["effect"]["id"]}
        )
        assert undone.status_code == 200, undone.text
        assert put_over(after, undone.json()) == state(client)
        assert {**before, "version": 0} == {**state(client), "version": 0}, each
    assert desk.decisions("D01") == ()


def test_a_span_is_given_by_its_new_bounds(client: Any) -> None:
    now = state(client)
    there = place(now, "Kari's room")
    bounds = [there["start"], there["end"]]
    answer = decide(client, now, "Kari", nth=1, kind="span", span=bounds)
    after = put_over(now, answer)
    assert bounds in [[m["start"], m["end"]] for m in after["turns"][1]["marks"]]


def test_two_become_one(client: Any) -> None:
    now = put_over(
        first := state(client), decide(client, first, "Solveig", kind="add", type="PERSON")
    )
    other = entity(now, place(now, "Solveig"))
    body = {
        "version": now["version"],
        "place": None,
        "request": {"kind": "merge", "entity": other, "value": "PERSON-1"},
    }
    answer = client.post(f"{AT}/decide", json=body)
    assert answer.status_code == 200, answer.text
    after = put_over(now, answer.json())
    assert entity(after, place(after, "Solveig")) == "PERSON-1"
    assert other not in after["entities"]
    told = after["decisions"][answer.json()["effect"]["id"]]
    assert told["turn"] is None and told["codes"] == ["[Person 2]", "[Person 1]"]


def test_a_preview_counts_and_changes_nothing(client: Any, desk: Desk) -> None:
    now = state(client)
    there = place(now, "Solveig")
    requests = [
        {"kind": "add", "type": "PERSON", "scope": scope, **there}
        for scope in ("here", "source", "study")
    ]
    refused = {"kind": "confirm", "scope": "here", **there}
    answer = client.post(f"{AT}/preview", json={"requests": [*requests, refused]})
    effects = answer.json()["effects"]
    assert [each and each["total"] for each in effects] == [1, 2, 2, None]
    assert all(each["id"] is None for each in effects[:3])
    assert desk.version == now["version"] and state(client) == now


def test_a_second_tab_learns_what_the_first_decided(client: Any) -> None:
    one = other = state(client)
    one = put_over(one, decide(client, one, "Bergen", kind="reject"))
    answer = decide(client, other, "Kari Nordmann", kind="confirm")
    assert "effect" in answer and set(answer["turns"]) == {"1"}
    other = put_over(other, answer)
    assert other == state(client)
    since = client.get(AT, params={"since": one["version"]})
    assert put_over(one, since.json()) == other


def test_a_place_that_has_changed_is_not_decided_about(client: Any, desk: Desk) -> None:
    one = other = state(client)
    decide(client, one, "Bergen", kind="reject")
    answer = decide(client, other, "Bergen", kind="confirm")
    assert answer["refused"] and "effect" not in answer
    assert put_over(other, answer) == state(client)
    now = state(client)
    decide(client, now, "in Bergen", kind="word", value="near Bergen")
    answer = decide(client, now, "there", kind="seen")
    assert answer["refused"]
    assert [each.kind for each in desk.decisions("D01")] == ["reject", "word"]


def test_a_page_that_slept_for_long_gets_everything(client: Any) -> None:
    old = state(client)
    for _ in range(KNOWN_STATES // 2 + 1):
        now = state(client)
        done = put_over(now, decide(client, now, "Bergen", kind="confirm"))
        last = max(done["decisions"], key=lambda name: int(name.rpartition("-")[2]))
        client.post(f"{AT}/undo", json={"version": done["version"], "id": last})
    answer = client.get(AT, params={"since": old["version"]}).json()
    assert answer["full"] and put_over(old, answer) == state(client)


def test_who_speaks(client: Any) -> None:
    now = state(client)
    body = {"version": now["version"], "labels": {"Interviewer": "Researcher"}}
    answer = client.post(f"{AT}/speakers", json=body)
    assert answer.status_code == 200, answer.text
    now = put_over(now, answer.json())
    assert [turn["speaker"] for turn in now["turns"]] == ["Researcher", "P01", "P01"]
    answer = client.post(f"{AT}/speakers", json={"version": now["version"], "swap": True})
    now = put_over(now, answer.json())
    assert [turn["speaker"] for turn in now["turns"]] == ["P01", "Researcher", "Researcher"]
    bad = {"version": now["version"], "labels": {"P01": "a: b"}}
    answer = client.post(f"{AT}/speakers", json=bad)
    assert answer.status_code == 400 and "40 characters" in answer.json()["error"]


def test_suggestions(client: Any) -> None:
    now = state(client)
    query = {**place(now, "Bergen"), "type": "LOCATION"}
    answer = client.get(f"{AT}/suggestions", params=query).json()
    assert answer["candidates"][0] == "LOCATION-1"
    assert answer["forms"] and not any("Bergen" in form for form in answer["forms"])


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"kind": "erase", "turn": 1, "start": 0, "end": 4},
        {"kind": "confirm", "scope": "everywhere", "turn": 1, "start": 0, "end": 4},
        {"kind": "confirm", "turn": 99, "start": 0, "end": 4},
        {"kind": "confirm", "turn": 1, "start": 4, "end": 4},
        {"kind": "confirm", "turn": 1, "start": -3, "end": 4},
        {"kind": "confirm", "turn": 1, "start": 0, "end": 999},
        {"kind": "confirm", "turn": "1; x", "start": 0, "end": 4},
        {"kind": "add", "type": "NAME", "turn": 1, "start": 0, "end": 4},
        {"kind": "entity", "entity": "PERSON-77", "turn": 1, "start": 0, "end": 4},
        {"kind": "word", "value": "x" * 501, "turn": 1, "start": 0, "end": 4},
    ],
)
def test_what_no_page_of_ours_asks_is_refused(client: Any, desk: Desk, request_: Json) -> None:
    body = {"version": 0, "place": None, "request": request_}
    answer = client.post(f"{AT}/decide", json=body)
    assert answer.status_code == 400 and "Kari" not in answer.text
    assert desk.decisions("D01") == ()


def test_the_desk_refuses_in_a_sentence(client: Any) -> None:
    now = state(client)
    there = place(now, "Bergen")
    request = {"kind": "generalise", "value": "[near Bergen]", **there}
    body = {"version": now["version"], "place": None, "request": request}
    answer = client.post(f"{AT}/decide", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("These words still hold the detail")


def test_decisions_need_the_header_of_our_scripts(client: Any, desk: Desk) -> None:
    now = state(client)
    body = {"version": now["version"], "request": {"kind": "reject", **place(now, "Bergen")}}
    del client.headers["X-Anonpipe"]
    assert client.post(f"{AT}/decide", json=body).status_code in (400, 401, 403)
    assert desk.decisions("D01") == ()


def test_only_the_coded_text_is_left(bench: Workbench) -> None:
    bench.register(row("P01"))
    bench.note("P01_notes.txt", TEXT)
    bench.run()
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        client = signed_in(Desk(opened, today=TODAY))
        now = state(client)
        assert not now["raw"] and "Kari" not in str(now["turns"])
        codes = [mark["written"] for mark in now["turns"][1]["marks"]]
        assert codes == ["[Person 1]", "[Place 1]", "[Person 1]"]
        assert {mark["by"] for mark in now["turns"][1]["marks"]} == {"coded"}
        request = {"kind": "add", "type": "PERSON", "scope": "study"}
        answer = decide(client, now, "Solveig", **request)
        assert answer["effect"]["final"] == 2


def test_a_page_that_is_still_open_after_the_deletion_gets_the_coded_text(
    desk: Desk, client: Any
) -> None:
    old = state(client)
    batch.approve(desk.session, "D01")
    batch.run(desk.session, report=lambda _: None, today=TODAY)
    desk.forget()
    answer = client.get(AT, params={"since": old["version"]}).json()
    assert not answer["raw"] and "Nordmann" not in str(answer)
    assert "Nordmann" not in str(put_over(old, answer)["turns"])


def test_sound_comes_in_pieces_and_covered(bench: Workbench) -> None:
    bench.register(row("P01", audio="delete-after-review", review="yes"))
    rate, file = 16000, io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((3000 * np.sin(np.arange(12 * rate) * 0.05)).astype("<i2").tobytes())
    bench.record("P01_memo.wav", file.getvalue())
    bench.run()
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        client = signed_in(Desk(opened, today=TODAY))
        at = "/interviews/R01/sound"
        plain = client.get(at, params={"from": "1", "to": "7", "covered": "0"})
        covered = client.get(at, params={"from": "1", "to": "7", "covered": "1"})
        assert plain.headers["content-type"] == "audio/wav"
        assert plain.headers["cache-control"] == "no-store"
        heard, bleeped = (_samples(each.content) for each in (plain, covered))
        assert len(heard) == len(bleeped) == 6 * rate
        # «Kari Nordmann in Bergen»: seconds 2 to 4, 5 to 6, a quarter wider.
        differs = heard != bleeped
        assert differs[int(1.2 * rate) : int(2.8 * rate)].mean() > 0.9
        assert not differs[: int(0.7 * rate)].any()
        assert client.get(at, params={"from": "9", "to": "7"}).status_code in (400, 404)
        assert client.get(at, params={"from": "x"}).status_code in (400, 404)


def _samples(data: bytes) -> np.ndarray[Any, np.dtype[np.int16]]:
    with wave.open(io.BytesIO(data)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_there_is_no_sound_of_a_text(client: Any) -> None:
    answer = client.get("/interviews/D01/sound", params={"from": "0", "to": "2"})
    assert answer.status_code == 404 and "recording" in answer.json()["error"]


@given(st.text(alphabet="aæ😀𝒳 ", max_size=12))
def test_characters_are_counted_as_the_page_counts_them(text: str) -> None:
    for index in range(len(text) + 1):
        assert to_page(text, index) == len(units(text[:index]))
        assert from_page(text, to_page(text, index)) == index


def test_a_turn_more_is_everything_anew(desk: Desk) -> None:
    interview = desk.interview("D01")
    before = shown(interview)
    longer = replace(
        interview,
        transcript=Transcript((*interview.transcript.turns, Turn("And so on.")), "en"),
    )
    assert delta(before, shown(longer))["full"]
