"""The dates a report covers: half open, of any length. Reports count dates, never weeks.

A week's duty belongs to a period by its Monday (a month's by its first day), so that week 53 and a week across
30 June are counted once and in one report only.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from content.week import local

_DAY = timedelta(days=1)


class BadPeriod(ValueError):
    """Dates that make no period; the message is Vietnamese and can be shown."""


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
    """`due_on` is the last good day, inside."""

    due_on: date
    kind: Literal["half", "year"]


def six_months_ending(last_day: date) -> ReportPeriod:
    """`last_day` 4 June -> 5 December to 4 June."""
    return ReportPeriod(_months_before(last_day + _DAY, 6), last_day + _DAY)


def year_ending(last_day: date) -> ReportPeriod:
    """`last_day` 4 December -> 5 December of the year before to 4 December."""
    return ReportPeriod(_months_before(last_day + _DAY, 12), last_day + _DAY)


def due_reports(days: Collection[str], today: date) -> list[DueReport]:
    """The two that are due next, soonest first, then the two before, newest first. One that is due today is still in
    time.

    `days` are the last good days of mandates, as `06-04`. As the Đắk Nông letter has it, the last of a year is about the
    whole year, an earlier one about half of it.
    """
    year_end = max(days, default="")
    due = [
        DueReport(date.fromisoformat(f"{year}-{day}"), "year" if day == year_end else "half")
        for year in (today.year - 1, today.year, today.year + 1)
        for day in sorted(days)
    ]
    coming = [one for one in due if one.due_on >= today]
    past = [one for one in due if one.due_on < today]
    return coming[:2] + past[:-3:-1]


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
