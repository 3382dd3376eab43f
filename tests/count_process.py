"""Counts messages of one bot, in a process of its own, beside others that do the same."""

from __future__ import annotations

from datetime import datetime

from airlog import pool
from airlog.db import Database


def count(url: str, bot: str, times: int, now: datetime) -> list[int]:
    """What this process was told after each of its messages."""
    db = Database(url)
    told = []
    for _ in range(times):
        with db.session() as session:
            told.append(pool.count(session, "zalo", bot, now))
    db.close()
    return told
