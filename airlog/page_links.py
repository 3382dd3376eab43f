"""Personal links to the operator's page (`/o/<token>`): in a message for two weeks, on paper until revoked.

A token is 128 bits and stands in no store, file or log: kept is its SHA-256. It is made of a secret that each process
draws at its start and forgets at its end, so a message that is put together twice in a day carries the same link, and
nobody who reads the store can make one. Opening a page says that it was seen, never that anything was aired.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from airlog import access
from airlog.db import Refused, Row, insert_new
from airlog.models import Audit, PageLink, Person
from content import page_messages
from content.week import LOCAL

LIFE = timedelta(days=14)
KEPT = timedelta(days=90)
"""How long a link that ended is remembered, so that it can be told from a forged one."""
SEEN_EVERY = timedelta(minutes=5)
FORGED_EVERY = timedelta(minutes=1)
"""Who knocks with guessed tokens must not fill the audit."""
_SECRET = secrets.token_bytes(32)
Why = Literal["forged", "expired", "revoked", "left"]


class DeadPageLink(Refused):
    """A link that opens nothing; the message is Vietnamese and can be shown. `refused` writes it down."""

    def __init__(self, why: Why, told: str, link: PageLink | None = None) -> None:
        super().__init__(told)
        self.why: Why = why
        self.link_id = link.id if link else None
        self.person_id = link.person_id if link else None


def url_for(session: Session, person: Person, base_url: str, now: datetime) -> str:
    """The address of the person's page, to be put into a message. `base_url` has no slash at its end.

    Adds a row at most once a day and process: call it in a transaction that writes. Safe to repeat.
    """
    return f"{base_url}/o/{_token(session, person, 'message', now)}"


def printed_url(session: Session, by: Person, person: Person, base_url: str, now: datetime) -> str:
    """The same for paper: it works until it is revoked. Asked again on the same day it is the same link."""
    token = _token(session, person, "printed", now)
    access.note(session, by, "page.print", f"person {person.id}", now)
    return f"{base_url}/o/{token}"


def living(session: Session, token: str, now: datetime) -> PageLink:
    """The link behind a token. Writes nothing, so anybody may look. Raises DeadPageLink."""
    link = session.scalar(select(PageLink).where(PageLink.token_hash == _digest(token)))
    if link is None:
        raise DeadPageLink("forged", page_messages.NO_SUCH_LINK)
    if link.revoked_at is not None:
        raise DeadPageLink("revoked", page_messages.revoked_link(link.revoked_at), link)
    if link.expires_at is not None and link.expires_at <= now:
        raise DeadPageLink("expired", page_messages.expired_link(LIFE.days), link)
    if link.person.has_left(now):
        raise DeadPageLink("left", page_messages.LINK_OF_ONE_WHO_LEFT, link)
    return link


def seen(session: Session, link_id: int, now: datetime) -> None:
    """A person opened the page: no more than that."""
    session.execute(update(PageLink).where(PageLink.id == link_id).values(seen_at=now))


def is_seen_lately(link: PageLink, now: datetime) -> bool:
    """Whether `seen` would say nothing new: a write waits for the others."""
    return link.seen_at is not None and link.seen_at > now - SEEN_EVERY


def refused(session: Session, dead: DeadPageLink, now: datetime) -> None:
    """Write down that somebody came with a dead link; the token itself is never named."""
    if dead.why == "forged" and _knocked_lately(session, now):
        return
    person = session.get(Person, dead.person_id) if dead.person_id else None
    subject = f"link {dead.link_id}" if dead.link_id else "unknown link"
    access.note(session, person, "page.open", subject, now, allowed=False, detail=dead.why)


def printed(session: Session, person: Person) -> list[PageLink]:
    """The links on paper that work, oldest first."""
    query = select(PageLink).where(PageLink.person_id == person.id, PageLink.expires_at.is_(None))
    return list(session.scalars(query.where(PageLink.revoked_at.is_(None)).order_by(PageLink.id)))


def revoke(session: Session, by: Person, person: Person, now: datetime, link_id: int | None = None) -> int:
    """End one link of a person, or all of them (a lost phone, a poster gone astray). How many ended. Repeatable."""
    mine = select(PageLink).where(PageLink.person_id == person.id, PageLink.revoked_at.is_(None))
    if link_id is not None:
        mine = mine.where(PageLink.id == link_id)
    links = list(session.scalars(mine))
    for link in links:
        link.revoked_at = now
    if links:
        access.note(session, by, "page.revoke", f"person {person.id}", now, detail=f"{len(links)} links")
    return len(links)


def _token(session: Session, person: Person, kind: Literal["message", "printed"], now: datetime) -> str:
    """Today's token of a person; the next one where today's was revoked."""
    round_ = 0
    while True:
        token = _from_secret(f"{kind}:{person.id}:{now.astimezone(LOCAL).date()}:{round_}")
        found = session.scalar(select(PageLink).where(PageLink.token_hash == _digest(token)))
        if found is None:
            _keep(session, person, token, LIFE if kind == "message" else None, now)
        if found is None or found.revoked_at is None:
            return token
        round_ += 1


def _keep(session: Session, person: Person, token: str, life: timedelta | None, now: datetime) -> None:
    session.execute(delete(PageLink).where(PageLink.person_id == person.id, PageLink.expires_at < now - KEPT))
    row: Row = {"person_id": person.id, "token_hash": _digest(token), "created_at": now}
    row["expires_at"] = now + life if life else None
    insert_new(session, PageLink, [row], ["token_hash"])


def _from_secret(name: str) -> str:
    """16 bytes as 22 letters and digits."""
    drawn = hmac.new(_SECRET, name.encode(), hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()


def _knocked_lately(session: Session, now: datetime) -> bool:
    query = select(Audit.id).where(Audit.at > now - FORGED_EVERY, Audit.act == "page.open")
    return session.scalar(query.where(Audit.detail == "forged").limit(1)) is not None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
