"""Proof of an airing: photos and recordings, kept outside the database and named by their hash."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog.models import Aircheck, LogEntry, Person


def keep(
    session: Session,
    entry: LogEntry,
    person: Person,
    kind: str,
    mime: str,
    path: Path,
    size_bytes: int,
    now: datetime,
) -> Aircheck:
    """Tie a stored file to a statement. The same file again adds nothing."""
    query = select(Aircheck).where(Aircheck.entry_seq == entry.seq, Aircheck.sha256 == path.stem)
    found = session.scalar(query)
    if found is not None:
        return found
    row = Aircheck(entry_seq=entry.seq, person_id=person.id, kind=kind, mime=mime, sha256=path.stem)
    row.path, row.size_bytes, row.received_at = str(path), size_bytes, now
    session.add(row)
    session.flush()
    return row


def of_duty(session: Session, duty_id: int) -> list[Aircheck]:
    """Every proof given for a duty, also for statements that were corrected since."""
    query = select(Aircheck).join(LogEntry, Aircheck.entry_seq == LogEntry.seq)
    return list(session.scalars(query.where(LogEntry.duty_id == duty_id).order_by(Aircheck.id)))


def as_text(kind: str, mime: str, path: Path, size_bytes: int) -> str:
    """A file that waits for the answer to “proof of what?”, as the dialog keeps it."""
    return json.dumps([kind, mime, str(path), size_bytes])


def from_text(text: str) -> tuple[str, str, Path, int]:
    kind, mime, path, size = json.loads(text)
    return kind, mime, Path(path), size
