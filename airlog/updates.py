"""Incoming updates: stored before they are acted on, handled once, by whichever process comes first."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, true
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from airlog.db import insert_new
from airlog.models import IncomingUpdate

log = logging.getLogger("loaxa.updates")
KEPT = timedelta(days=30)
STORE_TROUBLE = (OperationalError, InterfaceError)
"""What is raised while the store is away, full or locked: the same work may succeed in a while."""


@dataclass(frozen=True)
class Waiting:
    """A stored update that nobody has handled yet."""

    row_id: int
    body: str
    received_at: datetime
    """When it first reached us; Telegram does not say when a button was pressed, so this stands for it."""


def store(
    session: Session, channel: str, bot: str, arrived: Sequence[tuple[str, str]], now: datetime
) -> list[Waiting]:
    """Keep raw updates, given as (update id, body); those not handled yet, in the order of their arrival.

    An update that is there already is not stored again, also when another process stores it at this moment.
    """
    if not arrived:
        return []
    rows: list[dict[str, object]] = [
        {"channel": channel, "bot": bot, "update_id": update_id, "body": body, "received_at": now}
        for update_id, body in arrived
    ]
    insert_new(session, IncomingUpdate, rows, ["channel", "bot", "update_id"])
    ids = [update_id for update_id, _ in arrived]
    return _waiting(session, channel, bot, IncomingUpdate.update_id.in_(ids), len(ids))


def take(session: Session, row_id: int) -> bool:
    """Lock the update for handling in this transaction; False when it was handled, or purged, before."""
    query = select(IncomingUpdate.handled_at).where(IncomingUpdate.id == row_id).with_for_update()
    found = session.execute(query).first()
    return found is not None and found.handled_at is None


def handled(session: Session, row_id: int, now: datetime, error: str | None = None) -> None:
    """Done, in the same transaction as what it changed."""
    row = session.get_one(IncomingUpdate, row_id)
    row.handled_at, row.error = now, error


def unhandled(
    session: Session, channel: str, bot: str, before: datetime | None, most: int = 200
) -> list[Waiting]:
    """What came before an instant (None: ever) and was left, by a crash or a store in trouble; oldest first."""
    old = IncomingUpdate.received_at <= before if before is not None else true()
    return _waiting(session, channel, bot, old, most)


def purge(session: Session, now: datetime, most: int = 500) -> int:
    """Drop raw updates after a month, handled or not: what they stated stands in the log. Returns how many.

    At most so many, as SQLite has one writer: call it until it returns 0.
    """
    oldest = select(IncomingUpdate.id, IncomingUpdate.received_at, IncomingUpdate.handled_at)
    rows = session.execute(oldest.order_by(IncomingUpdate.id).limit(most)).all()
    old = [row for row in rows if row.received_at < now - KEPT]
    lost = [row.id for row in old if row.handled_at is None]
    if lost:
        log.warning("purged %d updates that were never handled, rows %d to %d", len(lost), lost[0], lost[-1])
    session.execute(delete(IncomingUpdate).where(IncomingUpdate.id.in_([row.id for row in old])))
    return len(old)


def _waiting(
    session: Session, channel: str, bot: str, which: ColumnElement[bool], most: int
) -> list[Waiting]:
    query = select(IncomingUpdate.id, IncomingUpdate.body, IncomingUpdate.received_at).where(which)
    query = query.where(IncomingUpdate.channel == channel, IncomingUpdate.bot == bot)
    left = query.where(IncomingUpdate.handled_at.is_(None)).order_by(IncomingUpdate.id).limit(most)
    return [Waiting(*row) for row in session.execute(left)]
