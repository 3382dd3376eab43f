"""Taking one row for sending: what every single message asks of the store (docs/adr/0002).

The statements are built once: with thousands of messages, building one costs more than running it (measured).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, joinedload, lazyload, undefer

from airlog import freeze, pace
from airlog.db import changed
from airlog.deliveries import OPEN
from airlog.models import Delivery, Duty
from airlog.types import DeliveryState

_ROW = (
    select(Delivery)
    .where(Delivery.id == bindparam("row"))
    .options(lazyload(Delivery.person))
    .options(joinedload(Delivery.duty).options(lazyload(Duty.station), undefer(Duty.said)))
)
_OPEN_ROW = _ROW.where(Delivery.state.in_(OPEN))
_CLAIMED_ROW = _ROW.execution_options(populate_existing=True)
_CLAIM = (
    update(Delivery)
    .where(Delivery.id == bindparam("row"), Delivery.state.in_(OPEN), Delivery.due_at <= bindparam("now"))
    .where(~freeze.frozen(), ~pace.pausing(bindparam("channel"), bindparam("bot")))
    .values(
        state=DeliveryState.SENDING,
        claimed_at=bindparam("now"),
        claimed_by=bindparam("by"),
        attempts=Delivery.attempts + 1,
        track_id=bindparam("track"),
        item_version_id=bindparam("version"),
    )
    .execution_options(synchronize_session=False)
)


def to_send(session: Session, delivery_id: int) -> Delivery | None:
    """An open row with its address and its duty (and whether that was excused: each message asks), and nothing else."""
    return session.scalars(_OPEN_ROW, {"row": delivery_id}).unique().first()


def claim(
    session: Session,
    delivery_id: int,
    now: datetime,
    by: str | None = None,
    *,
    bot: tuple[str, str] = ("", ""),
    track_id: int | None = None,
    version_id: int | None = None,
) -> Delivery | None:
    """Take one row, with its address and duty; commit before the request leaves. None when somebody else has it, when
    it is done, and when nothing may leave now: the store is frozen, or `bot` (channel, bot) was told to be silent.

    `by` is the token of the node that claims, so that its rows are known when it dies; the track and the version are
    what the message is made of.
    """
    values = {"row": delivery_id, "now": now, "by": by, "channel": bot[0], "bot": bot[1]}
    if not changed(session, _CLAIM, values | {"track": track_id, "version": version_id}):
        return None
    return session.scalars(_CLAIMED_ROW, {"row": delivery_id}).unique().one()
