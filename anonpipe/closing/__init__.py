"""The end of a study: what has to be answered first, and what is deleted then.

`examination` says what may still point to one person, `questions` and `answers` what people have
to say about it, `plan` whether a study may be closed, `close` closes it as one operation, and
`report` tells what was done.
"""

from anonpipe.closing.carrying import NotYet, Plan, close, plan, write_checklist

__all__ = ["NotYet", "Plan", "close", "plan", "write_checklist"]
