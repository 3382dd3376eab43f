"""Tasks that one process at a time may do: a lease is taken, renewed, and runs out by itself when its holder dies.

Instants are the store's clock (`airlog.db.store_seconds`), so the clocks of the machines do not matter.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from airlog import nodes
from airlog.db import insert_into, store_seconds
from airlog.models import Lease


def hold(session: Session, task: str, node: str, length: timedelta, now_s: float) -> bool:
    """Take the lease, or renew our own, until now + length. False: another node holds it.

    One statement, so of two nodes that take a free lease at once exactly one gets it.
    """
    new = insert_into(session, Lease).values(task=task, node=node, until_s=now_s + length.total_seconds())
    taken = new.on_conflict_do_update(
        index_elements=["task"],
        set_={"node": new.excluded.node, "until_s": new.excluded.until_s},
        where=or_(Lease.node == node, Lease.until_s <= now_s),
    )
    return session.scalar(taken.returning(Lease.node)) is not None


def hold_unless_dead(session: Session, task: str, token: str, length: timedelta) -> bool:
    """Like `hold`, for a task that is held by a node's token: a dead node does not hold up the others."""
    now_s = store_seconds(session)
    other = holder(session, task, now_s)
    if other is not None and other not in nodes.live_tokens(session):
        release(session, task, other)
    return hold(session, task, token, length, now_s)


def release(session: Session, task: str, node: str) -> None:
    """Give the lease back before it runs out; nothing when another node holds it by now."""
    session.execute(delete(Lease).where(Lease.task == task, Lease.node == node))


def holder(session: Session, task: str, now_s: float) -> str | None:
    """The node that holds the lease at this moment."""
    return session.scalar(select(Lease.node).where(Lease.task == task, Lease.until_s > now_s))
