"""The tick: ask the record what is due, make the rows, send them, repair. APScheduler only fires it.

Nothing that is due lives in a timer: a tick that comes late, twice, or after a week of darkness finds the same
rows to make. It holds no plan and has no state of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from airlog import campaigns, deliveries, duties, phone
from airlog.db import Database, Session
from airlog.models import Rundown
from content.week import Week
from scheduler import plan
from scheduler.clock import Clock
from scheduler.dispatch import Dispatcher
from scheduler.ladder import Ladder
from scheduler.tracks import Studio, ensure_track

log = logging.getLogger("loaxa.tick")
FIRST_PAUSE = timedelta(minutes=10)
AHEAD = timedelta(hours=12)
"""How long before its hour the sound of a week is made."""


@dataclass
class Tick:
    """Everything that happens by itself. `run` is safe at any moment, any number of times."""

    db: Database
    studio: Studio
    dispatcher: Dispatcher
    ladder: Ladder
    channels: Sequence[str]
    clock: Clock
    _sound_waits: dict[int, tuple[datetime, timedelta]] = field(default_factory=dict)
    """Rundowns whose sound could not be made: when to try again, and the pause after that."""

    async def run(self, stop: asyncio.Event | None = None) -> int:
        """Steps 1 to 4; returns how many messages were handled.

        1. repair: rows that a crash left `sending`; 2. duties of this week, and of those slept through;
        3. sound, then the items it goes with; 4. reminders, questions, officers; then send all that is due.
        """
        now = self.clock.now()
        week = Week.of(now)
        await self.db.run(_repair, self.channels, now)
        for one in await self.db.read(_weeks_to_plan, week, now):
            await self.db.run(plan.plan_duties, one, now)
        await self._items(week)
        await self._items(week.next())
        await self.db.run(_ladder, week, self.ladder, self.channels, now)
        return await self.dispatcher.drain(stop)

    async def queue_week(self, week: Week) -> int:
        """Make a week's items due at once, before their hour (`loaxa send`), with their sound. Safe to repeat."""
        now = self.clock.now()
        await self.db.run(_repair, self.channels, now)
        await self.db.run(plan.plan_duties, week, now)
        return await self._items(week, at_once=True)

    async def _items(self, week: Week, *, at_once: bool = False) -> int:
        now, added = self.clock.now(), 0
        for rundown_id, send_at in await self.db.read(_rundowns, week):
            if send_at - AHEAD > now and not at_once:
                continue
            if send_at > now and not at_once:
                await self.db.run(plan.plan_duties, week, now)
            await self._sound(rundown_id, now)
            if at_once or send_at <= now:
                added += await self.db.run(_plan_items, rundown_id, self.channels, now, at_once)
        return added

    async def _sound(self, rundown_id: int, now: datetime) -> None:
        """Make the clip if it can be made; a voice that cannot is asked again after a growing pause."""
        again, pause = self._sound_waits.get(rundown_id, (now, FIRST_PAUSE))
        if again > now:
            return
        try:
            reason = await ensure_track(self.db, self.studio, rundown_id, now)
        except Exception as error:
            # A full disk or a broken codec must not keep the words from going out, nor the reminders.
            log.exception("rundown=%s sound failed", rundown_id)
            reason = repr(error)
        if reason is None:
            self._sound_waits.pop(rundown_id, None)
            return
        log.warning("rundown=%s no airable sound: %s", rundown_id, reason)
        self._sound_waits[rundown_id] = (now + pause, pause * 2)
        await self.db.run(_alert, rundown_id, self.channels, now)


def _repair(session: Session, channels: Sequence[str], now: datetime) -> None:
    if phone.CHANNEL in channels:
        phone.give_everybody_one(session, now)
    left = deliveries.sweep(session, now)
    over = deliveries.close_week(session, now)
    if left or over:
        log.warning("swept unknown=%s failed_at_deadline=%s", left, over)


def _weeks_to_plan(session: Session, week: Week, now: datetime) -> list[Week]:
    """From the last week planned to this one. A store that is new owes nothing for the weeks before it."""
    last = duties.last_planned(session, now) or week
    found = [last]
    while found[-1] < week:
        found.append(found[-1].next())
    return found


def _ladder(session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime) -> None:
    plan.plan_reminders(session, week, ladder, channels, now)
    plan.plan_questions(session, now)
    for one in (week.shift(-1), week):
        plan.plan_officers(session, one, ladder, channels, now)


def _rundowns(session: Session, week: Week) -> list[tuple[int, datetime]]:
    return [(r.id, r.send_at) for r in campaigns.launched_rundowns(session, week)]


def _plan_items(
    session: Session, rundown_id: int, channels: Sequence[str], now: datetime, at_once: bool
) -> int:
    added = plan.plan_items(session, session.get_one(Rundown, rundown_id), channels, now)
    if at_once:
        deliveries.bring_forward(session, rundown_id, now)
    return added


def _alert(session: Session, rundown_id: int, channels: Sequence[str], now: datetime) -> None:
    plan.plan_alert(session, session.get_one(Rundown, rundown_id), channels, now)
