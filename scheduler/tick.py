"""The tick: ask the record what is due, make the rows and their jobs, repair. APScheduler only fires it.

Nothing that is due lives in a timer: a tick that comes late, twice, on three machines at once, or after a week of
darkness finds the same rows to make. It holds no plan and has no state of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from airlog import (
    area_changes,
    campaigns,
    deliveries,
    duties,
    failover,
    freeze,
    jobs,
    leases,
    phone,
    recall_reads,
    tracks,
)
from airlog.db import Database, Session
from airlog.deliveries import Wanted
from airlog.models import Rundown
from airlog.types import Rung
from content.week import Week
from scheduler import plan
from scheduler.clock import Clock
from scheduler.jobs import Jobs
from scheduler.ladder import Ladder
from scheduler.letters import plan_letters
from scheduler.recalls import plan_recalls
from scheduler.reminders import Habits, plan_reminders
from scheduler.tracks import Studio, ensure_track, make_track, station_jobs

log = logging.getLogger("loaxa.tick")
FIRST_PAUSE = timedelta(minutes=10)
LONGEST_MAKING = timedelta(minutes=10)
"""After that an item goes out without the sound that somebody still makes."""
AHEAD = timedelta(hours=12)
"""How long before its hour the sound of a week is made."""
CHUNK = 200
"""Rows and jobs in one transaction: a confirmation waits for at most one of them (docs/adr/0007)."""


@dataclass
class Tick:
    """Everything that happens by itself. `run` is safe at any moment, any number of times."""

    db: Database
    studio: Studio
    jobs: Jobs
    ladder: Ladder
    channels: Sequence[str]
    clock: Clock
    rest: timedelta = timedelta(0)
    """How long to leave the whole plan alone after a look that found nothing to add: it costs a look at every
    station. Repair and jobs are looked after at every tick."""
    node: str | None = None
    """The token of this process when it is one of several that run all the time: sound is then made beside the tick,
    which has other things to look after meanwhile, and by one process at a time."""
    _planned_at: datetime | None = None
    _looked_up_to: int = 0
    _making: asyncio.Task[None] | None = None
    _habits: Habits = field(default_factory=Habits)
    _sound_waits: dict[int, tuple[datetime, timedelta]] = field(default_factory=dict)
    """Rundowns whose sound could not be made: when to try again, and the pause after that."""

    async def run(self, stop: asyncio.Event | None = None) -> int:
        """Steps 1 to 5; returns how many messages were handled.

        1. repair: rows that a crash left `sending`, jobs that the engine lost; 2. duties of this week, and of those
        slept through; 3. sound, then the items it goes with; 4. reminders, questions, officers; 5. jobs for all that
        is open and has none.
        """
        now = self.clock.now()
        if await self.db.read(freeze.is_frozen):
            return 0
        await self.db.run(_repair, self.channels, now)
        while await self.db.run(failover.move_refused, self.channels, now):
            pass
        await self._find_lost_jobs(now)
        await self._recalls(now)
        for change_id in await self.db.read(area_changes.due, now):
            if await self.db.run(area_changes.take_effect, change_id, now):
                self._planned_at = None
        if self._planned_at is None or now >= self._planned_at + self.rest or now < self._planned_at:
            added = await self._plan(now)
            self._planned_at = None if added else now
        while await self.db.run(self._arm):
            if stop and stop.is_set():
                break
        return await self.jobs.work(stop)

    async def _recalls(self, now: datetime) -> None:
        """A recall does not wait for the next look at the whole plan; nor does the corrected item."""
        await self._insert(await self.db.read(plan_recalls, self.channels, now))
        if self._planned_at is not None:
            since = self._planned_at - timedelta(minutes=1)
            if await self.db.read(recall_reads.confirmed_since, since):
                self._planned_at = None

    async def queue_week(self, week: Week) -> int:
        """Make a week's items due at once, before their hour (`loaxa send`), with their sound. Safe to repeat.

        Nothing happens while the store is frozen.
        """
        now = self.clock.now()
        if await self.db.read(freeze.is_frozen):
            return 0
        await self.db.run(_repair, self.channels, now)
        await self.db.run(plan.plan_duties, week, now)
        return await self._items(week, now, at_once=True)

    async def _plan(self, now: datetime) -> int:
        week, added = Week.of(now), 0
        for one in await self.db.read(_weeks_to_plan, week, now):
            added += await self._duties(one, now)
        added += await self._items(week, now)
        added += await self._items(week.next(), now)
        return added + await self._insert(
            await self.db.read(_ladder, week, self.ladder, self.channels, now, self._habits)
        )

    async def _duties(self, week: Week, now: datetime) -> int:
        if await self.db.read(plan.duties_stand, week, now):
            return 0
        return await self.db.run(plan.plan_duties, week, now)

    async def _items(self, week: Week, now: datetime, *, at_once: bool = False) -> int:
        added = 0
        for rundown_id, send_at in await self.db.read(_rundowns, week):
            if send_at - AHEAD > now and not at_once:
                continue
            if send_at > now and not at_once:
                await self._duties(week, now)
            ready = await self._sound_ready(rundown_id, now)
            added += not ready
            if at_once or (send_at <= now and (ready or now > send_at + LONGEST_MAKING)):
                added += await self._insert(await self.db.read(_items, rundown_id, self.channels, now))
            if at_once:
                await self.db.run(deliveries.bring_forward, rundown_id, now)
        return added

    async def _insert(self, wanted: Sequence[Wanted]) -> int:
        """Rows and their jobs, some at a time: each chunk is committed whole or not at all."""
        fresh = await self.db.read(deliveries.missing, wanted) if wanted else []
        added = 0
        for start in range(0, len(fresh), CHUNK):
            added += await self.db.run(self._commit, fresh[start : start + CHUNK])
        return added

    def _commit(self, session: Session, wanted: Sequence[Wanted]) -> int:
        added = deliveries.plan(session, wanted)
        overtaken = [one.duty_id for one in wanted if one.rung is Rung.REMINDER_2 and one.duty_id]
        if overtaken:
            deliveries.cancel_first_questions(session, overtaken, self.clock.now())
        if added:
            self._arm(session)
        return added

    def _arm(self, session: Session) -> int:
        made = jobs.arm(session, self.channels, CHUNK)
        self.jobs.add(session, made)
        return len(made)

    async def _find_lost_jobs(self, now: datetime) -> None:
        """Some rows at each tick, in turn: in the middle of a broadcast thousands are overdue and none is lost."""
        found = await self.db.read(jobs.overdue, now, self._looked_up_to)
        self._looked_up_to = found[-1][0] if found else 0
        lost = await self.jobs.lost([job_id for _, job_id in found]) if found else set()
        if lost:
            log.warning("jobs lost=%s", len(lost))
            await self.db.run(jobs.disarm, [row_id for row_id, job_id in found if job_id in lost])

    async def finish(self, within: timedelta) -> None:
        """Wait for the sound that is being made."""
        if self._making is not None:
            await asyncio.wait([self._making], timeout=within.total_seconds())

    async def _sound_ready(self, rundown_id: int, now: datetime) -> bool:
        """Make the clips if they can be made. False while somebody makes them: the item waits for them."""
        again, pause = self._sound_waits.get(rundown_id, (now, FIRST_PAUSE))
        if again > now or await self.db.read(_has_sound, rundown_id):
            return True
        if self.node is None:
            await self._sound(rundown_id, now, pause)
            return True
        idle = self._making is None or self._making.done()
        if idle and await self.db.run(_may_make, rundown_id, self.node):
            self._making = asyncio.create_task(self._sound(rundown_id, now, pause))
        return False

    async def _sound(self, rundown_id: int, now: datetime, pause: timedelta) -> None:
        """First the clip of all, then those of single stations. What fails is tried again after a growing pause."""
        failed = False
        try:
            reason = await ensure_track(self.db, self.studio, rundown_id, now)
            if reason is None:
                failed = await self._station_sounds(rundown_id, now)
        except Exception as error:
            # A full disk or a broken codec must not keep the words from going out, nor the reminders.
            log.exception("rundown=%s sound failed", rundown_id)
            reason = repr(error)
        self._sound_waits.pop(rundown_id, None)
        if failed or reason is not None:
            self._sound_waits[rundown_id] = (now + pause, pause * 2)
        if reason is not None:
            log.warning("rundown=%s no airable sound: %s", rundown_id, reason)
        alert = plan.plan_voice_alert if reason is None else plan.plan_alert
        await self._insert(await self.db.read(alert, rundown_id, self.channels, now))

    async def _station_sounds(self, rundown_id: int, now: datetime) -> bool:
        """Whether one could not be made: its station gets the clip of all, and it holds up no other."""
        failed = False
        for job in await self.db.read(station_jobs, rundown_id):
            try:
                reason = await make_track(self.db, self.studio, job, now)
            except Exception as error:
                log.exception("rundown=%s station=%s sound failed", rundown_id, job.manner.station_id)
                reason = repr(error)
            if reason is not None:
                name = job.manner.station_id
                log.warning("rundown=%s station=%s no own sound: %s", rundown_id, name, reason)
                failed = True
        return failed


def _has_sound(session: Session, rundown_id: int) -> bool:
    """The clip of all, and those of stations with a manner of their own."""
    rundown = session.get_one(Rundown, rundown_id)
    return tracks.airable(session, rundown) is not None and not tracks.stations_without(session, rundown)


def _may_make(session: Session, rundown_id: int, node: str) -> bool:
    return leases.hold_unless_dead(session, f"sound:{rundown_id}", node, LONGEST_MAKING)


def _repair(session: Session, channels: Sequence[str], now: datetime) -> None:
    if phone.CHANNEL in channels:
        phone.give_everybody_one(session, now)
    left = deliveries.sweep(session, now)
    over = deliveries.close_week(session, now)
    if left or over:
        log.warning("swept unknown=%s failed_at_deadline=%s", left, over)


def _weeks_to_plan(session: Session, week: Week, now: datetime) -> list[Week]:
    """From the last week planned to this one. A store that is new owes nothing for the weeks before it."""
    found = [duties.last_planned(session, now) or week]
    while found[-1] < week:
        found.append(found[-1].next())
    return found


def _ladder(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime, habits: Habits
) -> list[Wanted]:
    wanted = plan_reminders(session, week, ladder, channels, now, habits)
    wanted += plan.plan_questions(session, now, ladder)
    return wanted + plan_letters(session, week, ladder, channels, now)


def _rundowns(session: Session, week: Week) -> list[tuple[int, datetime]]:
    return [(r.id, r.send_at) for r in campaigns.launched_rundowns(session, week)]


def _items(session: Session, rundown_id: int, channels: Sequence[str], now: datetime) -> list[Wanted]:
    return plan.plan_items(session, session.get_one(Rundown, rundown_id), channels, now)
