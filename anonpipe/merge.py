"""Deltas where the key is: opened, checked, used in place of the slow work, and removed."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable
from pathlib import PurePosixPath

from anonpipe import delta, formats
from anonpipe.audit import AuditLog
from anonpipe.delta import Delta
from anonpipe.errors import RecordingError, VaultError
from anonpipe.files import sha256
from anonpipe.keyfile import StudyKey
from anonpipe.plaintext import Readable
from anonpipe.study import Kind, Source, Study


class Deltas:
    """The deltas that lie in a study, for a holder of its key."""

    def __init__(self, study: Study, key: StudyKey, log: AuditLog) -> None:
        self._study, self._key, self._log = study, key, log
        self.present = set(delta.present(study))
        """The names of those that are still there."""

    @functools.cached_property
    def _logged(self) -> dict[str, set[str]]:
        return delta.logged(self._log)

    def name_of(self, source: Source, sha256: str) -> str:
        """The name that a file's delta has if there is one; `sha256` is the file's."""
        settings = delta.settings_digest(self._study, source)
        return delta.name_of(self._study.settings.id, sha256, settings)

    def open(self, name: str) -> Delta:
        """Read a delta, trusting nothing. Raises RecordingError, one sentence, if it is refused."""
        path = delta.file_of(self._study, name)
        data = path.read_bytes()
        if delta.digest(data) not in self._logged.get(name, ()):
            raise _refusal(name, "is not in the log, so nobody knows who made it")
        try:
            found = Delta.from_json(json.loads(self._key.decrypt(data, path.name)))
        except VaultError:
            raise _refusal(name, "does not open with this key's identities") from None
        except (ValueError, RecursionError) as problem:
            # Of JSON's errors the text is not repeated: it may quote.
            why = str(problem) if type(problem) is ValueError else "it is malformed"
            raise _refusal(name, f"holds no delta that can be used, {why}") from None
        if found.study != self._study.settings.id:
            raise _refusal(name, "is of another study")
        if found.name != name:
            raise _refusal(name, "is of another file than its name says")
        return found

    def of_encrypted(self, source: Source, digest: str) -> str:
        """The name of the delta that was sealed of a file before it was encrypted, or "".

        `digest` is the file's, keyed, as it came. A delta that is refused is none.
        """
        for name in sorted(self.present):
            with contextlib.suppress(RecordingError):
                found = self.open(name)
                same = found.kind == source.kind and self._key.keyed(found.sha256) == digest
                if same and self.name_of(source, found.sha256) == name:
                    return name
        return ""

    def take(self, name: str, source: Source, content: Callable[[], Readable]) -> Delta | None:
        """The delta that stands for a file as it is, None if there is none.

        `content` gives where a document can be read. Raises RecordingError for a delta that is
        refused, also when a document does not say what its delta says.
        """
        if name not in self.present:
            return None
        found = self.open(name)
        if found.kind != source.kind:
            raise _refusal(name, "is of another file than its name says")
        if source.kind == "text":
            language = self._study.settings.for_file(source.relative).language
            if formats.read(content(), language or "nb") != found.transcript:
                raise _refusal(name, f"does not say what {source.path} says")
        return found

    def why_left(
        self,
        name: str,
        done_with: Callable[[Kind, str], str | None],
        withdrawn: Callable[[PurePosixPath], bool],
    ) -> tuple[delta.Removed | None, str | None]:
        """What to do with a delta that stands for no file as it is now.

        Gives the reason to remove it, and the id of its source if it has one; (None, None) if
        its file has been refused for other reasons. `done_with` gives the id of the source with
        a certain SHA-256 if it was transcribed. Raises RecordingError, one sentence, for a delta
        that is refused and kept.
        """
        found = self.open(name)
        source = done_with(found.kind, found.sha256)
        if source is not None:
            return "done", source
        path = self._study.source_folder(found.kind) / found.path
        relative = PurePosixPath(found.path)
        what = f"sealed/delta-{name}.age is of {path}, which"
        if not path.is_file():
            if withdrawn(relative):  # the file went as consent asks; so does what it said
                return "consent", None
            raise RecordingError(f"{what} is not there: put it back, or delete the delta.")
        if sha256(path) != found.sha256:
            raise RecordingError(
                f"{what} was changed since: run `anonpipe run --sealed` again, or put that "
                "version back, and delete the delta otherwise."
            )
        if self.name_of(Source(found.kind, path, relative), found.sha256) != name:
            raise RecordingError(
                f"{what} has other settings in study.toml now: put them back, or run "
                "`anonpipe run --sealed` again, which replaces the delta."
            )
        return None, None

    def remove(self, name: str, reason: delta.Removed, subject: str | None = None) -> None:
        """Delete a delta and forget what file it stood for; none of that name is no error."""
        if name not in self.present:
            return
        delta.remove(self._study, self._log, name, reason, subject=subject)
        delta.prune_index(self._study)
        self.present.discard(name)

    def want(self, name: str) -> None:
        """Have a machine without identities make a delta anew that has served already."""
        if name in delta.done(self._log):
            self._log.append("delta-wanted", delta=name)


def _refusal(name: str, what: str) -> RecordingError:
    return RecordingError(
        f"sealed/delta-{name}.age {what}: delete it, and run `anonpipe run --sealed` again."
    )
