"""A desk on which everything can be tried: what is decided there is kept nowhere."""

from __future__ import annotations

from anonpipe.review.decision import Decision
from anonpipe.review.desk import Desk
from anonpipe.review.planning import Planned


class Rehearsal(Desk):
    """A copy of a desk that neither writes nor logs: decisions live as long as it does.

    So many decisions that build on each other can be tried before the first of them is taken.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.session, today=desk.today, doubt=desk.doubt, tools=desk.tools)
        self._papers.version, self._papers.trial = desk.version, desk.table

    def _log(self, decision: Decision, places: int, *, undone: bool) -> None:
        """Nothing has happened."""

    def _keep(self, name: str, planned: Planned) -> None:
        self._papers.trial = planned.table
        self._papers.put(name, planned.sheet)
