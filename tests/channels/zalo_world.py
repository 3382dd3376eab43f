"""A station's operator with a Zalo chat, and processes that share one store: what Zalo's ways in are tested on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from airlog import people
from airlog.db import Database, Session
from bot.channels.zalo import ZaloChannel
from bot.desk import Desk
from bot.reception import Reception
from scheduler.clock import Clock
from scheduler.plan import plan_duties
from tests.world import HANH, WEEK, World, person_of
from tests.zalo_api import ZaloApi

CHAT = "31f0a9c2be47d5508e1a"
BOT = "700800900"


@dataclass
class ZaloProcess:
    """What one process has for itself: its connections to the store and to Zalo."""

    db: Database
    channel: ZaloChannel
    reception: Reception


@asynccontextmanager
async def zalo_process(url: str, api: ZaloApi, folder: Path, clock: Clock) -> AsyncIterator[ZaloProcess]:
    """One more process on the same store."""
    db = Database(url)
    channel = ZaloChannel(api.token, base_url=api.url)
    desk = Desk(("zalo",), "http://127.0.0.1", folder, 1)
    here = ZaloProcess(db, channel, Reception(db, desk, clock))
    yield here
    await here.reception.finish()
    await channel.close()
    db.close()


def ready(world: World) -> None:
    """Hạnh has a Zalo chat and a duty of this week."""
    world.launch()

    def work(session: Session) -> None:
        people.add_address(session, person_of(session, HANH), "zalo", BOT, CHAT, world.now)
        plan_duties(session, WEEK, world.now)

    world.ask(work)


def texts(api: ZaloApi) -> list[str]:
    return [sent.text for sent in api.to(CHAT)]
