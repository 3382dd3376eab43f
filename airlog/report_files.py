"""Reports as they were made and sent: the exact bytes, named by their hash, and who got them when."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access
from airlog.models import Person, ReportFile


@dataclass(frozen=True)
class ReportKey:
    """Which report: of one mandate, over an area (airlog/scope.py) and dates, half open."""

    mandate_id: int
    scope: str
    starts_on: date
    ends_on: date


def keep(
    session: Session,
    key: ReportKey,
    sources: Sequence[Path],
    folder: Path,
    now: datetime,
    made_by: Person | None = None,
) -> list[ReportFile]:
    """Copy the files of a report into `folder` under their hashes and note them. The same bytes again add nothing."""
    kept = [_keep_one(session, key, source, folder, now, made_by) for source in sources]
    session.flush()
    return kept


def files_of(session: Session, key: ReportKey) -> list[ReportFile]:
    """Every file of a report, oldest first; one that went to several addresses stands once for each."""
    query = select(ReportFile).where(
        ReportFile.mandate_id == key.mandate_id,
        ReportFile.scope == key.scope,
        ReportFile.starts_on == key.starts_on,
        ReportFile.ends_on == key.ends_on,
    )
    return list(session.scalars(query.order_by(ReportFile.id)))


def all_files(session: Session) -> list[ReportFile]:
    """Newest first, for a page that lists them."""
    return list(session.scalars(select(ReportFile).order_by(ReportFile.id.desc())))


def sent_to(session: Session, key: ReportKey, to: str) -> datetime | None:
    """When this report last went to an address, in whatever edition; None if it never did."""
    times = [
        row.sent_at
        for row in files_of(session, key)
        if row.sent_at is not None and (row.sent_to or "").casefold() == to.strip().casefold()
    ]
    return max(times, default=None)


def mark_sent(
    session: Session, rows: Sequence[ReportFile], to: str, now: datetime, person: Person | None = None
) -> None:
    """Note that these files went out. A file that went elsewhere before gets a second row, the first one stays."""
    for row in rows:
        if row.sent_at is not None:
            row = _copy(row)
            session.add(row)
        row.sent_to, row.sent_at = to.strip(), now
    session.flush()
    for name in sorted({row.name for row in rows}):
        access.note(session, person, "report.send", name, now, detail=to.strip())


def _keep_one(
    session: Session, key: ReportKey, source: Path, folder: Path, now: datetime, made_by: Person | None
) -> ReportFile:
    data = source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    for known in files_of(session, key):
        if known.sha256 == digest and known.name == source.name and Path(known.path).is_file():
            return known
    row = ReportFile(
        mandate_id=key.mandate_id, scope=key.scope, starts_on=key.starts_on, ends_on=key.ends_on,
        name=source.name, sha256=digest, path=str(_store(data, digest, source.suffix, folder)), made_at=now,
        made_by_id=made_by.id if made_by else None,
    )  # fmt: skip
    session.add(row)
    return row


def _store(data: bytes, digest: str, suffix: str, folder: Path) -> Path:
    """Temporary name first, then rename: a file under its hash is always whole."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{digest}{suffix}"
    partial = folder / f".{digest}.{os.getpid()}.part"
    partial.write_bytes(data)
    partial.replace(target)
    return target


def _copy(row: ReportFile) -> ReportFile:
    return ReportFile(
        mandate_id=row.mandate_id, scope=row.scope, starts_on=row.starts_on, ends_on=row.ends_on,
        name=row.name, sha256=row.sha256, path=row.path, made_at=row.made_at, made_by_id=row.made_by_id,
    )  # fmt: skip
