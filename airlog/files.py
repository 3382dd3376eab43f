"""Files beside the database: kept under a folder, named by the hash of their bytes, found by their rows."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog.models import Aircheck, LogEntry, Station


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


def sha256_of(path: Path) -> str | None:
    """None when there is no such file. For pages and lists; whoever makes sound of a file reads its bytes anew."""
    try:
        found = path.stat()
        return _sha256(path, found.st_mtime_ns, found.st_size)
    except OSError:
        return None


@lru_cache(maxsize=2048)
def _sha256(path: Path, mtime_ns: int, size_bytes: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def aircheck_by_id(session: Session, aircheck_id: int) -> tuple[Aircheck, Station] | None:
    """A proof with the station it is about."""
    check = session.get(Aircheck, aircheck_id)
    if check is None:
        return None
    return check, session.get_one(Station, session.get_one(LogEntry, check.entry_seq).station_id)


def airchecks_of(session: Session, station: Station) -> dict[int, list[Aircheck]]:
    """The proofs of a station, by the line of the log they were given with."""
    query = select(Aircheck).join(LogEntry, Aircheck.entry_seq == LogEntry.seq)
    found: dict[int, list[Aircheck]] = {}
    for check in session.scalars(query.where(LogEntry.station_id == station.id).order_by(Aircheck.id)):
        found.setdefault(check.entry_seq, []).append(check)
    return found
