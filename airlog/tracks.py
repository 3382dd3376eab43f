"""Tracks in the store: which clip belongs to which version and week."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from airlog import recording_clearing, recordings, rundowns
from airlog.db import Row, insert_new
from airlog.models import Area, Duty, ItemVersion, Rundown, Station, Track
from airlog.scope import COUNTRY, Scope
from audio.clip import Clip

MOST_TROUBLES = 5
"""Told at once; more of them are counted."""
_OWN_MANNER = or_(
    Station.own_ident.is_(True),
    Station.readings != 2,
    Station.slow.is_(True),
    Station.jingle_sha256.is_not(None),
)


def purpose_of(session: Session, rundown: Rundown) -> str:
    """What a week's clip is made for: its words (`_about`), and what is read of them where that is a reading that
    somebody cleared, or people's recordings in other languages (`/h` and a digest)."""
    versions = [rundown.version, *rundowns.extras(session, rundown)]
    heard: list[list[str | int | None]] = [
        [_bound(session, one), *(spoken.id for spoken in recordings.following(session, rundown, one.id))]
        for one in versions
    ]
    about = _about(session, rundown, versions)
    return about if heard == [[None]] * len(heard) else f"{about}/h{_digest(heard)}"


def station_purpose(purpose: str, station_id: int) -> str:
    """The same for one station alone."""
    return f"{purpose}/s{station_id}"


def place_of(session: Session, rundown: Rundown) -> str:
    """The province's name for the tags; for a smaller area the province it lies in."""
    code = province_of(session, rundown)
    return session.scalar(select(Area.name).where(Area.code == code)) or "Việt Nam"


def keep(
    session: Session, version_id: int, purpose: str, clip: Clip, now: datetime, station_id: int | None = None
) -> Track:
    """Note a clip that was made, for one station alone or for all. The same bytes again return the row there is."""
    row: Row = {
        **vars(clip),
        "path": str(clip.path),
        "timeline": json.dumps(clip.timeline, ensure_ascii=False),
    }
    row |= {"item_version_id": version_id, "purpose": purpose, "station_id": station_id, "created_at": now}
    insert_new(session, Track, [row], ["item_version_id", "sha256"])
    query = select(Track).where(Track.item_version_id == version_id, Track.sha256 == clip.sha256)
    track = session.scalars(query).one()
    track.path = str(clip.path)  # the var folder may have moved since
    track.trouble = clip.trouble  # the same bytes were made again: what failed this time counts
    track.station_id = station_id  # a station that goes back to its earlier manner
    return track


def airable(session: Session, rundown: Rundown, station_id: int | None = None) -> Track | None:
    """The clip of what a week is to be heard as now: the station's own, where it has one, else (and without a station)
    that of all. Never a draft, never one whose file is gone. None when it is still to be made.
    """
    purpose = purpose_of(session, rundown)
    own = _newest(session, rundown, station_id, _of_station(purpose, station_id)) if station_id else None
    return own or _newest(session, rundown, None, Track.purpose == purpose)


def to_send(session: Session, rundown: Rundown, station_id: int | None = None) -> Track | None:
    """The clip that a station gets for a week: the airable one; while that is still to be made, an earlier one.

    A reading that was cleared anew makes another clip. The same words as they were heard and cleared before serve until
    then, so that nobody gets bare text in the middle of a broadcast. An earlier clip never leaves when its words were
    recalled (it is of another version), nor when a person's recording that may be in it was withdrawn or sent back.
    """
    ready = airable(session, rundown, station_id)
    if ready is not None:
        return ready
    versions = [rundown.version, *rundowns.extras(session, rundown)]
    about, ids = _about(session, rundown, versions), [one.id for one in versions]
    own = _newest(session, rundown, station_id, _of_station(about, station_id, "/h%")) if station_id else None
    of_all = or_(Track.purpose == about, Track.purpose.like(f"{about}/h%"))
    found = own or _newest(session, rundown, None, of_all, Track.purpose.not_like("%/s%"))
    if found is None or recording_clearing.taken_out_since(session, ids, found.created_at):
        return None
    return found


def _of_station(about: str, station_id: int, *more: str) -> ColumnElement[bool]:
    """Clips for one station alone; `more` are patterns of what may follow the words. Purposes hold no % and no _."""
    exact = Track.purpose == station_purpose(about, station_id)
    return or_(exact, *(Track.purpose.like(station_purpose(about + one, station_id)) for one in more))


def _newest(
    session: Session, rundown: Rundown, station_id: int | None, *made_for: ColumnElement[bool]
) -> Track | None:
    """The newest finished clip of a week's words, for one station alone or for all, whose file is there."""
    finished = Track.item_version_id == rundown.item_version_id, Track.draft.is_(False)
    query = select(Track).where(*finished, Track.station_id == station_id, *made_for)
    found = session.scalars(query.order_by(Track.id.desc()))
    return next((track for track in found if Path(track.path).is_file()), None)


def stations_without(session: Session, rundown: Rundown) -> list[Station]:
    """Stations with a manner of their own that owe a week's item and have no clip of it yet."""
    query = select(Station).join(Duty, Duty.station_id == Station.id).where(Duty.rundown_id == rundown.id)
    apart = list(session.scalars(query.where(_OWN_MANNER).order_by(Station.id)).unique())
    if not apart:
        return []
    made = select(Track.purpose, Track.path).where(
        Track.item_version_id == rundown.item_version_id, Track.station_id.is_not(None), ~Track.draft
    )
    have = {what for what, path in session.execute(made) if Path(path).is_file()}
    purpose = purpose_of(session, rundown)
    return [one for one in apart if station_purpose(purpose, one.id) not in have]


def retire(session: Session, station: Station) -> None:
    """Clips made in a manner that the station no longer has are for nobody; what was sent stays on record."""
    session.execute(update(Track).where(Track.station_id == station.id).values(station_id=None))


def trouble(session: Session, rundown: Rundown) -> str:
    """What of a week's sound is not as it was wished: voices that failed before another one read, a station's own ident
    or jingle that could not be had. Vietnamese sentences, each once; empty when all is well, or there is no sound."""
    purpose = purpose_of(session, rundown)
    of_week = or_(
        Track.purpose == purpose, Track.purpose.startswith(f"{purpose}/s")
    )  # and of single stations
    finished = Track.item_version_id == rundown.item_version_id, Track.draft.is_(False)
    query = select(Track.trouble).where(*finished, of_week, Track.trouble != "")
    found = list(dict.fromkeys(session.scalars(query.order_by(Track.id))))
    more = f" Còn {len(found) - MOST_TROUBLES} đài khác cũng vậy." if len(found) > MOST_TROUBLES else ""
    return " ".join(found[:MOST_TROUBLES]) + more


def trouble_of_station(session: Session, station: Station) -> str:
    """What of its own the newest clip made for a station alone had to do without; Vietnamese, else empty."""
    query = select(Track.trouble).where(Track.station_id == station.id, Track.draft.is_(False))
    return session.scalar(query.order_by(Track.id.desc()).limit(1)) or ""


def of_version(session: Session, version_id: int) -> list[Track]:
    """Every clip made of a version, newest first."""
    query = select(Track).where(Track.item_version_id == version_id)
    return list(session.scalars(query.order_by(Track.id.desc())))


def _about(session: Session, rundown: Rundown, versions: list[ItemVersion]) -> str:
    """The week, the province it names in its tags, and, where there is more than the one item, which (`/x`)."""
    about = f"{rundown.week}/{province_of(session, rundown) or COUNTRY}"
    return about if len(versions) == 1 else f"{about}/x{_digest([one.id for one in versions])}"


def _bound(session: Session, version: ItemVersion) -> str | None:
    """The reading that somebody heard and cleared; another value once it is a recording that was taken out of use."""
    heard = version.cleared_sha256 if version.cleared_by_id else None
    if heard is None or not recording_clearing.is_out_of_use(session, version.id, heard):
        return heard
    return f"not {heard}"


def _digest(of: list[int] | list[list[str | int | None]]) -> str:
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()[:12]


def province_of(session: Session, rundown: Rundown) -> str | None:
    """The code of the province that holds a campaign's area; None for the whole country."""
    scope = Scope.parse(rundown.campaign.scope)
    if scope.kind == "country" or scope.province_code is not None:
        return scope.province_code
    return session.scalar(select(Area.parent_code).where(scope.clause(), Area.kind != "province").limit(1))
