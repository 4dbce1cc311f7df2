"""What is written from a source, and what can be read in it: transcripts and bleeped copies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath
from typing import Any

from anonpipe import formats, kept, sweep
from anonpipe.codes import replace as replace_mentions
from anonpipe.decisions import is_bleeped
from anonpipe.errors import RecordingError
from anonpipe.files import TEMP_PREFIX, TEMP_SUFFIX, make_folder, sha256, sync_folder, write_durably
from anonpipe.key import KeyTable
from anonpipe.keyfile import StudyKey
from anonpipe.plaintext import Readable
from anonpipe.settings import Wording
from anonpipe.splicing import Change, changed
from anonpipe.study import SourceState, Study
from anonpipe.transcript import Flag, Mention, Transcript, mentions_from_json
from anonpipe.wording import worded
from anonpipe.wording.styles import ENDINGS, ending_of

BLEEP_FORMAT = "flac"


Versions = Mapping[str, Transcript]
"""The coded transcripts that a source's outputs are written from, by the ending of their names."""


class Outputs:
    """The outputs of a study's sources, written and read with the codes of its key."""

    def __init__(self, study: Study, key: StudyKey) -> None:
        self.study, self.key = study, key

    def coded(
        self, name: str, sealed: Mapping[str, Any], table: KeyTable | None = None
    ) -> Versions:
        """What a source's outputs say: its sealed transcript with codes from the key.

        It is written in the style in which the source was coded, which is sealed with it.
        `table` is another table than the key's, such as its next one.
        """
        transcript = Transcript.from_json(sealed["transcript"])
        coded = replace_mentions(
            transcript,
            mentions_from_json(sealed["mentions"]),
            (table or self.key.table).entities,
            template=self.study.settings.template,
        )
        writing = sealed.get("writing") or self.writing(name)
        style, wording = writing["style"], Wording(**writing["wording"])
        flags = (*transcript.flags, *(Flag(**flag) for flag in sealed["flags"]))
        return {
            ending: replace(worded(coded, each, wording), flags=flags)
            for ending, each in ENDINGS[style].items()
        }

    def writing(self, name: str) -> dict[str, Any]:
        """The style and the wording that the settings want of a source, to be sealed with it."""
        known = PurePosixPath(self.key.table.sources[name].path)
        settings = self.study.settings
        return {"style": settings.for_file(known).style, "wording": asdict(settings.wording)}

    def write(self, title: str, coded: Versions) -> dict[str, str]:
        """Write transcripts in every format that they can be written in; digests by path.

        `title` is the files' name without what tells its style. Raises RecordingError.
        """
        folder = make_folder(self.study.transcripts)
        outputs: dict[str, str] = {}
        for ending, transcript in coded.items():
            named = title + ending
            timed = all(turn.start is not None for turn in transcript.turns)
            for name in self.study.settings.formats:
                if formats.needs_times(name) and not timed:
                    continue
                data = formats.render(transcript, name, title=named)
                path = folder / formats.file_name(named, name)
                write_output(path, data, formats.expected(transcript, name))
                outputs[self._relative(path)] = hashlib.sha256(data).hexdigest()
        return outputs

    def write_bleeped(
        self,
        name: str,
        title: str,
        content: Readable,
        transcript: Transcript,
        mentions: tuple[Mention, ...],
        listen: kept.Listen | None,
    ) -> tuple[dict[str, str], kept.Kept]:
        """Write the copy of a recording that says no name, check it, then give it its name.

        `content` is the recording; the digest by path, and what was made. Raises RecordingError.
        """
        path = make_folder(self.study.bleeped) / f"{title}.{BLEEP_FORMAT}"
        # What a crash leaves of it is removed when the study is opened next.
        part = path.with_name(f"{TEMP_PREFIX}{path.stem}{TEMP_SUFFIX}")
        made = kept.keep(
            content,
            part,
            transcript,
            mentions,
            self.study.settings.bleep,
            secret=self.key.voice_secret(name),
            known=self.key.table.known_names(self.study.settings.policies),
            listen=listen,
        )
        part.replace(path)
        sync_folder(path.parent)
        return {self._relative(path): sha256(path)}, made

    def present(self, state: SourceState) -> dict[str, bytes]:
        """The written transcripts of a source that are there, by path in the study."""
        paths = {o: self.study.folder / o for o in state.outputs if not is_bleeped(o)}
        return {output: path.read_bytes() for output, path in paths.items() if path.is_file()}

    def changed(self, state: SourceState, coded: Versions) -> list[str]:
        """The written transcripts of a source that a person has changed; `coded` is what they
        were written from. A crash may have left some that state.json does not know.
        """
        return [
            output
            for output, data in self.present(state).items()
            if output in state.edited
            or (
                hashlib.sha256(data).hexdigest() != state.outputs[output]
                and not is_written_from(coded, output, data)
            )
        ]

    def changed_copies(self, state: SourceState) -> list[str]:
        """The bleeped recordings of a source that a person has changed."""
        return [
            output
            for output, digest in state.outputs.items()
            if is_bleeped(output)
            and (path := self.study.folder / output).is_file()
            and (output in state.edited or sha256(path) != digest)
        ]

    def reading(
        self, output: str, present: Mapping[str, bytes], state: SourceState
    ) -> Transcript | None:
        """The coded transcript from which an output is written, None if a person changed it.

        It is the JSON output's if there is one, since that says everything, or the output's own.
        """
        data = present[output]
        ours = [
            o
            for o in present
            if hashlib.sha256(present[o]).hexdigest() == state.outputs[o] and o not in state.edited
        ]
        if output not in ours:
            return None
        for other in (*(o for o in ours if formats.form_of(o) == "json"), output):
            coded = formats.read(self.study.folder / other, state.language or "nb")
            if formats.needs_times(formats.form_of(output)) and any(
                t.start is None for t in coded.turns
            ):
                continue
            if (
                formats.render(coded, formats.form_of(output), title=formats.title_of(output))
                == data
            ):
                return coded
        return None

    def rewritten(
        self,
        name: str,
        state: SourceState,
        change: Change,
        raw: tuple[Mapping[str, Any], Mapping[str, Any], KeyTable] | None = None,
    ) -> tuple[dict[str, bytes], int]:
        """What a source's outputs are to hold after a change, by path; those it leaves not.

        Also how many outputs are too damaged to tell. What the program wrote it would write anew
        so; what people have edited is changed where it stands. `raw` is what is sealed, before and
        after the change, and the table afterwards, if outputs are made from that.
        """
        present = self.present(state)
        before: Versions = {}
        after: Versions = {}
        if raw is not None:
            before, after = self.coded(name, raw[0]), self.coded(name, raw[1], raw[2])
        found: dict[str, bytes] = {}
        damaged = 0
        for output, data in present.items():
            form, title = formats.form_of(output), formats.title_of(output)
            if not before:
                coded = self.reading(output, present, state)
            elif output not in state.edited and is_written_from(before, output, data):
                coded = before[ending_of(output)]
            else:
                coded = None
            new: bytes | None = None
            if coded is not None:
                mended = after[ending_of(output)] if after else coded
                mended = replace(mended, turns=changed(mended.turns, change))
                new = formats.render(mended, form, title=title)
            else:
                try:
                    new = formats.edit(data, form, change)
                except RecordingError:
                    damaged += 1
            if new is not None and new != data:
                found[output] = new
        return found, damaged

    def hits(self, state: SourceState, changed: Iterable[str] = ()) -> tuple[sweep.Hit, ...]:
        """Where names of the key can be read in a source's outputs.

        `changed` are outputs that are read as people may have changed them.
        """
        files = {output: self.study.folder / output for output in state.outputs}
        language, policies = state.language or "nb", self.study.settings.policies
        return sweep.hits(files, self.key.table, language, policies, changed=changed)

    def unaccepted(self, state: SourceState, changed: Iterable[str] = ()) -> tuple[sweep.Hit, ...]:
        """`hits` but for those that somebody accepted in an output as it still is."""
        found = self.hits(state, changed)
        same = {
            output: sha256(self.study.folder / output) == state.outputs[output]
            for output in {hit.output for hit in found}
        }
        return tuple(
            hit
            for hit in found
            if not same[hit.output] or hit.place not in state.accepted.get(hit.output, ())
        )

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.study.folder).as_posix()


def title_of(participants: Sequence[str], name: str) -> str:
    """The name of a source's outputs, without suffix: participants' codes and its id."""
    return "-".join(("+".join(participants), name))


def is_written_from(coded: Versions, output: str, data: bytes) -> bool:
    """Whether an output is, byte for byte, what the program writes from these transcripts."""
    transcript = coded.get(ending_of(output))
    if transcript is None:
        return False
    form, title = formats.form_of(output), formats.title_of(output)
    return formats.render(transcript, form, title=title) == data


def write_output(path: Path, data: bytes, expected: formats.Spoken) -> None:
    """Write a transcript and read it back. Raises RecordingError if it says anything else."""
    write_durably(path, data, mode=0o600)
    if formats.reread(path.read_bytes(), formats.form_of(path)) != expected:
        raise RecordingError(
            f"{path} does not say what it should after writing: nothing was deleted; "
            "run again, and report it if it stays so."
        )


def digest_of(outputs: Mapping[str, str]) -> str:
    """One digest for all outputs of a source, from theirs, for the log."""
    return hashlib.sha256("".join(sorted(outputs.values())).encode()).hexdigest()
