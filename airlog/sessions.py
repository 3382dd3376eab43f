"""Signing in: one-time links and the sessions of browsers. Of both only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from airlog import access
from airlog.db import Refused, changed
from airlog.models import LoginLink, Person, WebSession
from airlog.types import RoleKind

LINK_LIFE = timedelta(minutes=10)
SESSION_LIFE = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=5)
"""How often a session notes that it was used: not on each request, a write would wait for the others."""


class DeadLink(Refused):
    """A link that signs nobody in: unknown, used or too old; the message is Vietnamese."""

    def __init__(self) -> None:
        super().__init__(
            "Đường dẫn đăng nhập này đã dùng hoặc đã quá 10 phút. Chưa có ai được đăng nhập. "
            "Anh/chị nhắn /dangnhap cho Loa Xã để lấy đường dẫn mới."
        )


def new_link(session: Session, person: Person, now: datetime) -> str:
    """A one-time token (24 random bytes) for `/m/<token>`; it lives ten minutes. Old ones are swept."""
    token = secrets.token_urlsafe(24)
    session.execute(delete(LoginLink).where(LoginLink.expires_at < now - timedelta(days=1)))
    session.add(
        LoginLink(token_hash=_digest(token), person_id=person.id, created_at=now, expires_at=now + LINK_LIFE)
    )
    access.note(session, person, "login.link", str(person.id), now)
    return token


def owner_of_link(session: Session, token: str, now: datetime) -> Person:
    """Who would be signed in; looking consumes nothing (chats fetch links for previews). Raises DeadLink."""
    link = session.get(LoginLink, _digest(token))
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise DeadLink
    return session.get_one(Person, link.person_id)


def consume(session: Session, token: str, agent: str, now: datetime) -> str:
    """Use the link up and open a session; returns its secret. Raises DeadLink, also for the second of two."""
    person = owner_of_link(session, token, now)
    unused = update(LoginLink).where(LoginLink.token_hash == _digest(token), LoginLink.used_at.is_(None))
    if not changed(session, unused.values(used_at=now)):
        raise DeadLink
    return open_session(session, person, agent, now)


def open_session(session: Session, person: Person, agent: str, now: datetime) -> str:
    """Sign a browser in; returns the secret for its cookie."""
    secret = secrets.token_urlsafe(32)
    session.execute(delete(WebSession).where(WebSession.expires_at <= now))
    row = WebSession(token_hash=_digest(secret), person_id=person.id, created_at=now, seen_at=now)
    row.expires_at, row.agent = now + SESSION_LIFE, agent[:200]
    session.add(row)
    access.note(session, person, "login", str(person.id), now, detail=row.agent)
    return secret


def signed_in(session: Session, secret: str, now: datetime) -> tuple[Person, bool] | None:
    """The person behind a cookie, and whether `touch` is due. None when the session is over or they left."""
    row = session.get(WebSession, _digest(secret))
    if row is None or row.expires_at <= now:
        return None
    person = session.get_one(Person, row.person_id)
    return None if person.has_left(now) else (person, row.seen_at <= now - SEEN_EVERY)


def touch(session: Session, secret: str, now: datetime) -> None:
    session.execute(update(WebSession).where(WebSession.token_hash == _digest(secret)).values(seen_at=now))


def close_session(session: Session, secret: str) -> None:
    """Sign out. Harmless when it is over already."""
    session.execute(delete(WebSession).where(WebSession.token_hash == _digest(secret)))


def first_with_role(session: Session, role: str, now: datetime) -> Person | None:
    """Whom an open door signs in: the first person who holds the role now."""
    return next(iter(access.people_with(session, (RoleKind(role),), now)), None)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
