"""Encodings in which researchers' programs save text, and files that are no text."""

from __future__ import annotations

from pathlib import Path

import pytest

from anonpipe import formats
from anonpipe.errors import AnonpipeError, RecordingError

NORWEGIAN = "Intervjuer: Så du bor på Ås?\nKåre: Ja, på Bjørkås, rett ved «Lærerhøgskolen».\n"
TURNS = (
    ("Intervjuer", "Så du bor på Ås?"),
    ("Kåre", "Ja, på Bjørkås, rett ved «Lærerhøgskolen»."),
)


def turns(path: Path) -> tuple[tuple[str, str], ...]:
    return tuple((turn.speaker, turn.text) for turn in formats.read(path, "nb").turns)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_norwegian_letters_survive(tmp_path: Path, encoding: str, newline: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(NORWEGIAN.replace("\n", newline).encode(encoding))
    assert turns(path) == TURNS


@pytest.mark.parametrize("encoding", ["mac_roman", "cp865", "cp850"])
def test_old_encodings_are_guessed_from_longer_text(tmp_path: Path, encoding: str) -> None:
    text = "Vi sa at både Kåre og Bjørg ville være på ærefullt vis få noe å gjøre i løpet av året. "
    path = tmp_path / "a.txt"
    path.write_bytes((text * 6).encode(encoding))
    assert formats.read(path, "nb").text == (text * 6).strip()


def test_typographic_signs_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Hun sa – “det går bra”… på Røros".encode("cp1252"))
    assert formats.read(path, "nb").text == "Hun sa – “det går bra”… på Røros"


def test_another_language_is_left_to_the_detector(tmp_path: Path) -> None:
    text = "Chciałbym powiedzieć, że byłem wówczas w Łodzi i że nikt mnie o to nie zapytał. "
    path = tmp_path / "a.txt"
    path.write_bytes((text * 4).encode("cp1250"))
    assert formats.read(path, "pl").text == (text * 4).strip()


def test_utf8_with_a_broken_byte_is_not_taken_for_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Kåre bor på Ås i Ærfjord, på øya".encode() + b"\xff.")
    assert formats.read(path, "nb").text == "Kåre bor på Ås i Ærfjord, på øya\ufffd."


def test_decomposed_letters_and_invisible_signs(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Ka\u030are Han\u00adsen, Ber\u200bgen", encoding="utf-8")
    assert formats.read(path, "nb").text == "Kåre Hansen, Bergen"


def test_read_text_leaves_every_character_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "Ka\u030are:\r\n\r\n  hei\u00ad \r ja\n"
    path.write_bytes(text.encode("utf-8-sig"))
    assert formats.read_text(path) == text


@pytest.mark.parametrize("suffix", sorted(formats.READABLE))
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n\t\n",
        b"\xef\xbb\xbf",
        b"\x00" * 64,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00",
        b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00",
        bytes(range(1, 256)) * 3,
        b"\xff\xfe\x41",
        b"ID3\x04\x00" + bytes(range(256)) * 4,
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"interview{suffix}"
    path.write_bytes(data)
    with pytest.raises(RecordingError) as caught:
        formats.read(path, "nb")
    assert path.name in str(caught.value)
    assert caught.value.__cause__ is None


def test_missing_file_folder_and_unknown_suffix(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "a.pages").write_text("hei")
    for name in ("none.txt", "folder.txt", "a.pages"):
        with pytest.raises(RecordingError, match=name):
            formats.read(tmp_path / name, "nb")


def test_errors_never_show_text(tmp_path: Path) -> None:
    secret = "Kåre Hansen"
    for name in ("a.docx", "a.json", "a.vtt", "a.srt"):
        (tmp_path / name).write_text(f'{{"text": "{secret}"', encoding="utf-8")
        with pytest.raises(AnonpipeError) as caught:
            formats.read(tmp_path / name, "nb")
        assert secret not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
