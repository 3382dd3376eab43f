"""How the store and the queue of messages stand, in a few figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from airlog.deliveries import OPEN
from airlog.models import Delivery, IncomingUpdate, LogEntry
from airlog.types import DeliveryState

LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Health:
    """`overdue`: messages that should have left ten minutes ago, the sign of a clock that stands still."""

    queued: int
    overdue: int
    unknown: int
    failed_week: int
    sent_day: int
    unhandled: int
    log_lines: int
    last_stated_at: datetime | None


def look(session: Session, now: datetime) -> Health:
    """A handful of counts; cheap enough to be asked every few seconds."""

    def deliveries(*where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count(Delivery.id)).where(*where)) or 0

    waiting = Delivery.state.in_(OPEN)
    return Health(
        queued=deliveries(waiting),
        overdue=deliveries(waiting, Delivery.due_at < now - LATE),
        unknown=deliveries(Delivery.state == DeliveryState.UNKNOWN),
        failed_week=deliveries(
            Delivery.state == DeliveryState.FAILED, Delivery.settled_at > now - timedelta(days=7)
        ),
        sent_day=deliveries(Delivery.sent_at > now - timedelta(days=1)),
        unhandled=session.scalar(
            select(func.count(IncomingUpdate.id)).where(IncomingUpdate.handled_at.is_(None))
        )
        or 0,
        log_lines=session.scalar(select(func.count(LogEntry.seq))) or 0,
        last_stated_at=session.scalar(select(func.max(LogEntry.stated_at))),
    )
