"""ATLAS.ti transcripts: Word documents whose paragraphs begin with «P01:».

ATLAS.ti codes focus groups by the name before a colon at the start of a paragraph, and takes
the time stamps of f4. As for MAXQDA, language and statement stand in the footer, where they are
taken for no speaker.
"""

from __future__ import annotations

from anonpipe.formats._docx_write import Layout, docx_format

FORMAT = docx_format("atlasti", Layout(times="stamp", head_aside=True), ending=".atlasti.docx")
