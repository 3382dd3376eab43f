"""Who was to get the item of a week, who got it, and why the others did not: person by person, for the admin."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from airlog import crew, withdrawn
from airlog.db import rows_about
from airlog.fates import Fate, Recipient, latest
from airlog.models import Address, Area, Delivery, Duty, Person, Rundown, Station
from airlog.reach import EVERYBODY_HAS_ONE
from airlog.scope import scopes_over
from airlog.types import AddressState, CampaignState, DeliveryState
from airlog.undelivered import NextStep, next_step, why, why_no_message
from content.week import Week


@dataclass(frozen=True)
class _Place:
    """A station of the week. `scopes`: every way in which a grant may name its area."""

    duty_id: int
    station_id: int
    station: str
    commune: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class _Chats:
    """A person, and the chats there are: all, those that work here, why one was turned off (None: none was)."""

    name: str
    phone: str
    all: int
    working: int
    blocked: str | None


def tally(session: Session, rundown: Rundown, channels: Sequence[str], now: datetime) -> dict[Fate, int]:
    """How many people fared how, in the order of Fate; without those nobody is in."""
    best = latest(session, rundown)
    query = select(best.c.state, func.count()).group_by(best.c.state)
    found = {Fate(str(state)): count for state, count in session.execute(query)}
    found[Fate.NO_CHAT] = len(without_message(session, rundown, channels, now))
    return {fate: found[fate] for fate in Fate if found.get(fate)}


def messages(
    session: Session,
    rundown: Rundown,
    fates: Collection[Fate],
    now: datetime,
    start: int = 0,
    most: int | None = None,
) -> list[Recipient]:
    """People with a message in one of these states, by commune; a part of them, or all."""
    best = latest(session, rundown)
    states = [DeliveryState(str(fate)) for fate in fates if fate is not Fate.NO_CHAT]
    columns = (
        Station.id, Station.name, Area.name, Person.id, Person.name, Person.phone, Address.channel, Address.state,
        Delivery.state, Delivery.attempts, Delivery.claimed_at, Delivery.error,
    )  # fmt: skip
    query = (
        select(*columns)
        .select_from(Delivery)
        .join(best, Delivery.id == best.c.id)
        .join(Delivery.duty)
        .join(Duty.station)
        .join(Station.area)
        .join(Delivery.person)
        .join(Delivery.address)
        .where(best.c.state.in_(states))
        .order_by(Station.area_code, Station.id, Delivery.person_id)
        .offset(start)
        .limit(most)
    )
    is_over = Week.parse(rundown.week).ends_at <= now
    return [
        Recipient(
            *(station_id, station, commune, person_id, person, phone),
            fate=Fate(str(state)),
            why=why(state, chat, error or ""),
            todo=next_step(state, chat, is_over),
            channel=channel,
            attempts=attempts,
            tried_at=tried_at,
        )
        for station_id, station, commune, person_id, person, phone, channel, chat, state, attempts, tried_at, error
        in session.execute(query)
    ]  # fmt: skip


def without_message(
    session: Session, rundown: Rundown, channels: Sequence[str], now: datetime
) -> list[Recipient]:
    """Those of a rundown whose hour has come, by commune. After the week also those whose chat came too late."""
    ends_at = Week.parse(rundown.week).ends_at
    is_over = ends_at <= now
    if rundown.campaign.state is not CampaignState.LAUNCHED or rundown.send_at > now:
        return []
    if withdrawn.item_about(session, rundown) is None or (EVERYBODY_HAS_ONE in channels and not is_over):
        return []
    best = latest(session, rundown)
    had = {tuple(row) for row in session.execute(select(best.c.duty_id, best.c.person_id))}
    crews = crew.crews(session, min(now, ends_at))
    missing = [
        (place, person_id)
        for place in _places(session, rundown)
        for person_id in crews.at(place.station_id, place.scopes)
        if (place.duty_id, person_id) not in had
    ]
    chats = _chats(session, {person_id for _, person_id in missing}, channels)
    return [
        _recipient(place, person_id, chats[person_id], is_over)
        for place, person_id in missing
        if is_over or not chats[person_id].working  # the next tick makes one for a chat that works
    ]


def _recipient(place: _Place, person_id: int, chats: _Chats, is_over: bool) -> Recipient:
    return Recipient(
        *(place.station_id, place.station, place.commune, person_id, chats.name, chats.phone),
        fate=Fate.NO_CHAT,
        why=why_no_message(chats.all, chats.blocked, is_over),
        todo=NextStep.INVITE if chats.blocked is None else NextStep.REOPEN,
    )


def _places(session: Session, rundown: Rundown) -> Iterator[_Place]:
    """The stations of the week, by commune."""
    query = (
        select(Duty.id, Station.id, Station.name, Area.name)
        .add_columns(Area.code, Area.parent_code, Area.former_district_code, Area.former_province)
        .join(Duty.station)
        .join(Station.area)
        .where(Duty.rundown_id == rundown.id)
        .order_by(Station.area_code, Station.id)
    )
    for duty_id, station_id, station, commune, *area in session.execute(query):
        yield _Place(duty_id, station_id, station, commune, scopes_over(*area))


def _chats(session: Session, person_ids: Collection[int], channels: Sequence[str]) -> dict[int, _Chats]:
    works = and_(Address.state == AddressState.ACTIVE, Address.channel.in_(channels))
    blocked = case((Address.state == AddressState.BLOCKED, func.coalesce(Address.reason, "")))
    query = (
        select(Person.id, Person.name, Person.phone, func.count(Address.id))
        .add_columns(func.count(case((works, 1))), func.max(blocked))
        .outerjoin(Address, Address.person_id == Person.id)
        .group_by(Person.id, Person.name, Person.phone)
    )
    return {
        person_id: _Chats(*rest) for person_id, *rest in rows_about(session, query, Person.id, person_ids)
    }
