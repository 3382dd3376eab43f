"""How the store, the queue of messages, the processes and the bots stand, in a few figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from airlog.db import is_server, store_seconds
from airlog.deliveries import OPEN
from airlog.models import BotPace, Delivery, IncomingUpdate, LogEntry, Node
from airlog.nodes import DEAD_S
from airlog.types import DeliveryState

LATE = timedelta(minutes=10)
_SIZE_ON_SERVER = "SELECT pg_database_size(current_database())"
_SIZE_OF_FILE = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"


@dataclass(frozen=True)
class Health:
    """`overdue`: messages that should have left ten minutes ago, the sign of a clock that stands still.

    `oldest_due`: for how long the oldest message that is due has been waiting; None when none is due.
    """

    queued: int
    oldest_due: timedelta | None
    overdue: int
    unknown: int
    failed_week: int
    sent_day: int
    unhandled: int
    log_lines: int
    last_stated_at: datetime | None


@dataclass(frozen=True)
class NodeLine:
    """A process that works, or worked, on this store. `silent`: how long ago it last gave a sign of life."""

    name: str
    role: str
    host: str
    silent: timedelta
    state: Literal["alive", "dead", "left"]


@dataclass(frozen=True)
class BotLine:
    """A bot's pace. `paused`: how long its service still wants silence; None when it does not.

    `slowness`: the gap between messages is this many times the set one, 1 when all is well.
    """

    channel: str
    bot: str
    paused: timedelta | None
    slowness: float


@dataclass(frozen=True)
class Machines:
    """What the work runs on."""

    nodes: tuple[NodeLine, ...]
    bots: tuple[BotLine, ...]
    store_kind: Literal["SQLite", "PostgreSQL"]
    store_bytes: int


def look(session: Session, now: datetime) -> Health:
    """A handful of counts; cheap enough to be asked every few seconds."""

    def count(of: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count(of)).where(*where)) or 0

    waiting, failed = Delivery.state.in_(OPEN), Delivery.state == DeliveryState.FAILED
    oldest = session.scalar(select(func.min(Delivery.due_at)).where(waiting, Delivery.due_at <= now))
    return Health(
        queued=count(Delivery.id, waiting),
        oldest_due=now - oldest if oldest else None,
        overdue=count(Delivery.id, waiting, Delivery.due_at < now - LATE),
        unknown=count(Delivery.id, Delivery.state == DeliveryState.UNKNOWN),
        failed_week=count(Delivery.id, failed, Delivery.settled_at > now - timedelta(days=7)),
        sent_day=count(Delivery.id, Delivery.sent_at > now - timedelta(days=1)),
        unhandled=count(IncomingUpdate.id, IncomingUpdate.handled_at.is_(None)),
        log_lines=count(LogEntry.seq),
        last_stated_at=session.scalar(select(func.max(LogEntry.stated_at))),
    )


def machines(session: Session) -> Machines:
    """Processes by name (those that left last), bots, and the size of the database."""
    now_s, server = store_seconds(session), is_server(session)
    nodes = session.scalars(select(Node).order_by(Node.left, Node.name))
    bots = session.scalars(select(BotPace).order_by(BotPace.channel, BotPace.bot))
    return Machines(
        nodes=tuple(_node(row, now_s) for row in nodes),
        bots=tuple(_bot(row, now_s) for row in bots),
        store_kind="PostgreSQL" if server else "SQLite",
        store_bytes=session.execute(text(_SIZE_ON_SERVER if server else _SIZE_OF_FILE)).scalar_one(),
    )


def _node(row: Node, now_s: float) -> NodeLine:
    silent_s = max(now_s - row.seen_at_s, 0.0)
    state: Literal["alive", "dead", "left"] = "alive" if silent_s <= DEAD_S else "dead"
    return NodeLine(row.name, row.role, row.host, timedelta(seconds=silent_s), "left" if row.left else state)


def _bot(row: BotPace, now_s: float) -> BotLine:
    left_s = row.paused_until_s - now_s
    return BotLine(row.channel, row.bot, timedelta(seconds=left_s) if left_s > 0 else None, row.slowness)
