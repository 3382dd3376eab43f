"""Mandates as officers change them: only the address its reports go to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from airlog import access
from airlog.models import Mandate, Person


def set_report_email(session: Session, mandate: Mandate, email: str, person: Person, now: datetime) -> None:
    """`email` was checked; empty takes the address away."""
    mandate.report_email = email
    access.note(session, person, "mandate.email", str(mandate.id), now, detail=email)
