"""Facts about the database itself, by name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from airlog.models import Fact

TRIAL = "trial"
"""Present in a database of invented people and history."""


def put(session: Session, name: str, value: str) -> None:
    row = session.get(Fact, name) or Fact(name=name)
    row.value = value
    session.add(row)


def get(session: Session, name: str) -> str | None:
    row = session.get(Fact, name)
    return row.value if row else None


def is_trial(session: Session) -> bool:
    return get(session, TRIAL) is not None
