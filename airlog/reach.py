"""Whom a campaign would reach: the operators of an area's stations, with and without a chat that works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from airlog import crew
from airlog.access import OFFICERS, stations_of
from airlog.campaigns import stations_in
from airlog.db import lasts, rows_about
from airlog.models import Address, Person, Station
from airlog.people import first_address
from airlog.scope import scopes_of
from airlog.types import AddressState

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
    operators = operators_by_station(session, stations, now)
    people = {person.id: person for here in operators.values() for person in here}
    gets = {id_ for id_, person in people.items() if _reachable(person, channels)}
    silent = [one.name for one in stations if not any(p.id in gets for p in operators[one.id])]
    without = tuple(person.name for id_, person in people.items() if id_ not in gets)
    return Reach(len(stations), len(people), without, tuple(silent))


def operators_by_station(
    session: Session, stations: Sequence[Station], now: datetime
) -> dict[int, list[Person]]:
    """The operators of many stations, their addresses loaded: a question per station would be thousands of them."""
    crews = crew.crews(session, now)
    here = {station.id: crews.at(station.id, scopes_of(station.area)) for station in stations}
    query = select(Person).options(selectinload(Person.addresses))
    rows = rows_about(session, query, Person.id, {one for many in here.values() for one in many})
    people = {person.id: person for (person,) in rows}
    return {station_id: [people[one] for one in ids] for station_id, ids in here.items()}


@dataclass(frozen=True)
class Lost:
    """An operator whom one chat no longer reaches. `other`: another that still does."""

    person: str
    stations: tuple[str, ...]
    channel: str
    other: str | None


def lost(session: Session, officer: Person, since: datetime, now: datetime) -> list[Lost]:
    """Operators of an officer's stations whose chat stopped working after `since`."""
    query = select(Address).join(Address.person).where(Address.state == AddressState.BLOCKED)
    query = query.where(Address.blocked_at > since, lasts(Person.left_at, now))
    gone = list(session.scalars(query.order_by(Address.blocked_at, Address.id)))
    if not gone:
        return []
    stations = stations_of(session, officer, now, OFFICERS)
    operators = operators_by_station(session, stations, now)
    names: dict[int, list[str]] = {}
    for station in stations:
        for person in operators[station.id]:
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
