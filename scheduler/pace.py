"""A process's share of a bot's turns: fetched from the shared row a few at a time, and used on time or not at all.

Turns are 37.5 ms apart, so 27 of them lie in a second. A request leaves on its turn or at most LATE_S after it, so that
no stall in any process makes more than 30 in a second; one that would leave later takes another turn. The store's clock
gives the turns; what it means here is learned from the answer that came back fastest, since an answer that was slow to
come would move its turns into the next ones (five processes then drew refusals at an even pace: measured). A job is woken LEAD_S before its turn, so that composing and claiming (30 ms on
two cores, and far more when the machine is full) seldom cost it the turn.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from typing import NamedTuple

from airlog import pace
from airlog.db import Database
from scheduler.channel import Channel

BATCH = 4
"""Turns reserved in one go: fewer trips to the row, and never more than 150 ms of it in one process's hands."""
LATE_S = 0.05
LEAD_S = 0.08
_CLOCK_JUMP_S = 1.0
_PATIENCE_S = 2.0
"""A claimed message waits no longer than this for another turn: the bot is pausing."""


class Turn(NamedTuple):
    """When a request may leave, and when its job was woken for it; both by the loop's clock."""

    at: float
    woken: float


class Pace:
    """Turns of one bot in this process. A channel without a pace (the simulator) has no turns to wait for."""

    def __init__(self, db: Database, channel: Channel) -> None:
        self._db, self._channel = db, channel
        self._turns: deque[float] = deque()
        self._waiting = self._owed = 0
        self._reserving: asyncio.Task[None] | None = None
        self._asking, self._never = asyncio.Lock(), asyncio.Event()
        self._refused_at = 0.0
        self._offsets: deque[float] = deque(maxlen=64)
        """What to add to an instant of the store's clock: too much by the time that the answer took."""

    @property
    def free(self) -> bool:
        """True when nothing limits this channel."""
        return self._channel.pace <= timedelta(0)

    async def turn(self, stop: asyncio.Event, patience_s: float = float("inf")) -> Turn | None:
        """Wait until shortly before this bot's next turn, however long its pause; None when told to stop, or out of
        patience. The turn is shown to `leave`.
        """
        if self.free:
            return None if stop.is_set() else Turn(_now(), _now())
        self._waiting += 1
        try:
            async with self._asking:
                at = await self._next(stop)
                if at is None or at - _now() > patience_s:
                    return None
                return Turn(at, _now()) if await _sleep_until(at - LEAD_S, stop) else None
        finally:
            self._waiting -= 1

    async def leave(self, turn: Turn) -> bool:
        """Called when a request is ready: it leaves on its turn or on another one. False when it may not: the
        service has asked for silence meanwhile."""
        while not self.free and _now() > turn.at + LATE_S:
            another = await self.turn(self._never, _PATIENCE_S)
            if another is None:
                return False
            turn = another
        await asyncio.sleep(turn.at - _now())
        return turn.woken > self._refused_at

    def spent(self, count: int) -> None:
        """Replies leave at once; the broadcast yields as many turns."""
        self._owed += count

    async def pause(self, length: timedelta) -> None:
        """The service asked for silence: turns before this moment are void here; every claim from now on sees it."""
        self._refused_at = _now()
        await self._db.run(pace.pause, self._channel.name, self._channel.bot, length)

    async def _next(self, stop: asyncio.Event) -> float | None:
        while not stop.is_set():
            if not self._turns:
                await self._reserved()
            at = self._turns.popleft()
            if not self._turns and self._waiting > 1:
                self._reserved()  # the next turns are fetched while this one is waited for
            if not self._owed:
                return at
            self._owed -= 1
        return None

    def _reserved(self) -> asyncio.Task[None]:
        """The reservation under way, or a new one."""
        if self._reserving is None or self._reserving.done():
            self._reserving = asyncio.create_task(self._reserve())
        return self._reserving

    async def _reserve(self) -> None:
        count = max(1, min(self._waiting, BATCH))
        args = (self._channel.name, self._channel.bot, self._channel.pace, count)
        turns = await self._db.run(pace.reserve, *args)
        first = turns.first_s + self._offset(_now() - turns.now_s)
        self._turns.extend(first + i * turns.gap_s for i in range(count))

    def _offset(self, seen: float) -> float:
        if self._offsets and abs(seen - min(self._offsets)) > _CLOCK_JUMP_S:
            self._offsets.clear()
        self._offsets.append(seen)
        return min(self._offsets)


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
