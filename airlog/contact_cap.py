"""How much one person hears from us in a week: at most so many messages that nobody asked for (docs/adr/0011).

Counted are questions, reminders, nudges and the letters of the ladder, when they left. Not counted are the week's item,
a recall, an alert to an admin, and every reply. What goes beyond is not sent; the row stays, failed, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog.deliveries import ANSWERABLE, LETTERS
from airlog.models import Delivery, Duty, Person
from airlog.types import DeliveryState, Rung
from content.week import Week

COUNTED = (*ANSWERABLE, *LETTERS)
DROPPED = (*ANSWERABLE, Rung.LEADER, Rung.LOST)
"""An officer's letters about a week count, three at most, and are never the ones left out."""
REASON = "đã đủ số tin gửi một người trong tuần"


def is_full(session: Session, row: Delivery, most: int, now: datetime) -> bool:
    """Whether a row has to stay here because its person has had enough this week. Asked by the transaction that claimed
    it: of two rows of one person that are claimed at once, the second one waits and then counts the first."""
    if row.rung not in DROPPED:
        return False
    session.execute(select(Person.id).where(Person.id == row.person_id).with_for_update())
    week = Week.of(now)
    query = select(func.count()).where(
        Delivery.person_id == row.person_id,
        Delivery.rung.in_(COUNTED),
        Delivery.claimed_at >= week.starts_at,
        Delivery.claimed_at < week.ends_at,
        Delivery.id != row.id,
        Delivery.state.in_(
            (DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING)
        ),  # may have come
    )
    return (session.scalar(query) or 0) >= most


def left_out(session: Session, station_ids: Sequence[int], period: str) -> list[tuple[str, int]]:
    """Whose messages about some stations' duties of a period were left out, and how many; most first."""
    query = select(Delivery.person_id, Person.name, Duty.station_id).join(Delivery.duty).join(Delivery.person)
    query = query.where(Delivery.period == period, Delivery.state == DeliveryState.FAILED)
    query = query.where(Delivery.error == REASON)
    mine = set(station_ids)
    tally = Counter((person_id, name) for person_id, name, one in session.execute(query) if one in mine)
    return [(name, count) for (_, name), count in tally.most_common()]
