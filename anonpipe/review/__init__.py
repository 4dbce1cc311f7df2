"""Review: what waits for a person's eyes, what they decide about it, and what follows from that.

`decision` has the data types, `applying` and `corrections` what decisions do to mentions and
words (pure functions), `desk` one person's work on a study, `web` the pages in which they do it.
"""
