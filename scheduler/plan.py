"""From mandates and campaigns to rows: the duties of a week, and the messages each rung wants now.

Every function here can run again, late, or on two machines at once, and adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airlog import access, campaigns, deliveries, duties, people, queries
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Address, Duty, Person, Rundown, Station
from airlog.types import RoleKind, Rung
from content.week import Week
from scheduler.ladder import Ladder

SIMULATOR = "simulator"


def plan_duties(session: Session, week: Week, now: datetime) -> int:
    """The duties of a week (and of its month), and the items of launched campaigns tied to them."""
    fresh = duties.make(session, week, now)
    for rundown in campaigns.launched_rundowns(session, week):
        duties.tie(session, rundown, campaigns.stations_in(session, rundown.campaign.scope, now))
    return fresh


def plan_items(session: Session, rundown: Rundown, channels: Sequence[str], now: datetime) -> int:
    """The week's item to every operator of every station that owes it and has a chat that works."""
    week = Week.parse(rundown.week)
    if now >= week.ends_at:
        return 0
    wanted = [
        Wanted(Rung.ITEM, address, duty.period, rundown.send_at, duty.id)
        for duty in duties.of_rundown(session, rundown)
        for person in _reachable(session, duty.station, channels, now)
        if (address := people.first_address(person, channels))
    ]
    return deliveries.plan(session, wanted)


def plan_reminders(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> int:
    """A reminder for each duty that went out and about which nobody has said anything."""
    open_duties = duties.of_period(session, str(week))
    silent = {d.id for d in open_duties} - queries.answered(session, [d.id for d in open_duties])
    wanted: list[Wanted] = []
    for duty in open_duties:
        sent_at = deliveries.item_sent_at(session, duty) if duty.id in silent else None
        step = ladder.reminder(week, sent_at, now) if sent_at else None
        if step is None:
            continue
        wanted += _to_operators(session, duty, step[0], ladder.after_quiet(max(step[1], now)), channels, now)
    return deliveries.plan(session, wanted)


def plan_officers(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> int:
    """One message to each officer about all stations of their areas: the escalation, later the digest."""
    wanted = []
    for rung, due_at in ladder.officer_rungs(week, now):
        for person in queries.persons_with_role(session, RoleKind.OFFICER, now):
            address = _address(session, person, channels, now)
            stations = [s.id for s in access.stations_of(session, person, now, (RoleKind.OFFICER,))]
            if address and queries.duty_lines(session, now, period=str(week), stations=stations):
                due = ladder.after_quiet(max(due_at, now))
                wanted.append(Wanted(rung, address, str(week), due, about=f"officer:{person.id}"))
    return deliveries.plan(session, wanted)


def plan_nudges(
    session: Session, week: Week, duty_ids: Sequence[int], channels: Sequence[str], now: datetime
) -> int:
    """An officer's nudge to silent stations: at most one a day and duty, whoever asks."""
    silent = set(duty_ids) - queries.answered(session, list(duty_ids))
    wanted: list[Wanted] = []
    for duty in duties.of_period(session, str(week)):
        if duty.id not in silent:
            continue
        for one in _to_operators(session, duty, Rung.NUDGE, now, channels, now):
            wanted.append(Wanted(one.rung, one.address, one.period, now, duty.id, about=f"{now:%m%d}"))
    return deliveries.plan(session, wanted)


def plan_alert(session: Session, rundown: Rundown, channels: Sequence[str], now: datetime) -> int:
    """Tell the admins that a week has no sound that may be aired."""
    wanted = [
        Wanted(Rung.ALERT, address, rundown.week, now, about=f"track:{rundown.id}")
        for person in queries.persons_with_role(session, RoleKind.ADMIN, now)
        if (address := _address(session, person, channels, now))
    ]
    return deliveries.plan(session, wanted)


def plan_questions(session: Session, now: datetime) -> int:
    """For an item of unknown fate, the short question whether it arrived; it is never sent again unasked."""
    wanted = [
        Wanted(Rung.ASK, row.address, row.period, now, row.duty_id)
        for row in deliveries.unsettled_items(session, now)
    ]
    return deliveries.plan(session, wanted)


def _to_operators(
    session: Session, duty: Duty, rung: Rung, due_at: datetime, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    people_here = _reachable(session, duty.station, channels, now)
    found = [people.first_address(person, channels) for person in people_here]
    return [Wanted(rung, address, duty.period, due_at, duty.id) for address in found if address]


def _reachable(session: Session, station: Station, channels: Sequence[str], now: datetime) -> list[Person]:
    operators = access.operators_of(session, station, now)
    for person in operators:
        _address(session, person, channels, now)
    return operators


def _address(session: Session, person: Person, channels: Sequence[str], now: datetime) -> Address | None:
    """The person's first working chat. Where the simulator runs, everybody has a phone in it."""
    if SIMULATOR in channels and not any(a.channel == SIMULATOR for a in person.addresses):
        people.add_address(session, person, SIMULATOR, SIMULATOR, f"p{person.id}", now)
    return people.first_address(person, channels)
