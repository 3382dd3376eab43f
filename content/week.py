"""The broadcast week: Monday to Sunday in Viet Nam's time. The one place where local time is made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_LABEL = re.compile(r"(\d{4})-?[Ww](\d{1,2})")
_LAST_YEAR = 2999
"""Later ones are slips of the finger, and the calendar itself ends at 9999."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class BadWeek(ValueError):
    """A week label that names no week; the message is Vietnamese and can be shown."""


@dataclass(frozen=True, order=True)
class Week:
    """One broadcast week, known by its Monday. ISO numbering: week 53 exists in some years."""

    monday: date

    @classmethod
    def parse(cls, label: str) -> Week:
        """Read `2026-W48`. Raises BadWeek for anything else, week 53 of a 52-week year and far years included."""
        found = _LABEL.fullmatch(label.strip())
        if not found:
            raise BadWeek(f"Tuần “{label}” không đúng dạng. Anh/chị gõ như 2026-W48.")
        if not 2000 <= int(found[1]) <= _LAST_YEAR:
            raise BadWeek(f"Năm {found[1]} nằm ngoài lịch phát. Anh/chị kiểm tra lại năm.")
        try:
            return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        except ValueError as error:
            raise BadWeek(
                f"Năm {found[1]} không có tuần {found[2]}. Anh/chị kiểm tra lại số tuần."
            ) from error

    @classmethod
    def of(cls, moment: datetime) -> Week:
        """The week in which an aware instant lies, by Viet Nam's clock."""
        return cls.on(moment.astimezone(LOCAL).date())

    @classmethod
    def on(cls, day: date) -> Week:
        return cls(day - timedelta(days=day.weekday()))

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def year(self) -> int:
        return self.monday.isocalendar().year

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def starts_at(self) -> datetime:
        """Monday 00:00 local, as UTC. Inside the week."""
        return self.at(0, time())

    @property
    def ends_at(self) -> datetime:
        """The next Monday 00:00 local (“24 giờ Chủ nhật”), as UTC. Outside the week."""
        return self.at(7, time())

    def at(self, day: int, clock: time) -> datetime:
        """The UTC instant of `clock` on day 0 (Monday) to 6, or later, of this week."""
        return local(self.monday + timedelta(days=day), clock)

    def shift(self, weeks: int) -> Week:
        return Week(self.monday + timedelta(weeks=weeks))

    def next(self) -> Week:
        return self.shift(1)


def local(day: date, clock: time) -> datetime:
    """The UTC instant of a wall-clock time in Viet Nam."""
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)


def month_bounds(day: date) -> tuple[datetime, datetime]:
    """First instant of the month of `day` and of the next one (UTC, half open)."""
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return local(first, time()), local(after, time())
