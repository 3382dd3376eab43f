"""Fetching Telegram's updates: each is committed before the offset that confirms it moves on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from airlog import updates
from airlog.db import Database, Session
from airlog.models import IncomingUpdate
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
        self._offset: int | None = None

    async def run(self) -> None:
        """Until cancelled. A dead network is waited out; the pages and everything else go on meanwhile."""
        for step in (self._channel.start, self._channel.start_polling, self._leftovers):
            await self._insist(step)
        while True:
            await self._insist(self._next_batch)

    async def finish(self) -> None:
        """Wait for the answers in hand."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _next_batch(self) -> None:
        for raw in await self._channel.fetch(self._offset, POLL_S):
            row_id = await self._reception.store(self._channel, str(raw.update_id), raw.body)
            self._offset = raw.update_id + 1
            if row_id is not None:
                await self._start(row_id, raw.body, datetime.now(UTC))

    async def _leftovers(self) -> None:
        """Updates that a crash left stored but not handled; a tap was made when it came, not now."""
        for row_id, body, received_at in await self._db.read(_left, self._channel.name, self._channel.bot):
            await self._start(row_id, body, received_at)

    async def _start(self, row_id: int, body: str, fetched_at: datetime) -> None:
        await self._room.acquire()
        incoming = self._channel.parse(body, fetched_at)
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
        """Until it works. Broad on purpose: a store that is locked or full is waited out like a dead network,
        since what was not stored is not confirmed to Telegram and comes again."""
        failures = 0
        while True:
            try:
                await step()
                return
            except Exception as error:
                log.warning("telegram: %s", error.reason if isinstance(error, ChannelError) else repr(error))
                await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
                failures += 1


def _left(session: Session, channel: str, bot: str) -> list[tuple[int, str, datetime]]:
    found = updates.unhandled(session, channel, bot)
    return [(row_id, body, session.get_one(IncomingUpdate, row_id).received_at) for row_id, body in found]
