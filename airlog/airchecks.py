"""Proof of an airing: photos and recordings, kept outside the database and named by their hash."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from airlog.models import Aircheck, LogEntry, Person


class KeptFile(NamedTuple):
    """A file a person sent, already checked, re-encoded if a picture, and stored under its hash."""

    kind: str
    mime: str
    path: Path
    size_bytes: int


def keep(session: Session, entry: LogEntry, person: Person, kept: KeptFile, now: datetime) -> Aircheck:
    """Tie a stored file to a statement. The same file again adds nothing."""
    same = {"entry_seq": entry.seq, "sha256": kept.path.stem}
    found = session.scalar(select(Aircheck).filter_by(**same))
    if found is not None:
        return found
    row = Aircheck(**same, person_id=person.id, kind=kept.kind, mime=kept.mime, path=str(kept.path))
    row.size_bytes, row.received_at = kept.size_bytes, now
    session.add(row)
    session.flush()
    return row


def of_duty(session: Session, duty_id: int) -> list[Aircheck]:
    """Every proof given for a duty, also for statements that were corrected since."""
    query = select(Aircheck).join(LogEntry, Aircheck.entry_seq == LogEntry.seq)
    return list(session.scalars(query.where(LogEntry.duty_id == duty_id).order_by(Aircheck.id)))


def as_text(kept: KeptFile) -> str:
    """A file that waits for the answer to “proof of what?”, as the dialog keeps it."""
    return json.dumps(kept, default=str)


def from_text(text: str) -> KeptFile:
    kind, mime, path, size_bytes = json.loads(text)
    return KeptFile(kind, mime, Path(path), size_bytes)
