"""What one week of a campaign sends, in few questions."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from airlog.models import Attachment, Item, ItemVersion, Recall, Rundown, Track


class Basis(NamedTuple):
    """While none of these has changed, neither has what a week sends: versions and tracks are never edited."""

    version_id: int
    title: str
    attachments: int
    recall_id: int | None
    """The newest confirmed recall."""
    track_id: int | None
    """The newest track of the version, for whatever purpose."""


_FILES = select(func.count()).where(Attachment.item_id == Item.id)
_RECALL = select(func.max(Recall.id)).where(Recall.rundown_id == Rundown.id, Recall.confirmed_at.is_not(None))
_TRACK = select(func.max(Track.id)).where(Track.item_version_id == Rundown.item_version_id)
_BASIS = (
    select(
        Rundown.item_version_id,
        Item.title,
        _FILES.correlate(Item).scalar_subquery(),
        _RECALL.correlate(Rundown).scalar_subquery(),
        _TRACK.correlate(Rundown).scalar_subquery(),
    )
    .join(ItemVersion, ItemVersion.id == Rundown.item_version_id)
    .join(Item, Item.id == ItemVersion.item_id)
    .where(Rundown.id == bindparam("rundown"))
)


def basis(session: Session, rundown_id: int) -> Basis:
    """One question, asked for each message; built once, since building it takes longer than running it."""
    return Basis(*session.execute(_BASIS, {"rundown": rundown_id}).one())
