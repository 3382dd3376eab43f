"""Communes by the very name that somebody typed, whoever looks after them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from airlog.models import Area
from content.typed_place import place_key


def named(session: Session, typed: str) -> list[Area]:
    """Communes of today whose name is what was typed, accents, spaces and kind aside; by code."""
    bare = place_key(typed).replace(" ", "")
    plain = func.replace(func.replace(Area.search_key, " ", ""), "'", "")
    query = select(Area).where(Area.kind != "province", Area.valid_to.is_(None), plain == bare)
    return list(session.scalars(query.order_by(Area.code))) if bare else []


def by_code(session: Session, code: str) -> Area | None:
    return session.get(Area, code)
