"""Numbers of any country and any register: phones, references, plates, ages. All invented."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Find = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize(
    "number",
    [
        "41 22 78 305",
        "046 712 8830",
        "(028) 713 0467",
        "0191 498 0277",
        "61.553.07.18",
        "+353 86 712 4409",
        "0046 70-551 83 20",
    ],
)
def test_a_phone_number_in_any_grouping(number: str, language: str, find: Find) -> None:
    assert ("PHONE", number) in find(f"Jo, {number}, nemlig.", language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Det kosta 1 200 000 kroner, og så 2.300.000 til, altså 4 500 000."),
        ("nb", "Det var 10.30-11.15, og § 12-4, og 8 000 000 innbyggere."),
        ("en", "It was 15,250 or 2 300 450, so 12 percent, on pages 12 13 14 15 16."),
        ("en", "We had $ 120 450 200 to spend at 09.15 - 10.45."),
    ],
)
def test_amounts_times_and_lists_are_no_phone_numbers(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []


@pytest.mark.parametrize(
    ("language", "number"),
    [
        ("en", "oh seven eight double four nine hundred um and then two two one triple six"),
        ("nb", "ni åttien eh null tre og så førtito sekstién"),
        ("nn", "fire førtiein øh null sju trettito og så elleve"),
    ],
)
def test_a_dictated_number_in_several_breaths(language: str, number: str, find: Find) -> None:
    assert ("PHONE", number) in find(
        f"{'yeah' if language == 'en' else 'det er'} {number}", language
    )


def test_the_next_word_is_no_part_of_a_number(find: Find) -> None:
    number = "zero seven seven double zero nine double zero three one two"
    text = f"my number is {number} hope you can use this grace from the union said i could talk"
    assert ("PHONE", number) in find(text, "en")


@pytest.mark.parametrize(
    ("language", "kind", "token", "frame"),
    [
        ("nb", "NATIONAL_ID", "FHC4471", "Passnummeret er {}."),
        ("nb", "OTHER", "24-5518/K", "Saksnummer {}, sa de."),
        ("nb", "OTHER", "2023/7714", "Saksnr. {} i nemnda."),
        ("en", "DATE", "04/12/2021", "She filed a claim on {} there."),
        ("nb", "OTHER", "PL-8831-22", "Polisen min, {}, gjaldt ikke."),
        ("nn", "OTHER", "LTX 5530", "Ansattnummer {} stod på kortet."),
        ("en", "NATIONAL_ID", "7712345 QA", "My PPS is {}."),
        ("en", "OTHER", "9074729", "She had IMO {} on the stern."),
        ("en", "OTHER", "77/BX/19", "The contract {} was cancelled."),
        ("en", "OTHER", "ZX-18-4471", "It came back as {} in the post."),
        ("nb", "OTHER", "b k strek null sju strek ni ni en", "løpenummeret er {} ja"),
        ("en", "NATIONAL_ID", "p h four four one seven two b", "my passport is {} I think"),
        ("en", "OTHER", "x r b slash nine nine one four", "he got the file {} from them"),
        ("nb", "OTHER", "to to fire ni", "og saksnummeret er {} ja"),
        ("en", "OTHER", "six six one four", "the badge number is {} I think"),
        ("nb", "VEHICLE", "GHJ 71L", "Bilen hadde skilt {}."),
        ("nb", "VEHICLE", "M-AB 2214", "Skiltet var {} tror jeg."),
        ("en", "VEHICLE", "NPA 66T", "A car with the plate {} stood there."),
        ("en", "VEHICLE", "k d one nine f g h", "the van was {} if you want it"),
    ],
)
def test_references_and_plates(
    language: str, kind: str, token: str, frame: str, find: Find
) -> None:
    assert (kind, token) in find(frame.format(token), language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Saken tok lang tid, og 14 personer var med."),
        ("nb", "Vi hadde COVID-19 og ISO-9001 og ei sak om fem kroner."),
        ("nb", "Han kjørte en BMW X5, bilen var fin."),
        ("en", "The case took a year or 14 months, and the file had 300 pages."),
        ("en", "so i a one of two and i e a dot"),
    ],
)
def test_plain_counts_are_no_references(language: str, text: str, find: Find) -> None:
    assert find(text, language) == []


@pytest.mark.parametrize(
    ("language", "text", "age"),
    [
        ("nn", "Det var ei enkje på syttini som stod der.", "syttini"),
        ("nb", "Trettiåtte år, og ennå ugift.", "Trettiåtte år"),
        ("nb", "jeg ble sekstito i fjor og da slutta jeg", "sekstito"),
        ("nb", "Ei gammel dame åttifire år kom inn.", "åttifire år"),
        ("nb", "sønnen min er sju og går på skolen", "sju"),
        ("en", "He had a girl of seven with him.", "seven"),
        ("en", "My brother was twelve then.", "twelve"),
        ("en", "Fifty-two, and divorced.", "Fifty-two"),
        ("en", "The boy, eleven, ran off.", "eleven"),
        ("en", "she would be ninety now", "ninety"),
    ],
)
def test_ages_by_the_person_beside_them(language: str, text: str, age: str, find: Find) -> None:
    assert ("AGE", age) in find(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nb", "Han jobba i åtte år, kom på fem minutter og var en gutt på to meter."),
        ("nn", "Ho kom klokka sju, det tok fem år, og det kosta tjue kroner."),
        ("en", "A man of few words. My son was one of two. My mother was two hours late."),
        ("en", "He would be ten minutes. We had a man of twelve stone."),
    ],
)
def test_durations_and_measures_are_no_ages(language: str, text: str, find: Find) -> None:
    assert [f for f in find(text, language) if f[0] == "AGE"] == []
