"""Word documents as a table: time, speaker, text; a row a turn."""

from __future__ import annotations

from anonpipe.formats._docx_write import Layout, docx_format

FORMAT = docx_format("docx-table", Layout(table=True), ending=".table.docx")
