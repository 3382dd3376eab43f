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
    return heard(session, row.person_id, Week.of(now), but=row.id) >= most


def heard(session: Session, person_id: int, week: Week, *, but: int | None = None) -> int:
    """How many counted messages left for a person in a week, without one row. One of unknown fate may have come: it
    counts."""
    query = select(func.count()).where(
        Delivery.person_id == person_id,
        Delivery.rung.in_(COUNTED),
        Delivery.claimed_at >= week.starts_at,
        Delivery.claimed_at < week.ends_at,
        Delivery.id != (but or 0),
        Delivery.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN, DeliveryState.SENDING)),
    )
    return session.scalar(query) or 0


def left_out(session: Session, station_ids: Sequence[int], period: str) -> list[tuple[str, int]]:
    """Whose messages about some stations' duties of a period were left out, and how many; most first."""
    query = (
        select(Delivery.person_id, Person.name, Duty.station_id)
        .join(Duty, Delivery.duty_id == Duty.id)
        .join(Person, Delivery.person_id == Person.id)
        .where(Delivery.period == period, Delivery.state == DeliveryState.FAILED, Delivery.error == REASON)
    )
    mine = set(station_ids)
    names: dict[int, str] = {}
    tally: Counter[int] = Counter()
    for person_id, name, station_id in session.execute(query):
        if station_id in mine:
            names[person_id] = name
            tally[person_id] += 1
    return [(names[person_id], count) for person_id, count in tally.most_common()]
