"""Who was to get the item of a week, who got it, and why the others did not: person by person, for the admin."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog.fates import Fate, Recipient, latest
from airlog.models import Address, Area, Delivery, Duty, Person, Rundown, Station
from airlog.types import DeliveryState
from airlog.undelivered import next_step, why
from airlog.unreachable import without_message
from content.week import Week


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
        .join(Duty, Delivery.duty_id == Duty.id)
        .join(Station, Duty.station_id == Station.id)
        .join(Area, Station.area_code == Area.code)
        .join(Person, Delivery.person_id == Person.id)
        .join(Address, Delivery.address_id == Address.id)
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
