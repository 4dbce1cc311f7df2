"""Word documents: a paragraph a turn, the speaker bold, with the time behind.

Also read: what word processors and meeting programs write, see `_docx_read`; files with the
suffix of the old format are often a newer one, and are told apart by their content.
"""

from __future__ import annotations

from anonpipe.formats._docx_write import Layout, docx_format

FORMAT = docx_format("docx", Layout(), suffixes=(".docx", ".doc"))
