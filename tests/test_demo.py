"""The demo with real models on the sample study: nothing that identifies is left."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from anonpipe import models, offline
from anonpipe.session import session
from anonpipe.study import load

pytestmark = pytest.mark.long
EXPECTED = tomllib.loads(
    (Path(__file__).parent / "data" / "sample_study" / "expected.toml").read_text(encoding="utf-8")
)
OUTPUT_OF = {
    "P01_interview.ogg": "P01-R01-verbatim",
    "P03_memo.ogg": "P03-R02",
    "P05_memo.ogg": "P05-R03",
    "P06_memo.ogg": "P06-R04",
    "Voice memo Daniel Foster.ogg": "P04-R05",
    "P02_intervju.txt": "P02-D01",
    "P02_notater.docx": "P02-D02",
}
WAITING = {"P05_memo.ogg", "P06_memo.ogg"}


@dataclass
class Demo:
    folder: Path
    printed: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo as a user runs it; in an empty network namespace where the system has them."""
    for name in models.DEFAULTS:
        models.install(name)
    top = tmp_path_factory.mktemp("demo") / "here"
    command = [sys.executable, "-c", "from anonpipe.cli import main; main()", "demo"]
    command += ["--into", str(top)]
    if offline.can_isolate():
        command = offline.isolated(command)
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"COLUMNS": "150"}
    )
    assert done.returncode == 0, done.stderr
    return Demo(top / "study", done.stdout)


def readable(path: Path) -> str:
    """Everything that can be read in a file, also in the parts and properties of a docx."""
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as archive:
            return "\n".join(
                re.sub(r"<[^>]+>", "", archive.read(name).decode("utf-8", "replace"))
                for name in archive.namelist()
            )
    return path.read_bytes().decode("utf-8", "replace")


def details() -> list[tuple[str, str]]:
    forms = {
        (detail["entity"], form)
        for detail in EXPECTED["details"]
        for form in detail["forms"] + detail.get("heard", [])
    }
    return sorted(forms)


def test_no_planted_detail_is_left_in_the_study(demo: Demo) -> None:
    texts = {
        path.relative_to(demo.folder).as_posix(): readable(path)
        for path in demo.folder.rglob("*")
        # What waits for its day is still there, as agreed.
        if path.is_file() and path.name not in WAITING
    }
    assert len(texts) > 25
    everything = {name: f"{name}\n{text}" for name, text in texts.items()}
    found = [
        (entity, form, name)
        for entity, form in details()
        for name, text in everything.items()
        if re.search(rf"(?<![\w@]){re.escape(form)}(?!\w)", text)
    ]
    assert found == []


@pytest.mark.parametrize("keep", EXPECTED["keep"], ids=lambda keep: keep["source"])
def test_what_identifies_nobody_is_left_as_it_was(demo: Demo, keep: dict[str, list[str]]) -> None:
    text = readable(demo.folder / "transcripts" / f"{OUTPUT_OF[str(keep['source'])]}.txt")
    assert [words for words in keep["texts"] if words.casefold() not in text.casefold()] == []


def test_what_consent_says_is_gone_and_nothing_else(demo: Demo) -> None:
    assert {p.name for p in (demo.folder / "recordings").iterdir()} == WAITING
    assert list((demo.folder / "documents").iterdir()) == []
    assert [p.name for p in (demo.folder / "bleeped").iterdir()] == ["P03-R02.flac"]
    assert len(list((demo.folder / "receipts").glob("*.json"))) == 5
    assert "people" not in (demo.folder / "study.toml").read_text()


def test_two_people_at_one_microphone_are_told_apart(demo: Demo) -> None:
    written = {
        style: json.loads((demo.folder / "transcripts" / f"P01-R01-{style}.json").read_text())
        for style in ("verbatim", "clean")
    }
    for transcript in written.values():
        speakers = [turn["speaker"] for turn in transcript["turns"]]
        assert speakers == [*["Interviewer", "P01"] * 5, "Interviewer"]
    assert "um," in written["verbatim"]["turns"][7]["text"]
    assert "um," not in written["clean"]["turns"][7]["text"]


def test_the_same_person_has_one_code_in_interview_and_notes(demo: Demo) -> None:
    custody = demo.folder.parent / "custody"
    identity = custody / "student.identity.age"
    with session(load(demo.folder), [identity], lambda _: "only for the demo") as opened:
        entities = opened.key.table.entities
    seen = {entity.canonical: set(entity.seen) for entity in entities}
    assert seen["Helen Carter"] >= {"R01", "R02"}
    assert seen["Ingrid Solheim"] >= {"D01", "D02"}
    assert seen["Kari Nordmo"] >= {"D01", "D02"}
    assert {"David Harris", "David Miller", "Kari Ødegård"} <= set(seen)


def test_the_bleeped_copy_says_no_names(demo: Demo) -> None:
    from anonpipe.transcribe import Transcriber

    heard = Transcriber(models.resolve("whisper-base")).transcribe(
        demo.folder / "bleeped" / "P03-R02.flac", language="en"
    )
    said = json.dumps(heard.to_json())
    assert not re.search(r"Susan|Walker|Riverside|Helen|Carter|Oxford|07700|318", said)
    assert "week" in said


def test_the_demo_shows_what_happened(demo: Demo) -> None:
    for words in ("went in", "came out", "Deletion receipt", "key-saved", "[Person 1]", "R05"):
        assert words in demo.printed
