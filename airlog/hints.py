"""How often a chat is told how to answer: at most once a day, so that “cảm ơn” does not start a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access
from airlog.models import Audit, Person

EVERY = timedelta(days=1)


def first_today(session: Session, chat: str, person: Person | None, now: datetime) -> bool:
    """Whether the chat (`channel:bot:id`) got no hint for a day; if so, this one is written down."""
    recent = select(Audit.id).where(Audit.act == "hint", Audit.subject == chat[:120], Audit.at > now - EVERY)
    if session.scalar(recent.limit(1)) is not None:
        return False
    access.note(session, person, "hint", chat, now)
    session.flush()
    return True
