"""Word documents with a number before every line, by which passages are quoted."""

from __future__ import annotations

from anonpipe.formats._docx_write import Layout, docx_format

FORMAT = docx_format("docx-numbered", Layout(numbered=True), ending=".numbered.docx")
