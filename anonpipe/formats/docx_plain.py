"""Word documents without times."""

from __future__ import annotations

from anonpipe.formats._docx_write import Layout, docx_format

FORMAT = docx_format("docx-plain", Layout(times="none"), ending=".plain.docx")
