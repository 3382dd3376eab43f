"""Roles over a whole area, beside the ones over single stations in access.py."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access
from airlog.models import Area, Person
from airlog.scope import Scope, any_of, living, require_scope
from airlog.types import RoleKind


def covers(
    session: Session, person: Person, roles: Collection[RoleKind], scope_text: str, now: datetime
) -> bool:
    """Whether the person's areas in these roles hold every commune of an area. Raises BadScope."""
    scope = living(session, require_scope(session, scope_text))
    scopes = [g.scope for g in access.grants_of(session, person, now, roles) if g.station_id is None]
    here = Area.kind != "province", Area.valid_to.is_(None), scope.clause()
    outside = select(Area.code).where(*here, ~any_of(scopes)).limit(1)
    return session.scalar(outside) is None


def require_area(
    session: Session, person: Person, roles: Collection[RoleKind], scope_text: str, act: str, now: datetime
) -> Scope:
    """Raises NotAllowed, and writes the refusal down, unless the person's areas hold all of this one."""
    access.require(session, person, roles, act, now)
    if not covers(session, person, roles, scope_text, now):
        access.refuse(session, person, act, scope_text, now)
        raise access.NotAllowed("Khu vực này không thuộc phạm vi của anh/chị. Anh/chị chọn khu vực khác.")
    return Scope.parse(scope_text)


def scopes_of(session: Session, person: Person, roles: Collection[RoleKind], now: datetime) -> list[str]:
    """The areas of a person in these roles, each once, in the order they were given."""
    found = (g.scope for g in access.grants_of(session, person, now, roles) if g.station_id is None)
    return list(dict.fromkeys(found))
