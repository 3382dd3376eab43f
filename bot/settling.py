"""One truth on every screen: what was said about a duty shows on its other messages too, in every chat that has one.

Best effort, after the commit: the record is right whatever a chat shows, and a press on an old message answers what
stands. Nobody gets a message of their own for this but where a service cannot edit, and there at most one a statement.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from airlog import deliveries, record
from airlog.db import Database, Session
from airlog.inquiries import REJECTED
from airlog.models import Delivery, Duty, LogEntry
from airlog.types import EntryKind
from bot import recall_talk
from bot.replies import change_row, lower_station, week_of
from content import messages
from scheduler.channel import Channel, ChannelError, Incoming, Outgoing, line_of
from scheduler.clock import Clock
from scheduler.compose import compose
from scheduler.item import Wordings, duty_buttons
from scheduler.pace import Pace

log = logging.getLogger("loaxa.settling")
SAID = (EntryKind.AIRED, EntryKind.NOT_AIRED, EntryKind.WITHDRAWN, EntryKind.EXCUSED)
"""Lines that change what a message shows; a time that is put right does not."""


@dataclass(frozen=True)
class Change:
    """What one chat is to show: a message of ours edited, or, without a `message_ref`, a message to send."""

    line: str
    chat_id: str
    message_ref: str
    message: Outgoing


@dataclass(frozen=True)
class Settling:
    """Brings the messages about a duty up to what the record says."""

    db: Database
    lines: Mapping[str, Channel]
    paces: Mapping[str, Pace]
    clock: Clock
    wordings: Wordings
    turns: WeakValueDictionary[int, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """By duty: an edit that is slow does not come after the one for what was said later. One lasts as long as somebody
    holds or awaits it: a process that runs for years keeps none for weeks long gone."""

    async def elsewhere(self, duty_ids: Sequence[int], spoken: Incoming | None = None) -> None:
        """Tell the other messages about these duties. `spoken`: the update that said it, answered already; None when
        it was said on a page. Never raises."""
        for duty_id in duty_ids:
            turn = self.turns.setdefault(duty_id, asyncio.Lock())
            async with turn:
                await self._settle(duty_id, spoken)

    async def _settle(self, duty_id: int, spoken: Incoming | None) -> None:
        try:
            changes = await self.db.read(self._changes, duty_id, spoken)
        except Exception:
            log.exception("duty=%s other messages not settled", duty_id)
            return
        for change in changes:
            await self._show(change)

    async def _show(self, change: Change) -> None:
        channel = self.lines[change.line]
        if change.line in self.paces:
            self.paces[change.line].spent(1)
        try:
            if change.message_ref:
                await channel.edit(change.chat_id, change.message_ref, change.message)
            else:
                await channel.send(change.chat_id, change.message)
        except ChannelError as error:
            log.warning("message of %s not settled: %s", change.line, error.reason)

    def _changes(self, session: Session, duty_id: int, spoken: Incoming | None) -> list[Change]:
        rows = [row for row in deliveries.shown(session, duty_id) if not _is_answered(row, spoken)]
        duty = session.get(Duty, duty_id) if rows else None
        if duty is None:
            return []
        entry = standing(session, duty)
        found: list[Change] = []
        told: set[tuple[str, str]] = set()
        for row in rows:
            line, chat = line_of(row.address.channel, row.address.bot, self.lines), row.address.chat_id
            if line not in self.lines:
                continue
            if self.lines[line].abilities.edits:
                message = self._edited(session, row, duty, entry)
                found += [Change(line, chat, row.message_ref or "", message)] if message else []
            elif (
                (line, chat) not in told and not _is_chat_of(row, spoken) and not _is_officers(session, duty)
            ):
                told.add((line, chat))
                found.append(Change(line, chat, "", _news(session, row, duty, entry)))
        return found

    def _edited(self, session: Session, row: Delivery, duty: Duty, entry: LogEntry | None) -> Outgoing | None:
        """None for a message whose item was recalled: that says what it has to."""
        if recall_talk.marked(session, row) is not None:
            return None
        message = replace(compose(session, row, self.clock.now(), self.wordings).message, sound=None)
        if entry is None:
            return message
        buttons = (*duty_buttons(session, duty)[1:2], change_row(duty))
        return replace(message, text=f"{message.text}\n\n{_stands(row, entry)}", buttons=buttons)


def standing(session: Session, duty: Duty) -> LogEntry | None:
    """The operators' last standing statement about a duty: that it was aired, or why not."""
    kinds = (EntryKind.AIRED, EntryKind.CORRECTED, EntryKind.NOT_AIRED)
    return next((line for line in reversed(record.live_log(session, duty)) if line.kind in kinds), None)


def said_about(session: Session) -> tuple[int, ...]:
    """The duties about which this session has written a statement that changes what messages show."""
    lines = record.written(session)
    return tuple(dict.fromkeys(one.duty_id for one in lines if one.kind in SAID or one.verdict == REJECTED))


def _is_officers(session: Session, duty: Duty) -> bool:
    """What an officer wrote last costs the operator no message: a refusal has a notice with its reason, and an excuse,
    or taking it back, is told where a message can be edited."""
    last = record.log_of(session, duty)[-1]
    gone = session.get(LogEntry, last.supersedes) if last.supersedes else None
    about = gone.kind if gone is not None and last.kind is EntryKind.WITHDRAWN else last.kind
    return about is EntryKind.EXCUSED or last.verdict == REJECTED


def _is_chat_of(row: Delivery, spoken: Incoming | None) -> bool:
    here = row.address.channel, row.address.bot, row.address.chat_id
    return spoken is not None and here == (spoken.channel, spoken.bot, spoken.chat_id)


def _is_answered(row: Delivery, spoken: Incoming | None) -> bool:
    """The pressed message itself, which the reply has edited."""
    return spoken is not None and _is_chat_of(row, spoken) and row.message_ref == spoken.message_ref


def _stands(row: Delivery, entry: LogEntry) -> str:
    name = entry.person.name if entry.person_id != row.person_id else ""
    if entry.kind is EntryKind.NOT_AIRED:
        assert entry.reason is not None
        reason = entry.note or messages.REASONS[entry.reason].lower()
        return messages.stands_not_aired(reason, name, entry.stated_at)
    return messages.stands_aired(entry.stated_at, name)


def _news(session: Session, row: Delivery, duty: Duty, entry: LogEntry | None) -> Outgoing:
    """The same in one short message, where what was sent stays as it is."""
    station, week = lower_station(duty.station), week_of(duty)
    if entry is None:
        return Outgoing(
            messages.withdrawn(station, week), duty_buttons(session, duty), weight="acknowledgement"
        )
    return Outgoing(messages.settled_elsewhere(station, week, _stands(row, entry)), weight="acknowledgement")
