"""The simulator's messages: what a chat service would keep on its own servers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from airlog import people
from airlog.models import Address, Person, SimMessage

CHANNEL = "simulator"
_UNREAD = SimMessage.from_person.is_(False), SimMessage.read_at.is_(None)


def give_everybody_one(session: Session, now: datetime) -> int:
    """Where the simulator runs, everybody on the books has a phone in it. Returns how many are new."""
    has_one = select(Address.person_id).where(Address.channel == CHANNEL)
    without = select(Person).where(Person.left_at.is_(None), Person.id.not_in(has_one)).order_by(Person.id)
    found = list(session.scalars(without))
    for person in found:
        people.add_address(session, person, CHANNEL, CHANNEL, f"p{person.id}", now)
    return len(found)


def add(session: Session, message: SimMessage) -> SimMessage:
    session.add(message)
    session.flush()
    return message


def message(session: Session, message_id: int) -> SimMessage | None:
    return session.get(SimMessage, message_id)


def chat(session: Session, chat_id: str) -> list[SimMessage]:
    """A whole chat, oldest first."""
    query = select(SimMessage).where(SimMessage.chat_id == chat_id)
    return list(session.scalars(query.order_by(SimMessage.id)))


def read_all(session: Session, chat_id: str, now: datetime) -> None:
    """The person has the chat open: what the program wrote there counts as read."""
    session.execute(update(SimMessage).where(SimMessage.chat_id == chat_id, *_UNREAD).values(read_at=now))


def unread(session: Session) -> dict[str, int]:
    query = select(SimMessage.chat_id, func.count()).where(*_UNREAD).group_by(SimMessage.chat_id)
    return dict(session.execute(query).all())


def last_messages(session: Session) -> dict[str, SimMessage]:
    newest = select(func.max(SimMessage.id)).group_by(SimMessage.chat_id)
    return {m.chat_id: m for m in session.scalars(select(SimMessage).where(SimMessage.id.in_(newest)))}


def addresses(session: Session) -> Sequence[Address]:
    """Everybody who has a phone in the simulator."""
    return session.scalars(select(Address).where(Address.channel == CHANNEL).order_by(Address.id)).all()


def version(session: Session, chat_id: str) -> str:
    """Changes whenever anything in the chat does."""
    query = select(func.max(SimMessage.id), func.max(SimMessage.edited_at), func.count())
    newest, edited, count = session.execute(query.where(SimMessage.chat_id == chat_id)).one()
    return f"{newest or 0}-{count}-{edited.timestamp() if edited else 0:.6f}"
