"""Administrative units: taking a province into use, finding a commune, its history, and what is about to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from airlog import access, area_reads, area_rights, areas
from airlog.access import ADMINS
from airlog.area_reads import ChangeLine, Found, UnitRow
from airlog.areas import Loaded, ProvinceLine
from airlog.db import Session
from airlog.models import Person
from web import area_changes
from web.auth import Signed, needs
from web.pages import see_other, today
from web.troubles import NotThere

router = APIRouter(prefix="/areas", dependencies=[Depends(needs(*ADMINS))])
router.include_router(area_changes.router)


@dataclass(frozen=True)
class Overview:
    """What the page of all units shows."""

    lines: list[ProvinceLine]
    found: Found
    waiting: list[ChangeLine]
    recent: list[ChangeLine]


@router.get("")
async def all_areas(
    visit: Signed, stations: int = -1, communes: int = 0, q: str = "", changed: int = 0, ahead: int = 0,
    withdrawn: int = 0,
) -> Response:  # fmt: skip
    done = ""
    if stations >= 0:
        done = f"Đã nạp {communes} xã, phường: thêm {stations} đài, chỉ tiêu mỗi tuần một tin."
    elif changed:
        waits = f" {ahead} thay đổi chờ đến ngày hiệu lực." if ahead else ""
        done = f"Đã ghi {changed} thay đổi đơn vị hành chính.{waits}"
    elif withdrawn:
        done = "Đã rút thay đổi. Mọi đơn vị giữ nguyên như hiện nay."
    view = await visit.read(_overview, q.strip()[:80])
    return visit.page("areas.html", view=view, q=q.strip()[:80], done=done)


@router.post("")
async def load(visit: Signed, scope: Annotated[str, Form()] = "") -> Response:
    """`scope` as people write areas: 68, or 68/Tỉnh Đắk Nông. Repeatable."""
    made = await visit.run(_load, scope.strip())
    return see_other(f"/areas?stations={made.stations}&communes={made.communes}")


@router.get("/unit/{code}")
async def unit(visit: Signed, code: str) -> Response:
    row, changes = await visit.read(_unit, code)
    return visit.page("area_unit.html", unit=row, changes=changes)


def _overview(session: Session, person: Person, now: datetime, typed: str) -> Overview:
    mine = area_rights.scopes_of(session, person, ADMINS, now)
    return Overview(
        areas.province_lines(session),
        area_reads.search(session, mine, typed),
        area_reads.waiting(session, mine),
        area_reads.recent(session, mine),
    )


def _unit(session: Session, person: Person, now: datetime, code: str) -> tuple[UnitRow, list[ChangeLine]]:
    row = area_reads.unit(session, code)
    if row is None or not area_rights.covers(session, person, ADMINS, code, now):
        raise NotThere("Không có đơn vị này trong khu vực anh/chị quản trị.")
    return row, area_reads.changes_of(session, code)


def _load(session: Session, person: Person, now: datetime, scope: str) -> Loaded:
    areas.load_areas(session)
    area_rights.require_area(session, person, ADMINS, scope, "areas.load", now)
    made = areas.load_stations(session, scope, today(now))
    access.note(session, person, "areas.load", scope, now, detail=f"{made.stations} stations")
    return made
