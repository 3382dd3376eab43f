"""When a station airs, as its officer puts it on record: its question comes twenty minutes later."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Response

from airlog import access, airing_times, roster
from airlog.airing_times import read_days, read_hours
from airlog.db import Session
from airlog.models import Person
from web.auth import Signed
from web.pages import see_other
from web.troubles import NotThere

router = APIRouter()
HOURS_DONE = {"hours": "Đã ghi giờ phát của đài. Từ tin sau, Loa Xã hỏi cán bộ 20 phút sau giờ này."}


@router.post("/{station_id}/hours")
async def set_hours(
    visit: Signed,
    station_id: int,
    days: Annotated[str, Form(max_length=60)] = "",
    hours: Annotated[str, Form(max_length=120)] = "",
) -> Response:
    """Days and hours as people write them; what cannot be read is refused in words and changes nothing."""
    await visit.run(_set_hours, station_id, read_days(days), read_hours(hours))
    return see_other(f"/stations/{station_id}?done=hours")


def _set_hours(
    session: Session, person: Person, now: datetime, station_id: int, days: str, hours: str
) -> None:
    station = roster.station_by_id(session, station_id)
    if station is None:
        raise NotThere("Không có đài này. Anh/chị xem lại danh sách đài.")
    access.require_officer(session, person, station, "station.hours", now)
    airing_times.set_hours(session, person, station, days, hours, now)
