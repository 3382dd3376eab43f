"""Tracks in the store: which clip belongs to which version and week."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from airlog import recordings, rundowns
from airlog.db import insert_new
from airlog.models import Area, Duty, Rundown, Station, Track
from airlog.scope import COUNTRY, Scope
from audio.clip import Clip


def purpose_of(session: Session, rundown: Rundown) -> str:
    """What a week's clip is made for: the week, the province it names in its tags, and what is read in it where that
    is more than the one item, or a reading that somebody cleared, or people's recordings in other languages."""
    parts = [rundown.week, province_of(session, rundown) or COUNTRY]
    versions = [rundown.version, *rundowns.extras(session, rundown)]
    heard = [
        [
            one.id,
            one.cleared_sha256 if one.cleared_by_id else None,
            *(spoken.id for spoken in recordings.following(session, rundown, one.id)),
        ]
        for one in versions
    ]
    if heard != [[rundown.item_version_id, None]]:
        parts.append(hashlib.sha256(json.dumps(heard).encode()).hexdigest()[:12])
    return "/".join(parts)


def station_purpose(purpose: str, station_id: int) -> str:
    """The same for one station alone."""
    return f"{purpose}/s{station_id}"


def place_of(session: Session, rundown: Rundown) -> str:
    """The province's name for the tags; for a smaller area the province it lies in."""
    code = province_of(session, rundown)
    return session.scalar(select(Area.name).where(Area.code == code)) or "Việt Nam"


def keep(
    session: Session,
    version_id: int,
    purpose: str,
    clip: Clip,
    now: datetime,
    station_id: int | None = None,
) -> Track:
    """Note a clip that was made, for one station alone or for all. The same bytes again return the row there is."""
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
        "trouble": clip.trouble,
        "timeline": json.dumps(clip.timeline, ensure_ascii=False),
        "station_id": station_id,
        "created_at": now,
    }
    insert_new(session, Track, [row], ["item_version_id", "sha256"])
    query = select(Track).where(Track.item_version_id == version_id, Track.sha256 == clip.sha256)
    track = session.scalars(query).one()
    track.path = str(clip.path)  # the var folder may have moved since
    track.trouble = clip.trouble  # the same bytes were made again: what failed this time counts
    track.station_id = station_id  # a station that goes back to its earlier manner
    return track


def airable(session: Session, rundown: Rundown, station_id: int | None = None) -> Track | None:
    """The clip that a station gets for a week: its own, where it has one, else (and without a station) that of all.

    Never a draft, never one whose file is gone. Else None.
    """
    purpose = purpose_of(session, rundown)
    own = _airable(session, rundown, purpose, station_id) if station_id else None
    return own or _airable(session, rundown, purpose, None)


def _airable(session: Session, rundown: Rundown, purpose: str, station_id: int | None) -> Track | None:
    if station_id:
        purpose = station_purpose(purpose, station_id)
    query = (
        select(Track)
        .where(Track.item_version_id == rundown.item_version_id, Track.purpose == purpose)
        .where(Track.draft.is_(False), Track.station_id == station_id)
        .order_by(Track.id.desc())
    )
    return next((track for track in session.scalars(query) if Path(track.path).is_file()), None)


def stations_without(session: Session, rundown: Rundown) -> list[Station]:
    """Stations with a manner of their own that owe a week's item and have no clip of it yet."""
    query = (
        select(Station)
        .join(Duty, Duty.station_id == Station.id)
        .where(Duty.rundown_id == rundown.id, _has_own_manner())
        .order_by(Station.id)
    )
    apart = list(session.scalars(query).unique())
    if not apart:
        return []
    made = select(Track.station_id, Track.purpose, Track.path).where(
        Track.item_version_id == rundown.item_version_id,
        Track.station_id.is_not(None),
        Track.draft.is_(False),
    )
    purpose = purpose_of(session, rundown)
    have = {
        number
        for number, what, path in session.execute(made)
        if number and what == station_purpose(purpose, number) and Path(path).is_file()
    }
    return [one for one in apart if one.id not in have]


def retire(session: Session, station: Station) -> None:
    """Clips made in a manner that the station no longer has are for nobody; what was sent stays on record."""
    session.execute(update(Track).where(Track.station_id == station.id).values(station_id=None))


def trouble(session: Session, rundown: Rundown) -> str:
    """Which voices failed before another one made the sound of a week; empty when none did, or there is no sound."""
    purpose = purpose_of(session, rundown)
    of_week = or_(Track.purpose == purpose, Track.purpose.startswith(f"{purpose}/s"))  # and one station's own
    query = (
        select(Track.trouble)
        .where(Track.item_version_id == rundown.item_version_id, of_week)
        .where(Track.draft.is_(False), Track.trouble != "")
        .order_by(Track.id.desc())
        .limit(1)
    )
    return session.scalar(query) or ""


def of_version(session: Session, version_id: int) -> list[Track]:
    """Every clip made of a version, newest first."""
    return list(
        session.scalars(select(Track).where(Track.item_version_id == version_id).order_by(Track.id.desc()))
    )


def _has_own_manner() -> ColumnElement[bool]:
    jingle = Station.jingle_sha256.is_not(None)
    return or_(Station.own_ident.is_(True), Station.readings != 2, Station.slow.is_(True), jingle)


def province_of(session: Session, rundown: Rundown) -> str | None:
    """The code of the province that holds a campaign's area; None for the whole country."""
    scope = Scope.parse(rundown.campaign.scope)
    if scope.kind == "country" or scope.province_code is not None:
        return scope.province_code
    return session.scalar(select(Area.parent_code).where(scope.clause(), Area.kind != "province").limit(1))
