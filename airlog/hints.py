"""How often a chat is told how to answer: seldom, so that “cảm ơn” does not start a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access
from airlog.models import Audit, Person


def may_hint(session: Session, chat: str, person: Person | None, now: datetime, every: timedelta) -> bool:
    """Whether the chat (`channel:bot:id`) got no hint for that long; if so, this one is written down."""
    recent = select(Audit.id).where(Audit.act == "hint", Audit.subject == chat[:120], Audit.at > now - every)
    if session.scalar(recent.limit(1)) is not None:
        return False
    access.note(session, person, "hint", chat, now)
    session.flush()
    return True
