"""The report: one page that says everything, loads nothing and identifies nobody."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from anonpipe.answers import NAMES, gather
from anonpipe.cli import cli
from anonpipe.record import record
from anonpipe.report import Report, draw_up, write
from anonpipe.report_html import page
from anonpipe.study import load
from tests.a_year import NOW, Year, begin, clock, fill
from tests.test_markup import Seen

OSLO = ZoneInfo("Europe/Oslo")
HOSTILE = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\"' {x} \u202e`'"
SETTINGS = f"""
[study]
id = "0f1e2d3c4b5a6978"
title = {json.dumps(HOSTILE)}

[record]
controller = "Example University"
purpose = {json.dumps(HOSTILE + chr(10) + "second line")}
legal_basis = {json.dumps("Article 6(1)(a) & 9(2)(a) <b>bold</b>")}
"""


def made(year: Year, language: str = "en") -> Report:
    return draw_up(gather(year.study, NOW, OSLO), language)  # type: ignore[arg-type]


def html(year: Year, language: str = "en") -> str:
    return page(made(year, language), OSLO)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["audit", "report", *arguments])


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_page_is_whole_and_loads_nothing(year: Year, language: str) -> None:
    source = html(year, language)
    seen = Seen(source)
    names = [name for name, _ in seen.elements]
    assert seen.elements[0] == ("html", {"lang": language})
    assert names.count("h1") == names.count("main") == names.count("title") - 2 == 1
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(names)
    for _, attributes in seen.elements:
        assert not any(key.startswith("on") or key == "style" for key in attributes)
        assert all(str(v).startswith("#") for k, v in attributes.items() if k in ("href", "src"))
    assert "url(" not in source and "@import" not in source
    assert "default-src 'none'" in source.replace("&#x27;", "'")


def test_a_screen_reader_finds_its_way(year: Year) -> None:
    seen = Seen(html(year))
    ids = [a["id"] for _, a in seen.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in seen.elements:
        for key in ("aria-labelledby", "aria-describedby"):
            assert set(str(attributes.get(key) or "").split()) <= set(ids)
        if "href" in attributes:
            assert str(attributes["href"]).removeprefix("#") in ids
    names = [name for name, _ in seen.elements]
    assert names.count("table") == names.count("caption") > 10
    assert {"header", "nav", "main", "footer", "section", "article"} <= set(names)
    headings = [int(n[1]) for n in names if re.fullmatch(r"h\d", n)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    for name, attributes in seen.elements:
        if name == "th":
            assert attributes.get("scope") in ("col", "row")
        if name == "svg":
            assert attributes.get("role") == "img" or attributes.get("aria-hidden") == "true"


def test_every_answer_every_event_and_the_record_are_there(year: Year) -> None:
    report, words = made(year), Seen(html(year)).words
    assert [answer.name for answer in report.answers] == list(NAMES)
    for answer in report.answers:
        assert answer.question in words
    assert len(report.line.everything()) == html(year).split('id="events"')[1].count("<tr ") - 1
    assert "To be filled in" in words and "record.controller" in words
    assert "2025-09-01 08:01 UTC" in words and "(10:01 +02:00)" in words


def test_the_study_at_a_glance(year: Year) -> None:
    glance = made(year).glance
    assert (glance.participants, glance.recordings, glance.documents) == (8, 8, 1)
    assert (glance.originals, glance.gone, glance.approved) == (9, 5, 2)
    assert (glance.openings, glance.holders, glance.seconds) == (5, 3, 8 * 3120)


def test_the_json_holds_the_same(year: Year) -> None:
    result = invoke(str(year.folder), "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert (data["format"], data["version"]) == ("anonpipe-report", 1)
    assert list(data["answers"]) == list(NAMES)
    assert len(data["record"]) == 11 and data["timeline"]["events"]
    assert data["log"]["entries"] == len(list(year.log.entries()))


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Year:
    made = begin(tmp_path, SETTINGS)
    with clock(monkeypatch, made):
        fill(made)
    return made


@pytest.mark.parametrize("language", ["en", "nb"])
def test_hostile_settings_stay_text(hostile: Year, language: str) -> None:
    source = html(hostile, language)
    seen = Seen(source)
    assert not {"script", "img", "b"} & {name for name, _ in seen.elements}
    assert seen.words.count("<script>alert(1)</script>") == 3  # title, heading, purpose
    assert "<b>bold</b>" in seen.words and "\u202e" not in source
    assert not any(key.startswith("on") for _, a in seen.elements for key in a)


def test_names_of_files_folders_and_accounts_are_nowhere(year: Year) -> None:
    (year.folder / "recordings" / "P05_Kari Nordmann.wav").write_bytes(b"sound")
    (year.folder / "receipts" / "Kari Nordmann.json").write_text("{}")
    odd = replace(year.state["R03"], participants=("P03", "Kari Nordmann"))
    year.study.write_state({**year.state, "R03": odd, "Kari Nordmann": odd})
    for said in (html(year), json.dumps(made(year).to_json())):
        assert "Nordmann" not in said and str(year.folder) not in said
        assert "custody" not in said and "study.key" not in said


def test_the_record_says_where_each_part_comes_from(hostile: Year) -> None:
    lines = {item.setting: item for item in record(gather(hostile.study, NOW, OSLO), "en")}
    assert [origin for origin, _ in lines["record.controller"].parts] == ["own"]
    assert [origin for origin, _ in lines["record.officer"].parts] == ["missing"]
    retention = " ".join(text for _, text in lines["record.retention"].parts)
    assert "deleted after transcription (3)" in retention
    assert "from 2026-07-31 to 2030-06-30" in retention
    data = " ".join(text for _, text in lines["record.data"].parts)
    assert "Voice recordings" in data and "names of people" in data and "Notes" in data
    assert {item.letter for item in lines.values()} == set("abcdefg")


def test_the_settings_digest_is_not_touched_by_the_record(hostile: Year) -> None:
    before = hostile.study.settings_digest()
    file = hostile.study.settings_file
    file.write_text(file.read_text().replace("Example University", "Another University"))
    assert load(hostile.folder).settings_digest() == before
    file.write_text(file.read_text().replace("controller", "controler"))
    with pytest.raises(Exception, match=r"record\.controler"):
        load(hostile.folder)


def test_writing_the_page(hostile: Year, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    result = invoke(str(hostile.folder), "--to", str(target))
    assert result.exit_code == 0 and "must hold no names" in result.stderr
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    first = target.read_bytes()
    assert invoke(str(hostile.folder), "--to", str(target), "--language", "nb").exit_code == 0
    assert target.read_bytes() != first
    other = tmp_path / "thesis.html"
    other.write_text("<!doctype html>my thesis")
    with pytest.raises(Exception, match="no report"):
        write(other, made(hostile), OSLO)
    assert other.read_text() == "<!doctype html>my thesis"
    assert invoke(str(hostile.folder)).exit_code != 0  # neither --to nor --json


def test_there_is_no_report_of_a_log_that_does_not_verify(year: Year, tmp_path: Path) -> None:
    path = year.study.log_file
    path.write_bytes(path.read_bytes().replace(b'"turns":212', b'"turns":213', 1))
    result = invoke(str(year.folder), "--to", str(tmp_path / "report.html"))
    assert result.exit_code != 0 and not (tmp_path / "report.html").exists()
