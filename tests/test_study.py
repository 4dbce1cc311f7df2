"""Settings, sources and state of a study folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from anonpipe import create, study
from anonpipe.errors import UsageError
from anonpipe.session import seal_people
from anonpipe.settings import Person, Settings
from anonpipe.study import SourceState, Stage
from anonpipe.transcript import Flag
from tests.conftest import Workbench, row


def loaded(tmp_path: Path, text: str) -> study.Study:
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return study.load(tmp_path)


def test_the_template_of_init_is_valid_and_says_its_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, create.TEMPLATE).settings == Settings()


def test_a_file_has_its_own_settings(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        '[study]\nlanguage = "nn"\n[output]\nstyle = "clean"\n'
        '[files]\n"P02_*" = { language = "en", speakers = ["A", "P02"] }\n"*.mp4" = { channels = '
        '"mix", language = "auto" }\n',
    ).settings
    assert found.for_file(PurePosixPath("P01.wav")).language == "nn"
    other = found.for_file(PurePosixPath("sub/p02_a.wav"))
    assert (other.language, other.speakers, other.style) == ("en", ("A", "P02"), "clean")
    film = found.for_file(PurePosixPath("P02_x.mp4"))
    assert (film.language, film.channels) == (None, "mix")


def test_policies_are_read_by_type(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        '[policies]\nLOCATION = "generalise"\ndate = "keep"\n[generalise]\ndates = "year"\n'
        '[detection]\nalso = ["faith"]\n',
    ).settings
    assert [found.policies.of(kind) for kind in ("LOCATION", "DATE", "ORG")] == [
        "generalise",
        "keep",
        "code",
    ]
    assert found.policies.dates == "year" and found.also == ("faith",)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[study]\nname = 1", "study.name: there is no such setting"),
        ("[studie]", "studie: there is no such setting"),
        ('[study]\nlanguage = "de"', "study.language: write one of nb, nn, en"),
        ('[files]\n"P*" = { language = "de" }', "files.'P*'.language"),
        ('[files]\n"P*" = "nb"', "files.'P*'"),
        ('[output]\nformats = ["pdf"]', "output.formats: write one of txt"),
        ("[output]\nformats = []", "output.formats: name at least one"),
        ('[output]\nformats = "txt"', "output.formats: write a list"),
        ('[output]\ntemplate = "[{label}]"', "template"),
        ('[documents]\nafter = "burn"', "documents.after: write one of keep"),
        ("[detection]\nmin_score = 2", "detection.min_score"),
        ('[detection]\nalso = ["hobby"]', "detection.also: write one of nationality"),
        ('[policies]\nNAME = "code"', "policies.NAME: there is no such type"),
        ('[policies]\nDATE = "hide"', "policies.DATE: write one of code, generalise, keep, ask"),
        ('[policies]\nPHONE = "keep"', "policies.PHONE: PHONE identifies directly"),
        ('[policies]\nperson = "generalise"', "policies.person: a person's name has no"),
        ('[generalise]\ndates = "day"', "generalise.dates: write one of month"),
        ("policies = 3", "policies: this is a table"),
        ("[[people]]\nparticipant = 'P01'", "people.name: every entry needs a name"),
        ("[[people]]\nname = 'x'\ntype = 'CAT'", "people.type"),
        ("study = 3", "study: this is a table"),
        ("[study]\ntitle = 3", "study.title: write text"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, text)
    assert "study.toml" in str(caught.value) and hint in str(caught.value)


@pytest.mark.parametrize(
    "labels",
    [
        '["Inter\\nvjuer", "P01"]',
        '["a: b", "P01"]',
        '["", "P01"]',
        '[" Intervjuer", "P01"]',
        '["[Person 1]", "P01"]',
        '["A\\u202eB", "P01"]',
        '["A", "A"]',
        f'["{"x" * 41}", "P01"]',
    ],
)
@pytest.mark.parametrize(
    "place", ["[transcription]\nspeakers = {}", "[files]\n'*' = {{ speakers = {} }}"]
)
def test_labels_that_no_transcript_gives_back_are_refused(
    tmp_path: Path, place: str, labels: str
) -> None:
    with pytest.raises(UsageError, match=r"speakers: (each label has 1 to 40|give each speaker)"):
        loaded(tmp_path, place.format(labels))


def test_invalid_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 2"):
        loaded(tmp_path, "[study]\nlanguage = nb\n")


def test_hidden_files_and_leftovers_of_editors_are_no_sources(bench: Workbench) -> None:
    for name in (".DS_Store", "~$notes.docx", ".anonpipe-R01.5.deleting", "Thumbs.db", "P01.txt"):
        bench.note(name, "x")
    assert [str(source.relative) for source in bench.study.sources()] == ["P01.txt"]


def test_state_survives_writing_and_reading(bench: Workbench) -> None:
    state = {
        "R01": SourceState(
            Stage.WRITTEN,
            participants=("P01",),
            outputs={"a.txt": "0" * 64},
            flags=(Flag("repetition", 3),),
            approved="now",
            versions=("v1",),
        )
    }
    bench.study.write_state(state)
    assert bench.study.read_state() == state


def test_people_move_into_the_key_and_comments_stay(bench: Workbench) -> None:
    settings = bench.folder / "study.toml"
    settings.write_text(
        settings.read_text()
        + '\n[[people]]  # known\nname = "Kari Nordmann"\nparticipant = "P01"\n\n'
        + '[[people]]\nname = "Solbakken skole"\ntype = "ORG"\n'
    )
    assert bench.study.settings.people[1] == Person("Solbakken skole", "ORG", None)
    assert bench.open(seal_people) == 2
    text = settings.read_text()
    assert "Kari" not in text and "Solbakken" not in text and "# nb, nn, en or auto" in text
    assert bench.study.settings.people == ()
    bench.register(row())
    bench.note("P01.txt", "Kari Nordmann left Solbakken skole.")
    bench.run()
    out = (bench.folder / "transcripts" / "P01-D01.txt").read_text()
    assert "P01 left [Organisation 1]." in out
