"""The key and sealed files: what opens, what is refused, and what the real age makes of it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonpipe import agefile, files, vault
from anonpipe.agefile import AgeFormatError, dearmor, pad, parse_header, unpad
from anonpipe.errors import AuditError, UsageError, VaultError
from anonpipe.vault import KeyFile, Recipient, load_identities, new_identity, seal, unseal

DATA = Path(__file__).parent / "data" / "age"
PASSPHRASE = "an old harbour in the rain"
PAYLOAD = {"format": "anonpipe-key", "entities": [{"id": "PERSON-1", "canonical": "Åse Bråthen"}]}


def no_passphrase(path: Path) -> str | None:
    raise AssertionError(f"asked for the passphrase of {path}")


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def student(folder):
    """An unprotected identity, opened, and its recipient."""
    public = new_identity(folder / "student.identity", None, "student")
    return load_identities([folder / "student.identity"], no_passphrase), Recipient(
        "student", public
    )


@pytest.fixture
def key(folder, student) -> KeyFile:
    identities, recipient = student
    path = folder / "my-study.key.age"
    digest = KeyFile.create(path, [recipient], PAYLOAD)
    return KeyFile.open(path, identities, expected_digests={digest})


def fixture_identity(tmp_path: Path) -> Path:
    path = tmp_path / "plain.identity"
    path.write_bytes((DATA / "plain.identity").read_bytes())
    path.chmod(0o600)
    return path


# -- recipients


def test_recipients_file_round_trip(tmp_path, student):
    _, recipient = student
    other = Recipient("", str(pyrage.x25519.Identity.generate().to_public()))
    path = tmp_path / "my-study.recipients"
    vault.write_recipients(path, [recipient, other])
    assert vault.read_recipients(path) == (recipient, other)
    assert "# label: student" in path.read_text()
    assert len(recipient.fingerprint) == 16


@pytest.mark.parametrize("content", [b"", b"# nobody\n", b"age1nonsense\n", b"\xff\xfe", None])
def test_recipients_file_that_is_none(tmp_path, content):
    path = tmp_path / "my-study.recipients"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VaultError, match=r"my-study\.recipients"):
        vault.read_recipients(path)


def test_a_secret_given_as_recipient_is_not_repeated():
    secret = str(pyrage.x25519.Identity.generate())
    for text in (secret, secret.lower(), "age1" + secret):
        with pytest.raises(UsageError) as caught:
            vault.parse_recipient(text, "student")
        assert secret.casefold() not in str(caught.value).casefold()


# -- identities


def test_new_identity_is_private_and_never_overwritten(folder, student):
    path = folder / "student.identity"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(VaultError, match="exists already"):
        new_identity(path, None, "student")
    assert path.read_bytes() == before


def test_an_identity_does_not_show_its_secret(student):
    identities, _ = student
    assert "AGE-SECRET" not in f"{identities!r}{identities[0]!s}"


@pytest.mark.parametrize("name", ["protected.identity.age", "protected-armored.identity.age"])
def test_identity_protected_by_the_real_age(tmp_path, name):
    identities = load_identities([DATA / name], lambda path: PASSPHRASE)
    assert unseal((DATA / "sealed.age").read_bytes(), identities) == b'{"from": "age"}'


def test_wrong_or_missing_passphrase():
    path = DATA / "protected.identity.age"
    with pytest.raises(VaultError, match="does not open") as caught:
        load_identities([path], lambda path: "wrong")
    assert caught.value.exit_code == 4 and "wrong" not in str(caught.value)
    with pytest.raises(VaultError, match="needs its passphrase"):
        load_identities([path], lambda path: None)


def test_empty_passphrase_is_refused(folder):
    with pytest.raises(UsageError, match="empty"):
        new_identity(folder / "x.identity.age", " ", "x")
    assert not (folder / "x.identity.age").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n# only a comment\n", b"hello", b"AGE-SECRET-KEY-1QQQ\n", b"\xff" * 100,
     b"age-encryption.org/v1\n", b"age-encryption.org/v2\n-> scrypt x 18\n",
     b"-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n", b"x" * 100_000],
)  # fmt: skip
def test_files_that_are_no_identity(tmp_path, content):
    path = tmp_path / "wrong.identity"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(VaultError, match=r"wrong\.identity"):
        load_identities([path], no_passphrase)


def test_missing_identity_and_none_at_all(tmp_path):
    with pytest.raises(VaultError, match="missing"):
        load_identities([tmp_path / "gone"], no_passphrase)
    with pytest.raises(VaultError, match="name one"):
        load_identities([], no_passphrase)
    with pytest.raises(VaultError, match="is no file"):
        load_identities([tmp_path], no_passphrase)


def test_unprotected_identity_that_others_may_read(tmp_path):
    path = fixture_identity(tmp_path)
    path.chmod(0o644)
    with pytest.raises(VaultError, match="chmod 600"):
        load_identities([path], no_passphrase)


def test_a_sealed_file_is_no_identity():
    with pytest.raises(VaultError, match="it is no identity"):
        load_identities([DATA / "sealed.age"], no_passphrase)


# -- headers


def header(*stanzas: bytes, mac: bytes = b"--- " + b"A" * 43, payload: int = 40) -> bytes:
    return b"\n".join([b"age-encryption.org/v1", *stanzas, mac, b"p" * payload])


SCRYPT = b"-> scrypt " + b"A" * 22 + b" %d\n" + b"A" * 43


def test_header_of_what_pyrage_writes(student):
    """pyrage adds stanzas of random types; none of them may be refused."""
    _, recipient = student
    for _ in range(100):
        types = [stanza.type for stanza in parse_header(seal(b"x", [recipient]))]
        assert "X25519" in types


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"age-encryption.org/v1",
        b"age-encryption.org/v1\n",
        b"age-encryption.org/v2\n" + header(b"-> a\nAAAA")[22:],
        header(b"-> a\nAAAA").replace(b"\n", b"\r\n"),
        header(),  # no stanza
        header(b"-> a"),  # no body
        header(b"-> a\n" + b"A" * 64),  # body without its short last line
        header(b"-> a\n" + b"A" * 65),
        header(b"-> a\nAAB"),  # bits left over
        header(b"-> a\nAAAA="),
        header(b"-> a  b\nAAAA"),
        header(b"-> \nAAAA"),
        header(b"->a\nAAAA"),
        header("-> æ\nAAAA".encode()),
        header(b"-> a\nAAAA", mac=b"---"),
        header(b"-> a\nAAAA", mac=b"--- " + b"A" * 42),
        header(b"-> a\nAAAA", mac=b"--- " + b"A" * 42 + b"B"),
        header(b"-> a\nAAAA", payload=31),
        header(SCRYPT % 18, SCRYPT % 18),
        header(SCRYPT % 18, b"-> X25519 a\nAAAA"),
        header(b"-> scrypt " + b"A" * 22 + b" 018\n" + b"A" * 43),
        header(b"-> scrypt " + b"A" * 22 + b" +18\n" + b"A" * 43),
        header(b"-> scrypt " + b"A" * 22 + b" 0x12\n" + b"A" * 43),
        header(b"-> scrypt " + b"A" * 22 + b" 99999999999999999999\n" + b"A" * 43),
        header(b"-> scrypt " + b"A" * 22 + b"\n" + b"A" * 43),
        header(b"-> scrypt " + b"A" * 20 + b" 18\n" + b"A" * 43),
        header(b"-> scrypt " + b"A" * 22 + b" 18\n" + b"A" * 20),
    ],
)
def test_headers_that_are_refused(data):
    with pytest.raises(AgeFormatError):
        parse_header(data)


def test_header_with_full_and_empty_last_lines():
    for body in (b"", b"A" * 64 + b"\n", b"A" * 64 + b"\nAAAA"):
        assert len(parse_header(header(b"-> a b c\n" + body))[0].arguments) == 2


def test_work_factor_is_capped_before_anything_is_computed(tmp_path, monkeypatch):
    assert parse_header(header(SCRYPT % agefile.MAX_WORK_FACTOR))
    path = tmp_path / "heavy.identity.age"
    path.write_bytes(header(SCRYPT % 23))
    with pytest.raises(VaultError, match="work factor of 23"):
        load_identities([path], no_passphrase)  # not even asked


@given(st.binary(max_size=300))
def test_no_bytes_make_the_header_check_stumble(data):
    for text in (data, b"age-encryption.org/v1\n" + data, b"-----BEGIN AGE" + data):
        try:
            parse_header(dearmor(text))
        except AgeFormatError as error:
            assert str(error)


def test_armour(student):
    identities, recipient = student
    public = pyrage.x25519.Recipient.from_str(recipient.public_key)
    armoured = pyrage.encrypt(pad(b"x" * 100), [public], armored=True)
    for text in (armoured, b"\n  \r\n" + armoured + b"\n\n", armoured.replace(b"\n", b"\r\n")):
        assert unseal(text, identities) == b"x" * 100
    lines = armoured.split(b"\n")
    for wrong in (
        b"\n".join(lines[:-2]),
        b"\n".join([lines[0], b"", *lines[1:]]),
        b"\n".join([lines[0], lines[1] + lines[2], *lines[3:]]),
        armoured.replace(lines[1], b"!" + lines[1][1:]),
    ):
        with pytest.raises(VaultError):
            unseal(wrong, identities)


# -- sealing


@given(st.binary(max_size=3000))
def test_padding_is_undone_for_any_bytes(data):
    assert unpad(pad(data)) == data
    assert unpad(pad(data + b" \n ")) == data + b" \n "


def test_padding_hides_sizes():
    assert len({len(pad(b"x" * n)) for n in range(0, 16_000, 100)}) == 1
    assert len({len(pad(b"x" * n)) for n in range(1_000_000, 2_000_000, 25_000)}) <= 10
    for n in (16_383, 16_384, 20_000, 1 << 20, (1 << 20) - 1, 3_000_000):
        assert n < len(pad(b"x" * n)) <= n * 1.26 + 4097
        assert len(pad(b"x" * n)) % 4096 == 0


def test_seal_and_unseal(student):
    identities, recipient = student
    other = str(pyrage.x25519.Identity.generate().to_public())
    for data in (b"", b"{}", os.urandom(100_000)):
        sealed = seal(data, [recipient, other])
        assert unseal(sealed, identities) == data
        assert len(data) < 10 or data not in sealed  # short ones occur by chance
    with pytest.raises(UsageError, match="nobody"):
        seal(b"x", [])


def test_unseal_says_what_is_wrong(student):
    identities, recipient = student
    sealed = seal(b"{}", [recipient])
    flipped = bytearray(sealed)
    flipped[-5] ^= 1
    stranger = seal(b"{}", [str(pyrage.x25519.Identity.generate().to_public())])
    plain = pyrage.encrypt(b"{}", [pyrage.x25519.Recipient.from_str(recipient.public_key)])
    for data, says in [
        (sealed[:-1], "damaged or cut off"),
        (sealed[:-5000], "damaged or cut off"),
        (sealed[:150], "cut off|complete"),
        (bytes(flipped), "damaged or cut off"),
        (b"", "not an age file"),
        (b"PK\x03\x04", "not an age file"),
        (stranger, "not encrypted to any of the identities"),
        (plain, "not sealed by anonpipe"),
        (header(SCRYPT % 18), "locked with a passphrase"),
    ]:
        with pytest.raises(VaultError, match=says) as caught:
            unseal(data, identities, name="R01.age")
        assert str(caught.value).startswith("R01.age")


# -- the key


def test_key_opens_and_is_private(key, student):
    assert key.payload == PAYLOAD and key.recipients == (student[1],)
    assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    assert key.digest == hashlib.sha256(key.path.read_bytes()).hexdigest()
    assert "Bråthen".encode() not in key.path.read_bytes()


def test_size_of_the_key_does_not_tell_how_many_are_in_it(folder, student):
    _, recipient = student
    sizes = set()
    for people in (0, 1, 30, 60):
        names = [f"Somebody Sometimes {n}" for n in range(people)]
        plain = unpad(pad(json.dumps(names).encode()))
        assert len(plain) < 3000
        path = folder / f"{people}.key.age"
        KeyFile.create(path, [recipient], {"names": names})
        stanza = sum(len(s.body) + len(" ".join(s.arguments)) + len(s.type) for s in
                     parse_header(path.read_bytes()) if s.type != "X25519")  # fmt: skip
        sizes.add(path.stat().st_size // 4096 if stanza < 4096 else None)
    assert len(sizes) == 1


def test_save_announces_before_it_replaces(key, student):
    old = key.path.read_bytes()
    seen: list[tuple[str, bytes]] = []
    new = {**PAYLOAD, "entities": []}
    key.save(new, before_replace=lambda digest: seen.append((digest, key.path.read_bytes())))
    assert seen == [(key.digest, old)] and key.payload == new
    again = KeyFile.open(key.path, student[0], expected_digests={key.digest})
    assert again.payload == new
    key.save(PAYLOAD)  # the same object goes on working
    assert KeyFile.open(key.path, student[0], expected_digests=None).payload == PAYLOAD


def test_older_and_substituted_keys_are_refused(key, student):
    old_bytes, old_digest = key.path.read_bytes(), key.digest
    key.save({**PAYLOAD, "more": 1})
    key.path.write_bytes(old_bytes)
    with pytest.raises(VaultError, match="was replaced or is older") as caught:
        KeyFile.open(key.path, student[0], expected_digests={key.digest})
    assert caught.value.exit_code == 4
    forged = key.path.with_name("forged.age")
    KeyFile.create(forged, [student[1]], {"format": "forged with the public key alone"})
    forged.replace(key.path)
    with pytest.raises(VaultError, match="was replaced or is older"):
        KeyFile.open(key.path, student[0], expected_digests={key.digest, old_digest})
    with pytest.raises(VaultError, match="was replaced"):
        KeyFile.open(key.path, student[0], expected_digests=set())


def test_a_log_that_cannot_be_written_keeps_the_old_key(key, student):
    before = key.path.read_bytes()

    def full(digest: str) -> None:
        raise AuditError("The log is full.")

    with pytest.raises(AuditError):
        key.save({**PAYLOAD, "more": 1}, before_replace=full)
    assert key.path.read_bytes() == before and key.payload == PAYLOAD
    key.save({**PAYLOAD, "more": 2})


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_keeps_the_old_key(key, student, monkeypatch, call):
    before = key.path.read_bytes()

    def fail(*args):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files.os, call, fail)
    with pytest.raises(VaultError, match="disk is full"):
        key.save({**PAYLOAD, "more": 1})
    monkeypatch.undo()
    assert key.path.read_bytes() == before
    assert not list(key.path.parent.glob(".anonpipe*"))


@pytest.mark.parametrize("moment", ["write", "announce", "sync_folder"])
def test_a_kill_while_saving_leaves_a_version_that_the_log_knows(key, student, tmp_path, moment):
    announced = tmp_path / "announced"
    program = (
        "import os, sys, json; from pathlib import Path; from anonpipe import files, vault\n"
        "path, identity, log, moment = sys.argv[1:]\n"
        "def die(*a): os._exit(9)\n"
        "key = vault.KeyFile.open(Path(path), "
        "vault.load_identities([Path(identity)], lambda p: None), expected_digests=None)\n"
        "def note(digest):\n"
        "    Path(log).write_text(digest)\n"
        "    if moment == 'announce': die()\n"
        "step = {'write': 'write_all', 'sync_folder': 'sync_folder'}.get(moment)\n"
        "if step: setattr(files, step, die)\n"
        "key.save({'new': True}, before_replace=note)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, key.path, key.path.parent / "student.identity",
         announced, moment]
    )  # fmt: skip
    assert done.returncode == 9
    known = {key.digest} | ({announced.read_text()} if announced.exists() else set())
    opened = KeyFile.open(key.path, student[0], expected_digests=known)
    assert opened.payload == ({"new": True} if moment == "sync_folder" else PAYLOAD)
    opened.save({"after": True})
    assert not list(key.path.parent.glob(".anonpipe*.tmp"))


def test_two_that_save_at_once_do_not_lose_a_version(key, student):
    other = KeyFile.open(key.path, student[0], expected_digests=None)
    other.save({"by": "other"})
    with pytest.raises(VaultError, match="changed while it was open"):
        key.save({"by": "me"})
    assert KeyFile.open(key.path, student[0], expected_digests=None).payload == {"by": "other"}


def test_changed_recipients(key, student, tmp_path):
    new = tmp_path / "supervisor.identity"
    public = new_identity(new, None, "supervisor")
    supervisor = Recipient("supervisor", public)
    key.save(PAYLOAD, recipients=[supervisor])
    with pytest.raises(VaultError, match="not encrypted to any"):
        KeyFile.open(key.path, student[0], expected_digests=None)
    opened = KeyFile.open(key.path, load_identities([new], no_passphrase), expected_digests=None)
    assert opened.recipients == (supervisor,) and opened.payload == PAYLOAD


def test_create_never_overwrites(key, student):
    before = key.path.read_bytes()
    with pytest.raises(VaultError, match="exists already"):
        KeyFile.create(key.path, [student[1]], {})
    assert key.path.read_bytes() == before
    with pytest.raises(ValueError, match="recipients"):
        KeyFile.create(key.path.with_name("x"), [student[1]], {"recipients": []})


def test_keys_that_cannot_be_opened(key, student, tmp_path):
    identities = student[0]
    whole = key.path.read_bytes()

    def says(pattern: str, path: Path = key.path) -> None:
        with pytest.raises(VaultError, match=pattern) as caught:
            KeyFile.open(path, identities, expected_digests=None)
        assert str(caught.value).endswith(".") and "\n" not in str(caught.value)

    says("is not there", tmp_path / "unplugged" / "my-study.key.age")
    says("is missing", key.path.with_name("other.key.age"))
    for content, pattern in [
        (whole[:-1], "damaged or cut off"),
        (whole[:100], "cut off|not complete"),
        (b"", "not an age file"),
        (seal(b"[1]", [student[1]]), "no key"),
        (seal(b'{"a": 1}', [student[1]]), "no key"),
        (seal(b"\xff", [student[1]]), "no key"),
    ]:
        key.path.write_bytes(content)
        says(pattern)
    key.path.write_bytes(whole)
    key.path.chmod(0o640)
    says("chmod 600")
    key.path.chmod(0o600)
    key.path.parent.chmod(0o777)
    says("chmod 700")
    key.path.parent.chmod(0o700)
    key.path.unlink()
    key.path.mkdir()
    says("is no file")


def test_file_systems_without_permissions_are_not_asked_for_any(key, student, monkeypatch):
    key.path.chmod(0o755)
    monkeypatch.setattr(vault, "keeps_permissions", lambda path: False)
    assert KeyFile.open(key.path, student[0], expected_digests=None).payload == PAYLOAD


# -- where the key may lie


def test_check_apart(tmp_path):
    study = tmp_path / "projects" / "study"
    (study / "transcripts").mkdir(parents=True)
    keys = tmp_path / "keys"
    keys.mkdir()
    outputs = [study / "transcripts", tmp_path / "published"]
    vault.check_apart(keys / "k.age", study, outputs)
    vault.check_apart(tmp_path / "k.age", study, outputs)
    for place, says in [
        (study / "k.age", "inside the study folder"),
        (study / "a" / "b" / "k.age", "inside the study folder"),
        (keys / ".." / "projects" / "study" / "k.age", "inside the study folder"),
        (tmp_path / "published" / "k.age", "with the outputs"),
        (tmp_path / "published" / "deep" / "k.age", "with the outputs"),
        (tmp_path / "projects" / "k.age", "right beside the study"),
    ]:
        with pytest.raises(UsageError, match=says):
            vault.check_apart(place, study, outputs)


def test_check_apart_follows_links(tmp_path):
    study = tmp_path / "projects" / "study"
    study.mkdir(parents=True)
    (tmp_path / "door").symlink_to(study)
    with pytest.raises(UsageError, match="inside the study folder"):
        vault.check_apart(tmp_path / "door" / "k.age", study)
    (tmp_path / "keys").mkdir()
    (study / "k.age").write_bytes(b"")
    (tmp_path / "keys" / "k.age").symlink_to(study / "k.age")
    with pytest.raises(UsageError, match="inside the study folder"):
        vault.check_apart(tmp_path / "keys" / "k.age", study)
    (study / "out").symlink_to(tmp_path / "keys")
    with pytest.raises(UsageError, match="with the outputs"):
        vault.check_apart(tmp_path / "keys" / "other.age", study, [study / "out"])


def test_check_apart_ignores_case_of_what_does_not_exist(tmp_path):
    for name, written in [("Study", "sTUDY"), ("St\u00e5", "Sta\u030a")]:
        with pytest.raises(UsageError, match="inside the study folder"):
            vault.check_apart(tmp_path / "p" / written / "k.age", tmp_path / "p" / name)


@pytest.mark.parametrize(
    "root",
    ["Dropbox", "OneDrive", "OneDrive - Universitetet i Oslo", "Library/Mobile Documents",
     "Google Drive", "GoogleDrive", "Nextcloud", "ownCloud", "Box", "Box Sync", "Jottacloud",
     "Library/CloudStorage/OneDrive-UiO", "Dropbox (Personal)"],
)  # fmt: skip
def test_check_apart_knows_synchronised_folders(tmp_path, root):
    cloud = tmp_path / root
    study = cloud / "work" / "study"
    study.mkdir(parents=True)
    with pytest.raises(UsageError, match="synchronised together"):
        vault.check_apart(cloud / "keys" / "k.age", study)
    vault.check_apart(tmp_path / "keys" / "k.age", study)


def test_check_apart_is_not_fooled_by_similar_names(tmp_path):
    for name in ("boxes", "dropboxer", "sandbox", "myonedrive"):
        study = tmp_path / name / "work" / "study"
        study.mkdir(parents=True)
        vault.check_apart(tmp_path / name / "keys" / "k.age", study)


def test_what_age_sealed_opens(tmp_path):
    identities = load_identities([fixture_identity(tmp_path)], no_passphrase)
    assert unseal((DATA / "sealed.age").read_bytes(), identities) == b'{"from": "age"}'


def test_importing_the_vault_does_not_load_pyrage():
    program = (
        "import sys, anonpipe.vault, anonpipe.erase, anonpipe.audit; print('pyrage' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
