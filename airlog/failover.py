"""A message that one service keeps refusing goes to the person's next address (docs/adr/0009).

A permanent failure needs nothing here: it blocks the address, and the plan wants the message at the next one. Here are
the other failures: for ten minutes the service was away, or said no. One duty stays one duty: the row at the first
address is closed in the same transaction that opens the one at the next, and a row whose fate is unknown stays put.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, and_, func, or_, select, update
from sqlalchemy.orm import Session

from airlog import crew
from airlog.db import insert_new, rows_about
from airlog.deliveries import OPEN, opened
from airlog.models import UNSETTLED, Address, Delivery
from airlog.types import AddressState, DeliveryState, Rung
from content.week import Week

PATIENCE = timedelta(minutes=10)
"""How long a service may refuse a message before the next address is tried (design.md section 6)."""
_MOVED = "Kênh nhắn tin không nhận tin suốt 10 phút, đã gửi qua địa chỉ khác của người nhận"
_MOVED_ON = and_(Delivery.state == DeliveryState.CANCELLED, Delivery.refused_since.is_not(None))
Bot = tuple[str, str]
"""(channel, bot)"""


@dataclass(frozen=True)
class _Stuck:
    """An open row that its address does not take. `key` without the address names the message itself."""

    id: int
    key: str
    person_id: int
    address_id: int

    @property
    def about(self) -> str:
        return self.key.rpartition(":")[0]


def move_refused(session: Session, channels: Sequence[str], now: datetime, most: int = 200) -> int:
    """Move what has been refused for ten minutes to the next address of its person; returns how many, at most so
    many: call it until it returns 0.

    The next address is the one after it, in the person's order and round again, that works and whose bot is not silent
    as well. One that refused this message before has its turn again; one that took it, may have, or is dead, has not.
    Who has no other address keeps the row where it is: it is tried on.
    """
    since = now - PATIENCE
    if session.scalar(select(Delivery.id).where(*_refused(since)).limit(1)) is None:
        return 0
    silent = _silent_bots(session, since, now)
    stuck = _stuck(session, silent, since)
    elsewhere = _addresses(session, {row.person_id for row in stuck}, channels, silent, now)
    keys = [f"{row.about}:{to}" for row in stuck for to in elsewhere[row.person_id]]
    # Keys for which there is a row, and whether it moved on from there.
    tried = dict(rows_about(session, select(Delivery.key, _MOVED_ON), Delivery.key, keys))
    moved = 0
    for row in stuck:
        others = _after(elsewhere[row.person_id], row.address_id)
        to = next((one for one in others if tried.get(f"{row.about}:{one}", True)), None)
        if to is not None:
            _move(session, row, to, now)
            moved += 1
        if moved == most:
            break
    return moved


def _refused(since: datetime) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return UNSETTLED, Delivery.state.in_(OPEN), Delivery.refused_since <= since


def _silent_bots(session: Session, since: datetime, now: datetime) -> set[Bot]:
    """Bots that refused a message ten minutes ago and took none since: what still waits for them waits in vain."""
    refusing = select(Address.channel, Address.bot).join(Delivery.address).where(*_refused(since)).distinct()
    weeks = [str(Week.of(now)), str(Week.of(now).shift(-1))]
    took = select(Delivery.id).join(Delivery.address)
    took = took.where(Delivery.period.in_(weeks), Delivery.sent_at > since).limit(1)
    return {
        (channel, bot)
        for channel, bot in session.execute(refusing)
        if session.scalar(took.where(Address.channel == channel, Address.bot == bot)) is None
    }


def _stuck(session: Session, silent: Collection[Bot], since: datetime) -> list[_Stuck]:
    """Open rows of people with several addresses that were refused for long, or never came to their turn at a silent
    bot. Locked: none is claimed meanwhile. The question whether a message arrived is asked where that message went,
    and nowhere else."""
    own_channel = func.coalesce(Address.channel, "")  # as in jobs.arm
    waits = [
        and_(own_channel == channel, Address.bot == bot, Delivery.due_at <= since) for channel, bot in silent
    ]
    several = select(Address.person_id).where(Address.state == AddressState.ACTIVE)
    several = several.group_by(Address.person_id).having(func.count() > 1)
    query = (
        select(Delivery.id, Delivery.key, Delivery.person_id, Delivery.address_id)
        .join(Delivery.address)
        .where(UNSETTLED, Delivery.state.in_(OPEN), Delivery.rung != Rung.ASK)
        .where(or_(Delivery.refused_since <= since, *waits), Delivery.person_id.in_(several))
        .order_by(Delivery.id)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    return [_Stuck(*row) for row in session.execute(query)]


def _addresses(
    session: Session,
    person_ids: Collection[int],
    channels: Sequence[str],
    silent: Collection[Bot],
    now: datetime,
) -> defaultdict[int, list[int]]:
    """Person -> addresses that work, in the person's order."""
    query = select(Address.person_id, Address.id, Address.channel, Address.bot).join(Address.person)
    query = query.where(*crew.working(channels, now)).order_by(Address.rank, Address.id)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for person_id, address_id, channel, bot in session.execute(query):
        if person_id in person_ids and (channel, bot) not in silent:
            found[person_id].append(address_id)
    return found


def _after(addresses: Sequence[int], current: int) -> list[int]:
    """The others, from the one behind the current one on and round again."""
    place = addresses.index(current) + 1 if current in addresses else 0
    return [one for one in (*addresses[place:], *addresses[:place]) if one != current]


def _move(session: Session, stuck: _Stuck, address_id: int, now: datetime) -> None:
    row, again = session.get_one(Delivery, stuck.id), {**opened(now), "attempts": 0}
    same = {"duty_id": row.duty_id, "period": row.period, "rung": row.rung, "person_id": row.person_id}
    key = f"{stuck.about}:{address_id}"
    insert_new(session, Delivery, [{"key": key, "address_id": address_id, **same, **again}], ["key"])
    session.execute(update(Delivery).where(Delivery.key == key, _MOVED_ON).values(again))
    left = update(Delivery).where(Delivery.id == row.id, Delivery.state.in_(OPEN))
    session.execute(left.values(state=DeliveryState.CANCELLED, settled_at=now, error=_MOVED))
