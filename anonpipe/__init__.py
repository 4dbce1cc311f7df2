"""anonpipe: interview recordings and notes in, pseudonymised transcripts out, offline."""

__version__ = "0.1.0"
