"""`anonpipe models`, and the word for who hears Norwegian with a model not made for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anonpipe import models
from anonpipe.cli.show_models import better_for_norwegian, how_to_install
from tests.conftest import Call, Workbench, row

HINT = "anonpipe models show nb-whisper-small"


def test_the_list_names_size_and_purpose_of_each_and_the_choice_for_norwegian(call: Call) -> None:
    code, out, _ = call("models", "list")
    assert code == 0
    for name, size in (("whisper-base", "148 MB"), ("nb-whisper-small", "970 MB")):
        (line,) = [line for line in out.splitlines() if line.startswith(name)]
        assert size in line
    assert HINT in out


@pytest.mark.parametrize("name", [*models.load_manifest()])
def test_each_model_is_shown_with_the_way_to_install_it(call: Call, name: str) -> None:
    code, out, _ = call("models", "show", name)
    spec = models.load_manifest()[name]
    assert code == 0 and spec.title in out and spec.licence in out
    assert f"anonpipe models install {name}" in out
    assert f"anonpipe models install {name} --from FOLDER" in out
    assert ("--revision" in out) is not spec.pinned


def test_the_files_to_download_are_those_of_the_revision() -> None:
    spec = models.load_manifest()["nb-whisper-small"]
    lines = "\n".join(how_to_install(spec))
    assert spec.hub is not None
    assert f"/{spec.hub.repository}/tree/{spec.hub.revision}" in lines
    for path in ("ct2/model.bin", "ct2/config.json", "ct2/vocabulary.json", "tokenizer.json"):
        assert re.search(rf"(?m)^\s+{re.escape(path)}( |$)", lines)
    assert 'model = "nb-whisper-small"' in lines


def test_an_unknown_model_is_wrong_usage(call: Call) -> None:
    code, _, err = call("models", "show", "whisper-huge")
    assert code == 2 and "anonpipe models list" in err


def test_every_cited_figure_names_its_source() -> None:
    for spec in models.load_manifest().values():
        for figure in spec.figures:
            assert "arXiv " in figure or "benchmarks/" in figure


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("whisper-base", True),
        ("whisper-large-v3", True),
        ("nb-whisper-base", False),
        ("en-core-web-sm", False),
        ("/models/my-own", False),
    ],
)
def test_who_is_told(model: str, told: bool) -> None:
    assert (HINT in (better_for_norwegian(model) or "")) is told


@pytest.mark.parametrize(("language", "told"), [("nb", True), ("nn", True), ("en", False)])
def test_a_new_study_in_norwegian_is_told(
    call: Call, tmp_path: Path, language: str, told: bool
) -> None:
    study = tmp_path / "study"
    code, out, _ = call(
        *("init", study, "--language", language, "--single-recipient", "--no-passphrase"),
        *("--key", tmp_path / "custody" / "a.key.age"),
    )
    assert code == 0 and (HINT in out) is told


def test_a_run_tells_before_the_first_norwegian_recording_is_heard_and_never_again(
    call: Call, bench: Workbench
) -> None:
    run = ("run", bench.folder, "--identity", bench.identity)
    bench.register(row(), row("P02"), row("P03"))
    bench.record("P01.wav")
    assert HINT not in call(*run, "--dry-run")[1]  # in English
    settings = bench.study.settings_file
    settings.write_text(settings.read_text().replace('language = "en"', 'language = "nb"', 1))
    assert HINT not in call(*run, "--json", "--dry-run")[1]
    assert HINT in call(*run, "--dry-run")[1]
    assert HINT in call(*run)[1]
    bench.record("P02.wav", b"two")
    assert HINT not in call(*run)[1]


def test_a_study_with_a_norwegian_model_is_told_nothing(call: Call, bench: Workbench) -> None:
    settings = bench.study.settings_file
    text = settings.read_text().replace('language = "en"', 'language = "nb"', 1)
    settings.write_text(text.replace('"whisper-base"', '"nb-whisper-small"', 1))
    bench.register(row())
    bench.record("P01.wav")
    assert HINT not in call("run", bench.folder, "--identity", bench.identity, "--dry-run")[1]
