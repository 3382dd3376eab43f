"""The days of the year in which an item makes sense, for example 10-01..10-31 or 12-20..02-15."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from content.week import Week

_WINDOW = re.compile(r"(\d{2})-(\d{2})\.\.(\d{2})-(\d{2})")


class BadSeason(ValueError):
    """Not a window of the year."""


@dataclass(frozen=True)
class Season:
    """Both ends belong to the window. An end before its start runs over the new year."""

    start: tuple[int, int]
    end: tuple[int, int]

    @classmethod
    def parse(cls, text: str) -> Season:
        """Read `MM-DD..MM-DD`. Raises BadSeason, also for 29 February: most years have none."""
        found = _WINDOW.fullmatch(text.strip())
        if not found:
            raise BadSeason(text)
        start, end = (int(found[1]), int(found[2])), (int(found[3]), int(found[4]))
        try:
            date(2027, *start), date(2027, *end)
        except ValueError as error:
            raise BadSeason(text) from error
        return cls(start, end)

    def __str__(self) -> str:
        return "{:02d}-{:02d}..{:02d}-{:02d}".format(*self.start, *self.end)

    def holds(self, day: date) -> bool:
        here = (day.month, day.day)
        if self.start <= self.end:
            return self.start <= here <= self.end
        return here >= self.start or here <= self.end

    def days_in(self, week: Week) -> int:
        """How many of the seven days lie in the window."""
        return sum(self.holds(week.monday + timedelta(days=day)) for day in range(7))
