"""The pool of bots of one service: what each sent this month, whom it serves, and which has room for one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from airlog.budget import Month, month_of
from airlog.db import Refused, insert_into, lasts
from airlog.models import Address, BotMonth, IncomingUpdate, LinkCode, Person

RELEASED = "~"
"""How the chat id of an address begins that was untied from its person: its messages stay on record, the chat is free."""


@dataclass(frozen=True)
class Limits:
    """What the plan of a bot allows: people, and messages a month."""

    people: int = 50
    monthly: int = 3000


@dataclass(frozen=True)
class Seat:
    """One bot. `people` are tied to it, `waiting` have a code for it; `is_set`: a token of it is in the settings."""

    bot: str
    is_set: bool
    people: int
    waiting: int
    month: Month
    last_update_at: datetime | None

    @property
    def taken(self) -> int:
        return self.people + self.waiting


class PoolFull(Refused):
    """No bot has room for one more person; nothing was made. The message is Vietnamese and says what to do."""


def count(session: Session, channel: str, bot: str, now: datetime) -> int:
    """One more message of a bot in this local month; what it sent so far. No two processes get the same answer."""
    first = insert_into(session, BotMonth).values(channel=channel, bot=bot, month=month_of(now), sent=1)
    more = first.on_conflict_do_update(
        index_elements=["channel", "bot", "month"], set_={"sent": BotMonth.sent + 1}
    )
    return int(session.execute(more.returning(BotMonth.sent)).scalar_one())


def month(session: Session, channel: str, bot: str, budget: int, now: datetime) -> Month:
    """What a bot has used of this month."""
    return Month(sent_in(session, channel, bot, month_of(now)), budget)


def sent_in(session: Session, channel: str, bot: str, name: str) -> int:
    """How many messages a bot sent in a month, named like `2026-11`."""
    row = session.get(BotMonth, (channel, bot, name))
    return row.sent if row else 0


def seats(
    session: Session,
    channel: str,
    bots: Sequence[str],
    limits: Limits,
    now: datetime,
    guest: Person | None = None,
) -> tuple[Seat, ...]:
    """The bots that are set, in their order, then those that are not set any more and still have people. `guest` is
    not counted among those who wait."""
    people, waiting = _people(session, channel, now), _waiting(session, channel, now, guest)
    sent = _sent(session, channel, now)
    heard = _heard(session, channel)
    others = sorted(bot for bot in people if bot not in bots)
    return tuple(
        Seat(
            bot=bot,
            is_set=bot in bots,
            people=people.get(bot, 0),
            waiting=waiting.get(bot, 0),
            month=Month(sent.get(bot, 0), limits.monthly),
            last_update_at=heard.get(bot),
        )
        for bot in (*bots, *others)
    )


def with_room(
    session: Session, channel: str, bots: Sequence[str], limits: Limits, now: datetime, guest: Person
) -> str:
    """The bot for one more person: fewest people, then fewest messages. A place that is kept for the guest already
    is theirs. Raises PoolFull."""
    known = seats(session, channel, bots, limits, now, guest)
    open_ones = [seat for seat in known if seat.is_set and seat.taken < limits.people]
    if not open_ones:
        raise PoolFull(
            f"Các bot Zalo đã đủ người (mỗi bot {limits.people} người) nên Loa Xã chưa tạo mã. Anh/chị gỡ người đã "
            "nghỉ, hoặc nhờ người quản trị thêm một bot, rồi làm lại."
        )
    found = min(open_ones, key=lambda seat: (seat.month.used >= limits.monthly, seat.taken, seat.month.used))
    if found.month.used >= limits.monthly:
        raise PoolFull(
            "Các bot Zalo còn chỗ đã hết lượt tin của tháng này nên Loa Xã chưa tạo mã. Anh/chị làm lại vào đầu "
            "tháng sau, hoặc nhờ người quản trị thêm một bot."
        )
    return found.bot


def _people(session: Session, channel: str, now: datetime) -> dict[str, int]:
    """Also those whom a bot does not reach now: they may come back."""
    query = select(Address.bot, func.count(Address.person_id.distinct())).join(Address.person)
    query = query.where(Address.channel == channel, ~Address.chat_id.startswith(RELEASED))
    return dict(session.execute(query.where(lasts(Person.left_at, now)).group_by(Address.bot)).all())


def _waiting(session: Session, channel: str, now: datetime, guest: Person | None) -> dict[str, int]:
    query = (
        select(LinkCode.bot, func.count(LinkCode.person_id.distinct()))
        .where(LinkCode.channel == channel, LinkCode.used_at.is_(None), LinkCode.expires_at > now)
        .where(LinkCode.person_id != guest.id if guest else true())
        .group_by(LinkCode.bot)
    )
    return dict(session.execute(query).all())


def _sent(session: Session, channel: str, now: datetime) -> dict[str, int]:
    query = select(BotMonth.bot, BotMonth.sent).where(BotMonth.channel == channel)
    return dict(session.execute(query.where(BotMonth.month == month_of(now))).all())


def _heard(session: Session, channel: str) -> dict[str, datetime]:
    query = select(IncomingUpdate.bot, func.max(IncomingUpdate.received_at)).group_by(IncomingUpdate.bot)
    return dict(session.execute(query.where(IncomingUpdate.channel == channel)).all())
