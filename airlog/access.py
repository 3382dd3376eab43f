"""Who may do what, decided in this one place: role x area, dated. Every refused act is written down."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from airlog.db import Refused, lasts
from airlog.models import Audit, Grant, Person, Station
from airlog.scope import COUNTRY, any_of, scopes_of
from airlog.types import RoleKind
from content.week import LOCAL

ADMINS = (RoleKind.ADMIN,)
EDITORS = (RoleKind.EDITOR, RoleKind.ADMIN)
APPROVERS = (RoleKind.APPROVER, RoleKind.ADMIN)
OFFICERS = (RoleKind.OFFICER, RoleKind.ADMIN)


class NotAllowed(Refused):
    """The person has no role for this act; the message is Vietnamese and can be shown."""


class NotYourStation(NotAllowed):
    """The person does not serve this station."""


def grants_of(
    session: Session, person: Person, now: datetime, roles: Collection[RoleKind] = tuple(RoleKind)
) -> list[Grant]:
    """The person's roles that hold at `now`. Somebody who has left holds none."""
    if person.has_left(now):
        return []
    query = select(Grant).where(Grant.person_id == person.id, Grant.role.in_(list(roles)), in_force(now))
    return list(session.scalars(query.order_by(Grant.id)))


def holds(session: Session, person: Person, roles: Collection[RoleKind], now: datetime) -> bool:
    return bool(grants_of(session, person, now, roles))


def stations_of(
    session: Session, person: Person, now: datetime, roles: Collection[RoleKind] = (RoleKind.OPERATOR,)
) -> list[Station]:
    """The stations a person serves (operator) or looks after (officer, admin), by code of the commune."""
    is_open = lasts(Station.active_to, now.astimezone(LOCAL).date())
    query = select(Station).join(Station.area).where(is_open, sight(session, person, now, roles).clause)
    return list(session.scalars(query.order_by(Station.area_code, Station.id)))


@dataclass(frozen=True)
class Sight:
    """The stations somebody looks after, closed ones too, as a condition on Station joined with Area: what is counted
    over thousands of them is not loaded. `everything` spares the question."""

    clause: ColumnElement[bool]
    everything: bool


def sight(session: Session, person: Person, now: datetime, roles: Collection[RoleKind] = OFFICERS) -> Sight:
    grants = grants_of(session, person, now, roles)
    scopes = [g.scope for g in grants if g.station_id is None]
    ids = [g.station_id for g in grants if g.station_id is not None]
    return Sight(or_(any_of(scopes), Station.id.in_(ids)), COUNTRY in scopes)


def serves(session: Session, person: Person, station: Station, now: datetime) -> bool:
    """Whether a person is an operator of a station that exists. Asked for each press, and nearly always a grant names
    the station or its area, which is the whole answer."""
    if station.active_to is not None and station.active_to <= now.astimezone(LOCAL).date():
        return False
    operator, near = (RoleKind.OPERATOR,), scopes_of(station.area)
    for grant in grants_of(session, person, now, operator):
        if grant.scope in near if grant.station_id is None else grant.station_id == station.id:
            return True
    return looks_after(session, person, station, now, operator)


def serves_several(session: Session, person_id: int, now: datetime) -> bool:
    """Whether an operator serves more than one station. Asked for each item sent, and nearly always one grant for
    one station is the whole answer."""
    mine = Grant.person_id == person_id, Grant.role == RoleKind.OPERATOR, in_force(now)
    ids = session.scalars(select(Grant.station_id).where(*mine).limit(2)).all()
    if len(ids) == 1 and ids[0] is not None:
        return False
    return len(stations_of(session, session.get_one(Person, person_id), now)) > 1


def operators_of(session: Session, station: Station, now: datetime) -> list[Person]:
    """The people who air at a station, in the order they were entered."""
    return _people_for(session, station, RoleKind.OPERATOR, now)


def officers_of(session: Session, station: Station, now: datetime) -> list[Person]:
    """The officers who look after a station's area."""
    return _people_for(session, station, RoleKind.OFFICER, now)


def people_with(
    session: Session, roles: Collection[RoleKind], now: datetime, *where: ColumnElement[bool]
) -> list[Person]:
    """Everybody who holds one of the roles now (by a grant that fits), in the order they were entered."""
    holds = Grant.role.in_(list(roles)), in_force(now), lasts(Person.left_at, now)
    query = select(Person).join(Person.grants).where(*holds, *where)
    return list(session.scalars(query.order_by(Person.id).distinct()))


def require_operator(session: Session, person: Person, station: Station, act: str, now: datetime) -> None:
    """Raises NotYourStation, and writes the refusal down."""
    if serves(session, person, station, now):
        return
    refuse(session, person, act, f"station {station.id}", now)
    raise NotYourStation(
        "Anh/chị không phụ trách đài này nên Loa Xã chưa ghi gì. "
        "Nếu mới được giao, xin mã mời của người phụ trách."
    )


def require(session: Session, person: Person, roles: Collection[RoleKind], act: str, now: datetime) -> None:
    """Raises NotAllowed, and writes the refusal down."""
    if not holds(session, person, roles, now):
        refuse(session, person, act, ",".join(roles), now)
        raise NotAllowed("Việc này cần quyền khác. Anh/chị nhờ người quản trị giúp.")


def require_officer(session: Session, person: Person, station: Station, act: str, now: datetime) -> None:
    """An officer or admin whose area holds the station. Raises NotAllowed, and writes the refusal down."""
    if not looks_after(session, person, station, now):
        refuse(session, person, act, f"station {station.id}", now)
        raise NotAllowed("Đài này không thuộc khu vực anh/chị phụ trách.")


def looks_after(
    session: Session, person: Person, station: Station, now: datetime, roles: Collection[RoleKind] = OFFICERS
) -> bool:
    """Whether a station, closed or not, lies in the area of an officer or admin (or another holder of roles)."""
    query = select(Station.id).join(Station.area).where(Station.id == station.id)
    return session.scalar(query.where(sight(session, person, now, roles).clause)) is not None


def refuse(session: Session, person: Person | None, act: str, subject: str, now: datetime) -> None:
    note(session, person, act, subject, now, allowed=False)


def note(
    session: Session,
    person: Person | None,
    act: str,
    subject: str,
    now: datetime,
    *,
    allowed: bool = True,
    detail: str = "",
) -> None:
    """One line of the audit: who did what to what."""
    row = Audit(at=now, person_id=person.id if person else None, act=act[:40], subject=subject[:120])
    row.allowed, row.detail = allowed, detail
    session.add(row)


def in_force(now: datetime) -> ColumnElement[bool]:
    """Grants that hold."""
    return and_(Grant.valid_from <= now, lasts(Grant.valid_to, now))


def _people_for(session: Session, station: Station, role: RoleKind, now: datetime) -> list[Person]:
    here = and_(Grant.station_id.is_(None), Grant.scope.in_(scopes_of(station.area)))
    return people_with(session, (role,), now, or_(here, Grant.station_id == station.id))
