"""Counting what a bot sends in a month, and telling the admins once when its budget runs low."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from airlog import access, deliveries, people, pool
from airlog.budget import Month, month_of
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Delivery
from airlog.types import Rung
from content import zalo_messages
from content.week import Week
from scheduler.channel import Outgoing

_ABOUT = "month"


def count_sent(
    session: Session, channel: str, bot: str, budget: int, channels: Sequence[str], now: datetime
) -> None:
    """One more message of a bot. The first beyond a level of the budget plans one message to each admin."""
    used = Month(pool.count(session, channel, bot, now), budget)
    if used.level:
        deliveries.plan(session, _alerts(session, f"{channel}:{bot}", used, channels, now))


def is_budget_alert(row: Delivery) -> bool:
    return row.key.startswith(f"-:{_ABOUT}:")


def budget_alert(session: Session, row: Delivery) -> Outgoing:
    """The key says it all but the figure: `-:month:<service>:<bot>:2026-11:<level>:<budget>:…`."""
    _, _, channel, bot, month, level, budget = row.key.split(":")[:7]
    used = pool.sent_in(session, channel, bot, month)
    return Outgoing(zalo_messages.budget_alert(bot, int(month[5:]), int(level), used, int(budget)))


def _alerts(session: Session, line: str, used: Month, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """Each admin hears of a level of a bot once a month; the week in a key would make it once a week."""
    about = f"{_ABOUT}:{line}:{month_of(now)}:{used.level}"
    return [
        Wanted(Rung.ALERT, address, str(Week.of(now)), now, about=f"{about}:{used.budget}")
        for person in access.people_with(session, access.ADMINS, now)
        if (address := people.first_address(person, channels))
        and not deliveries.was_told(session, person, Rung.ALERT, f"-:{about}:")
    ]
