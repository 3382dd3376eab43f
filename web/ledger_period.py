"""What one page of the ledger is about: a broadcast week, or a month for monthly mandates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from airlog import ledger
from content.tet import tet_in
from content.week import LOCAL, BadWeek, Week
from content.wording import date_vi
from reports.words import period_word


@dataclass(frozen=True)
class Period:
    """`label` is `2026-W48` or `2026-11`."""

    label: str

    @classmethod
    def parse(cls, label: str) -> Period:
        """Raises BadWeek."""
        if "w" in label.lower():
            return cls(str(Week.parse(label)))
        try:
            return cls(f"{date.fromisoformat(f'{label}-01'):%Y-%m}")
        except ValueError as error:
            raise BadWeek(
                f"Tuần hoặc tháng “{label}” không đúng dạng, ví dụ 2026-W48 hoặc 2026-11."
            ) from error

    @classmethod
    def of(cls, now: datetime) -> Period:
        return cls(str(Week.of(now)))

    def __str__(self) -> str:
        return self.label

    @property
    def week(self) -> Week | None:
        return Week.parse(self.label) if "W" in self.label else None

    @property
    def first_week(self) -> Week:
        """The week itself, or the one in which the month begins: where a page about weeks goes on from here."""
        return self.week or Week.on(self._first)

    @property
    def title(self) -> str:
        return period_word(self.label)

    @property
    def title_inside(self) -> str:
        """The title within a sentence."""
        return self.title[:1].lower() + self.title[1:]

    @property
    def ends_at(self) -> datetime:
        return ledger.ends_at(self.label)

    @property
    def month(self) -> str:
        """The month in which it begins."""
        return f"{self.week.monday:%Y-%m}" if self.week else self.label

    @property
    def tet(self) -> str:
        """“mùng 1 Tết là ngày …” in a week of Tết, else empty."""
        first = tet_in(self.week) if self.week else None
        return f"Tuần có Tết Nguyên đán, mùng 1 là ngày {date_vi(first)}." if first else ""

    def shift(self, by: int) -> Period:
        if self.week:
            return Period(str(self.week.shift(by)))
        middle = self._first + timedelta(days=14 + 30 * by)
        return Period(f"{middle:%Y-%m}")

    def is_now(self, now: datetime) -> bool:
        if self.week:
            return self.week == Week.of(now)
        return self.label == f"{now.astimezone(LOCAL):%Y-%m}"

    @property
    def _first(self) -> date:
        return date.fromisoformat(f"{self.label}-01")
