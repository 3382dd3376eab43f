"""Who is written to about which duties. It is asked about every station at every look at the plan, so plain rows are
read and not objects: thirty times less work (measured)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from airlog.models import Address, Area, Duty, Grant, Person, Station
from airlog.types import AddressState, RoleKind


class Owed(NamedTuple):
    """A duty and the places whose operators are its own: the station and the areas it lies in."""

    id: int
    period: str
    station_id: int
    scopes: tuple[str, ...]


class To(NamedTuple):
    """An address to write to: a working chat of a person on a channel that runs here."""

    id: int
    person_id: int


def of_rundown(session: Session, rundown_id: int) -> list[Owed]:
    """The duties to which a week's item is tied."""
    return _owed(session, Duty.rundown_id == rundown_id)


def of_period(session: Session, period: str) -> list[Owed]:
    """All duties of a week or month."""
    return _owed(session, Duty.period == period)


def addresses(
    session: Session,
    owed: Sequence[Owed],
    channels: Sequence[str],
    now: datetime,
    role: RoleKind = RoleKind.OPERATOR,
) -> list[tuple[Owed, tuple[To, ...]]]:
    """The addresses of each operator (or holder of another role) of each duty's station, in the person's order; who has
    none that works is left out."""
    if not owed:
        return []
    chats = _chats(session, channels, now)
    by_scope: defaultdict[str, list[int]] = defaultdict(list)
    by_station: defaultdict[int, list[int]] = defaultdict(list)
    query = (
        select(Grant.person_id, Grant.station_id, Grant.scope)
        .where(Grant.role == role, Grant.valid_from <= now)
        .where(or_(Grant.valid_to.is_(None), Grant.valid_to > now))
        .order_by(Grant.person_id)
    )
    for person_id, station_id, scope in session.execute(query):
        if station_id is None:
            by_scope[scope].append(person_id)
        else:
            by_station[station_id].append(person_id)
    found = []
    for duty in owed:
        here = [*by_station[duty.station_id], *(person for s in duty.scopes for person in by_scope[s])]
        found += [(duty, chats[person]) for person in dict.fromkeys(here) if person in chats]
    return found


def is_anybody(session: Session, role: RoleKind) -> bool:
    """Whether a role was ever given to anybody."""
    return session.scalar(select(Grant.id).where(Grant.role == role).limit(1)) is not None


def _owed(session: Session, where: ColumnElement[bool]) -> list[Owed]:
    query = (
        select(
            Duty.id, Duty.period, Duty.station_id,
            Area.code, Area.parent_code, Area.former_district_code, Area.former_province,
        )
        .join(Station, Duty.station_id == Station.id)
        .join(Area, Station.area_code == Area.code)
        .where(where, Station.active_to.is_(None))  # who was closed in mid-week is asked for nothing
        .order_by(Duty.station_id, Duty.id)
    )  # fmt: skip
    return [
        Owed(duty_id, period, station_id, _scopes(*places))
        for duty_id, period, station_id, *places in session.execute(query)
    ]


def _scopes(
    code: str | None, province: str | None, district: str | None, former_province: str | None
) -> tuple[str, ...]:
    former = f"{province}/{former_province}" if former_province else None
    return tuple(text for text in ("*", code, province, district, former) if text)


def _chats(session: Session, channels: Sequence[str], now: datetime) -> dict[int, tuple[To, ...]]:
    query = (
        select(Address.id, Address.person_id)
        .join(Person, Address.person_id == Person.id)
        .where(Address.state == AddressState.ACTIVE, Address.channel.in_(list(channels)))
        .where(or_(Person.left_at.is_(None), Person.left_at > now))
        .order_by(Address.rank, Address.id)
    )
    found: dict[int, tuple[To, ...]] = {}
    for address_id, person_id in session.execute(query):
        found[person_id] = (*found.get(person_id, ()), To(address_id, person_id))
    return found
