"""Text to mentions: Presidio over spaCy, with rules for Norwegian and English.

Importing this package is light; spaCy and Presidio are loaded when a `Detector`
meets its first text.
"""

from anonpipe.detect.detector import Detector, DetectSettings

__all__ = ["DetectSettings", "Detector"]
