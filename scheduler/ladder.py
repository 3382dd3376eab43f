"""Which step is due: the week's item, the question or two reminders, the commune leader, the officer, the province.
Pure; all times are settings (docs/adr/0011).

One message per rung and duty. A rung whose time passed while the machine was off is sent late, unless the next
one is due as well: then only that one is sent, since nobody wants yesterday's reminder beside today's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from airlog.types import Rung
from content.tet import LAST_YEAR, tet_of
from content.week import LOCAL, Week, local

_TET_FROM, _TET_TO = timedelta(days=-1), timedelta(days=3)
"""From the eve of Tết to the end of mùng 3 nobody is written to unasked."""


@dataclass(frozen=True)
class Moment:
    """A weekday (0 is Monday) and local time."""

    day: int
    at: time

    def of(self, week: Week) -> datetime:
        return week.at(self.day, self.at)


@dataclass(frozen=True)
class Ladder:
    """The steps of a week. The defaults are the product's; the settings may move each of them."""

    reminder_1: Moment = Moment(3, time(8))
    reminder_2: Moment = Moment(4, time(14))
    escalation: Moment = Moment(5, time(8))
    digest: Moment = Moment(7, time(8))
    """Monday of the week after."""
    quiet_from: time = time(21)
    quiet_to: time = time(6)
    ask_after: timedelta | None = timedelta(minutes=20)
    """How long after a station's own hour it is asked; None: never, and the first reminder comes to all."""
    leader_grace: timedelta = timedelta(hours=4)
    """Between the second reminder and the commune leader."""
    province_grace: timedelta = timedelta(hours=24)
    """Between the officer and the province."""
    most_a_week: int = 6
    """Messages to one person in a week, of those that count (airlog/contact_cap.py)."""
    least_gap: timedelta = timedelta(hours=4)
    """Between the item or the question and the reminder after it, for weeks that went out late."""
    digest_life: timedelta = timedelta(days=3)

    def reminder(self, week: Week, sent_at: datetime, now: datetime) -> tuple[Rung, datetime] | None:
        """The reminder that an unanswered duty wants now, with the time it was due; None for none."""
        if now < sent_at + self.least_gap or now >= week.ends_at:
            return None
        for rung, moment in ((Rung.REMINDER_2, self.reminder_2), (Rung.REMINDER_1, self.reminder_1)):
            if now >= moment.of(week):
                return rung, max(moment.of(week), sent_at + self.least_gap)
        return None

    def after_question(
        self, week: Week, ask_at: datetime, asked_at: datetime | None, now: datetime
    ) -> tuple[Rung, datetime] | None:
        """The same for a duty whose station has an hour of its own: the question is due at `ask_at` and left at
        `asked_at` (None: not yet). The second reminder overtakes a question that could not leave; never both at once.
        """
        due_at = max(self.reminder_2.of(week), (asked_at or ask_at) + self.least_gap)
        if due_at <= now < week.ends_at:
            return Rung.REMINDER_2, due_at
        return (Rung.QUESTION, max(ask_at, now)) if asked_at is None and now < week.ends_at else None

    def leader_at(self, week: Week, last_at: datetime) -> datetime:
        """When the commune leader is told of a station that has had its item (or question) since `last_at`."""
        return max(self.reminder_2.of(week), last_at + self.least_gap) + self.leader_grace

    def province_at(self, week: Week) -> datetime:
        return self.escalation.of(week) + self.province_grace

    def officer_rungs(self, week: Week, now: datetime) -> list[tuple[Rung, datetime]]:
        """What officers are due about a week: the escalation until it ends, the digest for some days after."""
        escalation, digest = self.escalation.of(week), self.digest.of(week)
        if escalation <= now < week.ends_at:
            return [(Rung.ESCALATION, escalation)]
        if digest <= now < digest + self.digest_life:
            return [(Rung.DIGEST, digest)]
        return []

    def after_quiet(self, moment: datetime) -> datetime:
        """The same instant, or the end of the quiet hours or of the days of Tết it lies in: nothing that a machine
        sends unasked wakes anybody."""
        found = self._after_night(moment)
        clock = found.astimezone(LOCAL)
        if clock.month in (1, 2) and clock.year <= LAST_YEAR:
            first = tet_of(clock.year)
            if first + _TET_FROM <= clock.date() < first + _TET_TO:
                return self._after_night(local(first + _TET_TO, time())).astimezone(moment.tzinfo)
        return found

    def is_quiet(self, moment: datetime) -> bool:
        return self.after_quiet(moment) != moment

    def _after_night(self, moment: datetime) -> datetime:
        clock = moment.astimezone(LOCAL)
        if not self._is_night(clock.time()):
            return moment
        morning = clock.replace(hour=self.quiet_to.hour, minute=self.quiet_to.minute, second=0, microsecond=0)
        return (morning if morning > clock else morning + timedelta(days=1)).astimezone(moment.tzinfo)

    def _is_night(self, clock: time) -> bool:
        """Quiet hours may run over midnight, or not; equal ends mean that there are none."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to
