"""How one station's programme sounds: whose name opens it, how often and how slowly it is read, its own jingle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from airlog import access, tracks
from airlog.db import Refused
from airlog.files import Kept
from airlog.models import Person, Station


class BadManner(Refused):
    """A manner that does not exist; the message is Vietnamese."""


@dataclass(frozen=True)
class Manner:
    """What the officer chooses; the jingle has its own acts."""

    own_ident: bool
    readings: int
    slow: bool


def set_manner(session: Session, person: Person, station: Station, manner: Manner, now: datetime) -> None:
    """From the next clip on. What was sent stays as it is. Safe to repeat. Raises NotAllowed and BadManner."""
    access.require_officer(session, person, station, "station.sound", now)
    if manner.readings not in (1, 2):
        raise BadManner("Mỗi tin chỉ đọc một hoặc hai lần. Cách phát đang dùng vẫn giữ nguyên.")
    if manner == Manner(station.own_ident, station.readings, station.slow):
        return
    station.own_ident, station.readings, station.slow = manner.own_ident, manner.readings, manner.slow
    _changed(session, person, station, now, repr(manner))


def set_jingle(
    session: Session, person: Person, station: Station, jingle: Kept | None, now: datetime
) -> None:
    """A finished jingle (audio.jingle) in place of the chime; None brings the chime back. Raises NotAllowed."""
    access.require_officer(session, person, station, "station.sound", now)
    digest = jingle.sha256 if jingle else None
    station.jingle_path = str(jingle.path) if jingle else None
    if digest != station.jingle_sha256:
        station.jingle_sha256 = digest
        _changed(session, person, station, now, f"jingle {digest}")


def _changed(session: Session, person: Person, station: Station, now: datetime, detail: str) -> None:
    tracks.retire(session, station)
    access.note(session, person, "station.sound", f"station {station.id}", now, detail=detail)
