"""From mandates and campaigns to rows: the duties of a week, and the messages each rung wants now.

Every function here can run again, late, or on two machines at once, and adds nothing twice. What they return is
inserted by `deliveries.plan`: by the tick in small transactions together with its jobs, by a conversation at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airlog import (
    access,
    campaigns,
    crew,
    deliveries,
    duties,
    nudges,
    people,
    queries,
    recalls,
    tracks,
    withdrawn,
)
from airlog.crew import Owed
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Rundown
from airlog.types import Rung
from content.week import Week
from scheduler.ladder import Ladder


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


def plan_nudges(
    session: Session,
    week: Week,
    duty_ids: Sequence[int],
    channels: Sequence[str],
    now: datetime,
    ladder: Ladder | None = None,
) -> int:
    """Insert an officer's nudge to silent stations: at most one a day and duty, whoever asks. Returns how many. In quiet
    hours it waits for the morning, which whoever asks is to be told (`ladder.is_quiet`)."""
    due_at = (ladder or Ladder()).after_quiet(now)
    silent = set(duty_ids) - queries.answered(session, list(duty_ids))
    silent -= withdrawn.without_item(session, list(duty_ids))
    owed = [duty for duty in crew.of_period(session, str(week)) if duty.id in silent]
    wanted = _to_operators(session, owed, Rung.NUDGE, due_at, channels, now, about=nudges.about(now))
    return deliveries.plan(session, wanted)


def plan_alert(session: Session, rundown_id: int, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """Tell the admins that a week has no sound that may be aired."""
    return _to_admins(session, session.get_one(Rundown, rundown_id), "track", channels, now)


def plan_voice_alert(
    session: Session, rundown_id: int, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """Tell the admins, once for each week's sound, that a voice they put first could not read it."""
    rundown = session.get_one(Rundown, rundown_id)
    return _to_admins(session, rundown, "voice", channels, now) if tracks.trouble(session, rundown) else []


def plan_questions(session: Session, now: datetime, ladder: Ladder | None = None) -> list[Wanted]:
    """For an item of unknown fate, the short question whether it arrived; it is never sent again unasked."""
    due_at = ladder.after_quiet(now) if ladder else now
    rows = [row for row in deliveries.unsettled_items(session, now) if not recalls.is_withdrawn(session, row)]
    said = queries.answered(session, [row.duty_id for row in rows if row.duty_id])
    return [
        Wanted(Rung.ASK, row.address, row.period, due_at, row.duty_id, withdrawn.replacing(row.key))
        for row in rows
        if row.duty_id not in said
    ]


def _to_admins(
    session: Session, rundown: Rundown, about: str, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    return [
        Wanted(Rung.ALERT, address, rundown.week, now, about=f"{about}:{rundown.id}")
        for person in access.people_with(session, access.ADMINS, now)
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
        Wanted(rung, chats[0], duty.period, due_at, duty.id, about)
        for duty, chats in crew.addresses(session, owed, channels, now)
    ]
