"""Withdrawal of a participant: everything of them goes, wherever it stands in a study.

`plan` looks and touches nothing, `withdraw` carries a plan out as one operation, and
`status` says what is left, which needs no key.
"""

from anonpipe.withdrawal.carrying import prepare, withdraw
from anonpipe.withdrawal.plan import Plan, plan
from anonpipe.withdrawal.standing import Standing, status

__all__ = ["Plan", "Standing", "plan", "prepare", "status", "withdraw"]
