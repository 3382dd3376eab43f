"""A station's operator with a Telegram chat, and processes that share one store: what the ways in are tested on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from airlog import people
from airlog.db import Database, Session
from airlog.models import IncomingUpdate, LogEntry
from bot.channels.telegram import TelegramChannel
from bot.desk import Desk
from bot.reception import Reception
from scheduler.clock import Clock
from scheduler.plan import plan_duties
from tests.bot_api import BotApi
from tests.world import DAK_WIL, HANH, WEEK, World, duty_of, person_of

CHAT = 1001
LONGEST_S = 90


@dataclass
class Process:
    """What one process has for itself: its connections to the store and to Telegram."""

    db: Database
    channel: TelegramChannel
    desk: Desk
    reception: Reception


def url_of(world: World) -> str:
    return world.db.url.render_as_string(hide_password=False)


@asynccontextmanager
async def process(url: str, api_url: str, token: str, folder: Path, clock: Clock) -> AsyncIterator[Process]:
    """One more process on the same store."""
    db = Database(url)
    channel = TelegramChannel(token, base_url=api_url)
    desk = Desk(("telegram",), "http://127.0.0.1", folder, 1)
    yield Process(db, channel, desk, Reception(db, desk, clock))
    await channel.close()
    db.close()


def ready(world: World) -> str:
    """Hạnh has a Telegram chat and a duty of this week; the data of her button “Đã phát”."""
    world.launch()

    def work(session: Session) -> str:
        people.add_address(session, person_of(session, HANH), "telegram", "123456", str(CHAT), world.now)
        plan_duties(session, WEEK, world.now)
        return f"aired:{duty_of(session, DAK_WIL).id}"

    return world.ask(work)


def entries(world: World) -> list[LogEntry]:
    return world.ask(lambda s: list(s.scalars(select(LogEntry).order_by(LogEntry.seq))))


def stored(world: World) -> list[IncomingUpdate]:
    return world.ask(lambda s: list(s.scalars(select(IncomingUpdate).order_by(IncomingUpdate.id))))


def texts(api: BotApi) -> list[str]:
    """What the chat got, edits not counted."""
    return [sent.text for sent in api.to(CHAT)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST_S):
        while not condition():
            await asyncio.sleep(0.02)
