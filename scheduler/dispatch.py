"""Sending what is due: wait for the bot's turn, claim, send, record (docs/adr/0002).

1. the pace of the bot is waited for first, so that a claim is never old when its request leaves;
2. the claim is committed, with the message made from what the record says now;
3. the request leaves with no transaction open;
4. what the service answered is recorded: sent, retried later, failed, or unknown. Unknown is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from airlog import deliveries, queries
from airlog.db import Database, Session
from scheduler.channel import Channel, ChannelError, Receipt
from scheduler.clock import Clock
from scheduler.compose import Letter, compose

log = logging.getLogger("loaxa.dispatch")
PATIENCE = timedelta(seconds=5)
"""A pause no longer than this is waited for within the tick."""
IN_FLIGHT = 12
"""Enough for 27 messages a second at 300 ms of latency; more only costs CPU (measured, docs/operations.md)."""


@dataclass(frozen=True)
class Claimed:
    """A row taken for sending, with everything the send needs."""

    delivery_id: int
    address_id: int
    chat_id: str
    letter: Letter


@dataclass
class Pace:
    """Evenly spaced turns of one bot, and the pause that its service asked for."""

    gap: timedelta
    _next: float = 0.0
    _paused_until: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def pause_left(self) -> timedelta:
        """How long the service still wants silence; zero when it does not."""
        return timedelta(seconds=max(self._paused_until - asyncio.get_running_loop().time(), 0))

    async def turn(self) -> None:
        """Return when it is this caller's turn."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            wait = self._next - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            self._next = max(self._next, loop.time()) + self.gap.total_seconds()

    def pause(self, length: timedelta) -> None:
        """Nobody sends for a while: the service said so."""
        self._paused_until = asyncio.get_running_loop().time() + length.total_seconds()
        self._next = max(self._next, self._paused_until)


class _NotNow(Exception):
    """The bot must be silent for a while; the request has not left."""


class Dispatcher:
    """Sends due deliveries over the channels that run here."""

    def __init__(self, db: Database, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._db, self._channels, self._clock = db, channels, clock
        self._paces = {name: Pace(channel.pace) for name, channel in channels.items()}
        self._uploading = {name: asyncio.Lock() for name in channels}

    async def drain(self, stop: asyncio.Event | None = None) -> int:
        """Send everything that is due now; returns how many rows were handled."""
        handled = 0
        while not (stop and stop.is_set()):
            ids = await self._db.read(deliveries.due, self._clock.now(), self._willing())
            if not ids:
                break
            queue = list(reversed(ids))
            workers = [self._worker(queue, stop) for _ in range(min(IN_FLIGHT, len(ids)))]
            done = sum(await asyncio.gather(*workers))
            handled += done
            if not done:
                break
        return handled

    async def _worker(self, queue: list[tuple[int, str]], stop: asyncio.Event | None) -> int:
        done = 0
        while queue and not (stop and stop.is_set()):
            delivery_id, channel = queue.pop()
            done += await self._one(delivery_id, channel)
        return done

    def _willing(self) -> list[str]:
        """Channels worth waiting for. One that pauses for long must not hold up the tick: the next finds its rows."""
        return [name for name, pace in self._paces.items() if pace.pause_left <= PATIENCE]

    async def _one(self, delivery_id: int, name: str) -> int:
        channel = self._channels.get(name)
        if channel is None or name not in self._willing():
            return 0
        await self._paces[name].turn()
        if name not in self._willing():
            return 0
        claimed = await self._db.run(_claim, delivery_id, self._clock.now())
        if claimed is None:
            return 0
        try:
            receipt = await self._send(channel, claimed)
        except _NotNow:
            until = self._clock.now() + self._paces[name].pause_left
            await self._db.run(deliveries.put_back, delivery_id, until)
            return 0
        except ChannelError as error:
            if error.retry_after:  # at once: others wait for this bot's turn meanwhile
                self._paces[name].pause(error.retry_after)
            await self._db.run(_record_error, claimed, error, self._clock.now())
            log.warning("delivery=%s state=error reason=%s", delivery_id, error.reason)
            return 1
        except Exception as error:
            # A fault of ours in one message must not stop the others; whether it left nobody knows.
            log.exception("delivery=%s state=unknown", delivery_id)
            await self._db.run(deliveries.unknown, delivery_id, repr(error)[:300], self._clock.now())
            return 1
        await self._db.run(_record_sent, claimed, channel, receipt, self._clock.now())
        return 1

    async def _send(self, channel: Channel, claimed: Claimed) -> Receipt:
        """A sound that this bot has not uploaded yet goes up once: the others wait for its id."""
        sound = claimed.letter.message.sound
        if sound is None or sound.file_ref is not None:
            return await channel.send(claimed.chat_id, claimed.letter.message)
        async with self._uploading[channel.name]:
            known = await self._db.read(
                deliveries.upload_of, claimed.letter.track_id or 0, channel.name, channel.bot
            )
            if known is None:
                if self._paces[channel.name].pause_left:
                    raise _NotNow
                receipt = await channel.send(claimed.chat_id, claimed.letter.message)
                if receipt.file_ref and claimed.letter.track_id:
                    await self._db.run(
                        deliveries.keep_upload,
                        claimed.letter.track_id,
                        channel.name,
                        channel.bot,
                        receipt.file_ref,
                    )
                return receipt
        # All that waited for the upload are released at once: each takes its turn again.
        await self._paces[channel.name].turn()
        message = replace(claimed.letter.message, sound=replace(sound, file_ref=known))
        return await channel.send(claimed.chat_id, message)


def _claim(session: Session, delivery_id: int, now: datetime) -> Claimed | None:
    row = deliveries.claim(session, delivery_id, now)
    if row is None:
        return None
    if row.duty_id and row.rung in deliveries.ANSWERABLE and queries.answered(session, [row.duty_id]):
        deliveries.cancel(session, row.id, now)
        return None
    try:
        letter = compose(session, row, now)
    except Exception as error:
        # What the record says makes no message, nor would it at the next tick. A lost database fails here again.
        log.exception("delivery=%s state=failed", delivery_id)
        deliveries.failed(session, delivery_id, repr(error)[:300], now)
        return None
    row.track_id = letter.track_id
    return Claimed(row.id, row.address_id, row.address.chat_id, letter)


def _record_sent(
    session: Session, claimed: Claimed, channel: Channel, receipt: Receipt, now: datetime
) -> None:
    deliveries.sent(session, claimed.delivery_id, receipt.message_ref, now)


def _record_error(session: Session, claimed: Claimed, error: ChannelError, now: datetime) -> None:
    if error.maybe_delivered:
        deliveries.unknown(session, claimed.delivery_id, error.reason, now)
    elif error.permanent:
        deliveries.failed(session, claimed.delivery_id, error.reason, now, blocked=True)
    else:
        deliveries.retry(session, claimed.delivery_id, error.reason, now, error.retry_after)
