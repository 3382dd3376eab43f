"""From a raw update to its reply: store, acknowledge, handle once, answer.

The update is committed before anything is done with it, and what it changed is committed together with the mark
that it was handled: a crash in between leaves it to be handled after the restart, never twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime
from typing import Protocol

from airlog import updates
from airlog.db import Database, Session
from bot.desk import Desk, KeptFile
from bot.handlers import handle
from bot.proof_files import FileRefused, keep_file
from bot.replies import say
from content import messages
from scheduler.channel import Answer, Channel, ChannelError, FileTooLarge, Incoming
from scheduler.clock import Clock

log = logging.getLogger("loaxa.reception")


class Listening(Channel, Protocol):
    """A channel that can also stop a pressed button's spinner."""

    async def acknowledge(self, press_ref: str, toast: str = "") -> None:
        """Tell the service that the press arrived. Never raises for a late answer."""
        ...


class Reception:
    """Handles updates of every channel of this process; one at a time per chat, so that answers keep their order."""

    def __init__(self, db: Database, desk: Desk, clock: Clock) -> None:
        self._db, self._desk, self._clock = db, desk, clock
        self._chats: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def store(self, channel: Channel, update_id: str, body: str) -> int | None:
        """Keep the raw update; None when it was handled before."""
        return await self._db.run(
            updates.store, channel.name, channel.bot, update_id, body, self._clock.now()
        )

    async def take(self, channel: Listening, row_id: int, incoming: Incoming | None) -> Answer:
        """Act on a stored update and send its reply. Returns the reply."""
        if incoming is None:
            await self._db.run(updates.handled, row_id, self._clock.now(), "không đọc được")
            return Answer()
        async with self._chats[f"{incoming.channel}:{incoming.chat_id}"]:
            # Inside the lock: while a press waited for its acknowledgement the words after it would overtake it.
            if incoming.press_ref:
                await _quietly(channel.acknowledge(incoming.press_ref))
            answer = await self._answer(channel, row_id, incoming)
            await self._send(channel, incoming, answer)
        return answer

    async def _answer(self, channel: Channel, row_id: int, incoming: Incoming) -> Answer:
        try:
            kept, trouble = await self._fetch(channel, incoming)
            return await self._db.run(
                _handle_once, row_id, incoming, self._desk, self._clock.now(), kept, trouble
            )
        except Exception as error:
            # The record is rolled back; the update stays stored with the error for a look, and the person is told.
            log.exception("update=%s failed", row_id)
            await self._db.run(updates.handled, row_id, self._clock.now(), repr(error)[:300])
            return say(messages.our_fault())

    async def _fetch(self, channel: Channel, incoming: Incoming) -> tuple[KeptFile | None, str | None]:
        if incoming.file is None:
            return None, None
        most = self._desk.upload_mb * 1024 * 1024
        try:
            if incoming.file.size_bytes and incoming.file.size_bytes > most:
                raise FileTooLarge
            data = await channel.fetch_file(incoming.file.file_ref, most)
            folder = self._desk.var_dir / "airchecks"
            return await asyncio.to_thread(keep_file, data, incoming.file.kind, folder), None
        except FileTooLarge:
            return None, messages.file_too_large(self._desk.upload_mb)
        except FileRefused:
            return None, messages.file_unreadable()
        except ChannelError as error:
            log.warning("file of %s not fetched: %s", incoming.channel, error.reason)
            return None, messages.file_not_fetched()

    async def _send(self, channel: Channel, incoming: Incoming, answer: Answer) -> None:
        if answer.edit is not None:
            await _quietly(channel.edit(incoming.chat_id, incoming.message_ref, answer.edit))
        for message in answer.messages:
            await _quietly(channel.send(incoming.chat_id, message))


def _handle_once(
    session: Session,
    row_id: int,
    incoming: Incoming,
    desk: Desk,
    now: datetime,
    kept: KeptFile | None,
    trouble: str | None,
) -> Answer:
    if updates.is_handled(session, row_id):
        return Answer()
    answer = handle(session, incoming, desk, now, kept, trouble)
    updates.handled(session, row_id, now)
    return answer


async def _quietly(sending: object) -> None:
    """A reply that cannot be delivered changes nothing on record: the next message says how things stand."""
    try:
        await sending  # type: ignore[misc]
    except ChannelError as error:
        log.warning("reply not sent: %s", error.reason)
