"""From mandates and campaigns to rows: the duties of a week, and the messages each rung wants now.

Every function here can run again, late, or on two machines at once, and adds nothing twice. What they return is
inserted by `deliveries.plan`: by the tick in small transactions together with its jobs, by a conversation at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from airlog import (
    access,
    campaigns,
    crew,
    deliveries,
    duties,
    people,
    queries,
    reach,
    recalls,
    tracks,
    withdrawn,
)
from airlog.crew import Owed
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Rundown
from airlog.types import RoleKind, Rung
from content.week import LOCAL, Week
from scheduler.ladder import Ladder

LOST_AFTER = timedelta(minutes=10)
"""Gathers the operators whom one broadcast loses."""
LOST_WITHIN = timedelta(days=7)


def plan_duties(session: Session, week: Week, now: datetime) -> int:
    """The duties of a week (and of its month), and the items of launched campaigns tied to them."""
    fresh = duties.make(session, week, now)
    for rundown in campaigns.launched_rundowns(session, week):
        duties.tie(session, rundown, now)
    return fresh


def duties_stand(session: Session, week: Week, now: datetime) -> bool:
    """Whether `plan_duties` would change nothing, which a look can tell without keeping every writer waiting."""
    return not duties.missing(session, week, now) and not any(
        duties.untied(session, rundown, now) for rundown in campaigns.launched_rundowns(session, week)
    )


def plan_items(session: Session, rundown: Rundown, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """The week's item to every operator of every station that owes it and has a chat that works.

    Whoever has it at one address, or may have it, gets none at another. Where it failed, the next address is wanted.
    """
    if now >= Week.parse(rundown.week).ends_at:
        return []
    # The rundown is part of the key: a duty that a stopped campaign let go of gets the item of the next. So is the
    # version once an item was recalled; one recalled without a replacement is sent to nobody.
    about, due_at = withdrawn.item_about(session, rundown), withdrawn.item_due_at(session, rundown)
    if about is None:
        return []
    owed = crew.of_rundown(session, rundown.id)
    wanted = _to_operators(session, owed, Rung.ITEM, due_at, channels, now, about=about)
    elsewhere = deliveries.item_addresses(session, [duty.id for duty in owed], about)
    return [
        one
        for one in wanted
        if elsewhere.get((one.duty_id or 0, one.address.person_id), one.address.id) == one.address.id
    ]


def plan_reminders(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """A reminder to each person who has the item of a duty about which nobody has said anything; the second one
    overtakes a first that has not left.

    Somebody whose item failed, or is of unknown fate, or came only now, is not reminded of it.
    """
    due_at = ladder.after_quiet(now)
    if ladder.reminder(week, week.starts_at, now) is None or due_at >= week.ends_at:
        return []
    owed = crew.of_period(session, str(week))
    said = queries.answered(session, [duty.id for duty in owed])
    silent = [duty for duty in owed if duty.id not in said]
    got = queries.items_got(session, [duty.id for duty in silent])
    return [
        Wanted(step[0], address, one.period, due_at, one.id)
        for one, address in crew.addresses(session, silent, channels, now)
        if (since := got.get((one.id, address.person_id)))
        if (step := ladder.reminder(week, since, now))
    ]


def plan_officers(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """One message to each officer about all stations of their areas: the escalation, later the digest."""
    wanted = []
    for rung, due_at in ladder.officer_rungs(week, now):
        for person in queries.persons_with_role(session, RoleKind.OFFICER, now):
            address = people.first_address(person, channels)
            stations = [s.id for s in access.stations_of(session, person, now, (RoleKind.OFFICER,))]
            if address and queries.duty_lines(session, now, period=str(week), stations=stations):
                due = ladder.after_quiet(max(due_at, now))
                wanted.append(Wanted(rung, address, str(week), due, about=f"officer:{person.id}"))
    return wanted


def plan_nudges(
    session: Session, week: Week, duty_ids: Sequence[int], channels: Sequence[str], now: datetime
) -> int:
    """Insert an officer's nudge to silent stations: at most one a day and duty, whoever asks. Returns how many."""
    silent = set(duty_ids) - queries.answered(session, list(duty_ids))
    silent -= withdrawn.without_item(session, list(duty_ids))
    owed = [duty for duty in crew.of_period(session, str(week)) if duty.id in silent]
    wanted = _to_operators(
        session, owed, Rung.NUDGE, now, channels, now, about=f"{now.astimezone(LOCAL):%m%d}"
    )
    return deliveries.plan(session, wanted)


def plan_alert(session: Session, rundown: Rundown, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """Tell the admins that a week has no sound that may be aired."""
    return _to_admins(session, rundown, f"track:{rundown.id}", channels, now)


def plan_voice_alert(
    session: Session, rundown: Rundown, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """Tell the admins, once for each week's sound, that a voice they put first could not read it."""
    if not tracks.trouble(session, rundown):
        return []
    return _to_admins(session, rundown, f"voice:{rundown.id}", channels, now)


def plan_lost(session: Session, ladder: Ladder, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """Tell each officer which operators a chat no longer reaches: at most one message a day, about all of them."""
    found = []
    for person in queries.persons_with_role(session, RoleKind.OFFICER, now):
        last = deliveries.last_of(session, person, Rung.LOST)
        since = last.due_at if last else now - LOST_WITHIN
        address = people.first_address(person, channels)
        if address and reach.lost(session, person, since, now):
            due_at = ladder.after_quiet(now + LOST_AFTER)
            day = f"{now.astimezone(LOCAL):%m%d}"
            found.append(Wanted(Rung.LOST, address, str(Week.of(now)), due_at, about=day))
    return found


def plan_questions(session: Session, now: datetime) -> list[Wanted]:
    """For an item of unknown fate, the short question whether it arrived; it is never sent again unasked."""
    rows = [row for row in deliveries.unsettled_items(session, now) if not recalls.is_withdrawn(session, row)]
    said = queries.answered(session, [row.duty_id for row in rows if row.duty_id])
    return [
        Wanted(Rung.ASK, row.address, row.period, now, row.duty_id, withdrawn.replacing(row.key))
        for row in rows
        if row.duty_id not in said
    ]


def _to_admins(
    session: Session, rundown: Rundown, about: str, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    return [
        Wanted(Rung.ALERT, address, rundown.week, now, about=about)
        for person in queries.persons_with_role(session, RoleKind.ADMIN, now)
        if (address := people.first_address(person, channels))
    ]


def _to_operators(
    session: Session,
    owed: Sequence[Owed],
    rung: Rung,
    due_at: datetime,
    channels: Sequence[str],
    now: datetime,
    *,
    about: str = "",
) -> list[Wanted]:
    """One message of a rung for each duty to each of its station's operators who can be written to."""
    return [
        Wanted(rung, address, duty.period, due_at, duty.id, about)
        for duty, address in crew.addresses(session, owed, channels, now)
    ]
