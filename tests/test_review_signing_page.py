"""The page of the signature: what it shows, and what it leaves."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from anonpipe import batch
from anonpipe.review import desk as desk_module
from anonpipe.review import signing
from anonpipe.review.desk import Desk
from tests.conftest import StandInTools, Workbench, row
from tests.reviewing import signed_in
from tests.test_review_desk import asking, at_desk, selecting, study, written
from tests.test_review_signing import REVIEWER, log_of, two

__all__ = ["study", "two"]


@pytest.fixture
def desk(study: Workbench) -> Iterator[Desk]:
    with at_desk(study) as found:
        yield found


def shown(client: TestClient, name: str) -> str:
    """The words of the page, without tags."""
    answer = client.get(f"/interviews/{name}/sign")
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def digest(client: TestClient, name: str) -> str:
    found = re.search(r'data-shown="([0-9a-f]{64})"', client.get(f"/interviews/{name}/sign").text)
    assert found is not None
    return found[1]


def test_the_page_says_what_happens_and_the_button_what_it_does(desk: Desk) -> None:
    client = signed_in(desk, "nb")
    page = shown(client, "R01")
    assert "Opptaket og råteksten slettes for godt." in page
    assert "Etter regelen delete-after-review i consent.csv, som P01 sa ja til." in page
    assert "Signer og slett opptaket" in page and "transcripts/P01-R01.docx" in page
    page = shown(client, "D01")
    assert "Selve dokumentet blir" in page and "Signer og slett råteksten" in page
    assert "Sign and delete the recording" in shown(signed_in(desk), "R01")


def test_a_signature_leads_to_the_receipt_and_to_pages_without_names(
    desk: Desk, study: Workbench
) -> None:
    client = signed_in(desk)
    assert "Kari" in client.get("/api/interviews/R01").text and client.get("/risk").text
    memory = client.app.state.memory  # type: ignore[attr-defined]
    assert set(memory) == {"interviews", "risk"}
    body = {"reviewer": REVIEWER, "shown": digest(client, "R01")}
    answer = client.post("/interviews/R01/sign", json=body)
    assert answer.json() == {"to": "/interviews/R01/signed"}
    assert memory == {}
    page = client.get("/interviews/R01/signed").text
    assert "receipt X0001" in page and "delete-after-review" in page
    assert "Next: D01" in page
    assert not (study.folder / "recordings" / "P01_memo.wav").exists()
    for address in ("/interviews/R01/sign", "/interviews/R01/signed", "/"):
        text = client.get(address).text
        for name in ("Kari", "Nordmann", "Bergen", "P01_memo", REVIEWER, "Skovlund"):
            assert name not in text, address


def test_a_get_writes_nothing(desk: Desk, study: Workbench) -> None:
    client = signed_in(desk)
    desk.decide("D01", asking(desk.interview("D01"), "Ola Hansen", kind="reject"))
    before = study.outputs()
    page = client.get("/interviews/D01/sign").text
    assert 'data-do="prepare"' in page and study.outputs() == before
    answer = client.post("/interviews/D01/sign/prepare", json={})
    assert answer.json() == {"to": "/interviews/D01/sign"}
    assert "Ola Hansen" in written(study)
    page = shown(client, "D01")
    assert "No: no name the program knows stands in any file" not in page or "Ola" not in page


def test_what_changed_in_another_tab_is_refused_with_one_sentence(
    desk: Desk, study: Workbench
) -> None:
    client = signed_in(desk)
    body = {"reviewer": REVIEWER, "shown": digest(client, "D01")}
    request = selecting(desk.interview("D01"), "Solveig", kind="add", type="PERSON")
    desk.decide("D01", request)
    answer = client.post("/interviews/D01/sign", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Something about D01 has changed")
    client.post("/screen", json={"language": "nb"})
    answer = client.post("/interviews/D01/sign", json=body)
    assert answer.json()["error"].startswith("Noe ved D01 er endret siden dette ble vist")
    assert not log_of(study, "approved")


@pytest.mark.parametrize(
    "body",
    [{}, {"reviewer": REVIEWER}, {"reviewer": None, "shown": "x"}, {"reviewer": 1, "shown": "x"}],
)
def test_a_signature_needs_a_name_and_what_was_shown(
    desk: Desk, study: Workbench, body: dict[str, object]
) -> None:
    assert signed_in(desk).post("/interviews/R01/sign", json=body).status_code == 400
    assert not log_of(study, "approved")


def test_leaks_lead_to_their_turn_and_what_was_left_on_purpose_stands_apart(
    desk: Desk, study: Workbench
) -> None:
    client = signed_in(desk)
    desk.decide("D01", asking(desk.interview("D01"), "Kari", 0, kind="reject"))
    client.post("/interviews/D01/sign/prepare", json={})
    page = client.get("/interviews/D01/sign").text
    assert 'href="/interviews/D01#t1"' in page
    assert "Person 1 «Kari» Turn 2 also in docx, txt" in shown(client, "D01")
    assert "One place that you left readable on purpose" in page
    assert "no name the program knows stands in any file" in page and 'name="accept"' not in page
    text = study.folder / "transcripts" / "P01-D01.txt"
    text.write_text(text.read_text() + "P01: Kari Nordmann\n")
    page = client.get("/interviews/D01/sign").text
    assert "2 places still show a name the program knows" in page and 'name="accept"' in page


def test_a_name_is_typed_once_in_a_session_and_what_was_read_is_gone_afterwards(
    desk: Desk,
) -> None:
    client = signed_in(desk)
    desk.decide("D01", asking(desk.interview("D01"), "Kari", 0, kind="reject"))
    client.post("/interviews/D01/sign/prepare", json={})
    assert "«Kari»" in shown(client, "D01")
    assert 'name="reviewer" value=""' in client.get("/interviews/D01/sign").text
    body = {"reviewer": f" {REVIEWER} ", "shown": digest(client, "R01")}
    assert client.post("/interviews/R01/sign", json=body).status_code == 200
    assert f'name="reviewer" value="{REVIEWER}"' in client.get("/interviews/D01/sign").text
    body = {"reviewer": REVIEWER, "shown": digest(client, "D01")}
    assert client.post("/interviews/D01/sign", json=body).status_code == 200
    page = client.get("/interviews/D01/sign").text
    assert "Kari" not in page and REVIEWER not in page
    page = client.get("/interviews/D01/signed").text
    assert "Next:" not in page and 'href="/agreement" autofocus' in page


def test_what_hinders_a_signature_is_said_and_there_is_no_button(
    desk: Desk, study: Workbench
) -> None:
    client = signed_in(desk)
    desk.decide("D01", asking(desk.interview("D01"), "Ola Hansen", kind="reject"))
    text = study.folder / "transcripts" / "P01-D01.txt"
    text.write_text(text.read_text().replace("never ill", "seldom ill"))
    page = client.get("/interviews/D01/sign").text
    assert "It cannot be signed yet" in page and "changed by hand" in page
    assert 'id="form"' not in page and 'data-do="prepare"' not in page


def test_nobody_is_kept_waiting_while_a_signature_is_at_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(desk)
    body = {"reviewer": REVIEWER, "shown": digest(client, "R01")}
    begun, end = threading.Event(), threading.Event()
    approve = batch.approve

    def slow(*arguments: object) -> object:
        begun.set()
        assert end.wait(20)
        return approve(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(batch, "approve", slow)
    answers: list[int] = []
    work = threading.Thread(
        target=lambda: answers.append(client.post("/interviews/R01/sign", json=body).status_code)
    )
    work.start()
    assert begun.wait(20)
    started = time.monotonic()
    now = client.get("/interviews/R01/sign/progress").json()
    assert now["busy"] and now["says"]
    assert "Working on R01" in client.get("/interviews/R01/sign").text
    assert time.monotonic() - started < 5
    end.set()
    work.join(20)
    assert answers == [200]
    assert client.get("/interviews/R01/sign/progress").json() == {"busy": False}


def test_an_interview_that_is_not_there_has_no_page(desk: Desk) -> None:
    client = signed_in(desk)
    assert client.get("/interviews/R09/sign").status_code == 404
    answer = client.get("/interviews/R01/signed")
    assert (answer.status_code, answer.headers["location"]) == (303, "/interviews/R01/sign")


def test_what_the_first_of_two_signs_is_told(two: Workbench) -> None:
    with at_desk(two) as desk:
        client = signed_in(desk)
        page = shown(client, "R01")
        assert "Two persons sign in this study." in page and "Sign as the first of two" in page
        body = {"reviewer": REVIEWER, "shown": digest(client, "R01")}
        assert client.post("/interviews/R01/sign", json=body).status_code == 200
        assert "Your signature is kept: 1 of 2." in client.get("/interviews/R01/signed").text
        page = client.get("/interviews/R01/sign").text
        assert "a second person must" in page and 'id="form"' not in page
    assert (two.folder / "recordings" / "P01.wav").exists()


def test_words_that_nobody_has_seen_are_shown_with_their_place(
    study: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.test_review_signing import Contextual

    class Tools(StandInTools):
        def __init__(self, of: object) -> None:
            super().__init__(of)  # type: ignore[arg-type]
            self.detector = Contextual()

    monkeypatch.setattr(desk_module, "Tools", Tools)
    with at_desk(study) as desk:
        desk.decide("D01", asking(desk.interview("D01"), "Bergen", kind="word", value="Tromsø"))
        client = signed_in(desk)
        client.post("/interviews/D01/sign/prepare", json={})
        page = shown(client, "D01")
        assert "In 2 places something changed that you have not seen" in page
        assert "now coded «Solveig» Turn 2" in page


def test_a_date_that_lies_ahead_is_told_before_and_after(bench: Workbench) -> None:
    bench.register(row(audio="delete-on:2026-09-01", review="yes"))
    bench.record("P01.wav")
    bench.run()
    with at_desk(bench) as desk:
        client = signed_in(desk, "nb")
        assert "Opptaket og råteksten: 1. september 2026." in shown(client, "R01")
        body = {"reviewer": REVIEWER, "shown": digest(client, "R01")}
        client.post("/interviews/R01/sign", json=body)
        assert "Resten slettes 1. september 2026" in client.get("/interviews/R01/signed").text
        assert signing.prepared(desk, "R01").hindered == ()


def test_what_is_left_is_told_as_it_is(desk: Desk) -> None:
    client = signed_in(desk)
    for name, sentence in (
        ("R01", "Only coded text is left of R01."),
        ("D01", "the document itself stays in documents/"),
    ):
        body = {"reviewer": REVIEWER, "shown": digest(client, name)}
        client.post(f"/interviews/{name}/sign", json=body)
        assert sentence in client.get(f"/interviews/{name}/signed").text
