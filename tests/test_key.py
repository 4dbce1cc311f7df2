"""The key's table: ids, people and digests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from anonpipe.audit import AuditLog
from anonpipe.codes import Entity, Policies
from anonpipe.errors import UsageError, VaultError
from anonpipe.key import LISTED, KeyTable
from anonpipe.keyfile import StudyKey, expected_digests
from anonpipe.session import Session
from anonpipe.settings import Person
from anonpipe.study import Source
from anonpipe.transcript import KnownName
from tests.conftest import Workbench, row

TABLE = KeyTable("study")


def source(name: str) -> Source:
    return Source("audio", Path("/x/recordings") / name, PurePosixPath(name))


def test_ids_are_given_in_order_and_never_twice() -> None:
    table = TABLE.with_source("R01", source("a.wav"), "aa")
    assert table.next_source_id("audio") == "R02" and table.next_source_id("text") == "D01"
    table = table.with_source("R09", source("b.wav"), "bb")
    assert table.next_source_id("audio") == "R10"


def test_a_file_is_known_by_content_first_and_then_by_name() -> None:
    table = TABLE.with_source("R01", source("a.wav"), "aa").with_source("R02", source("b.wav"), "b")
    assert table.find_source(source("renamed.wav"), "aa") == "R01"
    assert table.find_source(source("b.wav"), "edited") == "R02"
    assert table.find_source(source("b.wav"), "edited", over=["R02"]) is None
    assert table.find_source(source("c.wav"), "cc") is None


def test_people_get_codes_and_numbers() -> None:
    table = replace(TABLE, entities=(Entity.placeholder("PERSON-4"),)).with_people(
        [
            Person("Kari Nordmann", participant="P01"),
            Person("Ola Hansen"),
            Person("Solbakken skole", "ORG"),
            Person("ola hansen"),
            Person("Kari", participant="P01"),
        ]
    )
    assert [(e.id, e.canonical) for e in table.entities] == [
        ("PERSON-4", ""),
        ("P01", "Kari Nordmann"),
        ("PERSON-5", "Ola Hansen"),
        ("ORG-1", "Solbakken skole"),
    ]
    assert table.entities[1].aliases == ("Kari Nordmann", "Kari")
    assert table.hotwords() == ("Kari Nordmann", "Kari", "Ola Hansen", "Solbakken skole")
    assert KeyTable.from_payload(table.to_payload(), Path("k")) == table


def test_only_listed_names_are_to_be_heard_whatever_was_found() -> None:
    found = Entity("P01", "PERSON", None, "P01", "Kari Nordmann", ("Kari", "Kari Nordmann"))
    table = replace(TABLE, entities=(found,))
    assert table.hotwords() == ()
    table = table.with_people([Person("Kari Nordmann", participant="P01")])
    (entity,) = table.entities
    table = replace(TABLE, entities=(replace(entity, aliases=(*entity.aliases, "Karine")),))
    assert table.hotwords() == ("Kari Nordmann",)
    people = [Person("Karine", participant="P01"), Person("Kari Nordmann", participant="P01")]
    twice = table.with_people(people)
    assert twice.hotwords() == ("Kari Nordmann", "Karine")
    assert twice.entities[0].aliases == ("Kari Nordmann", "Karine", "Kari")
    assert twice.with_people(people) == twice


def test_a_participant_is_a_person() -> None:
    with pytest.raises(UsageError, match="P01"):
        TABLE.with_people([Person("Solbakken", "ORG", "P01")])


@pytest.mark.parametrize("payload", [{}, {"format": "anonpipe-key", "version": 9}, {"format": 1}])
def test_what_is_no_key_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(VaultError, match=r"k\.age"):
        KeyTable.from_payload(payload, Path("k.age"))


def test_what_nobody_signed_says_nothing_of_the_key(bench: Workbench) -> None:
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    first = expected_digests(log)
    assert len(first) == 1
    log.append("key-intent", result="intended", key="a" * 64, entities=1)
    log.append("key-saved", key="a" * 64, entities=1, recipients="b" * 64)
    assert expected_digests(log) == first  # nobody signed that


def test_signed_versions_count_until_the_next_is_saved(bench: Workbench) -> None:
    def work(opened: Session) -> None:
        log = opened.log
        first = expected_digests(log)
        log.append("key-intent", result="intended", key="a" * 64, entities=1)
        assert expected_digests(log) == first | {"a" * 64}
        log.append("key-saved", key="a" * 64, entities=1, recipients="b" * 64)
        assert expected_digests(log) == {"a" * 64}

    bench.open(work)


def test_an_older_key_stays_out_though_somebody_logs_it(bench: Workbench) -> None:
    """The log's format is public; the signature is what an intruder cannot make."""
    older = bench.key.read_bytes()
    bench.register(row())
    bench.note("P01.txt", "Kari Nordmann was here.")
    bench.run()
    log = AuditLog(bench.study.log_file, bench.study.settings.id)
    digest = hashlib.sha256(older).hexdigest()
    log.append("key-intent", result="intended", key=digest, entities=0)
    log.append("key-saved", key=digest, entities=0, recipients="b" * 64)
    assert log.verify().unsigned == 2
    newer = bench.key.read_bytes()
    for again in (False, True):
        bench.key.write_bytes(older)
        with pytest.raises(VaultError):
            bench.run()
        bench.key.write_bytes(newer)
        if not again:
            bench.open(lambda _: None)  # signs what the intruder left, and vouches for none of it
    assert log.verify().unsigned == 0


def test_an_unchanged_table_is_not_saved_again(bench: Workbench) -> None:
    def save(opened: object) -> None:
        key: StudyKey = opened.key  # type: ignore[attr-defined]
        key.save(key.table)

    before = bench.key.read_bytes()
    bench.open(save)
    assert bench.key.read_bytes() == before


def test_every_form_in_the_key_is_a_known_name() -> None:
    notes = ("rule:spelling:R01:Nordman",)
    kari = Entity(
        "PERSON-1", "PERSON", 1, None, "Kari Nordmann", ("Kari", "Nordman"), {"R01": 3}, notes
    )
    mail = Entity("EMAIL-1", "EMAIL", 1, None, "k@example.org", ("k@example.org",), {"R01": 1})
    table = replace(TABLE, entities=(kari, mail)).with_people([Person("Ola Hansen")])
    assert table.known_names(Policies()) == (
        KnownName("Kari Nordmann", "PERSON", listed=False, fullest=True),
        KnownName("Kari", "PERSON", listed=False, fullest=False),
        KnownName("Nordman", "PERSON", listed=False, fullest=False),
        KnownName("k@example.org", "EMAIL", listed=False, fullest=True),
        KnownName("Ola Hansen", "PERSON", listed=True, fullest=True),
    )
    assert table.bearers(Policies())[KnownName("Kari", "PERSON", False, False)] == "PERSON-1"


def test_a_name_that_was_found_before_may_be_listed() -> None:
    found = Entity("ORG-1", "ORG", 1, None, "Rimfaks", ("Rimfaks",), {"R01": 1})
    (listed,) = replace(TABLE, entities=(found,)).with_people([Person("rimfaks", "ORG")]).entities
    assert (listed.id, listed.canonical, listed.merged_by) == ("ORG-1", "Rimfaks", (LISTED,))
