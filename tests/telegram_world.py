"""The whole program on its Telegram side: real store, real channel, real fetching, a Bot API stand-in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import people
from airlog.db import Session
from airlog.models import LogEntry, Rundown
from bot.app import App, build
from bot.polling import Polling
from bot.reception import Reception
from bot.settings import Settings
from content.week import Week
from scheduler.clock import Clock
from tests.bot_api import BotApi, Sent
from tests.talk_world import give_sound, launch, settle, store_bytes

LAN, BINH, NEW = 1001, 1002, 1007
PHONES = {LAN: "0912000001", BINH: "0912000002", NEW: "0912000007"}
LONGEST_S = 10


@dataclass
class Line:
    """One running program and the service in front of it. `poll` starts fetching, `hang_up` kills it."""

    api: BotApi
    app: App
    folder: Path
    _task: asyncio.Task[None] | None = None
    _polling: Polling | None = None

    def poll(self, reception: Reception | None = None) -> None:
        assert self.app.telegram is not None
        self._polling = Polling(self.app.db, self.app.telegram, reception or self.app.reception)
        self._task = asyncio.create_task(self._polling.run())

    async def hang_up(self) -> None:
        if self._task is not None and self._polling is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            await self._polling.finish()
        await self.app.close()

    async def quiet(self) -> None:
        """Return when everything that was sent to the bot is handled."""
        self.api.polled.clear()
        self.api._news.set()
        await asyncio.wait_for(self.api.polled.wait(), LONGEST_S)
        if self._polling is not None:
            await self._polling.finish()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LONGEST_S):
            while not condition():
                await asyncio.sleep(0.01)

    async def reply(self, chat_id: int, count: int = 1) -> Sent:
        """The newest message of a chat, as soon as it has got `count` of them."""
        await self.until(lambda: len(self.api.to(chat_id)) >= count)
        return self.api.to(chat_id)[-1]

    def enrol(self, *chats: int) -> None:
        """Chats that were bound before the test."""
        with self.app.db.session() as session:
            for chat in chats:
                person = people.person_by_phone(session, PHONES[chat])
                assert person is not None
                people.add_address(session, person, "telegram", "123456", str(chat), datetime.now(UTC))

    def code(self, chat: int) -> str:
        with self.app.db.session() as session:
            person = people.person_by_phone(session, PHONES[chat])
            assert person is not None
            return people.invite(session, person, datetime.now(UTC)).code

    def log(self) -> list[LogEntry]:
        with self.app.db.session() as session:
            return list(session.scalars(select(LogEntry).order_by(LogEntry.seq)))

    async def send_week(self) -> int:
        """This week's item goes out by the tick."""
        return await self.app.tick.run()


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    """This week's campaign is launched and has its sound; nobody has a chat, nothing was sent."""
    (tmp_path / "loaxa.db").write_bytes(store_bytes(_people_of_yesterday))
    async with BotApi() as api:
        line = Line(api, build_app(api, tmp_path), tmp_path)
        with line.app.db.session() as session:
            now = datetime.now(UTC)
            campaign = launch(session, Week.of(now), time(0), now)
            for rundown in campaign.rundowns[:2]:  # on a Sunday the next week's sound is made ahead
                give_sound(session, rundown, tmp_path, now)
        yield line
        await line.hang_up()


def build_app(api: BotApi, folder: Path, clock: Clock | None = None) -> App:
    settings = Settings(
        _env_file=None, var_dir=folder, telegram_token=api.token, telegram_base_url=api.url,
        telegram_base_file_url=api.file_url, telegram_pace_ms=1, voices=("espeak",), voice_fetch=False,
        upload_mb=1,
    )  # fmt: skip
    return build(settings, clock)


def rundown_of_this_week(session: Session) -> Rundown:
    week = str(Week.of(datetime.now(UTC)))
    return session.scalars(select(Rundown).where(Rundown.week == week)).one()


def _people_of_yesterday(session: Session) -> None:
    settle(session, datetime.now(UTC) - timedelta(days=1))
