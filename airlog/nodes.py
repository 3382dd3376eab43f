"""The processes that work on this store: who is alive, and whose work has to be taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from airlog.db import Row, changed, insert_new, store_seconds
from airlog.models import Node

BEAT_S = 3.0
DEAD_S = 20.0
"""A node silent for this long is taken for dead, and its work is taken over. If it only slept, the claims keep
what it does afterwards harmless."""


@dataclass(frozen=True)
class Me:
    """This process: a name that never changes, and a token drawn at its start."""

    name: str
    token: str
    role: str
    host: str
    pid: int


def join(session: Session, me: Me, now: datetime) -> Node | None:
    """Enter the node as alive. Returns the node that holds the name when one does, alive or newly dead."""
    row = session.scalar(select(Node).where(Node.name == me.name).with_for_update())
    if row is not None and not row.left and row.token != me.token:
        return row
    if row is None:
        insert_new(session, Node, [_alive(session, me, now)], ["name"])
        row = session.scalars(select(Node).where(Node.name == me.name)).one()
        return None if row.token == me.token else row
    take_name(session, row.token, me, now)
    return None


def take_name(session: Session, token_before: str, me: Me, now: datetime) -> bool:
    """Be the node of this name, after a holder that is gone. False when somebody else was faster."""
    taken = update(Node).where(Node.name == me.name, Node.token == token_before)
    return bool(changed(session, taken.values(_alive(session, me, now))))


def _alive(session: Session, me: Me, now: datetime) -> Row:
    return {**asdict(me), "started_at": now, "seen_at_s": store_seconds(session), "left": False}


def beat(session: Session, me: Me) -> bool:
    """Say that this node lives. False when another process took its name."""
    mine = update(Node).where(Node.name == me.name, Node.token == me.token)
    return bool(changed(session, mine.values(seen_at_s=store_seconds(session), left=False)))


def leave(session: Session, me: Me) -> None:
    """Stopped in good order: the name is free at once."""
    session.execute(update(Node).where(Node.name == me.name, Node.token == me.token).values(left=True))


def seen_at_s(session: Session, name: str) -> float:
    """When a node last gave a sign of life."""
    return session.scalar(select(Node.seen_at_s).where(Node.name == name)) or 0.0


def dead(session: Session) -> list[str]:
    """Names of nodes that fell silent without leaving."""
    limit = store_seconds(session) - DEAD_S
    return list(session.scalars(select(Node.name).where(Node.seen_at_s < limit, Node.left.is_(False))))


def live_tokens(session: Session) -> Sequence[str]:
    """Tokens of the processes that are alive."""
    limit = store_seconds(session) - DEAD_S
    return list(session.scalars(select(Node.token).where(Node.seen_at_s >= limit, Node.left.is_(False))))
