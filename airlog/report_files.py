"""Reports as they were made and sent: the exact bytes, named by their hash, and who got them when."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog import access
from airlog.files import keep_file
from airlog.models import Mandate, Person, ReportFile

_AS_MADE = ("mandate_id", "scope", "starts_on", "ends_on", "name", "sha256", "path", "made_at", "made_by_id")


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
    return list(session.scalars(select(ReportFile).filter_by(**asdict(key)).order_by(ReportFile.id)))


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
            row = ReportFile(**{name: getattr(row, name) for name in _AS_MADE})
            session.add(row)
        row.sent_to, row.sent_at = to.strip(), now
    session.flush()
    for name in sorted({row.name for row in rows}):
        access.note(session, person, "report.send", name, now, detail=to.strip())


def set_address(session: Session, mandate: Mandate, email: str, person: Person, now: datetime) -> None:
    """Where the reports of a mandate go. `email` was checked; empty takes the address away."""
    mandate.report_email = email
    access.note(session, person, "mandate.email", str(mandate.id), now, detail=email)


def _keep_one(
    session: Session, key: ReportKey, source: Path, folder: Path, now: datetime, made_by: Person | None
) -> ReportFile:
    data = source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    for known in files_of(session, key):
        if known.sha256 == digest and known.name == source.name and Path(known.path).is_file():
            return known
    kept = keep_file(folder, data, source.suffix)
    row = ReportFile(**asdict(key), name=source.name, sha256=kept.sha256, path=str(kept.path), made_at=now)
    row.made_by_id = made_by.id if made_by else None
    session.add(row)
    return row
