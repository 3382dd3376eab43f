"""One attempt at one delivery: wait for the bot's turn, claim, send, record (docs/adr/0002).

1. the pace of the bot is waited for first, so that a claim is never old when its request leaves;
2. the message is made from what the record says now, and the claim is committed;
3. the request leaves with no transaction open;
4. what the service answered is recorded: sent, retried later, failed, or unknown. Unknown is never sent again.

The durable engine calls `attempt` from its jobs (engine.py). `drain` calls it for all that is due, for those who drive
the clock by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from airlog import claims, contact_cap, deliveries, freeze, leases, pace, page_links, queries, recalls
from airlog.db import Database, Session
from airlog.models import Delivery
from airlog.types import AddressState, Rung
from airlog.updates import STORE_TROUBLE
from content import page_messages
from scheduler.channel import Abilities, Channel, ChannelError, HeldBack, Receipt, line_of
from scheduler.clock import Clock
from scheduler.compose import compose
from scheduler.item import Letter, Wordings
from scheduler.ladder import Ladder
from scheduler.letters import silent_for
from scheduler.pace import Pace, Turn
from scheduler.recalls import mark_old

log = logging.getLogger("loaxa.dispatch")
T = TypeVar("T")
IN_FLIGHT = 24
"""Enough for 27 messages a second at 700 ms from turn to record; many more only cost CPU (measured; docs/adr/0007)."""
_REST_S = 1.0
_FRESH_S = 0.5
"""A claim older than this looks again whether its item was recalled before the request leaves."""
PATIENCE = timedelta(seconds=5)
"""A pause no longer than this is waited for within a tick that sends by itself."""
UPLOAD_WITHIN = timedelta(minutes=3)
Outcome = Literal["handled", "gone", "paused", "stopped"]
Moment = Literal["turn", "claimed", "answered", "recorded"]
"""Moments at which a test kills the process."""
Reached = Callable[[Moment, int], None]


def unheard(moment: Moment, delivery_id: int) -> None:
    """Nobody listens: outside of tests."""


@dataclass(frozen=True)
class Claimed:
    """A row taken for sending, with everything the send needs."""

    delivery_id: int
    rung: Rung
    chat_id: str
    letter: Letter
    at: float = 0.0
    """When it was claimed, by the loop's clock."""


class NotNow(Exception):
    """The bot must be silent; the request has not left."""


class NoMessage(Exception):
    """A row from which no message can be made; says why."""


class Dispatcher:
    """Sends deliveries over the channels that run here."""

    def __init__(
        self,
        db: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        node: str | None = None,
        ladder: Ladder | None = None,
        pages_at: str = "",
        reached: Reached = unheard,
    ) -> None:
        """`channels` by their lines (`line_of`); `node` is the token of this process in the record; `ladder` knows the
        quiet hours and how much one person may hear in a week; `pages_at` the
        public address of the pages, if there is one; `reached` hears of each step, for tests."""
        self._db, self._channels, self._clock = db, channels, clock
        self._node, self._pages_at, self._reached = node, pages_at, reached
        self.paces = {line: Pace(db, channel) for line, channel in channels.items()}
        self._wordings, self._ladder = Wordings(), ladder or Ladder()
        self._uploading = {line: asyncio.Lock() for line in channels}

    async def attempt(self, delivery_id: int, line: str, stop: asyncio.Event) -> Outcome:
        """Try one row once. Any outcome is on record when this returns, but for `stopped`: then it is untouched."""
        while True:
            try:
                turn = await _not_left(self.paces[line].turn(stop))
            except NotNow:
                await _rest(stop)
                continue
            if turn is None:
                return "stopped"
            self._reached("turn", delivery_id)
            done = await self._try(delivery_id, line, turn)
            if done != "paused":
                return done
            await _rest(stop)

    async def drain(self, stop: asyncio.Event | None = None) -> int:
        """Send everything that is due now; returns how many rows were handled. Waits out short pauses only."""
        stop, handled = stop or asyncio.Event(), 0
        while not stop.is_set():
            ids = await self._db.read(_due, self._clock.now(), await self._willing(), tuple(self._channels))
            if not ids:
                break
            queue = list(reversed(ids))
            done = sum(await asyncio.gather(*(self._worker(queue, stop) for _ in range(IN_FLIGHT))))
            handled += done
            if not done:
                break
        return handled

    async def _worker(self, queue: list[tuple[int, str]], stop: asyncio.Event) -> int:
        done = 0
        while queue and not stop.is_set():
            delivery_id, line = queue.pop()
            turn = await self.paces[line].turn(stop)
            if turn is not None:
                done += await self._try(delivery_id, line, turn) == "handled"
        return done

    async def _willing(self) -> list[str]:
        """Lines whose bots are not told to be silent for long; short pauses are over when this returns."""
        left = {
            line: await self._db.read(pace.pause_left, channel.name, channel.bot)
            for line, channel in self._channels.items()
        }
        short = [pause for pause in left.values() if pause <= PATIENCE]
        await asyncio.sleep(max(short, default=PATIENCE * 0).total_seconds())
        return [line for line, pause in left.items() if pause <= PATIENCE]

    async def _try(self, delivery_id: int, line: str, turn: Turn) -> Outcome:
        channel = self._channels[line]
        try:
            made = await self._db.read(_write, delivery_id, self._clock.now(), self._wordings)
            letter = _bearable(made, channel.abilities) if made else None
        except STORE_TROUBLE:
            return "paused"
        except NoMessage as error:
            await self._db.run(deliveries.failed, delivery_id, str(error), self._clock.now())
            return "gone"
        if letter is None:
            return "gone"
        claimed = await self._db.run(
            _claim, delivery_id, letter, self._clock.now(), channel, self._node, self._ladder
        )
        if not isinstance(claimed, Claimed):
            return claimed
        claimed = replace(claimed, at=asyncio.get_running_loop().time())
        self._reached("claimed", delivery_id)
        claimed = await self._linked(claimed, channel)
        try:
            receipt = await self._send(line, claimed, turn)
        except NotNow:
            await self._db.insist(deliveries.put_back, delivery_id, self._clock.now())
            return "paused"
        except ChannelError as error:
            if error.retry_after:  # at once: others wait for this bot's turn meanwhile
                await self.paces[line].pause(error.retry_after)
            await self._db.insist(_record_error, claimed, error, self._clock.now())
            log.warning("delivery=%s state=error reason=%s", delivery_id, error.reason)
            return "handled"
        except Exception as error:
            # A fault of ours in one message must not stop the others; whether it left nobody knows.
            log.exception("delivery=%s state=unknown", delivery_id)
            await self._db.insist(deliveries.unknown, delivery_id, repr(error)[:300], self._clock.now())
            return "handled"
        self._reached("answered", delivery_id)
        await self._db.insist(deliveries.sent, delivery_id, receipt.message_ref, self._clock.now())
        self._reached("recorded", delivery_id)
        if claimed.rung is Rung.RECALL:
            self.paces[line].spent(1)
            await mark_old(channel, self._db, delivery_id)
        return "handled"

    async def _linked(self, claimed: Claimed, channel: Channel) -> Claimed:
        """A reminder carries the way to the person's page: who is silent may not get along with the buttons. A service
        without buttons adds it to all it is given. A link that cannot be made holds up nothing."""
        if claimed.rung not in deliveries.REMINDING or not self._pages_at or not channel.abilities.buttons:
            return claimed
        try:
            url = await self._db.run(_page_of, claimed.delivery_id, self._pages_at, self._clock.now())
        except Exception:
            # Whatever it was: the row is claimed, and the reminder says what it has to without a link.
            log.exception("delivery=%s without the link to the page", claimed.delivery_id)
            return claimed
        text = f"{claimed.letter.message.text}\n\n{page_messages.instead_of_buttons(url)}"
        return replace(claimed, letter=claimed.letter.saying(text))

    async def _send(self, line: str, claimed: Claimed, turn: Turn) -> Receipt:
        """A sound that this bot has not uploaded yet goes up once: the others wait for its id."""
        sound, channel = claimed.letter.message.sound, self._channels[line]
        if sound is None or sound.file_ref is not None:
            return await self._request(line, claimed, claimed.letter, turn)
        async with self._uploading[line]:
            track = claimed.letter.track_id or 0
            known = await _not_left(self._db.read(deliveries.upload_of, track, channel.name, channel.bot))
            if known is None:
                receipt = await self._request(line, claimed, claimed.letter, turn)
                if receipt.file_ref and track:
                    kept = track, channel.name, channel.bot, receipt.file_ref
                    await self._db.insist(deliveries.keep_upload, *kept)
                return receipt
        letter = claimed.letter.sounding(replace(sound, file_ref=known))
        return await self._request(line, claimed, letter, turn)

    async def _request(self, line: str, claimed: Claimed, letter: Letter, turn: Turn) -> Receipt:
        if not await _not_left(self.paces[line].leave(turn)):
            raise NotNow
        waited = asyncio.get_running_loop().time() - claimed.at > _FRESH_S
        if waited and await _not_left(self._db.read(_is_withdrawn, claimed.delivery_id)):
            raise NotNow  # recalled while it waited for an upload or for another turn: the next claim cancels it
        return await self._channels[line].send(claimed.chat_id, letter.message)


async def _not_left(waiting: Awaitable[T]) -> T:
    """Whatever goes wrong before the request leaves, it has not left."""
    try:
        return await waiting
    except Exception as error:
        log.warning("not sent yet: %s", type(error).__name__)
        raise NotNow from error


async def _rest(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), _REST_S)


def _due(
    session: Session, now: datetime, willing: Sequence[str], lines: Collection[str]
) -> list[tuple[int, str]]:
    """Rows whose time has come on these lines, each with the line of its address."""
    names = dict.fromkeys(line.partition(":")[0] for line in willing)
    found = deliveries.due(session, now, list(names))
    if not any(":" in line for line in lines):
        return found
    served = (
        (row_id, line_of(name, session.get_one(Delivery, row_id).address.bot, lines))
        for row_id, name in found
    )
    return [(row_id, line) for row_id, line in served if line in willing]


def _bearable(letter: Letter, abilities: Abilities) -> Letter:
    """Without the sound where a service has none: nothing is uploaded then, and nobody waits for an upload."""
    return letter if abilities.sound else letter.sounding(None)


def _write(session: Session, delivery_id: int, now: datetime, wordings: Wordings) -> Letter | None:
    """The message of a row that still is to be sent; composed before the claim, which must be short: on SQLite it
    keeps every other writer waiting. Raises NoMessage."""
    row = claims.to_send(session, delivery_id)
    if row is None:
        return None
    try:
        return compose(session, row, now, wordings)
    except STORE_TROUBLE:
        raise  # nothing is wrong with the message
    except Exception as error:
        # What the record says makes no message, nor would it at the next tick.
        log.exception("delivery=%s state=failed", delivery_id)
        raise NoMessage(repr(error)[:300]) from error


def _claim(
    session: Session,
    delivery_id: int,
    letter: Letter,
    now: datetime,
    channel: Channel,
    node: str | None,
    ladder: Ladder,
) -> Claimed | Outcome:
    bot, made_of = (channel.name, channel.bot), (letter.track_id, letter.version_id)
    row = claims.claim(session, delivery_id, now, node, bot=bot, track_id=made_of[0], version_id=made_of[1])
    if row is None:
        is_silent = freeze.is_frozen(session) or pace.pause_left(session, *bot)
        return "paused" if is_silent else "gone"
    if _idle(session, row, now) or recalls.is_withdrawn(session, row):
        deliveries.cancel(session, row.id, now)
        return "gone"
    if row.address.state is AddressState.BLOCKED:
        deliveries.failed(session, row.id, row.address.reason or "địa chỉ không dùng được", now)
        return "gone"
    if _wakes(row) and ladder.is_quiet(now):
        deliveries.put_back(session, row.id, ladder.after_quiet(now))
        return "gone"
    if contact_cap.is_full(session, row, ladder.most_a_week, now):
        deliveries.failed(session, row.id, contact_cap.REASON, now)
        return "gone"
    sound = letter.message.sound
    if node and sound and sound.file_ref is None:
        task = f"upload:{letter.track_id}:{channel.name}:{channel.bot}"
        if not leases.hold_unless_dead(session, task, node, UPLOAD_WITHIN):
            # Another process has the bytes in hand; its id will do for this message too.
            deliveries.put_back(session, row.id, now + timedelta(seconds=2))
            return "gone"
    return Claimed(row.id, row.rung, row.address.chat_id, letter)


def _page_of(session: Session, delivery_id: int, pages_at: str, now: datetime) -> str:
    return page_links.url_for(session, session.get_one(Delivery, delivery_id).person, pages_at, now)


def _is_withdrawn(session: Session, delivery_id: int) -> bool:
    return recalls.is_withdrawn(session, session.get_one(Delivery, delivery_id))


def _wakes(row: Delivery) -> bool:
    """Whether it has to wait out the quiet hours. The item goes at its own hour; a recall, and the question whether to
    recall, cannot wait."""
    return row.rung not in (Rung.ITEM, Rung.RECALL) and recalls.id_in(row.key) is None


def _idle(session: Session, row: Delivery, now: datetime) -> bool:
    """Nobody needs it any more: the duty was answered (of a letter about silent stations: all of them), or the item
    withdrawn or its campaign stopped."""
    if row.rung in (Rung.LEADER, Rung.PROVINCE):
        return not silent_for(session, row, now)
    if row.duty_id is None or row.duty is None:
        return False
    if row.rung is Rung.ITEM:
        return row.duty.rundown_id is None
    return row.rung in deliveries.ANSWERABLE and bool(queries.answered(session, [row.duty_id]))


def _record_error(session: Session, claimed: Claimed, error: ChannelError, now: datetime) -> None:
    if error.maybe_delivered:
        deliveries.unknown(session, claimed.delivery_id, error.reason, now)
    elif isinstance(error, HeldBack):
        deliveries.failed(session, claimed.delivery_id, error.reason, now)
    elif error.permanent:
        deliveries.failed(session, claimed.delivery_id, error.reason, now, blocked=True)
    else:
        deliveries.retry(session, claimed.delivery_id, error.reason, now, error.retry_after)
