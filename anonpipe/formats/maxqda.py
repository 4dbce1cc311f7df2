"""MAXQDA transcripts: Word documents whose paragraphs begin with «P01:».

MAXQDA codes a group interview by speaker from the name before a colon at the start of a
paragraph, at most 63 characters long, and takes text before the first such name for a head
(manual, «Focus Group Transcripts»). «Språk: norsk» would be a speaker: language and statement
stand in the footer. Times are the stamps that MAXQDA takes from f4 and f5, #00:01:23-4#; they
stand behind the name, since a paragraph must begin with it.
"""

from __future__ import annotations

from anonpipe.formats._docx_write import Layout, docx_format

FORMAT = docx_format(
    "maxqda", Layout(times="stamp", head_aside=True, longest=63), ending=".maxqda.docx"
)
