"""The way in: three doors on this machine itself while it is a trial, else the page a person works on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response

from airlog import access, sessions
from airlog.db import Refused, Session
from airlog.models import Person
from airlog.types import RoleKind
from web.auth import Visit, visitor, with_cookie
from web.pages import page, see_other
from web.parts import Parts, parts_of
from web.safety import is_on_this_machine

router = APIRouter()


class DoorClosed(Refused):
    """The doors open only in a trial, for the machine itself."""


@router.get("/")
async def front(request: Request) -> Response:
    visit = await visitor(request)
    if doors_open(parts_of(request), request):
        return page(request, "doors.html", has_phone="simulator" in parts_of(request).channels)
    return see_other(await home(visit) if visit else "/login")


@router.post("/doors/{role}")
async def open_door(request: Request, role: Literal["officer", "admin"]) -> Response:
    """Sign this browser in as the first officer or admin of the trial."""
    parts = parts_of(request)
    if not doors_open(parts, request):
        raise DoorClosed("Cửa này chỉ mở trên chính máy đang chạy thử. Anh/chị đăng nhập bằng đường dẫn.")
    agent = request.headers.get("user-agent", "")
    secret = await parts.db.run(_sign_in, RoleKind(role), agent, parts.clock.now())
    return with_cookie(see_other("/week" if role == "officer" else "/campaigns"), parts, secret)


async def home(visit: Visit) -> str:
    """Where a person's work is: the week, the items, or the own station."""
    if visit.may(access.OFFICERS):
        return "/week"
    if visit.may((RoleKind.EDITOR, RoleKind.APPROVER)):
        return "/items"
    return await visit.read(_own_station)


def _own_station(session: Session, person: Person, now: datetime) -> str:
    stations = access.stations_of(session, person, now)
    return f"/stations/{stations[0].id}" if stations else "/login"


def doors_open(parts: Parts, request: Request) -> bool:
    """Nobody needs to sign in: a trial without any real channel, asked from the machine itself."""
    return parts.open_doors and is_on_this_machine(request)


def _sign_in(session: Session, role: RoleKind, agent: str, now: datetime) -> str:
    person = sessions.first_with_role(session, role, now)
    if person is None:
        raise Refused("Chưa có ai giữ vai trò này. Anh/chị nhập danh sách người dùng trước.")
    return sessions.open_session(session, person, agent, now)
