"""Recordings and documents without anything but what was said and written in them.

Nothing is taken out of a file, since what is unknown would stay: a new one is made, of the
sound alone (`sound`) or of the text that anonpipe reads alone (`document`), and compared
with the old one as the pipeline will hear or read it. Tags, pictures, places, times, names
of people, programs and devices are not copied because nothing copies them.

Not looked at is what lies within the sound itself: what is said, and, in compressed sound,
bits of a packet that a decoder skips.
"""

from __future__ import annotations

from anonpipe.scrub.document import scrub_document
from anonpipe.scrub.scrubbed import Scrubbed
from anonpipe.scrub.sound import scrub_sound

__all__ = ["Scrubbed", "scrub_document", "scrub_sound"]
