"""When stations usually air: the hours that somebody put on record, and what their people stated."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog import access, ledger_kept
from airlog.db import Refused, rows_about
from airlog.models import Delivery, LogEntry, Person, Station
from airlog.rules import live_entries
from airlog.types import AIRING, Rung

_JUST_NOW = timedelta(minutes=2)
_SLOT = re.compile(r"(\d{1,2})[:h](\d{2})?\s*(?:-|–|đến)\s*(\d{1,2})[:h](\d{2})?", re.IGNORECASE)
_MOST_SLOTS = 6


class BadHours(Refused):
    """Days or hours that name none; the message is Vietnamese and says what to type."""


class Hours(NamedTuple):
    """What a station's row says. `known`: it is somebody's word, not what is usual in the country."""

    days: str
    hours: str
    known: bool


def hours_of(session: Session, station_ids: Collection[int]) -> dict[int, Hours]:
    query = select(Station.id, Station.airing_days, Station.airing_hours, Station.hours_known)
    rows = rows_about(session, query, Station.id, station_ids)
    return {id_: Hours(days, hours, known) for id_, days, hours, known in rows}


def stated_times(
    session: Session, station_ids: Collection[int], periods: Sequence[str]
) -> dict[int, list[datetime]]:
    """When each station aired in these periods, as statements that stand say; newest first.

    “Just now” as the answer to our own question tells when we asked, not when it aired: learned from, it would move the
    question later each week. Such statements are left out.
    """
    found: defaultdict[int, list[datetime]] = defaultdict(list)
    query = select(*ledger_kept.ENTRY_FACTS, LogEntry.station_id).where(LogEntry.period.in_(list(periods)))
    rows = list(rows_about(session, query.order_by(LogEntry.seq), LogEntry.station_id, station_ids))
    questions = _asked(session, {row.duty_id for row in rows})
    live = {one.seq for one in live_entries([ledger_kept.entry_facts(row) for row in rows])}
    for row in rows:
        if row.seq in live and row.kind in AIRING and row.aired_at is not None:
            asked_at = questions.get(row.duty_id)
            just_now = abs(row.stated_at - row.aired_at) <= _JUST_NOW
            if not (asked_at and asked_at <= row.stated_at and just_now):
                found[row.station_id].append(row.aired_at)
    return {station_id: sorted(times, reverse=True) for station_id, times in found.items()}


def set_hours(
    session: Session, person: Person | None, station: Station, days: str, hours: str, now: datetime
) -> None:
    """Put a station's days (as `read_days` gives them) and hours (`read_hours`) on record. Whoever calls has checked who
    may."""
    station.airing_days, station.airing_hours, station.hours_known = days, hours, True
    detail = f"{station.airing_days} {station.airing_hours}"
    access.note(session, person, "station.hours", str(station.id), now, detail=detail)


def read_days(typed: str) -> str:
    """`2-7`, `2,4,6` or `hằng ngày`, as people name weekdays (CN or 8 is Sunday), as digits 1 (Monday) to 7; empty for
    every day. Raises BadHours."""
    text = typed.strip().casefold().replace("cn", "8").replace("chủ nhật", "8").replace("thứ", "")
    if text in ("", "hằng ngày", "hàng ngày"):
        return "1234567"
    found: set[int] = set()
    for part in re.split(r"[,;\s]+", re.sub(r"\s*(?:-|–|đến)\s*", "-", text).strip()):
        first, _, last = part.partition("-")
        if not (first in tuple("2345678") and last in ("", *"2345678")) or int(last or first) < int(first):
            raise BadHours(f"Chưa đọc được ngày phát “{typed[:40]}”. Anh/chị ghi như 2-7 hoặc 2,4,6,CN.")
        found.update(range(int(first), int(last or first) + 1))
    return "".join(str(day - 1) for day in sorted(found))


def read_hours(typed: str) -> str:
    """`5h-6h, 17:00-18:00` as `05:00-06:00,17:00-18:00`. Raises BadHours."""
    wrong = BadHours(f"Chưa đọc được giờ phát “{typed[:60]}”. Anh/chị ghi như 05:00-06:00,17:00-18:00.")
    parts = [part.strip() for part in re.split(r"[,;]", typed) if part.strip()]
    slots = [_SLOT.fullmatch(part) for part in parts]
    if not 1 <= len(slots) <= _MOST_SLOTS:
        raise wrong
    told = []
    for slot in slots:
        try:
            start, end = (time(int(h), int(m or 0)) for h, m in (slot.group(1, 2), slot.group(3, 4)))  # type: ignore[union-attr]
        except (AttributeError, ValueError):
            raise wrong from None
        told.append(f"{start:%H:%M}-{end:%H:%M}")
    return ",".join(told)


def _asked(session: Session, duty_ids: Collection[int]) -> dict[int, datetime]:
    """By duty: when its question first left."""
    first = select(Delivery.duty_id, func.min(Delivery.sent_at)).where(Delivery.rung == Rung.QUESTION)
    query = first.where(Delivery.sent_at.is_not(None)).group_by(Delivery.duty_id)
    return {id_ or 0: at for id_, at in rows_about(session, query, Delivery.duty_id, duty_ids) if at}
