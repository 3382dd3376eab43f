"""Taking a province, or a former one, into use: a station for each commune, and the weekly mandate."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from airlog import access, area_rights, areas, provinces
from airlog.access import ADMINS
from airlog.areas import Loaded
from airlog.db import Session
from airlog.models import Person
from airlog.provinces import ProvinceLine
from web.auth import Signed, needs
from web.pages import see_other, today

router = APIRouter(prefix="/areas", dependencies=[Depends(needs(*ADMINS))])


@router.get("")
async def all_areas(visit: Signed, stations: int = -1, communes: int = 0) -> Response:
    done = (
        f"Đã nạp {communes} xã, phường: thêm {stations} đài, chỉ tiêu mỗi tuần một tin."
        if stations >= 0
        else ""
    )
    lines = await visit.read(_lines)
    return visit.page("areas.html", lines=lines, done=done)


@router.post("")
async def load(visit: Signed, scope: Annotated[str, Form()] = "") -> Response:
    """`scope` as people write areas: 68, or 68/Tỉnh Đắk Nông. Repeatable."""
    made = await visit.run(_load, scope.strip())
    return see_other(f"/areas?stations={made.stations}&communes={made.communes}")


def _lines(session: Session, person: Person, now: datetime) -> list[ProvinceLine]:
    return provinces.province_lines(session)


def _load(session: Session, person: Person, now: datetime, scope: str) -> Loaded:
    areas.load_areas(session)
    area_rights.require_area(session, person, ADMINS, scope, "areas.load", now)
    made = areas.load_stations(session, scope, today(now))
    access.note(session, person, "areas.load", scope, now, detail=f"{made.stations} stations")
    return made
