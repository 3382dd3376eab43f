"""Duties: what each station owes in a period. Made from mandates, tied to the items of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from airlog import ledger_kept
from airlog.db import Row, insert_new, lasts, lock_log
from airlog.deliveries import GONE, OPEN
from airlog.models import Delivery, Duty, Mandate, Rundown, Station
from airlog.scope import Scope, any_of, lives
from airlog.types import Rung
from content.week import LOCAL, Week, month_bounds


def make(session: Session, week: Week, now: datetime) -> int:
    """Insert the duties of a week that are missing, and those of the month it begins in. Repeatable.

    `now` decides which stations exist: one that is closed owes nothing any more.
    """
    rows = missing(session, week, now)
    insert_new(session, Duty, rows, ["station_id", "mandate_id", "period"])
    return len(rows)


def make_for(session: Session, station: Station, week: Week, now: datetime) -> None:
    """The weekly duties of one station alone, before their week is planned: an excuse may reach ahead. Repeatable."""
    rows = [row for row in missing(session, week, now) if row["station_id"] == station.id]
    weekly = [row for row in rows if row["period"] == str(week)]
    insert_new(session, Duty, weekly, ["station_id", "mandate_id", "period"])


def missing(session: Session, week: Week, now: datetime) -> list[Row]:
    """The duties that `make` would insert."""
    in_force = Mandate.valid_from <= week.sunday, lasts(Mandate.valid_to, week.monday)
    mandates = list(session.scalars(select(Mandate).where(*in_force).order_by(Mandate.id)))
    return [row for one in mandates for row in _missing_of(session, one, _alike(one, mandates), week, now)]


def tie(session: Session, rundown: Rundown, now: datetime) -> None:
    """Say which item the duties of a campaign's stations are about; a duty keeps the first one it got."""
    free = update(Duty).where(Duty.id.in_(_untied(rundown, now))).values(rundown_id=rundown.id)
    session.execute(free.execution_options(synchronize_session="fetch"))


def untied(session: Session, rundown: Rundown, now: datetime) -> bool:
    """Whether `tie` would change anything."""
    return session.scalar(_untied(rundown, now).limit(1)) is not None


def _untied(rundown: Rundown, now: datetime) -> Select[int]:
    today = now.astimezone(LOCAL).date()
    inside = Scope.parse(rundown.campaign.scope).clause(), lives(today), lasts(Station.active_to, today)
    query = select(Duty.id).join(Duty.station).join(Station.area).where(*inside)
    query = query.where(Duty.period == rundown.week, Duty.mandate_id == rundown.campaign.mandate_id)
    return query.where(Duty.rundown_id.is_(None))


def untie(session: Session, rundowns: Sequence[Rundown]) -> None:
    """Let go of the duties of stopped weeks to which no item has gone out: another campaign may serve them."""
    gone_out = select(Delivery.duty_id).where(Delivery.state.not_in((*OPEN, *GONE)))
    gone_out = gone_out.where(Delivery.rung == Rung.ITEM, Delivery.duty_id.is_not(None))
    free = Duty.rundown_id.in_([r.id for r in rundowns]), Duty.id.not_in(gone_out)
    spoken_of = list(session.scalars(select(Duty.id).where(*free, Duty.said_seq.is_not(None))))
    session.execute(update(Duty).where(*free).values(rundown_id=None))
    if spoken_of:  # what was recalled of a week that is not theirs any more is nothing to them
        lock_log(session)
        ledger_kept.recompute(session, Duty.id.in_(spoken_of))


def last_planned(session: Session, now: datetime) -> Week | None:
    """The newest broadcast week up to now whose duties were made; None when none was."""
    query = select(func.max(Duty.starts_at)).join(Mandate).where(Mandate.per == "week", Duty.starts_at <= now)
    newest = session.scalar(query)
    return Week.of(newest) if newest else None


def of_period(session: Session, period: str) -> list[Duty]:
    """All duties of a week or month, in the order of their stations."""
    return list(session.scalars(select(Duty).where(Duty.period == period).order_by(Duty.station_id)).unique())


def of_station(session: Session, station: Station, period: str) -> list[Duty]:
    query = select(Duty).where(Duty.station_id == station.id, Duty.period == period).order_by(Duty.id)
    return list(session.scalars(query).unique())


def _alike(mandate: Mandate, mandates: Sequence[Mandate]) -> list[int]:
    """This mandate and those that ask the same of other areas. A station whose commune came under another of them in
    mid-week owes that week once (docs/adr/0012)."""
    return [one.id for one in mandates if asks(one) == asks(mandate)]


def asks(mandate: Mandate) -> tuple[object, ...]:
    """What a mandate asks, wherever it is asked: equal for two that are one demand over two areas."""
    return mandate.kind, mandate.per, mandate.count, mandate.languages, mandate.source


def _missing_of(
    session: Session, mandate: Mandate, alike: Sequence[int], week: Week, now: datetime
) -> list[Row]:
    period, starts_at, due_at = _period(mandate, week)
    known = select(Duty.id).where(
        Duty.mandate_id.in_(alike), Duty.period == period, Duty.station_id == Station.id
    )
    return [
        {
            "station_id": station_id,
            "mandate_id": mandate.id,
            "period": period,
            "required": mandate.count,
            "languages": mandate.languages,
            "starts_at": starts_at,
            "due_at": due_at,
        }
        for station_id in session.scalars(_stations(mandate, due_at, now).where(~known.exists()))
    ]


def _period(mandate: Mandate, week: Week) -> tuple[str, datetime, datetime]:
    if mandate.per == "month":
        starts_at, due_at = month_bounds(week.monday)
        return f"{week.monday:%Y-%m}", starts_at, due_at
    return str(week), week.starts_at, week.ends_at


def _stations(mandate: Mandate, due_at: datetime, now: datetime) -> Select[int]:
    """Stations of the mandate's areas that exist now and existed before the period ends."""
    today, day_after = now.astimezone(LOCAL).date(), due_at.astimezone(LOCAL).date()
    query = select(Station.id).join(Station.area).where(any_of([area.scope for area in mandate.areas]))
    query = query.where(Station.active_from < day_after, lasts(Station.active_to, today))
    return query.order_by(Station.area_code, Station.id)
