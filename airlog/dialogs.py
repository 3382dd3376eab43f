"""What a chat was asked last and still owes: a time, a reason, a title, a photo. One question at a time.

Who has no chat (None: the page, where each form asks for itself) is asked nothing and owes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access
from airlog.models import Address, Audit, Dialog, Duty, Person

LIFE = timedelta(days=2)


def ask(
    session: Session,
    address: Address | None,
    awaits: str,
    now: datetime,
    duty: Duty | None = None,
    data: str = "",
) -> None:
    """Remember the question; it takes the place of an older one."""
    if address is None:
        return
    row = session.get(Dialog, address.id) or Dialog(address_id=address.id)
    row.awaits, row.duty_id, row.data, row.asked_at = awaits, duty.id if duty else None, data, now
    session.add(row)
    session.flush()


def open_question(session: Session, address: Address | None, now: datetime) -> Dialog | None:
    """The question this chat has not answered. A stale one is forgotten."""
    row = session.get(Dialog, address.id) if address else None
    if row is not None and row.asked_at + LIFE < now:
        close(session, address)
        return None
    return row


def peek(session: Session, address: Address, now: datetime) -> Dialog | None:
    """Like `open_question`, for those who only look."""
    row = session.get(Dialog, address.id)
    return row if row is not None and row.asked_at + LIFE >= now else None


def close(session: Session, address: Address | None) -> None:
    row = session.get(Dialog, address.id) if address else None
    if row is not None:
        session.delete(row)
        session.flush()


def may_hint(session: Session, chat: str, person: Person | None, now: datetime, every: timedelta) -> bool:
    """Whether the chat (`channel:bot:id`) got no hint for that long how to answer (seldom, so that “cảm ơn” does not
    start a conversation); if so, this one is written down."""
    recent = select(Audit.id).where(Audit.act == "hint", Audit.subject == chat[:120], Audit.at > now - every)
    if session.scalar(recent.limit(1)) is not None:
        return False
    access.note(session, person, "hint", chat, now)
    session.flush()
    return True
