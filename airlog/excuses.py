"""An excuse once it stands: who gave it, how far it reaches, taking it back.

Excuses of weeks to come are no rows of their own kind: airlog/ledger_excuses.py makes the duties of those weeks ahead
of their plan and puts one line on each, so that every week can be read, counted and taken back by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access, record
from airlog.models import Duty, LogEntry, Person
from airlog.record import NothingToChange, Source
from airlog.types import EntryKind


def standing(session: Session, duty: Duty) -> LogEntry | None:
    """The excuse that holds for a duty; of several the last."""
    return record.last_entry(session, duty, EntryKind.EXCUSED)


def series(session: Session, duty: Duty) -> list[Duty]:
    """The duty and those right after it that were excused with the same reason and words. Empty when it is not."""
    first = standing(session, duty)
    if first is None:
        return []
    query = (
        select(Duty)
        .where(Duty.station_id == duty.station_id, Duty.mandate_id == duty.mandate_id)
        .where(Duty.starts_at >= duty.starts_at)
        .order_by(Duty.starts_at)
    )
    found: list[Duty] = []
    for one in session.scalars(query).unique():
        excuse = standing(session, one)
        if excuse is None or (excuse.reason, excuse.note) != (first.reason, first.note):
            break
        found.append(one)
    return found


def take_back(
    session: Session, person: Person, owed: Sequence[Duty], source: Source, now: datetime
) -> list[LogEntry]:
    """Withdraw every excuse of some duties, by new lines. What is not excused adds nothing. Raises NotAllowed."""
    for duty in owed:
        access.require_officer(session, person, duty.station, "unexcuse", now)
    lines: list[LogEntry] = []
    for duty in owed:
        while True:
            try:
                lines.append(record.withdraw_excuse(session, person, duty, source, now))
            except NothingToChange:
                break
    return lines
