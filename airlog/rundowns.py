"""What one week of a campaign sends: its items, and whether anything about them has changed, in few questions."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from airlog import access, items, recording_clearing
from airlog.db import Refused
from airlog.models import (
    Attachment,
    Delivery,
    Duty,
    Item,
    ItemVersion,
    Person,
    Recall,
    Recording,
    Rundown,
    RundownExtra,
    Track,
)
from airlog.types import Rung

MOST_EXTRAS = 4


class BadExtra(Refused):
    """A further item that cannot be added or moved; the message is Vietnamese and says what to do."""


class Basis(NamedTuple):
    """While none of these has changed, neither has what a week sends: versions and tracks are never edited."""

    version_id: int
    cleared_sha256: str | None
    title: str
    attachments: int
    recall_id: int | None
    """The newest confirmed recall."""
    track_id: int | None
    """The newest track of the version, for whatever purpose."""
    extras: int | None
    """Grows and shrinks with the further items and their order."""
    own_track_id: int | None
    """The newest track made for the station alone."""
    recordings: int | None
    """Changes when one of any of its items is cleared, sent back or withdrawn."""


_FILES = select(func.count()).where(Attachment.item_id == Item.id)
_RECALL = select(func.max(Recall.id)).where(Recall.rundown_id == Rundown.id, Recall.confirmed_at.is_not(None))
_TRACK = select(func.max(Track.id)).where(Track.item_version_id == Rundown.item_version_id)
_OWN_TRACK = _TRACK.where(Track.station_id == bindparam("station"), Track.purpose.like(Rundown.week + "/%"))
_EXTRAS = select(func.sum(RundownExtra.item_version_id * (RundownExtra.position * 1009 + 1))).where(
    RundownExtra.rundown_id == Rundown.id
)
_EXTRA_VERSIONS = select(RundownExtra.item_version_id).where(RundownExtra.rundown_id == Rundown.id)
_OF_ITS_ITEMS = or_(
    Recording.item_version_id == Rundown.item_version_id,
    Recording.item_version_id.in_(_EXTRA_VERSIONS.correlate(Rundown)),
)
_RECORDINGS = select(func.sum(Recording.id)).where(_OF_ITS_ITEMS, recording_clearing.USABLE)
_BASIS = (
    select(
        Rundown.item_version_id,
        ItemVersion.cleared_sha256,
        Item.title,
        _FILES.correlate(Item).scalar_subquery(),
        _RECALL.correlate(Rundown).scalar_subquery(),
        _TRACK.correlate(Rundown).scalar_subquery(),
        _EXTRAS.correlate(Rundown).scalar_subquery(),
        _OWN_TRACK.correlate(Rundown).scalar_subquery(),
        _RECORDINGS.correlate(Rundown).scalar_subquery(),
    )
    .join(Rundown.version)
    .join(ItemVersion.item)
    .where(Rundown.id == bindparam("rundown"))
)
_WAS_RECALLED = exists().where(Recall.rundown_id == RundownExtra.rundown_id, Recall.confirmed_at.is_not(None))


def basis(session: Session, rundown_id: int, station_id: int | None = None) -> Basis:
    """One question, asked for each message; built once, since building it takes longer than running it."""
    return Basis(*session.execute(_BASIS, {"rundown": rundown_id, "station": station_id}).one())


def extras(session: Session, rundown: Rundown) -> list[ItemVersion]:
    """Further items of a week in their order, after its own. A recall is about the whole week: what replaces it
    stands alone."""
    query = select(ItemVersion).join(RundownExtra, RundownExtra.item_version_id == ItemVersion.id)
    query = query.where(RundownExtra.rundown_id == rundown.id, ~_WAS_RECALLED)
    return list(session.scalars(query.order_by(RundownExtra.position)))


def is_open(session: Session, rundown: Rundown) -> bool:
    """Whether what a week sends may still be changed: nobody was sent anything of it, and it was not recalled."""
    tried = select(Delivery.id).join(Delivery.duty).where(Duty.rundown_id == rundown.id)
    tried = tried.where(Delivery.rung == Rung.ITEM, Delivery.attempts > 0)
    recalled = select(Recall.id).where(Recall.rundown_id == rundown.id, Recall.dropped_at.is_(None))
    return not session.scalar(tried.limit(1)) and not session.scalar(recalled.limit(1))


def add_extra(session: Session, person: Person, rundown: Rundown, slug: str, now: datetime) -> None:
    """Read a further cleared item in a week, after the others. Raises BadExtra."""
    _must_be_open(session, rundown)
    item = items.item_by_slug(session, slug)
    version = items.cleared_version(item) if item else None
    if version is None:
        raise BadExtra("Tin này không có hoặc chưa duyệt nên chưa thêm được. Anh/chị chọn một tin đã duyệt.")
    chosen = extras(session, rundown)
    if version.item_id in {one.item_id for one in (rundown.version, *chosen)}:
        raise BadExtra(f"Tin “{version.item.title}” đã có trong tuần này. Anh/chị chọn tin khác.")
    if len(chosen) >= MOST_EXTRAS:
        raise BadExtra(f"Mỗi tuần có nhiều nhất {MOST_EXTRAS + 1} tin. Anh/chị bỏ bớt một tin trước.")
    _store(session, rundown, [*chosen, version])
    access.note(session, person, "rundown.extra", f"rundown {rundown.id}", now, detail=f"+ {slug}")


def remove_extra(session: Session, person: Person, rundown: Rundown, version_id: int, now: datetime) -> None:
    """Safe to repeat. Raises BadExtra."""
    _must_be_open(session, rundown)
    left = [one for one in extras(session, rundown) if one.id != version_id]
    _store(session, rundown, left)
    access.note(session, person, "rundown.extra", f"rundown {rundown.id}", now, detail=f"- v{version_id}")


def raise_extra(session: Session, person: Person, rundown: Rundown, version_id: int, now: datetime) -> None:
    """Read a further item one place earlier; the first one stays first. Raises BadExtra."""
    _must_be_open(session, rundown)
    order = extras(session, rundown)
    place = next((n for n, one in enumerate(order) if one.id == version_id), 0)
    if place:
        order[place - 1], order[place] = order[place], order[place - 1]
        _store(session, rundown, order)
        access.note(session, person, "rundown.extra", f"rundown {rundown.id}", now, detail=f"^ v{version_id}")


def _must_be_open(session: Session, rundown: Rundown) -> None:
    if not is_open(session, rundown):
        raise BadExtra(
            "Tin tuần này đã gửi hoặc đang thu hồi nên không đổi được nữa. Anh/chị sửa ở tuần sau."
        )


def _store(session: Session, rundown: Rundown, versions: list[ItemVersion]) -> None:
    session.execute(delete(RundownExtra).where(RundownExtra.rundown_id == rundown.id))
    session.add_all(
        RundownExtra(rundown_id=rundown.id, position=place, item_version_id=version.id)
        for place, version in enumerate(versions, start=1)
    )
    session.flush()
