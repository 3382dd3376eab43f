"""Excusing a station for some weeks: one line of the log for each week, also for weeks that have not begun."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from airlog import access, deliveries, duties, queries, record
from airlog.db import Refused
from airlog.models import Duty, LogEntry, Person
from airlog.record import Source
from airlog.types import DutyState, MissedReason
from content.excuses import EXCUSES, MOST_WEEKS
from content.week import Week

_DONE = (DutyState.MET, DutyState.MET_LATE)


def excuse(
    session: Session,
    person: Person,
    duty: Duty,
    until: Week | None,
    reason: str,
    note: str,
    source: Source,
    now: datetime,
) -> list[LogEntry]:
    """Excuse a duty, and what the station owes in the weeks after it up to `until`. Weeks that were met are left alone;
    the same again adds nothing.

    Raises NotAllowed, and Refused when the reason, the words or the weeks make no sense.
    """
    access.require_officer(session, person, duty.station, "excuse", now)
    if reason not in EXCUSES or not note:
        raise Refused("Cần chọn lý do và ghi vài chữ vì sao miễn. Chưa ghi gì vào nhật ký.")
    first = Week.parse(duty.period) if "W" in duty.period else None
    owed = [duty]
    if until is not None and first is not None and until != first:
        if not first < until <= max(first, Week.of(now)).shift(MOST_WEEKS - 1):
            raise Refused(f"Chỉ miễn được đến {MOST_WEEKS} tuần, kể từ tuần này. Chưa ghi gì vào nhật ký.")
        owed += _later(session, duty, first, until, now)
    lines = []
    for one in owed:
        if one is not duty and queries.duty_standing(session, one, now).state in _DONE:
            continue
        why = MissedReason(reason)
        lines.append(record.excuse(session, person, one, why, source, now, note=note)[0])
        deliveries.cancel_reminders(session, one, now)
    return lines


def _later(session: Session, duty: Duty, first: Week, until: Week, now: datetime) -> list[Duty]:
    """What the same mandate wants of the station in the weeks after one; duties of weeks to come are made."""
    found, week = [], first.next()
    while week <= until:
        duties.make_for(session, duty.station, week, now)
        found += [
            one
            for one in duties.of_station(session, duty.station, str(week))
            if one.mandate_id == duty.mandate_id
        ]
        week = week.next()
    return found
