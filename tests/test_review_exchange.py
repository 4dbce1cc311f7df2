"""Decisions as files: what goes out holds no words, and what comes back is all decided or none."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import vault
from anonpipe.audit import AuditLog
from anonpipe.errors import UsageError, VaultError
from anonpipe.review import exchange, table
from anonpipe.review.decision import NEW, Decision, Request
from anonpipe.review.desk import Desk
from anonpipe.review.table import Row
from anonpipe.session import session
from tests.conftest import TODAY, Call, StandInTools, Workbench, row
from tests.test_sheet import ENCODINGS

SAID = "I met Kari Nordmann in Bergen and Kari said yes to Ola Hansen"
NOTE = "Kari was here with Mari Lund on Tuesday.\nShe is 47 and the only vet in Solbakken skole.\n"
RAW = ("Kari", "Nordmann", "Bergen", "Ola", "Hansen", "Mari", "Lund", "Solbakken", "Tuesday", "vet")
"""Words of the interviews, none of which may leave in plain text."""


@pytest.fixture
def study(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A recording and a note, written, which wait for a review."""
    monkeypatch.setattr("tests.stand_ins.SPOKEN", SAID)
    rule = "delete-after-review"
    bench.register(row(audio=rule, review="yes"), row("P02", audio=rule, review="yes"))
    bench.record("P01_a.wav")
    bench.note("P02_b.txt", NOTE)
    bench.run()
    return bench


@contextmanager
def desk_of(bench: Workbench) -> Iterator[Desk]:
    with session(bench.study, [bench.identity], lambda _: None) as opened:
        yield Desk(opened, today=TODAY, tools=StandInTools(bench.study))


def at(desk: Desk, name: str, words: str, nth: int = 0) -> dict[str, int]:
    """The place of words in a source, as a request says it."""
    found = []
    for number, turn in enumerate(desk.interview(name).transcript.turns):
        start = turn.text.find(words)
        while start >= 0:
            found.append({"turn": number, "start": start, "end": start + len(words)})
            start = turn.text.find(words, start + 1)
    return found[nth]


def decide(desk: Desk, name: str, kind: str, words: str, nth: int = 0, **more: Any) -> Decision:
    request = Request(kind, **{**at(desk, name, words, nth), **more})  # type: ignore[arg-type]
    decision = desk.decide(name, request).decision
    assert decision is not None
    return decision


def many(desk: Desk) -> None:
    """A decision of every kind and of every scope."""
    decide(desk, "R01", "confirm", "Kari Nordmann")
    decide(desk, "R01", "word", "said yes", value="said «no», and no")
    decide(desk, "R01", "word", "met", scope="source", value="saw")
    decide(desk, "R01", "seen", "and")
    decide(desk, "R01", "reject", "Ola Hansen")
    decide(desk, "R01", "generalise", "Bergen", scope="source", value="by på Vestlandet")
    decide(desk, "D01", "add", "Mari Lund", scope="study", type="PERSON", entity=NEW)
    place = at(desk, "D01", "in Solbakken skole")
    span = (place["start"], place["end"])
    decide(desk, "D01", "span", "Solbakken skole", span=span)
    decide(desk, "D01", "add", "Tuesday", type="DATE", scope="source")
    decide(desk, "D01", "generalise", "the only vet", type="OCCUPATION", value="=helsearbeider")
    new = next(d.entity for d in desk.decisions() if d.text == "Mari Lund")
    decide(desk, "D01", "entity", "Kari", type="PERSON", entity=new)
    other = decide(desk, "D01", "add", "She", type="PERSON", entity=NEW).entity
    merge = Request("merge", "study", entity=other, value=new or "")
    desk.decide("D01", merge)


def coded(desk: Desk) -> dict[str, list[str]]:
    return {
        item.id + ending: [turn.text for turn in written.turns]
        for item in desk.sources()
        for ending, written in desk.coded(item.id).items()
    }


def renumbered(texts: dict[str, list[str]]) -> str:
    """Texts whose codes count from 1 in order of appearance."""
    seen: dict[str, int] = {}
    every = json.dumps(texts, sort_keys=True)
    return re.sub(r"\[[A-Z]\w+ \d+\]", lambda m: f"<{seen.setdefault(m[0], len(seen))}>", every)


def all_decisions(desk: Desk) -> list[Decision]:
    found = {d.id: d for name in ("R01", "D01") for d in desk.decisions(name)}
    return sorted(found.values(), key=lambda d: d.at)


def undo_all(desk: Desk) -> None:
    for decision in reversed(all_decisions(desk)):
        desk.undo(decision.id)


def put(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"format": table.FORMAT, "version": 1, "rows": rows}))
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text("utf-8"))["rows"])


def bring(desk: Desk, path: Path, **options: Any) -> exchange.Imported:
    return exchange.import_(desk, exchange.read(path, desk.key), **options)


# -- there and back


@pytest.mark.parametrize("name", ["d.json", "d.csv"])
def test_what_is_exported_undone_and_imported_gives_the_same_coded_text(
    study: Workbench, tmp_path: Path, name: str
) -> None:
    with desk_of(study) as desk:
        untouched = coded(desk)
        many(desk)
        decided = coded(desk)
        went = exchange.export(desk, tmp_path / name, with_text=True)
        assert went.decided == len(all_decisions(desk)) == 13 and went.left_out == 0
        undo_all(desk)
        assert coded(desk) == untouched != decided
    with desk_of(study) as desk:  # as another day, with nothing in memory
        came = bring(desk, went.path)
        assert not came.problems and came.decided == 13 and came.already == 0
        # No number is ever given again: what was new goes by another one.
        assert coded(desk) != decided and renumbered(coded(desk)) == renumbered(decided)


def test_a_file_that_comes_back_twice_decides_nothing_new(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        many(desk)
        before = all_decisions(desk)
        for file in (tmp_path / "d.json", tmp_path / "d.csv"):
            came = bring(desk, exchange.export(desk, file).path)
            assert not came.problems and came.decided == 0 and came.already == len(before)
        sealed = exchange.export(desk, tmp_path / "s.json", with_text=True).path
        undo_all(desk)
        bring(desk, sealed)
        once = all_decisions(desk)
        came = bring(desk, sealed)
        assert came.decided == 0 and came.already == 13 and all_decisions(desk) == once


def test_a_correction_moves_what_was_decided_for_the_study(
    study: Workbench, tmp_path: Path
) -> None:
    with desk_of(study) as desk:
        decide(desk, "R01", "reject", "Bergen", scope="study")
        decide(desk, "R01", "word", "met", value="bumped into")
        text = coded(desk)
        path = exchange.export(desk, tmp_path / "d.json", with_text=True).path
        rows = json.loads(desk.key.decrypt(path.read_bytes(), "x"))["rows"]
        assert next(row["text"] for row in rows if row["scope"] == "study") == "Bergen"
        assert bring(desk, path).already == 2
        undo_all(desk)
        assert bring(desk, path).decided == 2 and coded(desk) == text


def test_a_decision_whose_place_is_gone_is_left_out(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        decide(desk, "R01", "reject", "Bergen", scope="study")
        decide(desk, "R01", "word", "Bergen", value="Berlin")
        went = exchange.export(desk, tmp_path / "d.json")
        assert went.left_out == 1 and went.decided == 1


def test_one_source_alone_goes_out(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        many(desk)
        rows = rows_of(exchange.export(desk, tmp_path / "d.json", source="D01").path)
        assert {row["source"] for row in rows} == {"D01"}
        with pytest.raises(UsageError, match="no source R09"):
            exchange.export(desk, tmp_path / "e.json", source="R09")


# -- what a file holds


def test_no_word_of_an_interview_stands_in_what_is_not_sealed(
    study: Workbench, tmp_path: Path
) -> None:
    with desk_of(study) as desk:
        many(desk)
        for name in ("d.json", "d.csv"):
            data = exchange.export(desk, tmp_path / name).path.read_text("utf-8-sig")
            assert not [word for word in (*RAW, "«no»", "saw") if word in data]
            assert "by på Vestlandet" in data and table.SEALED_VALUE in data
    assert sorted(path.name for path in tmp_path.glob("d.*")) == ["d.csv", "d.json"]
    assert (tmp_path / "d.csv").stat().st_mode & 0o777 == 0o600


def test_every_mention_goes_out_with_what_is_known_of_it(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        decide(desk, "R01", "reject", "Bergen", scope="source")
        decide(desk, "R01", "add", "yes", type="OTHER")
        rows = rows_of(exchange.export(desk, tmp_path / "d.json", source="R01").path)
        marks = desk.interview("R01").marks
        questions = {(q.turn, q.start, q.end) for q in desk.interview("R01").questions}
    places = {(row["turn"], row["start"], row["end"]): row for row in rows}
    found = {(m.mention.turn, m.mention.start, m.mention.end) for m in marks}
    start = SAID.index("Bergen")
    assert set(places) == found | questions | {(0, start, start + 6)}
    kari = places[0, 6, 19]
    assert kari["code"] == "PERSON-1" and kari["type"] == "PERSON" and kari["by"] == "machine"
    assert kari["seconds"] == 2.0 and kari["decision"] is None and kari["scope"] is None
    yes = next(row for row in rows if row["by"] == "person")
    assert (yes["decision"], yes["scope"], yes["new_type"]) == ("add", "here", "OTHER")
    assert [row["decision"] for row in rows if row["decision"]] == ["reject", "add"]


def test_a_sealed_table_holds_the_words_and_nothing_plain_is_written(
    study: Workbench, tmp_path: Path
) -> None:
    with desk_of(study) as desk:
        decide(desk, "R01", "word", "said yes", value="said no")
        went = exchange.export(desk, tmp_path / "d.csv", with_text=True)
        assert [path.name for path in tmp_path.glob("d.*")] == ["d.csv.age"] == [went.path.name]
        data = went.path.read_bytes()
        assert data.startswith(b"age-encryption.org/v1") and b"Kari" not in data
        plain = desk.key.decrypt(data, "d").decode("utf-8-sig")
        read = list(csv.DictReader(io.StringIO(plain)))
        kari = next(line for line in read if line["text"] == "Kari Nordmann")
        assert kari["before"] == "I met" and kari["after"].startswith("in Bergen")
        assert next(line for line in read if line["decision"] == "word")["value"] == "said no"
        # Decrypted by hand and saved again, it comes back as well.
        again = tmp_path / "plain.csv"
        again.write_text(plain, "cp1252")
        undo_all(desk)
        assert bring(desk, again).decided == 1
    log = AuditLog(study.study.log_file, study.study.settings.id)
    opened = [entry for entry in log.entries() if entry.action == "key-opened"]
    assert [entry.details["act"] for entry in opened] == ["review-export"]


def test_what_is_not_sealed_opens_no_key(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        exchange.export(desk, tmp_path / "d.csv")
    log = AuditLog(study.study.log_file, study.study.settings.id)
    assert not [entry for entry in log.entries() if entry.action == "key-opened"]


def test_no_cell_runs_as_a_formula(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        decide(desk, "R01", "generalise", "Bergen", value="=HYPERLINK(1)")
        row = Row(source="R01", turn=0, start=0, end=1, check="b", decision="word")
        formula = replace(row, value="=1+1", text="@x", before="-2", after="+3")
        for data in (
            exchange.export(desk, tmp_path / "d.csv").path.read_bytes(),
            table.to_csv([formula], separator=";", with_text=True),
        ):
            dialect = csv.Sniffer().sniff(data.decode("utf-8-sig").splitlines()[0])
            for line in csv.reader(io.StringIO(data.decode("utf-8-sig")), dialect):
                assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@", "\t"))]
        (back,) = table.read("d.csv", data).rows
        assert back.value == "=1+1" and back.text == "@x"


@pytest.mark.parametrize(("language", "separator"), [("nb", ";"), ("nn", ";"), ("en", ",")])
def test_a_spreadsheet_of_the_study_s_language_opens_it(
    study: Workbench, tmp_path: Path, language: str, separator: str
) -> None:
    settings = study.folder / "study.toml"
    settings.write_text(settings.read_text().replace('language = "en"', f'language = "{language}"'))
    with desk_of(study) as desk:
        data = exchange.export(desk, tmp_path / "d.csv").path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfsource" + separator.encode() + b"turn")
    # «12.5» would be a day in May.
    assert not [cell for cell in data.decode().split(separator) if "." in cell]


# -- what spreadsheets and people do to it


def filled(desk: Desk, tmp_path: Path, fill: Callable[[dict[str, str]], None]) -> Path:
    """The exported table with decisions filled in, as a script would."""
    path = exchange.export(desk, tmp_path / "out.csv").path
    read = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    rows = list(read)
    for line in rows:
        fill(line)
    path.unlink()
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), "utf-8", newline="")
    return path


def reject_bergen(line: dict[str, str]) -> None:
    if line["code"] == "LOCATION-1":
        line["decision"] = "reject"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_that_a_spreadsheet_saved_comes_back(
    study: Workbench, tmp_path: Path, encoding: str, separator: str
) -> None:
    with desk_of(study) as desk:
        path = filled(desk, tmp_path, reject_bergen)
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
        saved = [[*reversed(line), "", "Møte"] for line in rows]
        saved[0][-2:] = ["", "mine"]
        saved += [[""] * len(saved[0])] * 2
        out = io.StringIO()
        csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(saved)
        path.write_bytes(ENCODINGS[encoding] + out.getvalue().encode(encoding))
        came = bring(desk, path)
        assert not came.problems and came.kinds == {"reject": 1} and came.places == {"R01": 1}
        assert came.empty == len(rows) - 2
        assert "Bergen" in coded(desk)["R01"][0]


@pytest.mark.parametrize(
    ("decision", "scope", "kind", "meant"),
    [
        ("Avvis", "", "reject", "here"),
        ("aldri", "", "reject", "study"),
        ("NEVER", "everywhere", "reject", "study"),
        ("reject", "Kilden", "reject", "source"),
        ("bekreft", "bare her", "confirm", "here"),
    ],
)
def test_a_person_fills_in_words_of_their_own_language(
    study: Workbench, tmp_path: Path, decision: str, scope: str, kind: str, meant: str
) -> None:
    def fill(line: dict[str, str]) -> None:
        if line["code"] == "LOCATION-1":
            line |= {"decision": decision, "scope": scope}

    with desk_of(study) as desk:
        assert not bring(desk, filled(desk, tmp_path, fill)).problems
        (taken,) = all_decisions(desk)
        assert (taken.kind, taken.scope) == (kind, meant)


def test_two_rows_may_speak_of_the_same_new_person(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        rows = rows_of(exchange.export(desk, tmp_path / "out.json").path)
        for line in rows:
            if line["type"] == "PERSON" and line["by"]:  # where it is empty nothing is marked
                line |= {"decision": "entity", "new_code": "new A", "new_type": "PERSON"}
        path = put(tmp_path / "in.json", rows)
        assert bring(desk, path).kinds["entity"] >= 3
        assert len({d.entity for d in all_decisions(desk)}) == 1
        assert bring(desk, path).decided == 0


def test_rows_in_another_order_are_decided_as_they_were(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        many(desk)
        decided = coded(desk)
        path = exchange.export(desk, tmp_path / "out.json", with_text=True).path
        rows = json.loads(desk.key.decrypt(path.read_bytes(), "x"))["rows"]
        undo_all(desk)
        rows.sort(key=lambda line: (line["decision"] or "", -(line["end"] or 0)))
        assert not bring(desk, put(tmp_path / "in.json", rows)).problems
        assert renumbered(coded(desk)) == renumbered(decided)


def test_corrections_that_are_filled_in_move_each_other(study: Workbench, tmp_path: Path) -> None:
    def line(desk: Desk, words: str, **more: Any) -> dict[str, Any]:
        place = at(desk, "R01", words)
        names = dict.fromkeys(table.COLUMNS)
        return {**names, "source": "R01", **place, "text": words, "decision": "word", **more}

    with desk_of(study) as desk:
        rows = [
            line(desk, "met", value="bumped into"),
            line(desk, "in Bergen", value="at Bergen"),
            line(desk, "said", scope="source", value="told us"),
            line(desk, "Kari Nordmann", decision="confirm", value=None),
        ]
        came = bring(desk, put(tmp_path / "in.json", rows))
        assert not came.problems and came.kinds == {"word": 3, "confirm": 1}
        (turn,) = desk.interview("R01").transcript.turns
        said = "I bumped into Kari Nordmann at Bergen and Kari told us yes to Ola Hansen"
        assert turn.text == said


# -- all or nothing


def everything(bench: Workbench) -> dict[str, bytes]:
    """Every file of the study and its key, but for the log's signatures."""
    files = (*bench.folder.rglob("*"), bench.key)
    return {str(f): f.read_bytes() for f in files if f.is_file() and f.name != "audit.jsonl"}


GOOD = {"source": "R01", "turn": 0, "start": 23, "end": 29, "text": "Bergen", "check": None}


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"decision": "rejct"}, "decision is none of"),
        ({"decision": "reject", "scope": "all"}, "scope is none of"),
        ({"decision": "never", "scope": "here"}, "counts for the study"),
        ({"decision": None, "value": "x"}, "but not decision"),
        ({"decision": "add"}, "add needs new_type"),
        ({"decision": "add", "new_type": "CITY"}, "new_type is none of"),
        ({"decision": "entity"}, "entity needs new_code"),
        ({"decision": "entity", "new_code": "Kari"}, "new_code is no code"),
        ({"decision": "entity", "new_code": "PERSON-77"}, "stands for nobody"),
        ({"decision": "entity", "new_code": "PERSON-1", "new_type": "ORG"}, "is no ORG"),
        ({"decision": "span"}, "span needs new_start"),
        ({"decision": "span", "new_start": 1, "new_end": 4}, "does not touch"),
        ({"decision": "word"}, "word needs value"),
        ({"decision": "word", "value": table.SEALED_VALUE}, "the sealed table"),
        ({"decision": "generalise", "value": "Bergen by"}, "the detail itself"),
        ({"decision": "merge", "code": "PERSON-1"}, "a merge needs"),
        ({"decision": "merge", "code": "PERSON-1", "new_code": "LOCATION-1"}, "cannot become one"),
        ({"decision": "reject", "turn": None}, "turn, start or end is empty"),
        ({"decision": "reject", "turn": "first"}, "turn is no whole number"),
        ({"decision": "reject", "turn": 9}, "no such place"),
        ({"decision": "reject", "end": 23}, "end is not behind start"),
        ({"decision": "reject", "end": 28}, "other words stand there"),
        ({"decision": "reject", "start": 6, "end": 12}, "other words stand there"),
        ({"decision": "reject", "text": None}, "neither check nor text"),
        ({"decision": "reject", "check": "bcdfghjklmnp"}, "other words stand there"),
        ({"decision": "confirm", "start": 30, "end": 33, "text": "and"}, "no mention"),
        ({"decision": "reject", "source": "R09"}, "no source R09"),
        ({"decision": "reject", "source": "Kari"}, "source is no source's id"),
    ],
)
def test_a_row_that_is_wrong_is_told_and_nothing_is_decided(
    study: Workbench, tmp_path: Path, wrong: dict[str, Any], hint: str
) -> None:
    good = GOOD | {"decision": "reject", "start": 51, "end": 61, "text": "Ola Hansen"}
    with desk_of(study) as desk:
        before = everything(study)
        came = bring(desk, put(tmp_path / "in.json", [good, GOOD | wrong, good]))
        assert [problem.row for problem in came.problems] == [2]
        assert hint in came.problems[0].what and came.decided == 0
        assert not [word for word in RAW if word in came.problems[0].what]
        assert not all_decisions(desk)
    assert everything(study) == before
    log = AuditLog(study.study.log_file, study.study.settings.id)
    assert not [entry for entry in log.entries() if entry.action == "decided"]


def test_every_row_that_is_wrong_is_told_at_once(study: Workbench, tmp_path: Path) -> None:
    rows = [GOOD | {"decision": "x"}, GOOD | {"decision": "reject"}, GOOD | {"decision": "add"}]
    with desk_of(study) as desk:
        rows.append(GOOD | {"decision": "reject", "turn": 7})
        came = bring(desk, put(tmp_path / "in.json", rows))
    assert [problem.row for problem in came.problems] == [1, 3, 4]


def test_what_did_not_fit_after_all_is_taken_back(
    study: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [GOOD | {"decision": kind} for kind in ("confirm", "reject")]
    path = put(tmp_path / "in.json", rows)
    decide_ = Desk.decide

    def breaking(self: Desk, name: str, request: Request) -> Any:
        if type(self) is Desk and request.kind == "reject":
            raise OSError(28, "disk full")
        return decide_(self, name, request)

    with desk_of(study) as desk:
        text = coded(desk)
        monkeypatch.setattr(Desk, "decide", breaking)
        with pytest.raises(OSError, match="disk full"):
            bring(desk, path)
        assert not all_decisions(desk) and coded(desk) == text
        monkeypatch.undo()
        assert bring(desk, path).decided == 2


def test_a_dry_run_tells_the_same_and_decides_nothing(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        many(desk)
        path = exchange.export(desk, tmp_path / "d.json", with_text=True).path
        undo_all(desk)
        before = everything(study)
        dry = bring(desk, path, dry_run=True)
        assert everything(study) == before and not all_decisions(desk)
        assert dry == bring(desk, path) and dry.decided == 13
        assert dry.places == {"R01": 6, "D01": 7}


def test_a_correction_in_between_is_noticed(study: Workbench, tmp_path: Path) -> None:
    with desk_of(study) as desk:
        path = filled(desk, tmp_path, reject_bergen)
        decide(desk, "R01", "word", "met", value="bumped into")
        came = bring(desk, path)
        assert [p.what for p in came.problems] == ["other words stand there by now: export anew"]


def test_another_study_s_file_does_not_fit(
    study: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.conftest import make_workbench

    other = make_workbench(tmp_path / "other")
    rule = "delete-after-review"
    other.register(row(audio=rule, review="yes"))
    other.record("P01_a.wav")
    other.run()
    with desk_of(study) as desk:
        path = filled(desk, tmp_path, reject_bergen)
    with desk_of(other) as desk:
        assert [p.what[:11] for p in bring(desk, path).problems] == ["other words"]


# -- files that are none


@pytest.mark.parametrize(
    ("name", "data", "hint"),
    [
        ("d.json", b"{}", "no JSON file of decisions"),
        ("d.json", b'{"format": "anonpipe-decisions", "version": 2, "rows": []}', "version"),
        ("d.json", b'{"format": "anonpipe-decisions", "version": 1, "rows": [1]}', "no JSON"),
        ("d.json", b'{"format": "anonpipe-decisions", "version": 1, "rows": [{}]}', "lacks"),
        ("d.json", b"{\xff", "no JSON"),
        ("d.csv", b"", "lacks the column source"),
        ("d.csv", b"source;turn;start;end;check\n", "lacks the column decision"),
        ("d.csv", b"PK\x03\x04\0", "not a table"),
        ("d.csv", b"source;decision;source\n", "twice"),
    ],
)
def test_what_is_no_file_of_decisions_is_refused(name: str, data: bytes, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        table.read(name, data)


def test_a_sealed_file_of_somebody_else_is_refused(study: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "d.csv.age"
    stranger = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
    path.write_bytes(vault.seal(b"x", [stranger]))
    with desk_of(study) as desk, pytest.raises(VaultError, match="not encrypted to"):
        exchange.read(path, desk.key)


@pytest.mark.parametrize(
    ("name", "with_text", "hint"),
    [
        ("d.xlsx", False, "end in .csv or .json"),
        ("d.csv.age", False, "would not be sealed"),
        ("there.csv", False, "exists already"),
        ("there.csv", True, "exists already"),
        ("study/d.csv", False, "inside the study"),
    ],
)
def test_where_nothing_may_be_written_nothing_is_shown(
    study: Workbench, tmp_path: Path, name: str, with_text: bool, hint: str
) -> None:
    for there in ("there.csv", "there.csv.age"):
        (tmp_path / there).write_bytes(b"mine")
    with desk_of(study) as desk, pytest.raises(UsageError, match=hint):
        exchange.export(desk, tmp_path / name, with_text=with_text)
    log = AuditLog(study.study.log_file, study.study.settings.id)
    assert not [entry for entry in log.entries() if entry.action == "key-opened"]


# -- the table by itself

words = st.text(st.sampled_from("aåø1 ,;\t\"'*|=-+@()«»"), max_size=8)
codes = st.sampled_from([None, "PERSON-3", "P01", "new", "new A", "new PERSON-9"])


@st.composite
def decided_rows(draw: st.DrawFn) -> Row:
    start = draw(st.integers(0, 99))
    return Row(
        source=draw(st.sampled_from(["R01", "D12"])),
        turn=draw(st.integers(0, 2000)),
        start=start,
        end=start + draw(st.integers(1, 30)),
        check=draw(st.text(st.sampled_from("bcdfghjklmnpqrst"), min_size=12, max_size=12)),
        order=draw(st.integers(0, 40)),
        decision=draw(st.sampled_from(["confirm", "reject", "add", "entity", "generalise"])),
        scope=draw(st.sampled_from(["here", "source", "study"])),
        new_type="PERSON",
        new_code=draw(codes),
        value=draw(words),
    )


@given(st.lists(decided_rows(), max_size=5), st.sampled_from([None, ",", ";"]))
def test_what_is_written_is_read_alike(rows: list[Row], separator: str | None) -> None:
    data = table.to_json(rows) if separator is None else table.to_csv(rows, separator=separator)
    read = table.read("d", data)
    assert not read.problems
    expected = [replace(row, value=row.value.strip()) for row in rows]
    assert [replace(row, line=0) for row in read.rows] == expected


# -- the command


def test_the_command_exports_and_imports(
    study: Workbench, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonpipe.review.desk.Tools", StandInTools)
    with desk_of(study) as desk:
        many(desk)
        decided = renumbered(coded(desk))
    home = tmp_path / "out"
    home.mkdir()
    plain, sealed = home / "d.csv", home / "d.json.age"
    key = ("--identity", study.identity)
    code, said, _ = call("review", study.folder, "--export", plain, *key)
    assert code == 0 and "13 of them decided" in said and "no words" in said
    code, said, _ = call("review", study.folder, "--export", sealed, "--with-text", *key)
    assert code == 0 and f"age -d -i {study.identity} {sealed}" in said
    with desk_of(study) as desk:
        undo_all(desk)
    code, said, _ = call("review", study.folder, "--import", sealed, "--dry-run", *key)
    assert code == 0 and said.startswith("13 decisions (") and "would be new" in said
    code, said, _ = call("review", study.folder, "--import", plain, *key)
    assert code == 2 and f"{plain}, row " in said and "the sealed table" in said
    code, said, _ = call("review", study.folder, "--import", sealed, "--json", *key)
    assert code == 0 and json.loads(said)["decided"] == 13
    code, said, _ = call("review", study.folder, "--import", plain, *key)
    assert code == 0 and said.startswith("0 decisions taken; 13 taken before")
    with desk_of(study) as desk:
        assert renumbered(coded(desk)) == decided
    said = (study.folder / "audit.jsonl").read_text("utf-8")
    assert not [word for word in RAW if word in said]


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (("--export", "d.csv", "--list"), "Say one of"),
        (("--import", "d.csv", "--approve", "R01"), "Say one of"),
        (("--with-text",), "go with --export"),
        (("--source", "R01", "--list"), "go with --export"),
        (("--dry-run", "--export", "d.csv"), "goes with --import"),
        (("--json", "--export", "d.csv"), "goes with --list"),
        (("--port", "8000", "--export", "d.csv"), "are for the page"),
        (("--export", "d.docx"), "end in .csv or .json"),
        (("--import", "not-there.csv"), "cannot be read"),
    ],
)
def test_options_that_do_not_go_together(
    study: Workbench, call: Call, options: tuple[str, ...], hint: str
) -> None:
    code, _, said = call("review", study.folder, *options, "--identity", study.identity)
    assert code == 2 and hint in said
