"""Changes of communes as tests make them, and what they look at afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from airlog import (
    area_changes,
    area_rights,
    duties,
    queries,
)
from airlog.area_changes import Preview
from airlog.area_orders import BadChange, Order, Unit
from airlog.db import Session
from airlog.models import (
    Area,
    AreaChange,
    Duty,
    Grant,
    Station,
)
from airlog.rules import Sign
from airlog.scope import Scope
from airlog.types import AreaChangeKind, RoleKind
from content.week import Week
from reports.figures import gather
from reports.period import ReportPeriod
from tests.world import DAK_SAK, DAK_WIL, MINH, World, person_of

MERGE, SPLIT, MOVE, RENAME = AreaChangeKind
WEDNESDAY = date(2026, 11, 25)
NEXT_MONTH = date(2026, 12, 23)
NEW, OTHER = "24990", "24994"
PAPER = "1671/NQ-UBTVQH15"


def merge(on: date = WEDNESDAY, olds: Sequence[str] = (DAK_WIL, DAK_SAK), new: str = NEW) -> Order:
    return Order(
        MERGE, on, PAPER, date(2026, 11, 1), tuple(olds), (Unit(new, "Xã Đắk Mới" if new == NEW else ""),)
    )


def rename(on: date = WEDNESDAY, code: str = DAK_WIL, name: str = "Phường Đắk Wil") -> Order:
    return Order(RENAME, on, PAPER, None, (code,), (Unit(code, name),))


def split(on: date = WEDNESDAY, news: Sequence[Unit] | None = None) -> Order:
    parts = news or (Unit(NEW, "Xã Đắk Tây"), Unit(OTHER, "Xã Đắk Đông"))
    return Order(SPLIT, on, PAPER, None, (DAK_WIL,), tuple(parts))


def move(on: date = WEDNESDAY, province: str = "66") -> Order:
    return Order(MOVE, on, PAPER, None, (DAK_WIL,), (Unit(DAK_WIL, "", province),))


def look(world: World, *orders: Order, by: str = MINH) -> Preview:
    return world.ask(lambda s: area_changes.preview(s, person_of(s, by), orders, world.now))


def do(world: World, *orders: Order, by: str = MINH, batch: str = "lan-1") -> list[AreaChange]:
    def work(session: Session) -> list[AreaChange]:
        person = person_of(session, by)
        seen = area_changes.preview(session, person, orders, world.now).seen
        return area_changes.confirm(session, person, orders, batch, seen, world.now)

    return world.ask(work)


def refused(world: World, *orders: Order) -> str:
    with pytest.raises(BadChange) as error:
        look(world, *orders)
    return str(error.value)


def nationwide(world: World) -> None:
    """Minh becomes admin of the whole country."""
    world.ask(
        lambda s: s.add(
            Grant(person_id=person_of(s, MINH).id, role=RoleKind.ADMIN, scope="*", valid_from=world.now)
        )
    )


def stations(world: World, code: str) -> list[Station]:
    query = select(Station).where(Station.area_code == code).order_by(Station.id)
    return world.ask(lambda s: list(s.scalars(query).unique()))


def area(world: World, code: str) -> Area:
    return world.ask(lambda s: s.get_one(Area, code))


def officer_of(world: World, phone: str, code: str) -> bool:
    """Whether the whole commune is this officer's."""
    return world.ask(
        lambda s: area_rights.covers(s, person_of(s, phone), (RoleKind.OFFICER,), code, world.now)
    )


def mandates_of(session: Session, station: Station, week: Week) -> list[str]:
    """Names of the mandates by which a station owes something in a week."""
    return [duty.mandate.name for duty in duties.of_station(session, station, str(week))]


def sign_of(world: World, duty: Duty) -> Sign:
    return world.ask(lambda s: queries.duty_standing(s, s.get_one(Duty, duty.id), world.now)).sign


def counted(world: World, scope: str, first: date, last: date) -> dict[str, int]:
    """Duties in a report, by code of the commune."""
    period = ReportPeriod(first, last + timedelta(days=1))
    found = world.ask(lambda s: gather(s, Scope.parse(scope), period, world.now))
    return {row.code: row.counts.total for row in found.by_commune}


def notes(world: World, first: date, last: date) -> str:
    period = ReportPeriod(first, last + timedelta(days=1))
    return " ".join(world.ask(lambda s: gather(s, Scope.parse("68"), period, world.now)).area_notes)
