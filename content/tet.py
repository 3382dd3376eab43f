"""Tết Nguyên đán: the first day of the lunar year of Viet Nam (UTC+7), which now and then is a day before the Chinese one,
as in 2030. The library knows the years 1900 to 2100."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from lunar_vn import LunarDate, lunar_to_solar

from content.week import Week

_OFF_BEFORE, _OFF_AFTER = 1, 4
"""Days around it on which offices are closed: from the eve (giao thừa) to mùng 5."""
LAST_YEAR = 2100


@cache
def tet_of(year: int) -> date:
    """Mùng 1 Tết of the lunar year that begins in `year`. Raises ValueError beyond 1900 to 2100."""
    return lunar_to_solar(LunarDate(1, 1, year))


def tet_in(week: Week) -> date | None:
    """Mùng 1 of the Tết whose days off touch a week; None for an ordinary week."""
    year = week.sunday.year
    if not 1901 <= year <= LAST_YEAR:
        return None
    first = tet_of(year)
    begins, ends = first - timedelta(days=_OFF_BEFORE), first + timedelta(days=_OFF_AFTER)
    return first if begins <= week.sunday and week.monday <= ends else None
