"""Fetching Telegram's updates: each is committed before the offset that confirms it moves on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from airlog import updates
from airlog.db import Database
from bot.channels.telegram import TelegramChannel
from bot.reception import Reception
from scheduler.channel import ChannelError

log = logging.getLogger("loaxa.polling")
POLL_S = 25
_PAUSES_S = (1, 2, 5, 15, 30)
AT_ONCE = 64


class Polling:
    """One poller for one bot. Only one process may run it for a token (Telegram answers a second with 409)."""

    def __init__(self, db: Database, channel: TelegramChannel, reception: Reception) -> None:
        self._db, self._channel, self._reception = db, channel, reception
        self._tasks: set[asyncio.Task[object]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Until cancelled. A dead network is waited out; the pages and everything else go on meanwhile."""
        await self._insist(self._channel.start)
        await self._insist(self._channel.start_polling)
        await self._leftovers()
        offset: int | None = None
        failures = 0
        while True:
            try:
                batch = await self._channel.fetch(offset, POLL_S)
                failures = 0
            except ChannelError as error:
                log.warning("fetch failed: %s", error.reason)
                await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
                failures += 1
                continue
            for raw in batch:
                row_id = await self._reception.store(self._channel, str(raw.update_id), raw.body)
                offset = raw.update_id + 1
                if row_id is not None:
                    await self._start(row_id, raw.body)

    async def finish(self) -> None:
        """Wait for the answers in hand."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _leftovers(self) -> None:
        """Updates that a crash left stored but not handled."""
        for row_id, body in await self._db.read(updates.unhandled, self._channel.name, self._channel.bot):
            await self._start(row_id, body)

    async def _start(self, row_id: int, body: str) -> None:
        await self._room.acquire()
        incoming = self._channel.parse(body, datetime.now(UTC))
        task: asyncio.Task[object] = asyncio.create_task(
            self._reception.take(self._channel, row_id, incoming)
        )
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        self._room.release()
        if not task.cancelled() and task.exception():
            log.error("update failed", exc_info=task.exception())

    async def _insist(self, step: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while True:
            try:
                await step()
                return
            except ChannelError as error:
                log.warning("telegram not reached: %s", error.reason)
                await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
                failures += 1
