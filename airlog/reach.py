"""Whom a campaign would reach: the operators of an area's stations, with and without a chat that works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from airlog.access import OFFICERS, stations_of
from airlog.campaigns import stations_in
from airlog.models import Address, Grant, Person, Station
from airlog.people import first_address
from airlog.types import AddressState, RoleKind

EVERYBODY_HAS_ONE = "simulator"
"""Where the simulator runs, everybody gets a phone in it when the first message is planned."""


@dataclass(frozen=True)
class Reach:
    """`silent_stations` have no operator who could get anything."""

    stations: int
    operators: int
    without_chat: tuple[str, ...]
    silent_stations: tuple[str, ...]

    @property
    def with_chat(self) -> int:
        return self.operators - len(self.without_chat)


def reach(session: Session, scope_text: str, channels: Sequence[str], now: datetime) -> Reach:
    """Count the stations of an area and the people who would get its messages on the channels that run here."""
    stations = stations_in(session, scope_text, now)
    crew = operators_by_station(session, stations, now)
    people: dict[int, Person] = {}
    silent: list[str] = []
    for station in stations:
        here = crew[station.id]
        people.update({person.id: person for person in here})
        if not any(_reachable(person, channels) for person in here):
            silent.append(station.name)
    without = tuple(p.name for p in people.values() if not _reachable(p, channels))
    return Reach(len(stations), len(people), without, tuple(silent))


def operators_by_station(
    session: Session, stations: Sequence[Station], now: datetime
) -> dict[int, list[Person]]:
    """The operators of many stations, their addresses loaded: a question per station would be thousands of them."""
    by_scope, by_station = _operators(session, now)
    found: dict[int, list[Person]] = {}
    for station in stations:
        here = [*by_station[station.id], *(p for s in _scopes(station) for p in by_scope[s])]
        found[station.id] = list(dict.fromkeys(here))
    return found


@dataclass(frozen=True)
class Lost:
    """An operator whom one chat no longer reaches. `other`: another that still does."""

    person: str
    stations: tuple[str, ...]
    channel: str
    other: str | None


def lost(session: Session, officer: Person, since: datetime, now: datetime) -> list[Lost]:
    """Operators of an officer's stations whose chat stopped working after `since`."""
    query = (
        select(Address)
        .join(Person, Address.person_id == Person.id)
        .where(Address.state == AddressState.BLOCKED, Address.blocked_at > since)
        .where(or_(Person.left_at.is_(None), Person.left_at > now))
        .order_by(Address.blocked_at, Address.id)
    )
    gone = list(session.scalars(query))
    if not gone:
        return []
    stations = stations_of(session, officer, now, OFFICERS)
    crew = operators_by_station(session, stations, now)
    names: dict[int, list[str]] = {}
    for station in stations:
        for person in crew[station.id]:
            names.setdefault(person.id, []).append(station.area.name)
    return [
        Lost(
            address.person.name,
            tuple(names[address.person_id]),
            address.channel,
            next((a.channel for a in address.person.addresses if a.state is AddressState.ACTIVE), None),
        )
        for address in gone
        if address.person_id in names
    ]


def _reachable(person: Person, channels: Sequence[str]) -> bool:
    return EVERYBODY_HAS_ONE in channels or first_address(person, channels) is not None


def _operators(
    session: Session, now: datetime
) -> tuple[defaultdict[str, list[Person]], defaultdict[int, list[Person]]]:
    query = (
        select(Grant)
        .join(Person, Grant.person_id == Person.id)
        .where(Grant.role == RoleKind.OPERATOR, Grant.valid_from <= now)
        .where(or_(Grant.valid_to.is_(None), Grant.valid_to > now))
        .where(or_(Person.left_at.is_(None), Person.left_at > now))
        .options(selectinload(Grant.person).selectinload(Person.addresses))
        .order_by(Grant.person_id)
    )
    by_scope: defaultdict[str, list[Person]] = defaultdict(list)
    by_station: defaultdict[int, list[Person]] = defaultdict(list)
    for grant in session.scalars(query):
        if grant.station_id is None:
            by_scope[grant.scope].append(grant.person)
        else:
            by_station[grant.station_id].append(grant.person)
    return by_scope, by_station


def _scopes(station: Station) -> list[str]:
    area = station.area
    texts = ("*", area.code, area.parent_code, area.former_district_code)
    former = f"{area.parent_code}/{area.former_province}" if area.former_province else None
    return [text for text in (*texts, former) if text]
