"""When a station is asked whether it has aired: some minutes after its own hour. Pure (docs/adr/0011).

Its own hour is what somebody put on record, or what its statements of the last weeks agree on: those are nearer to the
truth, and say which of several slots is meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil
from statistics import median_low

from content.week import LOCAL, Week

LAST = 6
"""Statements that are looked at, newest first."""
ENOUGH = 3
_NEAR = timedelta(minutes=30)
"""To either side of the median: they agree within an hour."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Slot:
    """Local times at which a station usually begins and ends; equal for an hour that was learned."""

    start: time
    end: time

    def on(self, week: Week, day: int) -> tuple[datetime, datetime]:
        """Its instants on a day of the week. A slot may run over midnight."""
        start, end = week.at(day, self.start), week.at(day, self.end)
        return start, end if self.end >= self.start else end + _DAY

    def holds(self, clock: time) -> bool:
        if self.start <= self.end:
            return self.start <= clock <= self.end
        return clock >= self.start or clock <= self.end


@dataclass(frozen=True)
class Habit:
    """The days (0 is Monday) and slots of a station, and the days on which it most likely airs the week's item."""

    days: frozenset[int]
    slots: tuple[Slot, ...]
    likely: frozenset[int] = frozenset()

    def ask_at(
        self, week: Week, got_at: datetime, after: timedelta, allowed: Callable[[datetime], datetime]
    ) -> datetime | None:
        """When to ask about an item that arrived at `got_at`: `after` its first slot since then, or at the next
        `allowed` moment. None when no slot of the week is left for it."""
        for days in (self.likely, self.days):
            ends = [end for start, end in self._times(week, days) if start >= got_at]
            asked = [at for at in (allowed(end + after) for end in ends) if at < week.ends_at]
            if asked:
                return min(asked)
        return None

    def last_before(self, now: datetime) -> datetime | None:
        """The start of its last slot within a day before `now`: what “at the usual hour” means just then."""
        week = Week.of(now)
        times = [*self._times(week.shift(-1), self.days), *self._times(week, self.days)]
        return max((start for start, _ in times if now - _DAY < start <= now), default=None)

    def _times(self, week: Week, days: Collection[int]) -> list[tuple[datetime, datetime]]:
        return [slot.on(week, day) for day in days for slot in self.slots]


def habit_of(days: str, hours: str, known: bool, stated: Sequence[datetime]) -> Habit | None:
    """What is known of a station's hours; None when nothing is. `known`: its hours were put on record by somebody;
    `stated`: when it aired, as its people said, newest first."""
    slots = read_slots(hours) if known else ()
    on = frozenset(int(day) - 1 for day in days if day in "1234567") or frozenset(range(7))
    usual = usual_clock(stated)
    if usual is None:
        return Habit(on, slots) if slots else None
    likely = usual_days(stated)
    fitting = [slot for slot in slots if slot.holds(usual)]
    return Habit(on | likely, (fitting[0] if fitting else Slot(usual, usual),), likely)


def usual_clock(stated: Sequence[datetime]) -> time | None:
    """The time of day on which two thirds of the last statements agree within an hour; None when they do not."""
    clocks = [moment.astimezone(LOCAL) for moment in stated[:LAST]]
    minutes = [clock.hour * 60 + clock.minute for clock in clocks]
    if len(minutes) < ENOUGH:
        return None
    middle = median_low(minutes)
    near = [one for one in minutes if abs(one - middle) <= _NEAR.total_seconds() / 60]
    return time(*divmod(middle, 60)) if len(near) >= ceil(len(minutes) * 2 / 3) else None


def usual_days(stated: Sequence[datetime]) -> frozenset[int]:
    """The weekday that two thirds of the last statements name; empty when there is none."""
    days = Counter(moment.astimezone(LOCAL).weekday() for moment in stated[:LAST])
    enough = ceil(min(len(stated), LAST) * 2 / 3)
    return frozenset(day for day, count in days.items() if len(stated) >= ENOUGH and count >= enough)


def read_slots(hours: str) -> tuple[Slot, ...]:
    """`05:00-06:00,17:00-18:00`. What cannot be read is left out: it was checked when it was put on record."""
    return tuple(slot for text in hours.split(",") if (slot := _slot(text)) is not None)


def _slot(text: str) -> Slot | None:
    start, _, end = text.strip().partition("-")
    try:
        return Slot(time.fromisoformat(start.strip()), time.fromisoformat((end or start).strip()))
    except ValueError:
        return None
