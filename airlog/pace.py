"""When a bot may send next: one row per bot, shared by every process that sends for it.

Turns are handed out evenly spaced, a few at a time. A refusal pauses the bot in every process and widens the gap;
each turn handed out afterwards wins a little of it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BindParameter, ColumnElement, select
from sqlalchemy.orm import Session

from airlog.db import insert_new, store_clock, store_seconds
from airlog.models import BotPace

_SLOWER, _SLOWEST = 1.5, 4.0
_RECOVERED = 0.004
"""Won back per turn: after one refusal the set pace is reached again in 125 messages, about five seconds."""


@dataclass(frozen=True)
class Turns:
    """Reserved turns: the first at `first_s`, the others `gap_s` apart; when the store's clock stood at `now_s`."""

    first_s: float
    gap_s: float
    count: int
    now_s: float

    @property
    def wait_s(self) -> float:
        return self.first_s - self.now_s


def reserve(session: Session, channel: str, bot: str, gap: timedelta, count: int) -> Turns:
    """Take the bot's next `count` turns, at least `gap` apart."""
    row = _locked(session, channel, bot)
    now = store_seconds(session)
    gap_s = gap.total_seconds() * row.slowness
    first = max(row.next_at_s, row.paused_until_s, now)
    row.next_at_s = first + count * gap_s
    row.slowness = max(1.0, row.slowness - _RECOVERED * count)
    return Turns(first, gap_s, count, now)


def pause(session: Session, channel: str, bot: str, length: timedelta) -> None:
    """The service refused and asked for silence: nobody sends for this bot meanwhile, and slower afterwards."""
    row = _locked(session, channel, bot)
    now = store_seconds(session)
    if row.paused_until_s <= now:  # several refusals of one moment are one refusal
        row.slowness = min(row.slowness * _SLOWER, _SLOWEST)
    row.paused_until_s = max(row.paused_until_s, now + length.total_seconds())


def pause_left(session: Session, channel: str, bot: str) -> timedelta:
    """How long the service still wants silence; zero when it does not."""
    query = select(BotPace.paused_until_s).where(BotPace.channel == channel, BotPace.bot == bot)
    until = session.scalar(query) or 0.0
    return timedelta(seconds=max(until - store_seconds(session), 0.0)) if until else timedelta(0)


def pausing(channel: BindParameter[str], bot: BindParameter[str]) -> ColumnElement[bool]:
    """The same as a condition: asked by the statement that claims a row."""
    query = select(BotPace.bot).where(BotPace.channel == channel, BotPace.bot == bot)
    return query.where(BotPace.paused_until_s > store_clock()).exists()


def _locked(session: Session, channel: str, bot: str) -> BotPace:
    key = {"channel": channel, "bot": bot}
    row = session.get(BotPace, key, with_for_update=True, populate_existing=True)
    if row is None:
        insert_new(session, BotPace, [dict(key)], list(key))
        row = session.get_one(BotPace, key, with_for_update=True, populate_existing=True)
    return row
