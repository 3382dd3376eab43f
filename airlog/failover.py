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

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from airlog.db import insert_new
from airlog.deliveries import OPEN
from airlog.models import UNSETTLED, Address, Delivery, Person
from airlog.types import AddressState, DeliveryState, Rung
from content.week import Week

PATIENCE = timedelta(minutes=10)
"""How long a service may refuse a message before the next address is tried (design.md section 6)."""
_MOVED = "Kênh nhắn tin không nhận tin suốt 10 phút, đã gửi qua địa chỉ khác của người nhận"
_AT_ONCE = 500
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
    if not _is_any_refused(session, since):
        return 0
    silent = _silent_bots(session, since, now)
    stuck = _stuck(session, silent, since)
    elsewhere = _addresses(session, {row.person_id for row in stuck}, channels, silent, now)
    tried = _tried(session, [f"{row.about}:{to}" for row in stuck for to in elsewhere[row.person_id]])
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


def _is_any_refused(session: Session, since: datetime) -> bool:
    refused = select(Delivery.id).where(UNSETTLED, Delivery.state.in_(OPEN), Delivery.refused_since <= since)
    return session.scalar(refused.limit(1)) is not None


def _silent_bots(session: Session, since: datetime, now: datetime) -> set[Bot]:
    """Bots that refused a message ten minutes ago and took none since: what still waits for them waits in vain."""
    refusing = (
        select(Address.channel, Address.bot)
        .join(Delivery, Delivery.address_id == Address.id)
        .where(UNSETTLED, Delivery.state.in_(OPEN), Delivery.refused_since <= since)
        .distinct()
    )
    weeks = [str(Week.of(now)), str(Week.of(now).shift(-1))]
    return {
        (channel, bot)
        for channel, bot in session.execute(refusing)
        if session.scalar(
            select(Delivery.id)
            .join(Address, Delivery.address_id == Address.id)
            .where(Delivery.period.in_(weeks), Delivery.sent_at > since)
            .where(Address.channel == channel, Address.bot == bot)
            .limit(1)
        )
        is None
    }


def _stuck(session: Session, silent: Collection[Bot], since: datetime) -> list[_Stuck]:
    """Open rows of people with several addresses that were refused for long, or never came to their turn at a silent
    bot. Locked: none is claimed meanwhile. The question whether a message arrived is asked where that message went,
    and nowhere else."""
    waits = [
        and_(
            func.coalesce(Address.channel, "") == channel,  # as in jobs.arm
            Address.bot == bot,
            Delivery.due_at <= since,
        )
        for channel, bot in silent
    ]
    several = select(Address.person_id).where(Address.state == AddressState.ACTIVE)
    several = several.group_by(Address.person_id).having(func.count() > 1)
    query = (
        select(Delivery.id, Delivery.key, Delivery.person_id, Delivery.address_id)
        .join(Address, Delivery.address_id == Address.id)
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
    query = (
        select(Address.person_id, Address.id, Address.channel, Address.bot)
        .join(Person, Address.person_id == Person.id)
        .where(Address.state == AddressState.ACTIVE)
        .where(Address.channel.in_(list(channels)), or_(Person.left_at.is_(None), Person.left_at > now))
        .order_by(Address.rank, Address.id)
    )
    found: defaultdict[int, list[int]] = defaultdict(list)
    for person_id, address_id, channel, bot in session.execute(query):
        if person_id in person_ids and (channel, bot) not in silent:
            found[person_id].append(address_id)
    return found


def _after(addresses: Sequence[int], current: int) -> list[int]:
    """The others, from the one behind the current one on and round again."""
    place = addresses.index(current) + 1 if current in addresses else 0
    return [one for one in (*addresses[place:], *addresses[:place]) if one != current]


def _tried(session: Session, keys: Sequence[str]) -> dict[str, bool]:
    """Keys for which there is a row, and whether it moved on from there."""
    found: dict[str, bool] = {}
    for start in range(0, len(keys), _AT_ONCE):
        query = select(Delivery.key, _MOVED_ON).where(Delivery.key.in_(keys[start : start + _AT_ONCE]))
        found.update((key, moved) for key, moved in session.execute(query))
    return found


def _move(session: Session, stuck: _Stuck, address_id: int, now: datetime) -> None:
    row = session.get_one(Delivery, stuck.id)
    fresh: dict[str, object] = {
        "key": f"{stuck.about}:{address_id}",
        "duty_id": row.duty_id,
        "period": row.period,
        "rung": row.rung,
        "person_id": row.person_id,
        "address_id": address_id,
        "state": DeliveryState.QUEUED,
        "due_at": now,
        "attempts": 0,
    }
    insert_new(session, Delivery, [fresh], ["key"])
    again = {"state": DeliveryState.QUEUED, "due_at": now, "attempts": 0, "armed": False}
    session.execute(
        update(Delivery)
        .where(Delivery.key == fresh["key"], _MOVED_ON)
        .values(**again, settled_at=None, refused_since=None)
    )
    session.execute(
        update(Delivery)
        .where(Delivery.id == row.id, Delivery.state.in_(OPEN))
        .values(state=DeliveryState.CANCELLED, settled_at=now, error=_MOVED)
    )
