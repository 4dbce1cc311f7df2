"""Nothing that may stand in the log spells a name."""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import log_kinds, resources
from anonpipe.log_kinds import AGE_KEY, Kind
from anonpipe.log_schema import ACTIONS, Action, check
from anonpipe.medium import FILESYSTEMS
from anonpipe.transcript import MENTION_TYPES

DIGEST, PRINT = "0a" * 32, "0a" * 8
AGE = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
"""The first test vector's key in the specification of age's identities, FiloSottile/age."""

EXAMPLES = {
    "count": [0, 7, 9_999_999],
    "flag": [True, False],
    "digest": [DIGEST],
    "fingerprint": [PRINT],
    "signing key": [DIGEST],
    "signature": [DIGEST * 2],
    "age public key": [AGE],
    "source": ["R01", "D17", "R1234"],
    "participant": ["P01", "INF3"],
    "entity": ["PERSON-1", "NATIONAL_ID-12", "P01"],
    "source, entity or participant": ["R01", "P01", "LOCATION-4"],
    "backup": ["B01"],
    "receipt": ["X0001"],
    "role": ["student", "student-2", "archive"],
    "date": ["2026-03-01"],
    "time": ["2026-03-01T09:30:00Z"],
    "rule": ["delete-after-review", "keep-bleeped", "delete-on:2027-01-01"],
    "approval": ["SIKT-123456", "123456", "REK-2019/1234"],
    "model": ["none", PRINT, DIGEST],
    "file system": ["ext4", "unknown", "other"],
}
WRONG = {
    "count": [-1, 10_000_000, 1.0, True, "7", 22_334_455],
    "flag": [0, 1, "true"],
    "digest": [DIGEST[:-1], DIGEST.upper(), DIGEST + "\n", "g" * 64],
    "fingerprint": [PRINT + "0", PRINT[:-1]],
    "age public key": [AGE[:-1] + "q", AGE.upper(), AGE[:20], "age1" + "q" * 58],
    "source": ["r01", "R1", "X01", "R01 "],
    "participant": ["P", "Kari1", "PPPP1", "P01\n", "P\u0661"],
    "entity": ["PERSON-0", "PERSON-x", "KARI-1", "person-1"],
    "backup": ["B1", "B01x"],
    "receipt": ["X1", "x0001", "Kari1"],
    "role": ["kari", "student-1", "student-kari", "Student"],
    "date": ["2026-02-30", "2026-3-1", "20260301", "01.03.2026"],
    "time": ["2026-03-01T09:30:00+00:00", "2026-03-01T25:00:00Z", "2026-03-01"],
    "rule": ["delete-on", "delete-on:", "delete-on:soon", "keep-bleeped:2026-01-01", "keep"],
    "approval": ["SIKT", "KARI-12", "01019012345", "010190-12345", "12 34", "SIKT-", "1//2"],
    "model": ["whisper-base", ""],
    "file system": ["karifs", "Ext4"],
}


def kinds() -> dict[str, Kind]:
    """Every kind that is declared or used, by name."""
    found = {k.name: k for k in vars(log_kinds).values() if isinstance(k, Kind)}
    for action in ACTIONS.values():
        for kind in (*action.details.values(), *action.optional.values(), action.subject):
            if kind is not None:
                found |= {k.name: k for k in (kind, kind.item) if k is not None}
    return found


KINDS = kinds()
WORDS = sorted(
    {word for name in KINDS if " | " in name for word in name.split(" | ")} | FILESYSTEMS
)
TEXTS = [
    *WORDS,
    *(v for values in EXAMPLES.values() for v in values if isinstance(v, str)),
]
SHAPES = (
    r"[0-9a-f]{16}|[0-9a-f]{64}|[0-9a-f]{128}",
    r"[A-Z]{1,3}[0-9]{1,6}",  # R01, P01, B01
    rf"(?:{'|'.join(MENTION_TYPES)})-[0-9]{{1,6}}",
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?",
    rf"(?:{'|'.join(log_kinds.ROLES)})(?:-[0-9]{{1,2}})?",
    r"(?:delete|keep)-(?:after-transcription|after-review|on|until|bleeped)(?::[0-9-]{10})?",
    r"transcript-until:[0-9-]{10}",
    rf"(?:(?:{'|'.join(log_kinds.REVIEWERS)})-)?[0-9./-]{{1,27}}",
    r"age1[02-9ac-hj-np-z]{58}",
    r"none",
)


def has_shape(text: str) -> bool:
    """Whether a text is a word of the program or looks like a code, said in another way."""
    return text in WORDS or any(re.fullmatch(shape, text, re.ASCII) for shape in SHAPES)


def admits(kind: Kind, value: object) -> bool:
    return kind.holds([value]) if kind.item is not None else kind.holds(value)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_what_a_kind_holds(name: str) -> None:
    kind = KINDS[name]
    assert all(kind.holds(value) for value in EXAMPLES[name])
    others = [None, "", [], {}, "Kari", "Kari Nordmann", "kari.mp3", [EXAMPLES[name][0]], b"R01"]
    assert not any(kind.holds(value) for value in (*others, *WRONG.get(name, [])))


def test_every_kind_is_tried() -> None:
    """A kind that is new must be added above; closed lists and lists of kinds need not be."""
    tried = {name for name in KINDS if " | " in name or name.startswith("list of ")}
    assert set(KINDS) - tried - {"consent"} == set(EXAMPLES)


def test_lists() -> None:
    kind = log_kinds.list_of(log_kinds.ENTITY, most=2)
    assert kind.holds([]) and kind.holds(["P01", "PERSON-1"]) and kind.holds(("P01",))
    for wrong in ("P01", ["Kari"], ["P01"] * 3, [["P01"]], {"P01": 1}, None):
        assert not kind.holds(wrong)


def test_age_keys_are_those_of_age() -> None:
    import pyrage

    for _ in range(20):
        key = str(pyrage.x25519.Identity.generate().to_public())
        assert AGE_KEY.holds(key)
        for at in (5, 20, 61):
            other = "q" if key[at] != "q" else "p"
            assert not AGE_KEY.holds(key[:at] + other + key[at + 1 :])


@pytest.fixture(scope="module")
def names() -> list[str]:
    """First names and surnames, as people write them."""
    files = ("first-names.txt", "surnames.txt")
    found = [word for file in files for line in resources.word_list(file) for word in line.split()]
    assert len(found) > 2000 and "Kari" in found and "Hansen" in found
    return found


def test_no_kind_holds_a_name(names: list[str]) -> None:
    """In any case, by itself and as part of what the kind does hold."""
    for name in names:
        for form in {name, name.upper(), name.casefold(), f"{name}1", f"{name} {name}"}:
            held = [kind.name for kind in KINDS.values() if admits(kind, form)]
            # Ann1 could be a participant's code; codes are the researcher's to choose.
            if not (re.fullmatch("[A-Z]{1,3}1", form)):
                assert not held, (form, held)
    for name, (kind, values) in product(
        names[::40], ((KINDS[name], values) for name, values in EXAMPLES.items())
    ):
        for value in values:
            for place in range(len(value) + 1 if isinstance(value, str) else 0):
                assert not kind.holds(f"{value[:place]}{name}{value[place:]}")


def test_no_word_of_the_program_is_a_first_name() -> None:
    first = {w.casefold() for line in resources.word_list("first-names.txt") for w in line.split()}
    assert not first & set(WORDS)


@given(text=st.text(max_size=70) | st.from_regex(r"[A-Za-z0-9:./_-]{1,20}", fullmatch=True))
def test_no_text_gets_in_that_is_of_no_kind(text: str) -> None:
    """For every detail of every action: what is let in looks like a code."""
    for name, action in ACTIONS.items():
        details = valid(action)
        subject = None if action.subject is None or action.subject_optional else example(action)
        check(name, subject, action.results[0], details)
        for key in {**action.details, **action.optional}:
            for value in (text, [text]):
                if passes(name, subject, action.results[0], {**details, key: value}):
                    assert has_shape(text), (name, key)
        if passes(name, text, action.results[0], details):
            assert has_shape(text), name
        assert not passes(name, subject, text, details) or text in action.results
        if text not in {**action.details, **action.optional}:
            assert not passes(name, subject, action.results[0], {**details, text: 1})
    assert text in ACTIONS or not passes(text, None, "done", {})


@given(text=st.sampled_from(TEXTS), more=st.text(min_size=1, max_size=12), at=st.integers(0, 80))
def test_nothing_hides_in_what_is_let_in(text: str, more: str, at: int) -> None:
    changed = text[:at] + more + text[at:]
    for kind in KINDS.values():
        assert not admits(kind, changed) or has_shape(changed), kind.name


@given(number=st.integers() | st.floats())
def test_numbers_are_too_short_for_anybodys_number(number: float) -> None:
    digits = re.sub("[^0-9]", "", repr(number))
    for kind in KINDS.values():
        assert not admits(kind, number) or len(digits) <= 7, kind.name


def passes(*entry: object) -> bool:
    """Whether an entry may be written; if not, the error shows none of its values."""
    try:
        check(*entry)  # type: ignore[arg-type]
    except ValueError as error:
        _, subject, result, details = entry
        shown = [subject, result, *details.values()]  # type: ignore[attr-defined]
        secret = [v for v in shown if isinstance(v, str) and len(v) > 12 and v not in WORDS]
        assert not any(v in str(error) for v in secret)
        return False
    return True


def a_value(kind: Kind) -> object:
    if kind.item is not None:
        return [a_value(kind.item)]
    return EXAMPLES[kind.name][0] if kind.name in EXAMPLES else kind.name.split(" | ")[0]


def valid(action: Action) -> dict[str, object]:
    return {name: a_value(kind) for name, kind in action.details.items()}


def example(action: Action) -> object:
    assert action.subject is not None
    return a_value(action.subject)


def test_what_is_missing_or_too_much() -> None:
    for name, action in ACTIONS.items():
        subject = example(action) if action.subject is not None else None
        details, result = valid(action), action.results[0]
        more = {key: a_value(kind) for key, kind in action.optional.items()}
        check(name, subject, result, {**details, **more})
        for key in details:
            with pytest.raises(ValueError, match=f"lacks its detail {key}"):
                check(name, subject, result, {k: v for k, v in details.items() if k != key})
        with pytest.raises(ValueError, match="not declared"):
            check(name, subject, result, {**details, "note": 1})
        if action.subject is None:
            with pytest.raises(ValueError, match="subject"):
                check(name, "R01", result, details)
        elif not action.subject_optional:
            with pytest.raises(ValueError, match="needs a subject"):
                check(name, None, result, details)
        for kind in {**action.details, **action.optional}.values():
            assert kind.says and not kind.holds(None) and not kind.holds({})


@given(day=st.dates(), moment=st.datetimes(min_value=datetime(1000, 1, 1)))
def test_dates_and_times(day: date, moment: datetime) -> None:
    assert log_kinds.DATE.holds(day.isoformat())
    assert log_kinds.TIME.holds(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert log_kinds.RULE.holds(f"keep-until:{day.isoformat()}")
