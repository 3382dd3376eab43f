"""What became of the item of a week for each person of each station."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Subquery, case, func, or_, select
from sqlalchemy.orm import Session

from airlog import withdrawn
from airlog.models import Delivery, Rundown
from airlog.types import DeliveryState, Rung
from airlog.undelivered import NextStep


class Fate(StrEnum):
    """The state of the message, or that there is none. In the order of a bar: neighbours differ in colour."""

    SENT = "sent"
    SENDING = "sending"
    RETRYING = "retrying"
    QUEUED = "queued"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NO_CHAT = "no_chat"


MOVING = (Fate.SENDING, Fate.RETRYING, Fate.QUEUED)
NOT_GOT = (Fate.UNKNOWN, Fate.FAILED, Fate.CANCELLED, Fate.NO_CHAT)
_FURTHEST = (
    DeliveryState.SENT,
    DeliveryState.SENDING,
    DeliveryState.QUEUED,
    DeliveryState.RETRYING,
    DeliveryState.UNKNOWN,
    DeliveryState.FAILED,
    DeliveryState.CANCELLED,
)


@dataclass(frozen=True)
class Recipient:
    """One person of one station. `channel` is empty where no message was made; `tried_at`: the last try."""

    station_id: int
    station: str
    commune: str
    person_id: int
    person: str
    phone: str
    fate: Fate
    why: str
    todo: NextStep
    channel: str = ""
    attempts: int = 0
    tried_at: datetime | None = None


def latest(session: Session, rundown: Rundown) -> Subquery:
    """One row (id, state, duty, person) for each station and person: of several chats the one that got furthest.

    The key is asked, not the duty: one that a stopped campaign let go of may serve another by now. After a recall
    it is the words that stand now, or, when nothing replaced them, all that went out.
    """
    about = withdrawn.item_about(session, rundown)
    names = [about] if about else [f"r{rundown.id}", f"r{rundown.id}v%"]
    rank = case(*[(Delivery.state == state, place) for place, state in enumerate(_FURTHEST)])
    place = func.row_number().over(
        partition_by=(Delivery.duty_id, Delivery.person_id), order_by=(rank, Delivery.id.desc())
    )
    rows = (
        select(Delivery.id, Delivery.state, Delivery.duty_id, Delivery.person_id, place.label("place"))
        .where(Delivery.period == rundown.week, Delivery.rung == Rung.ITEM)
        .where(or_(*[Delivery.key.like(f"%:{name}:%") for name in names]))
        .subquery()
    )
    kept = rows.c.id, rows.c.state, rows.c.duty_id, rows.c.person_id
    return select(*kept).where(rows.c.place == 1).subquery()
