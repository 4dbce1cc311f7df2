"""Speech to Transcript with faster-whisper."""

from anonpipe.transcribe.transcriber import Transcriber

__all__ = ["Transcriber"]
