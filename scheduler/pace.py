"""A process's share of a bot's turns: fetched from the shared row a few at a time, kept in order.

Two spacings guard one limit. The row spaces the turns of all processes; `leave` spaces the requests of this one,
so that what a stalled disk or loop held up does not leave in one burst when it goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

from airlog import pace
from airlog.db import Database
from scheduler.channel import Channel

BATCH = 4
"""Turns reserved in one go: fewer trips to the row, and never more than 150 ms of it in one process's hands."""
_TIGHT = 0.92
"""The least gap between two requests of one process, as a share of the set one: 34.5 of 37.5 ms, 29 a second."""


class Pace:
    """Turns of one bot in this process. A channel without a pace (the simulator) has no turns to wait for."""

    def __init__(self, db: Database, channel: Channel) -> None:
        self._db, self._channel = db, channel
        self._turns: deque[float] = deque()
        self._waiting = 0
        self._reserving: asyncio.Task[None] | None = None
        self._asking, self._leaving = asyncio.Lock(), asyncio.Lock()
        self._free_at = self._silent_until = 0.0

    @property
    def free(self) -> bool:
        """True when nothing limits this channel."""
        return self._channel.pace <= timedelta(0)

    async def turn(self, stop: asyncio.Event) -> bool:
        """Wait for this bot's next turn, however long its pause; False when told to stop meanwhile."""
        if self.free:
            return not stop.is_set()
        self._waiting += 1
        try:
            async with self._asking:
                if stop.is_set():
                    return False
                if not self._turns:
                    await self._reserved()
                at = self._turns.popleft()
                if not self._turns and self._waiting > 1:
                    self._reserved()  # the next turns are fetched while this one is waited for
                return await _sleep_until(at, stop)
        finally:
            self._waiting -= 1

    async def leave(self) -> bool:
        """Wait until a request may leave this process; False when the service has asked for silence meanwhile."""
        if not self.free:
            async with self._leaving:
                wait = self._free_at - _now()
                if wait > 0:
                    await asyncio.sleep(wait)
                self.spent()
        return _now() >= self._silent_until

    def spent(self, count: int = 1) -> None:
        """Requests leave now, of the broadcast or replies beside it: replies do not wait, the broadcast yields."""
        gap_s = self._channel.pace.total_seconds() * _TIGHT
        self._free_at = max(self._free_at, _now()) + count * gap_s

    async def pause(self, length: timedelta) -> None:
        """The service asked for silence: this process keeps it at once, the others from their next claim on."""
        self._silent_until = _now() + length.total_seconds()
        await self._db.run(pace.pause, self._channel.name, self._channel.bot, length)

    def _reserved(self) -> asyncio.Task[None]:
        """The reservation under way, or a new one."""
        if self._reserving is None or self._reserving.done():
            self._reserving = asyncio.create_task(self._reserve())
        return self._reserving

    async def _reserve(self) -> None:
        count = max(1, min(self._waiting, BATCH))
        args = (self._channel.name, self._channel.bot, self._channel.pace, count)
        turns = await self._db.run(pace.reserve, *args)
        first = _now() + turns.wait_s
        self._turns.extend(first + i * turns.gap_s for i in range(count))


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _sleep_until(at: float, stop: asyncio.Event) -> bool:
    wait = at - _now()
    if wait <= 0:
        return True
    try:
        await asyncio.wait_for(stop.wait(), wait)
    except TimeoutError:
        return True
    return False
