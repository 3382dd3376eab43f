"""Tracks in the store: which clip belongs to which version and week."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog.db import insert_new
from airlog.models import Area, Rundown, Track
from airlog.scope import COUNTRY, Scope
from audio.clip import Clip


def purpose_of(session: Session, rundown: Rundown) -> str:
    """What a week's clip is made for: the week and the province it names in its tags."""
    return f"{rundown.week}/{_province(session, rundown) or COUNTRY}"


def place_of(session: Session, rundown: Rundown) -> str:
    """The province's name for the tags; for a smaller area the province it lies in."""
    code = _province(session, rundown)
    return session.scalar(select(Area.name).where(Area.code == code)) or "Việt Nam"


def keep(session: Session, version_id: int, purpose: str, clip: Clip, now: datetime) -> Track:
    """Note a clip that was made. The same bytes again return the row there is."""
    row: dict[str, object] = {
        "item_version_id": version_id,
        "purpose": purpose,
        "engine": clip.engine,
        "voice": clip.voice,
        "draft": clip.draft,
        "path": str(clip.path),
        "sha256": clip.sha256,
        "duration_ms": clip.duration_ms,
        "size_bytes": clip.size_bytes,
        "loudness_lufs": clip.loudness_lufs,
        "true_peak_dbtp": clip.true_peak_dbtp,
        "created_at": now,
    }
    insert_new(session, Track, [row], ["item_version_id", "sha256"])
    query = select(Track).where(Track.item_version_id == version_id, Track.sha256 == clip.sha256)
    track = session.scalars(query).one()
    track.path = str(clip.path)  # the var folder may have moved since
    return track


def airable(session: Session, rundown: Rundown) -> Track | None:
    """The clip that stations get for a week: never a draft, never one whose file is gone. Else None."""
    purpose = purpose_of(session, rundown)
    query = (
        select(Track)
        .where(Track.item_version_id == rundown.item_version_id, Track.purpose == purpose)
        .where(Track.draft.is_(False))
        .order_by(Track.id.desc())
    )
    return next((track for track in session.scalars(query) if Path(track.path).is_file()), None)


def of_version(session: Session, version_id: int) -> list[Track]:
    """Every clip made of a version, newest first."""
    return list(
        session.scalars(select(Track).where(Track.item_version_id == version_id).order_by(Track.id.desc()))
    )


def _province(session: Session, rundown: Rundown) -> str | None:
    """The province that holds a campaign's area; None for the whole country."""
    scope = Scope.parse(rundown.campaign.scope)
    if scope.kind == "country" or scope.province_code is not None:
        return scope.province_code
    return session.scalar(select(Area.parent_code).where(scope.clause(), Area.kind != "province").limit(1))
