"""Other words in what was made of sources: planned first, then put into place, repeatably.

A plan holds the new contents themselves, so that after a crash nothing has to be worked out
again from files of which some have changed already.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from anonpipe import formats
from anonpipe.files import sha256, write_durably
from anonpipe.session import Session
from anonpipe.splicing import Change
from anonpipe.study import SourceState, Stage


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What changes of one source.

    `outputs` maps paths in the study to the SHA-256 that the file has and its new content;
    `sealed` are the new values of its working file, None if it has none or they stay; `stage`
    is the stage that it has afterwards. `places` counts what changes in the output that has
    the most of it, `raw` in the raw transcript.
    """

    outputs: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    sealed: Mapping[str, Any] | None = None
    stage: Stage | None = None
    places: int = 0
    raw: int = 0

    @property
    def needed(self) -> bool:
        """Whether anything changes at all."""
        return bool(self.outputs) or self.sealed is not None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        return {
            "outputs": {path: [old, _pack(new)] for path, (old, new) in self.outputs.items()},
            "sealed": None if self.sealed is None else _pack(json.dumps(self.sealed).encode()),
            "stage": self.stage,
            "places": self.places,
            "raw": self.raw,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rewrite:
        """Rebuild a rewrite from `to_json`'s values."""
        sealed = data["sealed"]
        return cls(
            outputs={path: (old, _unpack(new)) for path, (old, new) in data["outputs"].items()},
            sealed=None if sealed is None else json.loads(_unpack(sealed)),
            stage=None if data["stage"] is None else Stage(data["stage"]),
            places=data["places"],
            raw=data["raw"],
        )


def planned(
    old: Mapping[str, bytes], new: Mapping[str, bytes], change: Change
) -> tuple[dict[str, tuple[str, bytes]], int]:
    """`Rewrite.outputs` and `places` for files with these contents, by path."""
    outputs = {path: (hashlib.sha256(old[path]).hexdigest(), new[path]) for path in new}
    return outputs, max((count(old[path], path, change) for path in new), default=0)


def count(data: bytes, path: str, change: Change) -> int:
    """How many places of a file a change concerns."""
    form = formats.form_of(path)
    if form:
        return len(change.pieces("\n".join(formats.lines(data, form))))
    return len(change.pieces(data.decode("utf-8", "replace")))


def put(
    session: Session,
    rewrites: Mapping[str, Rewrite],
    change_of: Callable[[str], Change],
) -> None:
    """Put planned contents into place, working files first. Repeatable.

    A file that a person has edited since the plan was made is changed where it stands;
    `change_of` gives the change for a language. The state follows by `settled`.
    """
    state = session.study.read_state()
    for name, rewrite in rewrites.items():
        if rewrite.sealed is not None:
            file = session.study.working_file(name)
            if file.exists():
                write_durably(file, session.key.seal_working(name, rewrite.sealed), mode=0o600)
        language = state[name].language if name in state else ""
        for path, (old, new) in rewrite.outputs.items():
            file = session.study.folder / path
            if not file.is_file():
                continue
            now = sha256(file)
            if now == old:
                write_durably(file, new, mode=0o600)
            elif now != hashlib.sha256(new).hexdigest():
                form = formats.form_of(path) or path.rpartition(".")[2].lower()
                mended = formats.edit(file.read_bytes(), form, change_of(language or "nb"))
                write_durably(file, mended, mode=0o600)


def settled(state: SourceState, rewrite: Rewrite) -> SourceState:
    """A source's state when its rewrite is in place. Repeatable.

    What somebody had edited without signing it off stays so: its digest stays the old one.
    """
    outputs = {
        path: hashlib.sha256(rewrite.outputs[path][1]).hexdigest()
        if path in rewrite.outputs and digest == rewrite.outputs[path][0]
        else digest
        for path, digest in state.outputs.items()
    }
    return replace(state, outputs=outputs, stage=rewrite.stage or state.stage)


def _pack(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data)).decode()


def _unpack(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))
