"""From a raw update to its reply: store, acknowledge, handle once, answer.

The update is committed before anything is done with it, and what it changed is committed together with the mark
that it was handled: a crash in between leaves it to be handled after the restart, or by another process, never
twice. Where the updates come from (bot/polling.py, bot/webhook.py) makes no difference here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from airlog import updates
from airlog.db import Database, Session
from airlog.updates import STORE_TROUBLE, Waiting
from audio.clip import ClipRefused
from bot import recording_talk
from bot.desk import Desk, Sent
from bot.handlers import handle
from bot.proof_files import FileRefused, keep_file
from bot.replies import say
from bot.settling import Settling, said_about
from content import messages, recording_messages
from scheduler.channel import Answer, Channel, ChannelError, FileTooLarge, Incoming, Outgoing, line_of
from scheduler.clock import Clock
from scheduler.pace import Pace

log = logging.getLogger("loaxa.reception")
AT_ONCE = 64
MOST_IN_HAND = 500
"""Updates whose statement is not on record yet; more are not fetched meanwhile."""
ACKNOWLEDGED_AT_ONCE, ANSWERED_AT_ONCE = 12, 16
"""Requests to a service: more of them wait in its connection pool, which looks through all of them at each turn (at
200 ms of latency and a thousand presses that was a quarter of the CPU)."""
LEFT_AFTER = timedelta(seconds=30)
"""An update that is stored for longer than this and not in hand here was left by a process that died."""


class Listening(Channel, Protocol):
    """A channel that can also stop a pressed button's spinner."""

    async def acknowledge(self, press_ref: str) -> None:
        """Tell the service that the press arrived. Never raises for a late answer."""
        ...


class Reading(Listening, Protocol):
    """A channel whose stored updates can be read again."""

    def parse(self, body: str, fetched_at: datetime) -> Incoming | None:
        """What a stored update means; None when it is nothing for us."""
        ...


@dataclass(frozen=True)
class _Done:
    """What an update came to: the reply, and the duties about which something was stated."""

    answer: Answer
    said_about: tuple[int, ...] = ()


class Reception:
    """Handles updates of every channel of this process; one at a time per chat, so that answers keep their order."""

    def __init__(
        self,
        db: Database,
        desk: Desk,
        clock: Clock,
        paces: Mapping[str, Pace] | None = None,
        settling: Settling | None = None,
    ) -> None:
        """`paces`: those of the broadcasts, which yield to the replies. `settling` shows what was said on the other
        messages about it."""
        self._db, self._desk, self._clock, self._paces = db, desk, clock, paces or {}
        self._settling = settling
        self._chats: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._acknowledging = asyncio.Semaphore(ACKNOWLEDGED_AT_ONCE)
        self._answering = asyncio.Semaphore(ANSWERED_AT_ONCE)
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._unrecorded: set[int] = set()
        self._recorded = asyncio.Event()

    async def store(self, channel: Channel, update_id: str, body: str) -> int | None:
        """Keep one raw update; None when it was handled before."""
        waiting = await self.keep(channel, [(update_id, body)])
        return waiting[0].row_id if waiting else None

    async def keep(self, channel: Channel, arrived: Sequence[tuple[str, str]]) -> list[Waiting]:
        """Keep raw updates, given as (update id, body), in one commit; those that wait to be handled."""
        return await self._db.run(updates.store, channel.name, channel.bot, arrived, self._clock.now())

    def begin(self, channel: Reading, waiting: Waiting) -> None:
        """Handle a stored update in the background; once, however often it is begun."""
        if waiting.row_id not in self._in_hand:
            task = asyncio.create_task(self._in_background(channel, waiting))
            self._in_hand[waiting.row_id] = task
            self._unrecorded.add(waiting.row_id)
            task.add_done_callback(lambda _: self._in_hand.pop(waiting.row_id, None))

    async def room(self) -> None:
        """Wait until fewer than MOST_IN_HAND wait to be recorded. Replies that are still to leave hold up nobody."""
        while len(self._unrecorded) >= MOST_IN_HAND:
            self._recorded.clear()
            await self._recorded.wait()

    async def finish(self) -> None:
        """Wait for everything in hand."""
        while self._in_hand:
            await asyncio.wait(self._in_hand.values())

    async def take_leftovers(self, channel: Reading, left_after: timedelta | None = LEFT_AFTER) -> int:
        """Begin what a process that died left stored and not handled, or what met a store in trouble.

        For any process that may answer, every few seconds: the row lock lets one of them act. None: whatever its
        age. Returns how many.
        """
        before = self._clock.now() - left_after if left_after is not None else None
        found = await self._db.read(updates.unhandled, channel.name, channel.bot, before)
        left = [waiting for waiting in found if waiting.row_id not in self._in_hand]
        for waiting in left:
            self.begin(channel, waiting)
        return len(left)

    async def purge(self) -> None:
        """Drop the raw updates of a month ago, in short transactions."""
        while await self._db.run(updates.purge, self._clock.now()):
            pass

    async def take(self, channel: Listening, row_id: int, incoming: Incoming | None) -> Answer:
        """Act on a stored update and send its reply. Returns the reply."""
        if incoming is None:
            await self._db.run(_give_up, row_id, self._clock.now(), "không đọc được")
            return Answer()
        async with self._chats[f"{incoming.channel}:{incoming.chat_id}"]:
            # The button stops spinning at once, and what was said does not wait for that.
            pressed = asyncio.create_task(self._acknowledge(channel, incoming))
            try:
                async with self._room:
                    done = await self._answer(channel, row_id, incoming)
            finally:
                self._over(row_id)
                await pressed
            async with self._answering:
                await self._send(channel, incoming, done.answer)
        if done.said_about and self._settling:
            await self._settling.elsewhere(done.said_about, incoming)
        return done.answer

    async def _in_background(self, channel: Reading, waiting: Waiting) -> None:
        try:
            incoming = channel.parse(waiting.body, waiting.received_at)
            await self.take(channel, waiting.row_id, incoming)
        except STORE_TROUBLE as error:
            log.warning("update=%s waits for the store: %s", waiting.row_id, type(error).__name__)
        except Exception:
            log.exception("update=%s failed", waiting.row_id)
        finally:
            self._over(waiting.row_id)

    def _over(self, row_id: int) -> None:
        """On record, or left for later: another may come."""
        self._unrecorded.discard(row_id)
        self._recorded.set()

    async def _acknowledge(self, channel: Listening, incoming: Incoming) -> None:
        if incoming.press_ref:
            async with self._acknowledging:
                await _quietly(channel.acknowledge(incoming.press_ref))

    async def _answer(self, channel: Channel, row_id: int, incoming: Incoming) -> _Done:
        try:
            sent = await self._fetch(channel, incoming)
            return await self._db.run(_handle_once, row_id, incoming, self._desk, self._clock.now(), sent)
        except STORE_TROUBLE:
            raise  # rolled back and still waiting: `take_leftovers` comes back to it
        except Exception as error:
            # The record is rolled back; the update stays stored with the error for a look, and the person is told.
            log.exception("update=%s failed", row_id)
            ours = await self._db.run(_give_up, row_id, self._clock.now(), repr(error)[:300])
            return _Done(say(messages.OUR_FAULT) if ours else Answer())

    async def _fetch(self, channel: Channel, incoming: Incoming) -> Sent | None:
        if incoming.file is None:
            return None
        most = self._desk.upload_mb * 1024 * 1024
        draft = await self._db.read(recording_talk.awaited, incoming, self._desk, self._clock.now())
        try:
            if incoming.file.size_bytes and incoming.file.size_bytes > most:
                raise FileTooLarge
            data = await channel.fetch_file(incoming.file.file_ref, most)
            if draft is not None:
                if len(data) > recording_talk.SLOW_BYTES:
                    await self._send(channel, incoming, say(recording_messages.WORKING))
                return await asyncio.to_thread(recording_talk.take_in, draft, data, incoming, self._desk)
            folder = self._desk.var_dir / "airchecks"
            return await asyncio.to_thread(keep_file, data, incoming.file.kind, folder)
        except FileTooLarge:
            too_large = messages.file_too_large if draft is None else recording_messages.file_too_large
            return too_large(self._desk.upload_mb)
        except ClipRefused as error:
            return str(error)
        except FileRefused:
            return messages.FILE_UNREADABLE
        except ChannelError as error:
            log.warning("file of %s not fetched: %s", incoming.channel, error.reason)
            return messages.FILE_NOT_FETCHED

    async def _send(self, channel: Channel, incoming: Incoming, answer: Answer) -> None:
        pace = self._paces.get(line_of(channel.name, channel.bot, self._paces))
        if pace is not None:
            pace.spent(len(answer.messages))
        if answer.edit is not None:
            await _quietly(channel.edit(incoming.chat_id, incoming.message_ref, answer.edit))
        for message in answer.messages:
            await _quietly(channel.send(incoming.chat_id, await _made(message)))


def _handle_once(
    session: Session, row_id: int, incoming: Incoming, desk: Desk, now: datetime, sent: Sent | None
) -> _Done:
    if not updates.take(session, row_id):
        return _Done(Answer())
    answer = handle(session, incoming, desk, now, sent)
    updates.handled(session, row_id, now)
    return _Done(answer, said_about(session))


def _give_up(session: Session, row_id: int, now: datetime, error: str) -> bool:
    """Mark it handled with an error; False when another process handled it meanwhile."""
    if not updates.take(session, row_id):
        return False
    updates.handled(session, row_id, now, error)
    return True


async def _made(message: Outgoing) -> Outgoing:
    """With its picture or document on the disk; where that cannot be made, its words and the plain truth."""
    if message.make is None:
        return message
    try:
        await asyncio.to_thread(message.make)
    except Exception:
        log.exception("a picture or document was not made")
        text = f"{message.text}\n\n{messages.FILE_NOT_MADE}"
        return replace(message, text=text, picture=None, document=None, make=None)
    return message


async def _quietly(sending: object) -> None:
    """A reply that cannot be delivered changes nothing on record: the next message says how things stand."""
    try:
        await sending  # type: ignore[misc]
    except ChannelError as error:
        log.warning("reply not sent: %s", error.reason)
