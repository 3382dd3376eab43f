"""Which deliveries need a job of the durable engine: the row says it, so that any engine can be driven from here.

A row is armed while a job is on its way to it. Whoever opens a row leaves it unarmed; the next tick arms it. A row
that is armed, open and long due may have lost its job: the tick asks the engine and disarms it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from airlog.deliveries import OPEN, URGENT_FIRST
from airlog.models import UNARMED, UNSETTLED, Address, Delivery
from airlog.types import Rung

OVERDUE = timedelta(seconds=45)
"""An open row due this long ago has a job that waits its turn, or none."""


@dataclass(frozen=True)
class Job:
    """One attempt at one delivery. `id` is never used again; `person_id` keeps a person's messages in order."""

    id: str
    delivery_id: int
    channel: str
    person_id: int
    due_at: datetime
    urgent: bool
    """Goes before all others: a recall does not queue behind a broadcast."""
    bot: str = ""
    """Tells the bots of one channel apart."""


def job_id(key: str, number: int) -> str:
    """The first job of a row carries its key, the next ones a number behind it."""
    return key if number <= 1 else f"{key}#{number}"


def arm(session: Session, channels: Sequence[str], most: int = 200) -> list[Job]:
    """Take open rows that have no job, earliest first. Hand the jobs to the engine in this same transaction."""
    query = (
        select(Delivery.id, Delivery.key, Delivery.jobs, Delivery.person_id, Delivery.due_at, Address.channel)
        .add_columns((Delivery.rung == Rung.RECALL).label("urgent"), Address.bot)
        .join(Delivery.address)
        # Asked of an expression, not of the column: else SQLite starts at the addresses and walks through a year of
        # their messages (63 ms after a year, 0.3 ms from the few rows that are unarmed).
        .where(UNARMED, func.coalesce(Address.channel, "").in_(channels))
        .order_by(URGENT_FIRST, Delivery.due_at, Delivery.id)
        .limit(most)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    rows = session.execute(query).all()
    if rows:
        taken = update(Delivery).where(Delivery.id.in_([row.id for row in rows]))
        taken = taken.values(armed=True, jobs=Delivery.jobs + 1)
        session.execute(taken.execution_options(synchronize_session=False))
    return [
        Job(
            job_id(row.key, row.jobs + 1), row.id, row.channel, row.person_id, row.due_at, row.urgent, row.bot
        )
        for row in rows
    ]


def overdue(session: Session, now: datetime, after_id: int, most: int = 500) -> list[tuple[int, str]]:
    """Armed rows that should have left: (row, its last job), in order of their ids."""
    query = (
        select(Delivery.id, Delivery.key, Delivery.jobs)
        .where(UNSETTLED, Delivery.state.in_(OPEN), Delivery.armed.is_(True), Delivery.due_at < now - OVERDUE)
        .where(Delivery.id > after_id)
        .order_by(Delivery.id)
        .limit(most)
    )
    return [(row.id, job_id(row.key, row.jobs)) for row in session.execute(query)]


def disarm(session: Session, delivery_ids: Sequence[int]) -> None:
    """Their jobs will never run: the next tick gives them new ones."""
    if delivery_ids:
        rows = update(Delivery).where(Delivery.id.in_(list(delivery_ids)), Delivery.state.in_(OPEN))
        session.execute(rows.values(armed=False))
