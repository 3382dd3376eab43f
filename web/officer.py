"""The officer's week: who aired, who needs somebody, how it has been going; nudges and excuses."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from markupsafe import Markup

from airlog import access, deliveries, duties, queries, record
from airlog.access import OFFICERS
from airlog.db import Refused, Session
from airlog.models import Person
from airlog.queries import DutyLine
from airlog.reach import operators_by_station
from airlog.record import Source
from airlog.types import MissedReason
from content.week import Week
from reports.picture import svg_to_png
from reports.to_xlsx import week_xlsx
from reports.week_map import map_svg, sorted_by_need
from scheduler.compose import area_of
from scheduler.plan import plan_nudges
from web.auth import Signed, Visit, needs
from web.pages import see_other
from web.recall_view import week_banners
from web.troubles import NotThere

router = APIRouter(dependencies=[Depends(needs(*OFFICERS))])
MAP_WIDTH_PX = 1080
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Contact:
    """Whom to call about a station."""

    name: str
    phone: str


@dataclass(frozen=True)
class WeekOfOfficer:
    """What the officer's areas did in one week, as it stands now. Lines: worst first. Calls: by station."""

    week: Week
    area: str
    lines: tuple[DutyLine, ...]
    calls: Mapping[int, Contact]

    @property
    def version(self) -> str:
        """Changes when anything on the page would; the page asks with it and mostly hears “nothing new”."""
        return hashlib.sha256(repr((self.lines, self.calls)).encode()).hexdigest()[:16]


@router.get("/week")
async def this_week(visit: Signed) -> Response:
    return see_other(f"/week/{Week.of(visit.now)}")


@router.get("/week/{label}.xlsx")
async def table(visit: Signed, label: str) -> Response:
    found = await visit.read(week_of, Week.parse(label))
    data = await asyncio.to_thread(_xlsx, found, visit.now)
    headers = {"Content-Disposition": f'attachment; filename="loa-xa-{found.week}.xlsx"'}
    return Response(data, media_type=XLSX, headers=headers)


@router.get("/week/{label}")
async def week_page(visit: Signed, label: str, nudged: int = -1) -> Response:
    found = await visit.read(week_of, Week.parse(label))
    return await _answer(visit, "week.html", found, nudged)


@router.get("/week/{label}/fragment")
async def fragment(visit: Signed, label: str, seen: str = "") -> Response:
    """What changes while the page is open; 204 while nothing did."""
    found = await visit.read(week_of, Week.parse(label))
    if found.version == seen:
        return Response(status_code=204)
    return await _answer(visit, "partials/week.html", found)


@router.post("/week/{label}/nudge")
async def nudge_all(visit: Signed, label: str) -> Response:
    """Ask every station of the areas that has not answered."""
    week = Week.parse(label)
    count = await visit.run(_nudge, week, visit.parts.channels, None)
    return _back(visit, week, count)


@router.post("/week/{label}/nudge/{duty_id}")
async def nudge_one(visit: Signed, label: str, duty_id: int) -> Response:
    week = Week.parse(label)
    count = await visit.run(_nudge, week, visit.parts.channels, duty_id)
    return _back(visit, week, count)


@router.post("/duty/{duty_id}/excuse")
async def excuse(
    visit: Signed,
    duty_id: int,
    reason: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    station_id, period = await visit.run(_excuse, duty_id, reason, note.strip()[:300])
    return see_other(f"/stations/{station_id}#tuan-{period}")


@router.get("/week/{label}/map.png")
async def map_png(visit: Signed, label: str) -> Response:
    svg = await visit.read(_map, Week.parse(label), None)
    png = await asyncio.to_thread(svg_to_png, svg, MAP_WIDTH_PX)
    return Response(png, media_type="image/png")


def week_of(session: Session, person: Person, now: datetime, week: Week) -> WeekOfOfficer:
    stations = access.stations_of(session, person, now, OFFICERS)
    lines = queries.duty_lines(session, now, period=str(week), stations=[s.id for s in stations])
    crews = operators_by_station(session, stations, now)
    calls = {id_: Contact(crew[0].name, crew[0].phone) for id_, crew in crews.items() if crew}
    return WeekOfOfficer(week, area_of(session, person, now), tuple(sorted_by_need(lines)), calls)


async def _answer(visit: Visit, template: str, found: WeekOfOfficer, nudged: int = -1) -> Response:
    answer = visit.page(
        template,
        found=found,
        calls=found.calls,
        heat_map=Markup(await visit.read(_map, found.week, "/stations/")),
        nudged=nudged,
        is_now=found.week == Week.of(visit.now),
        banners=await visit.read(week_banners, found.week),
    )
    answer.headers["X-Version"] = found.version
    return answer


def _nudge(
    session: Session,
    person: Person,
    now: datetime,
    week: Week,
    channels: Sequence[str],
    duty_id: int | None,
) -> int:
    """How many messages were planned. None for `duty_id`: all silent stations of the areas."""
    if not week.starts_at <= now < week.ends_at:
        raise Refused("Chỉ nhắc được trong tuần đang phát. Anh/chị mở tuần này rồi bấm lại.")
    mine = {s.id for s in access.stations_of(session, person, now, OFFICERS)}
    chosen = [d for d in duties.of_period(session, str(week)) if duty_id in (None, d.id)]
    if duty_id is not None:
        for duty in chosen:
            access.require_officer(session, person, duty.station, "nudge", now)
    wanted = [duty.id for duty in chosen if duty.station_id in mine]
    count = plan_nudges(session, week, wanted, channels, now)
    access.note(session, person, "nudge", str(week), now, detail=f"{count} messages")
    return count


def _excuse(
    session: Session, person: Person, now: datetime, duty_id: int, reason: str, note: str
) -> tuple[int, str]:
    duty = duties.by_id(session, duty_id)
    if duty is None:
        raise NotThere("Không có việc này trong tuần.")
    access.require_officer(session, person, duty.station, "excuse", now)
    if reason not in set(MissedReason) or not note:
        raise Refused("Cần chọn lý do và ghi vài chữ vì sao miễn. Chưa ghi gì vào nhật ký.")
    source = Source("web", secrets.token_hex(8), now)
    record.excuse(session, person, duty, MissedReason(reason), source, now, note=note)
    deliveries.cancel_reminders(session, duty, now)
    return duty.station_id, duty.period


def _map(session: Session, person: Person, now: datetime, week: Week, link_prefix: str | None) -> str:
    stations = [s.id for s in access.stations_of(session, person, now, OFFICERS)]
    return map_svg(session, stations, week, area_of(session, person, now), now, link_prefix)


def _xlsx(found: WeekOfOfficer, now: datetime) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = week_xlsx(found.lines, found.week, found.area, now, Path(folder) / "week.xlsx")
        return path.read_bytes()


def _back(visit: Visit, week: Week, count: int) -> Response:
    return see_other(f"/week/{week}?nudged={count}")
