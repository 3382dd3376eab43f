"""Incoming updates: stored before they are acted on, handled once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, cast, delete, func, select
from sqlalchemy.orm import Session

from airlog.models import IncomingUpdate

KEPT = timedelta(days=30)


def store(session: Session, channel: str, bot: str, update_id: str, body: str, now: datetime) -> int | None:
    """Keep the raw update. Returns its row, or None when it was handled already."""
    query = select(IncomingUpdate).where(
        IncomingUpdate.channel == channel, IncomingUpdate.bot == bot, IncomingUpdate.update_id == update_id
    )
    row = session.scalar(query)
    if row is None:
        row = IncomingUpdate(channel=channel, bot=bot, update_id=update_id, body=body, received_at=now)
        session.add(row)
        session.flush()
    return None if row.handled_at is not None else row.id


def handled(session: Session, row_id: int, now: datetime, error: str | None = None) -> None:
    """Done, in the same transaction as what it changed."""
    row = session.get_one(IncomingUpdate, row_id)
    row.handled_at, row.error = now, error


def is_handled(session: Session, row_id: int) -> bool:
    return session.get_one(IncomingUpdate, row_id).handled_at is not None


def unhandled(session: Session, channel: str, bot: str) -> list[tuple[int, str]]:
    """What a crash left: (row, body), oldest first."""
    query = (
        select(IncomingUpdate.id, IncomingUpdate.body)
        .where(IncomingUpdate.channel == channel, IncomingUpdate.bot == bot)
        .where(IncomingUpdate.handled_at.is_(None))
        .order_by(IncomingUpdate.id)
    )
    return [(row_id, body) for row_id, body in session.execute(query)]


def last_id(session: Session, channel: str, bot: str) -> int | None:
    """The highest update id stored: the offset of the next fetch is one more."""
    query = select(func.max(cast(IncomingUpdate.update_id, BigInteger))).where(
        IncomingUpdate.channel == channel, IncomingUpdate.bot == bot
    )
    return session.scalar(query)


def purge(session: Session, now: datetime) -> None:
    """Drop raw updates after a month: what they stated stands in the log."""
    session.execute(
        delete(IncomingUpdate).where(
            IncomingUpdate.handled_at.is_not(None), IncomingUpdate.received_at < now - KEPT
        )
    )
