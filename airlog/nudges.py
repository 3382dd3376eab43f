"""Who was asked about a duty already, and who can be: what an officer sees before nudging."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog import crew
from airlog.db import rows_about
from airlog.deliveries import REMINDING
from airlog.models import Delivery
from airlog.types import DeliveryState, Rung
from content.week import LOCAL


def about(now: datetime) -> str:
    """What the keys of a day's nudges have in common: at most one a day and duty, whoever asks."""
    return f"{now.astimezone(LOCAL):%m%d}"


def nudged_today(session: Session, duty_ids: Collection[int], now: datetime) -> dict[int, datetime]:
    """Duties about which an officer's nudge was made on this local day, and when."""
    query = select(Delivery.duty_id, func.min(Delivery.due_at)).group_by(Delivery.duty_id)
    query = query.where(Delivery.rung == Rung.NUDGE, Delivery.key.contains(f":{about(now)}:"))
    query = query.where(Delivery.state != DeliveryState.CANCELLED)
    return {id_ or 0: at for id_, at in rows_about(session, query, Delivery.duty_id, duty_ids)}


def last_reminded(session: Session, duty_id: int) -> datetime | None:
    """When the last reminder or nudge about a duty reached somebody."""
    query = select(func.max(Delivery.sent_at)).where(
        Delivery.duty_id == duty_id, Delivery.rung.in_(REMINDING), Delivery.state == DeliveryState.SENT
    )
    return session.scalar(query)


def reachable(
    session: Session, period: str, duty_ids: Collection[int], channels: Sequence[str], now: datetime
) -> set[int]:
    """Those of some duties of a period whose station has an operator with a chat that works."""
    wanted = set(duty_ids)
    owed = [one for one in crew.of_period(session, period) if one.id in wanted]
    return {one.id for one, _ in crew.addresses(session, owed, channels, now)}
