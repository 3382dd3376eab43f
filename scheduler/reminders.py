"""What silent operators are asked: a question right after the station's own hour, or the reminders at fixed hours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from airlog import airing_times, crew, deliveries, queries
from airlog.airing_times import Hours
from airlog.crew import Owed, To
from airlog.db import Session
from airlog.deliveries import Question, Wanted
from airlog.models import Duty
from airlog.types import Rung
from content.week import Week
from scheduler.asking import Habit, habit_of
from scheduler.ladder import Ladder

_CHATS = {Rung.QUESTION: 1, Rung.REMINDER_1: 2, Rung.REMINDER_2: 3}
"""To how many of a silent person's addresses each goes: who is silent may no longer look into the first chat."""
_LOOK_BACK = 10
"""Weeks whose statements tell when a station airs."""


@dataclass
class Habits:
    """The habits of stations, kept between looks: what the weeks before this one say does not change within it. Hours
    put on record meanwhile are seen."""

    week: Week | None = None
    _kept: dict[int, tuple[Hours, Habit | None]] = field(default_factory=dict)

    def of(self, session: Session, week: Week, station_ids: Collection[int]) -> dict[int, Habit]:
        """Those that have one."""
        if week != self.week:
            self.week, self._kept = week, {}
        hours = airing_times.hours_of(session, station_ids)
        fresh = [one for one, now in hours.items() if one not in self._kept or self._kept[one][0] != now]
        if fresh:
            before = [str(week.shift(-back)) for back in range(1, _LOOK_BACK + 1)]
            stated = airing_times.stated_times(session, fresh, before)
            for one in fresh:
                self._kept[one] = hours[one], habit_of(*hours[one], stated.get(one, ()))
        return {one: habit for one in station_ids if one in hours and (habit := self._kept[one][1])}


def plan_reminders(
    session: Session,
    week: Week,
    ladder: Ladder,
    channels: Sequence[str],
    now: datetime,
    habits: Habits | None = None,
) -> list[Wanted]:
    """What each person who has the item of a duty about which nobody has said anything is to be sent: the question, due
    after the station's own hour, or the reminder that is due; the second reminder overtakes what has not left.

    Somebody whose item failed, or is of unknown fate, or came only now, is not reminded of it.
    """
    owed = crew.of_period(session, str(week))
    own = _own_hours(session, week, ladder, owed, now, habits or Habits())
    if ladder.reminder(week, week.starts_at, now) is None:
        owed = [duty for duty in owed if duty.station_id in own]
    said = queries.answered(session, [duty.id for duty in owed])
    silent = [duty for duty in owed if duty.id not in said]
    got = queries.items_got(session, [duty.id for duty in silent])
    asked = deliveries.questions(session, str(week)) if silent else {}
    wanted: list[Wanted] = []
    for duty, chats in crew.addresses(session, silent, channels, now):
        since = got.get((duty.id, chats[0].person_id))
        if since is not None:
            question = asked.get((duty.id, chats[0].person_id))
            wanted += _for_one(week, ladder, duty, chats, since, own.get(duty.station_id), question, now)
    return [one for one in wanted if one.due_at < week.ends_at]


def usual_time(session: Session, duty: Duty, now: datetime) -> datetime | None:
    """When the station last had its own hour, within a day: the likeliest answer to “when did it air”. None when
    nobody knows its hours."""
    week = Week.of(duty.starts_at)
    habit = Habits().of(session, week, [duty.station_id]).get(duty.station_id)
    found = habit.last_before(now) if habit else None
    return found if found and duty.starts_at <= found else None


def _own_hours(
    session: Session, week: Week, ladder: Ladder, owed: Sequence[Owed], now: datetime, habits: Habits
) -> Mapping[int, Habit]:
    if ladder.ask_after is None or now >= week.ends_at:
        return {}
    return habits.of(session, week, {duty.station_id for duty in owed})


def _for_one(
    week: Week,
    ladder: Ladder,
    duty: Owed,
    chats: Sequence[To],
    since: datetime,
    habit: Habit | None,
    question: Question | None,
    now: datetime,
) -> list[Wanted]:
    """What one person is to be sent about one duty. A question that was planned stays the plan, whatever is learned or
    put on record meanwhile."""
    asked_at, ask_at = None, None
    if question is not None and not question.is_reminder:
        asked_at, ask_at = question.sent_at, question.due_at
    elif question is None and habit is not None and ladder.ask_after is not None:
        ask_at = habit.ask_at(week, since, ladder.ask_after, ladder.after_quiet)
    if ask_at is None:
        step = ladder.reminder(week, since, now)
    else:
        step = ladder.after_question(week, ask_at, asked_at, now)
    if step is None:
        return []
    rung, due_at = step
    due_at = ladder.after_quiet(max(due_at, now))
    return [Wanted(rung, chat, duty.period, due_at, duty.id) for chat in chats[: _CHATS[rung]]]
