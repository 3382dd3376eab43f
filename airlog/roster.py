"""The list of people as an admin sees it: roles in words, whether a chat is bound, the code that waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from airlog import access, area_rights
from airlog.models import Area, Grant, Invite, MandateArea, Person, Station
from airlog.scope import Scope, scope_name
from airlog.types import AddressState, RoleKind


@dataclass(frozen=True)
class RosterLine:
    """One person. `roles` are (role, place) pairs that hold now; `code` is an unused invite that still works."""

    person_id: int
    name: str
    phone: str
    roles: tuple[tuple[RoleKind, str], ...]
    channels: tuple[str, ...]
    code: str


def roster(session: Session, now: datetime) -> list[RosterLine]:
    """Everybody who has not left, in the order they were entered."""
    query = (
        select(Person)
        .where(Person.left_at.is_(None))
        .options(selectinload(Person.grants), selectinload(Person.addresses))
        .order_by(Person.id)
    )
    places = _Places(session)
    codes = _codes(session, now)
    return [
        RosterLine(
            person_id=person.id,
            name=person.name,
            phone=person.phone,
            roles=tuple((grant.role, places.of(grant)) for grant in person.grants if grant.holds(now)),
            channels=tuple(a.channel for a in person.addresses if a.state is AddressState.ACTIVE),
            code=codes.get(person.id, ""),
        )
        for person in session.scalars(query)
    ]


def working_code(session: Session, person: Person, now: datetime) -> str:
    """The invite that waits for a person; empty when there is none."""
    return _codes(session, now).get(person.id, "")


def area_names(session: Session, person: Person, now: datetime) -> list[tuple[str, str]]:
    """Areas an officer or admin may choose from, as (code, name).

    Areas that owe something come first, since campaigns and reports are about those; then the person's own areas,
    and the provinces for somebody who looks after the whole country.
    """
    own = area_rights.scopes_of(session, person, access.OFFICERS, now)
    owing = session.scalars(select(MandateArea.scope).order_by(MandateArea.mandate_id, MandateArea.scope))
    mine = [s for s in owing if area_rights.covers(session, person, access.OFFICERS, s, now)]
    codes = dict.fromkeys([*mine, *own])
    if "*" in codes:
        provinces = session.scalars(select(Area.code).where(Area.kind == "province").order_by(Area.code))
        codes |= dict.fromkeys(provinces)
    return [(code, scope_name(session, Scope.parse(code))) for code in codes]


class _Places:
    """Names of areas and stations, each asked for once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[str, int | None], str] = {}

    def of(self, grant: Grant) -> str:
        key = (grant.scope, grant.station_id)
        if key not in self._known:
            if grant.station_id is not None:
                self._known[key] = self._session.get_one(Station, grant.station_id).name
            else:
                self._known[key] = scope_name(self._session, Scope.parse(grant.scope))
        return self._known[key]


def _codes(session: Session, now: datetime) -> dict[int, str]:
    query = select(Invite.person_id, Invite.code).where(Invite.used_at.is_(None), Invite.expires_at > now)
    return dict(session.execute(query).all())
