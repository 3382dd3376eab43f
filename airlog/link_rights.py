"""Who may tie a chat to whom: staff whose areas hold everything the person does.

Whoever holds a person's chat can act for them, so an officer of one area must not link an admin of the province.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from airlog import access, area_rights, roster
from airlog.models import Address, Area, LinkCode, Person
from airlog.pool import RELEASED
from airlog.roster import RosterLine
from airlog.scope import any_of
from airlog.types import AddressState


@dataclass(frozen=True)
class ZaloLine:
    """A person of one's area. `bot`: of the chat they are tied to, empty without one; `is_reached`: it works."""

    who: RosterLine
    bot: str
    is_reached: bool
    is_waiting: bool


def may_link(session: Session, staff: Person, person: Person, now: datetime) -> bool:
    """Whether an officer's or admin's areas hold every role of a person."""
    return _Areas(session, staff, now).hold(person, now)


def require(session: Session, staff: Person, person: Person, act: str, now: datetime) -> None:
    """Raises NotAllowed, and writes the refusal down."""
    if not may_link(session, staff, person, now):
        access.refuse(session, staff, act, f"person {person.id}", now)
        raise access.NotAllowed(
            "Người này làm cả việc ngoài khu vực của anh/chị nên anh/chị không gắn máy được."
        )


def people_of(session: Session, staff: Person, channel: str, now: datetime) -> list[ZaloLine]:
    """Everybody whom this officer or admin may link, those without a chat first."""
    mine = ids_of(session, staff, now)
    tied = select(Address).where(Address.channel == channel, ~Address.chat_id.startswith(RELEASED))
    chats = {address.person_id: address for address in session.scalars(tied)}
    usable = select(LinkCode.person_id).where(LinkCode.used_at.is_(None), LinkCode.expires_at > now)
    codes = set(session.scalars(usable))
    lines = [
        _line(who, chats.get(who.person_id), who.person_id in codes)
        for who in roster.roster(session, now)
        if who.person_id in mine
    ]
    return sorted(lines, key=lambda line: bool(line.bot) and line.is_reached)


def ids_of(session: Session, staff: Person, now: datetime) -> set[int]:
    """Everybody whom this officer or admin may link."""
    query = select(Person).where(Person.left_at.is_(None)).options(selectinload(Person.grants))
    areas = _Areas(session, staff, now)
    return {person.id for person in session.scalars(query) if areas.hold(person, now)}


def _line(who: RosterLine, chat: Address | None, is_waiting: bool) -> ZaloLine:
    is_reached = chat is not None and chat.state is AddressState.ACTIVE
    return ZaloLine(who, chat.bot if chat else "", is_reached, is_waiting)


class _Areas:
    """An officer's or admin's areas: their communes, asked for once, since most people serve one of those; any other
    area is compared with them once."""

    def __init__(self, session: Session, staff: Person, now: datetime) -> None:
        self._session, self._staff, self._now = session, staff, now
        scopes = area_rights.scopes_of(session, staff, access.OFFICERS, now)
        communes = select(Area.code).where(Area.kind != "province", any_of(scopes))
        self._known = dict.fromkeys(session.scalars(communes), True)

    def hold(self, person: Person, now: datetime) -> bool:
        """Whether every role that a person holds lies in them; somebody without a role is nobody's."""
        grants = [grant for grant in person.grants if grant.holds(now)]
        return bool(grants) and all(self._hold(grant.scope) for grant in grants)

    def _hold(self, scope: str) -> bool:
        if scope not in self._known:
            mine = self._session, self._staff, access.OFFICERS
            self._known[scope] = area_rights.covers(*mine, scope, self._now)
        return self._known[scope]
