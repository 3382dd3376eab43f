"""Tying a Zalo chat to a person by a one-time code, and untying it.

A bot learns of a chat only when a person writes to it, so the person types what staff read to them. Nothing is ever
overwritten: a chat or a person that is taken is named, and has to be released first.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from airlog import access, people
from airlog.db import Refused, insert_new, lock_pool
from airlog.models import Address, Dialog, LinkCode, LinkTries, Person
from airlog.pool import RELEASED, Limits, with_room
from airlog.types import AddressState
from content.wording import fold

CHANNEL = "zalo"
CODE_LIFE = timedelta(minutes=15)
CODE_CHARS = 8
MOST_WRONG = 5
SHUT_FOR = timedelta(hours=1)
ALPHABET = "CFGHJKLMNPQRTVX23456789"
"""No signs that look alike, and no vowels, D or W: a Vietnamese keyboard turns “CAF” into “CÀ”, “DD” and “D9” into “Đ”."""


class NotLinked(Refused):
    """Nothing was tied; what is said about it stands in content/zalo_messages.py."""


@dataclass(eq=False)
class WrongCode(NotLinked):
    """No such code. `left`: how many more may be tried within the hour."""

    left: int


@dataclass(eq=False)
class TooManyWrong(NotLinked):
    """Nothing is looked up for this chat before `until`. `is_news`: this was the last of the wrong ones."""

    until: datetime
    is_news: bool


@dataclass(eq=False)
class CodeUsed(NotLinked):
    """By another chat."""

    used_at: datetime


class CodeExpired(NotLinked):
    """Older than CODE_LIFE, or replaced by a newer one."""


class CodeOfAnotherBot(NotLinked):
    """Right, but typed at a bot where no place is kept for the person."""


@dataclass(eq=False)
class ChatTaken(NotLinked):
    """The chat belongs to somebody else."""

    owner: str


@dataclass(eq=False)
class PersonTaken(NotLinked):
    """The person has another chat of this service already, since `since`."""

    name: str
    since: datetime


class PersonLeft(NotLinked):
    """The person does not work here any more."""


def begin(
    session: Session,
    person: Person,
    bots: Sequence[str],
    limits: Limits,
    now: datetime,
    by: Person | None = None,
) -> LinkCode:
    """A fresh code for a person and a place at the bot with the most room; any older code of theirs is void.

    Raises PersonLeft, PersonTaken, or PoolFull; then nothing was made.
    """
    if person.has_left(now):
        raise PersonLeft(person.name)
    lock_pool(session)
    _require_free(session, person)
    bot = with_room(session, CHANNEL, bots, limits, now, person)
    session.execute(update(LinkCode).where(*_usable(person, now)).values(expires_at=now, code=""))
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))
    made = LinkCode(person_id=person.id, channel=CHANNEL, bot=bot, code=code, code_hash=_hash(code))
    made.created_at, made.expires_at, made.made_by_id = now, now + CODE_LIFE, by.id if by else None
    session.add(made)
    session.flush()
    access.note(session, by, "link.begin", f"person {person.id}", now, detail=f"{CHANNEL}:{bot}")
    return made


def waiting(session: Session, person: Person, now: datetime) -> LinkCode | None:
    """The code that a person can still type."""
    query = select(LinkCode).where(*_usable(person, now)).order_by(LinkCode.id.desc())
    return session.scalars(query.limit(1)).first()


def chat_of(session: Session, person: Person) -> Address | None:
    """The Zalo chat that a person is tied to, also one that is not reached at the moment."""
    query = select(Address).where(Address.person_id == person.id, Address.channel == CHANNEL)
    standing = query.where(~Address.chat_id.startswith(RELEASED)).order_by(Address.id.desc())
    return session.scalars(standing.limit(1)).first()


def bind(session: Session, typed: str, bot: str, chat_id: str, now: datetime) -> Address:
    """Tie a chat to the person of a code. Raises a NotLinked. Typed again in the same chat it changes nothing."""
    tries = _tries(session, bot, chat_id, now)
    if tries.wrong >= MOST_WRONG:
        raise TooManyWrong(tries.since + SHUT_FOR, is_news=False)
    # Locked where the database can: of two chats that type the same code at once, one finds it used.
    query = select(LinkCode).where(LinkCode.code_hash == _hash(compact(typed))).with_for_update()
    found = session.scalar(query)
    if found is None:
        raise _wrong(session, tries, bot, chat_id, now)
    taken = _taken(session, bot, chat_id, now)
    if taken is not None and found.used_by_address_id == taken.id:
        return taken
    _require_usable(session, found, bot, taken, now)
    address = taken or people.add_address(session, found.person, CHANNEL, bot, chat_id, now)
    if address.person_id != found.person_id:  # another code was quicker, at this very moment
        raise ChatTaken(address.person.name)
    people.back(address)
    found.used_at, found.used_by_address_id, found.code = now, address.id, ""
    session.delete(tries)
    return address


def release(session: Session, address: Address, by: Person | None, now: datetime) -> None:
    """Untie a chat: what was sent to it stays on record, and the chat is free for somebody else. `by` is None when
    nobody asked for it: its person has left."""
    where = f"{address.channel}:{address.bot}"
    access.note(session, by, "address.release", f"person {address.person_id}", now, detail=where)
    session.execute(delete(Dialog).where(Dialog.address_id == address.id))
    address.chat_id = f"{RELEASED}{address.id}"
    # Without `blocked_at`: nobody needs to be told that this chat was lost.
    address.state, address.reason, address.blocked_at = AddressState.BLOCKED, "đã gỡ khỏi Loa Xã", None


def compact(text: str) -> str:
    """A code as it is compared: no case, no accents, nothing between its letters."""
    return "".join(sign for sign in fold(text).upper() if sign.isascii() and sign.isalnum())


def looks_like_code(text: str) -> bool:
    """Whether nothing else can be meant: eight signs of a code, however they are spaced."""
    found = compact(text)
    return len(found) == CODE_CHARS and all(sign in ALPHABET for sign in found)


def _usable(person: Person, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return LinkCode.person_id == person.id, LinkCode.used_at.is_(None), LinkCode.expires_at > now


def _require_usable(
    session: Session, found: LinkCode, bot: str, taken: Address | None, now: datetime
) -> None:
    """Raises NotLinked. None of this is a wrong try: whoever gets here was given a code."""
    if taken is not None and taken.person_id != found.person_id:
        raise ChatTaken(taken.person.name)
    if found.used_at is not None:
        raise CodeUsed(found.used_at)
    if found.expires_at <= now:
        raise CodeExpired(found.expires_at.isoformat())
    if (found.channel, found.bot) != (CHANNEL, bot):
        raise CodeOfAnotherBot(found.bot)
    if found.person.has_left(now):
        raise PersonLeft(found.person.name)
    if taken is None:
        _require_free(session, found.person)


def _taken(session: Session, bot: str, chat_id: str, now: datetime) -> Address | None:
    """Whose chat it is. That of somebody who has left is free: nobody else would ever come to release it."""
    found = people.address_of(session, CHANNEL, bot, chat_id)
    if found is None or not found.person.has_left(now):
        return found
    release(session, found, None, now)
    session.flush()
    return None


def _require_free(session: Session, person: Person) -> None:
    standing = chat_of(session, person)
    if standing is not None:
        raise PersonTaken(person.name, standing.bound_at)


def _wrong(session: Session, tries: LinkTries, bot: str, chat_id: str, now: datetime) -> NotLinked:
    tries.since = now if tries.wrong == 0 else tries.since
    tries.wrong += 1
    access.note(session, None, "link", f"{CHANNEL}:{bot}:{chat_id}", now, allowed=False)
    if tries.wrong >= MOST_WRONG:
        return TooManyWrong(tries.since + SHUT_FOR, is_news=True)
    return WrongCode(MOST_WRONG - tries.wrong)


def _tries(session: Session, bot: str, chat_id: str, now: datetime) -> LinkTries:
    """The chat's wrong tries of this hour; locked where the database can, so that several processes count as one."""
    key = {"channel": CHANNEL, "bot": bot, "chat_id": chat_id}
    insert_new(session, LinkTries, [{**key, "since": now}], list(key))
    row = session.get_one(LinkTries, key, with_for_update=True, populate_existing=True)
    if row.wrong and now >= row.since + SHUT_FOR:
        row.wrong = 0
    return row


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
