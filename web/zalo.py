"""The pool of Zalo bots: room, budget and state for admins; for officers the people of their area and who has no chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Depends, Response

from airlog import link_rights, pool
from airlog.access import ADMINS, OFFICERS
from airlog.budget import forecast
from airlog.db import Session
from airlog.link_rights import ZaloLine
from airlog.linking import CHANNEL
from airlog.models import Person
from airlog.pool import Limits, Seat
from web.auth import Signed, Visit, needs
from web.zalo_office import BotSight, ZaloOffice

router = APIRouter(prefix="/zalo", dependencies=[Depends(needs(*OFFICERS))])


@dataclass(frozen=True)
class BotLine:
    """One bot: what the record knows, and what Zalo said (None: not asked yet)."""

    seat: Seat
    sight: BotSight | None
    forecast: int | None


@router.get("")
async def whole(visit: Signed, ask: bool = False) -> Response:
    """`ask`: have Zalo asked first, for browsers without scripts; else the part with the bots asks by itself."""
    office = visit.parts.zalo
    if office is not None and ask:
        await office.ask()
    return visit.page(
        "zalo_pool.html",
        has_bots=office is not None,
        bots=await _bots(visit, office),
        limits=office.limits if office else Limits(),
        lines=await visit.read(_people),
        is_asked=office is not None and bool(office.known()),
    )


@router.get("/bots", dependencies=[Depends(needs(*ADMINS))])
async def bots(visit: Signed) -> Response:
    """The list of bots alone, once Zalo was asked."""
    office = visit.parts.zalo
    if office is not None:
        await office.ask()
    return visit.page(
        "zalo_bots.html",
        bots=await _bots(visit, office),
        limits=office.limits if office else Limits(),
        is_asked=True,
    )


async def _bots(visit: Visit, office: ZaloOffice | None) -> list[BotLine]:
    """For admins; officers have no use for figures they cannot change."""
    if office is None or not visit.may(ADMINS):
        return []
    seats = await visit.parts.db.read(pool.seats, CHANNEL, office.bots, office.limits, visit.now)
    sights = {sight.bot: sight for sight in office.known()}
    return [BotLine(seat, sights.get(seat.bot), forecast(seat.month.used, visit.now)) for seat in seats]


def _people(session: Session, person: Person, now: datetime) -> list[ZaloLine]:
    return link_rights.people_of(session, person, CHANNEL, now)
