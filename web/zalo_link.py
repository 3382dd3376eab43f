"""Tying a person's Zalo chat: staff open this page beside the person, who scans, types the code, and is tied."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from fastapi import APIRouter, Depends, Response
from markupsafe import Markup

from airlog import link_rights, linking
from airlog.access import OFFICERS
from airlog.db import Session
from airlog.linking import NotLinked
from airlog.models import Address, Person
from airlog.pool import Limits, PoolFull
from content import zalo_messages
from web.auth import Signed, Visit, needs
from web.pages import see_other
from web.troubles import NotThere
from web.zalo_office import BotSight, ZaloOffice

router = APIRouter(prefix="/people/{person_id}/zalo", dependencies=[Depends(needs(*OFFICERS))])
_NO_ANSWER = (
    "Chưa hỏi được Zalo nên Loa Xã chưa tạo mã. Anh/chị thử lại sau ít phút; nếu vẫn vậy, báo người quản trị xem "
    "trang Zalo."
)


@dataclass(frozen=True)
class Waiting:
    """The code a person can type now. `minutes`: how long it still works, rounded up."""

    bot: str
    code: str
    minutes: int


@dataclass(frozen=True)
class LinkView:
    """How it stands with one person."""

    person_id: int
    name: str
    tied: Address | None
    """The chat the person has."""
    waiting: Waiting | None


@router.get("")
async def page(visit: Signed, person_id: int, done: str = "") -> Response:
    said = "Đã gỡ. Khung Zalo cũ không nhận tin nữa." if done == "released" else ""
    return await _shown(visit, person_id, done=said)


@router.post("")
async def begin(visit: Signed, person_id: int) -> Response:
    """A fresh code at the bot with the most room; the older one of this person is void."""
    office = visit.parts.zalo
    if office is None:
        return see_other(f"/people/{person_id}/zalo")
    bots = [sight.bot for sight in await office.ask() if sight.takes_people]
    if not bots:
        return await _shown(visit, person_id, 503, trouble=_NO_ANSWER)
    try:
        await visit.run(_begin, person_id, bots, office.limits)
    except PoolFull as error:
        return await _shown(visit, person_id, 409, trouble=str(error))
    except NotLinked as error:
        return await _shown(visit, person_id, 409, trouble=_not_begun(error))
    return see_other(f"/people/{person_id}/zalo")


@router.get("/state")
async def state(visit: Signed, person_id: int, minutes: int = 0) -> Response:
    """What the page asks again and again: nothing new, fewer minutes than it shows, or a reason to load it anew."""
    view = await visit.read(_look, person_id)
    if view.waiting is None:
        return Response(headers={"HX-Refresh": "true"})
    if view.waiting.minutes == minutes:
        return Response(status_code=204)
    return visit.page("zalo_state.html", view=view, waiting=view.waiting)


@router.post("/release")
async def release(visit: Signed, person_id: int) -> Response:
    """Untie the person's chat, so that another may take its place. Nothing to untie is no error."""
    await visit.run(_release, person_id)
    return see_other(f"/people/{person_id}/zalo?done=released")


async def _shown(
    visit: Visit, person_id: int, status: int = 200, *, trouble: str = "", done: str = ""
) -> Response:
    view = await visit.run(_view, person_id)
    office = visit.parts.zalo
    link = await _link(office, view.waiting.bot) if office and view.waiting else ""
    return visit.page(
        "zalo_link.html",
        status,
        view=view,
        waiting=view.waiting,
        has_bots=office is not None,
        link=link,
        qr=qr_svg(link) if link else "",
        trouble=trouble,
        done=done,
        life_minutes=linking.CODE_LIFE // timedelta(minutes=1),
    )


async def _link(office: ZaloOffice, bot: str) -> str:
    """The address that opens a bot's chat. Known from before, or asked for; empty when Zalo does not tell."""
    return _link_of(office.known(), bot) or _link_of(await office.ask(), bot)


def _link_of(sights: Sequence[BotSight], bot: str) -> str:
    return next((sight.link for sight in sights if sight.bot == bot), "")


def qr_svg(text: str) -> Markup:
    """A QR code as a drawing for the page itself: no file, no style, sized by the page."""
    drawn = segno.make(text, error="m", micro=False)
    return Markup(drawn.svg_inline(border=3, omitsize=True, svgclass=None, lineclass=None, light="#fff"))


def _view(session: Session, staff: Person, now: datetime, person_id: int) -> LinkView:
    """Raises NotThere, or NotAllowed, which is written down."""
    person = _person(session, person_id)
    link_rights.require(session, staff, person, "link.open", now)
    return _standing(session, person, now)


def _look(session: Session, staff: Person, now: datetime, person_id: int) -> LinkView:
    """The same for a look that writes nothing down."""
    person = _person(session, person_id)
    if not link_rights.may_link(session, staff, person, now):
        raise NotThere("Không có người này trong khu vực của anh/chị.")
    return _standing(session, person, now)


def _begin(
    session: Session, staff: Person, now: datetime, person_id: int, bots: Sequence[str], limits: Limits
) -> None:
    person = _person(session, person_id)
    link_rights.require(session, staff, person, "link.begin", now)
    linking.begin(session, person, bots, limits, now, by=staff)


def _release(session: Session, staff: Person, now: datetime, person_id: int) -> None:
    person = _person(session, person_id)
    link_rights.require(session, staff, person, "address.release", now)
    chat = linking.chat_of(session, person)
    if chat is not None:
        linking.release(session, chat, staff, now)


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or person.left_at is not None:
        raise NotThere("Không có người này trong danh sách. Anh/chị quay lại trang Người dùng.")
    return person


def _standing(session: Session, person: Person, now: datetime) -> LinkView:
    chat, code = linking.chat_of(session, person), linking.waiting(session, person, now)
    waiting = None
    if code is not None and chat is None:
        minutes = math.ceil((code.expires_at - now) / timedelta(minutes=1))
        waiting = Waiting(code.bot, f"{code.code[:4]} {code.code[4:]}", minutes)
    return LinkView(person.id, person.name, chat, waiting)


def _not_begun(error: NotLinked) -> str:
    if isinstance(error, linking.PersonTaken):
        return zalo_messages.link_person_taken(error.name, error.since)
    return "Người này đã nghỉ việc nên Loa Xã chưa tạo mã."
