"""What an address names, found in the record; else a page says that it is not there."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from airlog import access, items
from airlog.db import Session
from airlog.models import Duty, Item, Person, Station
from web.troubles import NotThere

T = TypeVar("T")


def there(found: T | None, otherwise: str) -> T:
    """`found`. Raises NotThere, with `otherwise`, when it is None."""
    if found is None:
        raise NotThere(otherwise)
    return found


def item_of(session: Session, slug: str) -> Item:
    return there(
        items.item_by_slug(session, slug),
        f"Không có tin bài “{slug}”. Anh/chị xem lại danh sách tin bài.",
    )


def duty_of(session: Session, duty_id: int) -> Duty:
    return there(session.get(Duty, duty_id), "Không có việc này trong tuần.")


def station_of(session: Session, station_id: int) -> Station:
    return there(session.get(Station, station_id), "Không có đài này. Anh/chị xem lại danh sách đài.")


def officers_station(session: Session, person: Person, now: datetime, station_id: int, act: str) -> Station:
    """One that the person looks after. Raises NotThere, NotAllowed."""
    station = station_of(session, station_id)
    access.require_officer(session, person, station, act, now)
    return station


def operator_of(session: Session, station: Station, person_id: int, now: datetime) -> Person:
    """Somebody who airs there."""
    operators = access.operators_of(session, station, now)
    found = next((one for one in operators if one.id == person_id), None)
    return there(found, "Người này không phụ trách đài.")
