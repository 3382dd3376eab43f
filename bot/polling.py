"""Fetching a bot's updates: by one process at a time, each committed before the offset that confirms it moves on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

from airlog import leases
from airlog.db import Database, Session, store_seconds
from bot.channels.raw_updates import RawUpdate
from bot.reception import Reading, Reception
from scheduler.channel import ChannelError

log = logging.getLogger("loaxa.polling")
POLL_S = 25
LEASE = timedelta(seconds=20)
"""Renewed after a quarter; whoever waits for it asks after a tenth, so a dead poller is followed within 22 s."""
_PAUSES_S = (1, 2, 5, 15, 30)
_CLOSING_S = 5


class Polled(Reading, Protocol):
    """A channel that is asked for its updates."""

    async def start(self) -> None:
        """Ask the service who this bot is."""
        ...

    async def start_polling(self) -> None:
        """Take incoming updates away from a webhook."""
        ...

    async def fetch(self, offset: int | None, timeout_s: int) -> Sequence[RawUpdate]:
        """Wait for updates. Where they are numbered, asking with an offset confirms all before it."""
        ...


class Polling:
    """The poller of one bot in this process. It fetches while it holds the bot's lease and waits for it otherwise:
    Telegram answers a second poller with 409.

    The lease is for quiet, not for safety: an update that two fetch is stored once and handled once. `node`: this
    process's own unchanging name, so that after a restart it need not wait for its own lease to run out.
    """

    def __init__(
        self,
        db: Database,
        channel: Polled,
        reception: Reception,
        node: str = "",
        lease: timedelta = LEASE,
    ) -> None:
        self._db, self._channel, self._reception = db, channel, reception
        self._node, self._lease = node or uuid4().hex, lease
        self._task = f"poll:{channel.name}:{channel.bot}"
        self._offset: int | None = None
        self._failures = 0
        self._asking: asyncio.Task[bool] | None = None
        self._storing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until cancelled. A dead network is waited out; the pages and everything else go on meanwhile."""
        try:
            while True:
                try:
                    await self._wait_for_turn()
                    await self._turn()
                except Exception as error:
                    await self._pause_after(error)
        finally:
            await self._let_go()

    async def finish(self) -> None:
        """Wait for the answers in hand."""
        if self._storing is not None:
            await asyncio.wait([self._storing])
        await self._reception.finish()

    async def _wait_for_turn(self) -> None:
        if await self._hold():
            return
        log.info("bot=%s is polled by another process; this one waits", self._channel.bot)
        while not await self._hold():
            await asyncio.sleep(self._lease.total_seconds() / 10)

    async def _turn(self) -> None:
        """Fetch until the lease is lost; a fetch may outlast it. Raises what a fetch or the store raises."""
        keeping = asyncio.create_task(self._keep_lease())
        fetching = asyncio.create_task(self._fetch_for_ever())
        try:
            await asyncio.wait([keeping, fetching], return_when=asyncio.FIRST_COMPLETED)
        finally:
            keeping.cancel()
            fetching.cancel()
            results = await asyncio.gather(fetching, keeping, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
        log.warning("bot=%s: the lease is lost, fetching stops", self._channel.bot)

    async def _fetch_for_ever(self) -> None:
        """Returns when the lease turns out to be another's, before that batch is confirmed to Telegram."""
        for step in (self._channel.start, self._channel.start_polling):
            await step()
        log.info("bot=%s polled by node=%s", self._channel.bot, self._node)
        # Whoever polled before may have died with some in hand; if it lives, the row lock lets one of us act.
        await self._reception.take_leftovers(self._channel, None)
        self._offset = None
        while True:
            batch = await self._channel.fetch(self._offset, POLL_S)
            self._failures = 0
            if batch:
                # A stop does not cut it short: what was stored here is answered here.
                self._storing = asyncio.create_task(self._take_in(batch))
                self._storing.add_done_callback(_seen)
                await asyncio.shield(self._storing)
                if not await self._db.read(_is_mine, self._task, self._node):
                    return
                last = batch[-1].update_id
                # Zalo has no numbers, and brings some again.
                self._offset = last + 1 if isinstance(last, int) else None
                await self._reception.room()

    async def _take_in(self, batch: Sequence[RawUpdate]) -> None:
        for waiting in await self._reception.keep(self._channel, [(str(r.update_id), r.body) for r in batch]):
            self._reception.begin(self._channel, waiting)

    async def _keep_lease(self) -> None:
        """Renew the lease; returns when it is lost, or so nearly run out that it cannot be counted on."""
        length_s = self._lease.total_seconds()
        good_until = time.monotonic() + length_s * 0.6
        while time.monotonic() < good_until:
            await asyncio.sleep(length_s / 4)
            asked_at = time.monotonic()
            try:
                async with asyncio.timeout(max(good_until - asked_at, length_s / 10)):
                    if not await self._hold():
                        return
                good_until = asked_at + length_s * 0.85
            except Exception as error:
                log.warning("bot=%s: lease not renewed: %r", self._channel.bot, error)

    async def _hold(self) -> bool:
        """In a task of its own: a renewal that is cancelled would still be committed, after the release."""
        if self._asking is not None and not self._asking.done():
            await asyncio.wait([self._asking])
        self._asking = asyncio.create_task(self._db.run(_hold, self._task, self._node, self._lease))
        self._asking.add_done_callback(_seen)
        return await asyncio.shield(self._asking)

    async def _let_go(self) -> None:
        """Others need not wait for the lease to run out."""
        try:
            async with asyncio.timeout(_CLOSING_S):
                if self._asking is not None:
                    await asyncio.wait([self._asking])
                await self._db.run(leases.release, self._task, self._node)
        except Exception as error:
            log.warning("bot=%s: lease not given back: %r", self._channel.bot, error)

    async def _pause_after(self, error: Exception) -> None:
        """Broad on purpose: a store that is locked or full is waited out like a dead network, since what was not
        stored is not confirmed to Telegram and comes again. Meanwhile another process may have better luck."""
        reason = error.reason if isinstance(error, ChannelError) else repr(error)
        log.warning("%s: %s", self._channel.name, reason)
        await self._let_go()
        await asyncio.sleep(_PAUSES_S[min(self._failures, len(_PAUSES_S) - 1)])
        self._failures += 1


def _hold(session: Session, task: str, node: str, length: timedelta) -> bool:
    return leases.hold(session, task, node, length, store_seconds(session))


def _is_mine(session: Session, task: str, node: str) -> bool:
    return leases.holder(session, task, store_seconds(session)) == node


def _seen(task: asyncio.Task[bool] | asyncio.Task[None]) -> None:
    """Whoever waited for it may be gone; its error was told or does not matter any more."""
    if not task.cancelled():
        task.exception()
