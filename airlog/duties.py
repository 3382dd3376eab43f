"""Duties: what each station owes in a period. Made from mandates, tied to the items of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from airlog.db import insert_new
from airlog.deliveries import OPEN
from airlog.models import Area, Delivery, Duty, Mandate, Rundown, Station
from airlog.scope import any_of
from airlog.types import DeliveryState, Rung
from content.week import LOCAL, Week, month_bounds


def make(session: Session, week: Week, now: datetime) -> int:
    """Insert the duties of a week that are missing, and those of the month it begins in. Repeatable.

    `now` decides which stations exist: one that is closed owes nothing any more.
    """
    return sum(_make_for(session, mandate, week, now) for mandate in _in_force(session, week))


def tie(session: Session, rundown: Rundown, stations: Sequence[Station]) -> None:
    """Say which item the duties of a campaign's stations are about; a duty keeps the first one it got."""
    session.execute(
        update(Duty)
        .where(Duty.period == rundown.week, Duty.mandate_id == rundown.campaign.mandate_id)
        .where(Duty.station_id.in_([s.id for s in stations]), Duty.rundown_id.is_(None))
        .values(rundown_id=rundown.id)
    )


def untie(session: Session, rundowns: Sequence[Rundown]) -> None:
    """Let go of the duties of stopped weeks to which no item has gone out: another campaign may serve them."""
    gone_out = select(Delivery.duty_id).where(
        Delivery.rung == Rung.ITEM,
        Delivery.state.not_in((*OPEN, DeliveryState.CANCELLED, DeliveryState.FAILED)),
    )
    session.execute(
        update(Duty)
        .where(Duty.rundown_id.in_([r.id for r in rundowns]))
        .where(Duty.id.not_in(gone_out.where(Delivery.duty_id.is_not(None))))
        .values(rundown_id=None)
    )


def last_planned(session: Session, now: datetime) -> Week | None:
    """The newest broadcast week up to now whose duties were made; None when none was."""
    query = select(func.max(Duty.starts_at)).join(Mandate).where(Mandate.per == "week", Duty.starts_at <= now)
    newest = session.scalar(query)
    return Week.of(newest) if newest else None


def of_rundown(session: Session, rundown: Rundown) -> list[Duty]:
    query = select(Duty).where(Duty.rundown_id == rundown.id).order_by(Duty.station_id)
    return list(session.scalars(query).unique())


def of_period(session: Session, period: str) -> list[Duty]:
    """All duties of a week or month, in the order of their stations."""
    return list(session.scalars(select(Duty).where(Duty.period == period).order_by(Duty.station_id)).unique())


def by_id(session: Session, duty_id: int) -> Duty | None:
    return session.get(Duty, duty_id)


def has_item(session: Session, duty_id: int) -> bool:
    """Whether a campaign's week is tied to it."""
    return session.scalar(select(Duty.rundown_id).where(Duty.id == duty_id)) is not None


def of_station(session: Session, station: Station, period: str) -> list[Duty]:
    query = select(Duty).where(Duty.station_id == station.id, Duty.period == period).order_by(Duty.id)
    return list(session.scalars(query).unique())


def _in_force(session: Session, week: Week) -> list[Mandate]:
    query = select(Mandate).where(
        Mandate.valid_from <= week.sunday, or_(Mandate.valid_to.is_(None), Mandate.valid_to > week.monday)
    )
    return list(session.scalars(query.order_by(Mandate.id)))


def _make_for(session: Session, mandate: Mandate, week: Week, now: datetime) -> int:
    period, starts_at, due_at = _period(mandate, week)
    known = set(
        session.scalars(select(Duty.station_id).where(Duty.mandate_id == mandate.id, Duty.period == period))
    )
    fresh = [s for s in _stations(session, mandate, due_at, now) if s.id not in known]
    rows: list[dict[str, object]] = [
        {
            "station_id": station.id,
            "mandate_id": mandate.id,
            "period": period,
            "required": mandate.count,
            "languages": mandate.languages,
            "starts_at": starts_at,
            "due_at": due_at,
        }
        for station in fresh
    ]
    insert_new(session, Duty, rows, ["station_id", "mandate_id", "period"])
    return len(fresh)


def _period(mandate: Mandate, week: Week) -> tuple[str, datetime, datetime]:
    if mandate.per == "month":
        starts_at, due_at = month_bounds(week.monday)
        return f"{week.monday:%Y-%m}", starts_at, due_at
    return str(week), week.starts_at, week.ends_at


def _stations(session: Session, mandate: Mandate, due_at: datetime, now: datetime) -> list[Station]:
    """Stations of the mandate's areas that exist now and existed before the period ends."""
    today, day_after = now.astimezone(LOCAL).date(), due_at.astimezone(LOCAL).date()
    query = (
        select(Station)
        .join(Area, Station.area_code == Area.code)
        .where(any_of([area.scope for area in mandate.areas]), Station.active_from < day_after)
        .where(or_(Station.active_to.is_(None), Station.active_to > today))
        .order_by(Station.area_code, Station.id)
    )
    return list(session.scalars(query).unique())
