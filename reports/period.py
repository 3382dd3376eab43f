"""The dates a report covers: half open, of any length. Reports count dates, never weeks.

A week's duty belongs to a period by its Monday (a month's by its first day), so that week 53 and a week across
30 June are counted once and in one report only.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from content.week import local

_DUE_DAY = re.compile(r"(\d{2})-(\d{2})")
_DAY = timedelta(days=1)


class BadPeriod(ValueError):
    """Dates that make no period, or due days that cannot be read; the message is Vietnamese and can be shown."""


@dataclass(frozen=True, order=True)
class ReportPeriod:
    """From `starts_on` up to, not including, `ends_on`. Raises BadPeriod when that holds no day."""

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.starts_on >= self.ends_on:
            raise BadPeriod(
                f"Kỳ báo cáo từ {self.starts_on:%d/%m/%Y} đến {self.last_day:%d/%m/%Y} không có ngày nào. "
                "Anh/chị chọn ngày đầu trước ngày cuối."
            )

    @property
    def last_day(self) -> date:
        return self.ends_on - _DAY

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Local midnights of both ends, as UTC instants; half open."""
        return local(self.starts_on, time()), local(self.ends_on, time())

    @property
    def kind(self) -> Literal["half", "year", "other"]:
        if self.starts_on == _months_before(self.ends_on, 6):
            return "half"
        return "year" if self.starts_on == _months_before(self.ends_on, 12) else "other"

    @property
    def slug(self) -> str:
        """The ASCII part of file names: `6-thang`, `nam` or `ky`."""
        return {"half": "6-thang", "year": "nam", "other": "ky"}[self.kind]


@dataclass(frozen=True, order=True)
class DueReport:
    """A report that a mandate owes. `due_on` is the last good day, inside."""

    due_on: date
    period: ReportPeriod


def six_months_ending(last_day: date) -> ReportPeriod:
    """`last_day` 4 June -> 5 December to 4 June."""
    return ReportPeriod(_months_before(last_day + _DAY, 6), last_day + _DAY)


def year_ending(last_day: date) -> ReportPeriod:
    """`last_day` 4 December -> 5 December of the year before to 4 December."""
    return ReportPeriod(_months_before(last_day + _DAY, 12), last_day + _DAY)


def due_periods(due_days: str, today: date) -> tuple[DueReport, ...]:
    """The next report of each due day, soonest first; one that is due today is still in time.

    `due_days` is `Mandate.report_due_days`, `06-04,12-04`. As the Đắk Nông letter has it, the last report of a
    year covers the whole year, an earlier one what has passed since the one before. Raises BadPeriod.
    """
    days = sorted({_month_and_day(part) for part in due_days.split(",") if part.strip()})
    found = []
    for place, day in enumerate(days):
        year = today.year if _on(today.year, day) >= today else today.year + 1
        due_on = _on(year, day)
        if place == len(days) - 1:
            found.append(DueReport(due_on, year_ending(due_on)))
        else:
            before = _on(year, days[place - 1]) if place else _on(year - 1, days[-1])
            found.append(DueReport(due_on, ReportPeriod(before + _DAY, due_on + _DAY)))
    return tuple(sorted(found))


def _month_and_day(text: str) -> tuple[int, int]:
    found = _DUE_DAY.fullmatch(text.strip())
    # 2024 was a leap year: 29 February is a possible due day.
    if not found or not 1 <= int(found[1]) <= 12 or not 1 <= int(found[2]) <= _days_in(2024, int(found[1])):
        raise BadPeriod(f"Hạn báo cáo “{text}” không đúng dạng tháng-ngày. Anh/chị ghi như 06-04,12-04.")
    return int(found[1]), int(found[2])


def _on(year: int, month_and_day: tuple[int, int]) -> date:
    month, day = month_and_day
    return date(year, month, min(day, _days_in(year, month)))


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
