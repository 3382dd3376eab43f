"""Which step is due: the week's item, two reminders, then the officer. Pure; all times are settings.

One message per rung and duty. A rung whose time passed while the machine was off is sent late, unless the next
one is due as well: then only that one is sent, since nobody wants yesterday's reminder beside today's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from airlog.types import Rung
from content.week import LOCAL, Week


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
    least_gap: timedelta = timedelta(hours=4)
    """Between the item and the first reminder, for weeks that went out late."""
    digest_life: timedelta = timedelta(days=3)

    def reminder(self, week: Week, sent_at: datetime, now: datetime) -> tuple[Rung, datetime] | None:
        """The reminder that an unanswered duty wants now, with the time it was due; None for none."""
        if now < sent_at + self.least_gap or now >= week.ends_at:
            return None
        for rung, moment in ((Rung.REMINDER_2, self.reminder_2), (Rung.REMINDER_1, self.reminder_1)):
            if now >= moment.of(week):
                return rung, max(moment.of(week), sent_at + self.least_gap)
        return None

    def officer_rungs(self, week: Week, now: datetime) -> list[tuple[Rung, datetime]]:
        """What officers are due about a week: the escalation until it ends, the digest for some days after."""
        escalation, digest = self.escalation.of(week), self.digest.of(week)
        if escalation <= now < week.ends_at:
            return [(Rung.ESCALATION, escalation)]
        if digest <= now < digest + self.digest_life:
            return [(Rung.DIGEST, digest)]
        return []

    def after_quiet(self, moment: datetime) -> datetime:
        """The same instant, or the end of the quiet hours it lies in. Reminders never wake anybody."""
        clock = moment.astimezone(LOCAL)
        if not self._is_quiet(clock.time()):
            return moment
        morning = clock.replace(hour=self.quiet_to.hour, minute=self.quiet_to.minute, second=0, microsecond=0)
        return (morning if morning > clock else morning + timedelta(days=1)).astimezone(moment.tzinfo)

    def _is_quiet(self, clock: time) -> bool:
        """Quiet hours may run over midnight, or not; equal ends mean that there are none."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= clock < self.quiet_to
        return clock >= self.quiet_from or clock < self.quiet_to
