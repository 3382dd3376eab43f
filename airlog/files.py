"""Files beside the database: kept under a folder, named by the hash of their bytes, found by their rows."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog.models import Aircheck, Attachment, Item, ItemVersion, LogEntry, Station, Track


@dataclass(frozen=True)
class Kept:
    """A file as it lies on the disk."""

    path: Path
    sha256: str
    size_bytes: int


def keep_file(folder: Path, data: bytes, suffix: str) -> Kept:
    """Write bytes under their hash, whole or not at all. The same bytes again are the same file."""
    digest = hashlib.sha256(data).hexdigest()
    path = folder / digest[:2] / f"{digest}{suffix}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
        part.write_bytes(data)
        part.replace(path)
    return Kept(path, digest, len(data))


def track_by_id(session: Session, track_id: int) -> Track | None:
    return session.get(Track, track_id)


def item_of_track(session: Session, track: Track) -> Item:
    return session.get_one(ItemVersion, track.item_version_id).item


def attachment_by_id(session: Session, attachment_id: int) -> Attachment | None:
    return session.get(Attachment, attachment_id)


def aircheck_by_id(session: Session, aircheck_id: int) -> tuple[Aircheck, Station] | None:
    """A proof with the station it is about."""
    query = (
        select(Aircheck, Station)
        .join(LogEntry, Aircheck.entry_seq == LogEntry.seq)
        .join(Station, LogEntry.station_id == Station.id)
        .where(Aircheck.id == aircheck_id)
    )
    found = session.execute(query).unique().first()
    return (found[0], found[1]) if found else None


def airchecks_of(session: Session, station: Station) -> dict[int, list[Aircheck]]:
    """The proofs of a station, by the line of the log they were given with."""
    query = (
        select(Aircheck)
        .join(LogEntry, Aircheck.entry_seq == LogEntry.seq)
        .where(LogEntry.station_id == station.id)
        .order_by(Aircheck.id)
    )
    found: dict[int, list[Aircheck]] = {}
    for check in session.scalars(query):
        found.setdefault(check.entry_seq, []).append(check)
    return found
