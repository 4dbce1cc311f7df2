"""Who speaks when, by voice, with the networks that come with the program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anonpipe.speakers.backend import Voice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VoiceDiarizer:
    """`Diarizer` on onnxruntime. Raises ModelError if the networks cannot be loaded."""

    name = "voices"

    def __init__(self) -> None:
        from anonpipe.speakers.networks import load_networks

        self._networks = load_networks()

    def listen(
        self, audio: NDArray[np.float32], begin: float, speech: Sequence[tuple[float, float]]
    ) -> bytes:
        """See `Diarizer`."""
        from anonpipe.speakers.listening import listen

        return listen(self._networks, audio, begin, speech).pack()

    def tell(self, windows: Sequence[bytes], speakers: int | None) -> tuple[Voice, ...]:
        """See `Diarizer`; ValueError for windows that `listen` did not give."""
        from anonpipe.speakers.chunks import Chunks, join
        from anonpipe.speakers.counting import told_apart
        from anonpipe.speakers.resegmentation import changes
        from anonpipe.speakers.timeline import voices

        heard = join([Chunks.unpack(window) for window in windows])
        if not len(heard.chunk):
            return ()
        found = told_apart(heard, speakers)
        return voices(heard, changes(heard, found), len(found.centres))
