"""What a bot may still say in a month that is nearly used up. Pure.

Acknowledgements are given up first, then reminders; the weekly notice, a recall, a question and a refusal never are.
Over its budget a bot still tries those: only the service knows what it counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from content.week import LOCAL

Weight = Literal["needed", "reminder", "acknowledgement"]
"""How badly a message is wanted. Needed: somebody would do the wrong thing without it."""
WARN_AT, THRIFT_AT = 70, 90
LEVELS = (WARN_AT, THRIFT_AT)
"""Per cent of the budget at which the admins are told."""
_GIVEN_UP_AT: dict[Weight, int] = {"acknowledgement": THRIFT_AT, "reminder": 95}
"""The last 150 of 3,000 are three weeks' notices to the 50 people of a bot."""
_SOONEST_GUESS_DAYS = 3


@dataclass(frozen=True)
class Month:
    """What a bot has sent in a month, and what it may; a `budget` of 0 sets no limit."""

    used: int = 0
    budget: int = 0

    @property
    def percent(self) -> int:
        """Whole per cents, rounded down: 89,9 % is not 90 %."""
        return self.used * 100 // self.budget if self.budget else 0

    @property
    def is_thrifty(self) -> bool:
        return self.percent >= THRIFT_AT

    def gives_up(self, weight: Weight) -> bool:
        """Whether a message of this weight is not worth its place any more."""
        return weight in _GIVEN_UP_AT and self.percent >= _GIVEN_UP_AT[weight]

    @property
    def level(self) -> int:
        """The highest of LEVELS that is reached; 0 below the first."""
        return max((level for level in LEVELS if self.percent >= level), default=0)


def month_of(now: datetime) -> str:
    """`2026-11`: the local month. When Zalo's own month begins is not documented."""
    return f"{now.astimezone(LOCAL):%Y-%m}"


def forecast(used: int, now: datetime) -> int | None:
    """How many it will be at the end of the month at this rate; None in its first days, which say nothing."""
    local = now.astimezone(LOCAL)
    start = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    passed = (local - start).total_seconds()
    if passed < _SOONEST_GUESS_DAYS * 86400:
        return None
    return round(used * (end - start).total_seconds() / passed)
