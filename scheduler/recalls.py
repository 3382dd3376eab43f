"""Telling of recalls: a notice to whoever has the old item, an alert to those who can confirm a request.

Both are asked for by every tick and compared with what there is, so that a message that was in flight when the recall
was confirmed gets its notice at the next tick. Recalls are urgent: quiet hours do not hold them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from airlog import access, area_rights, people, recall_reads, recalls
from airlog.db import Database, Session
from airlog.deliveries import Wanted
from airlog.models import Address, Delivery, Recall, Rundown
from airlog.types import AddressState, DeliveryState, Rung
from content import recall_messages
from scheduler.channel import Button, Channel, ChannelError, Outgoing

log = logging.getLogger("loaxa.recalls")


def plan_recalls(session: Session, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """The notices and alerts that ought to exist; `deliveries.plan` inserts those that are missing."""
    wanted: list[Wanted] = []
    for recall in recall_reads.recent(session, now):
        wanted += _notices(session, recall, channels, now)
    for recall in recall_reads.waiting(session, now):
        wanted += _alerts(session, recall, channels, now)
    return wanted


async def mark_old(channel: Channel, db: Database, notice_id: int) -> None:
    """Once its notice was sent: say on a person's old message that it is withdrawn, and take its buttons away.

    Best effort: the notice has said it already. Never raises for what a channel refuses.
    """
    if not channel.abilities.edits:
        return
    for chat_id, message_ref, text in await db.read(_old_messages, notice_id, channel.name, channel.bot):
        try:
            await channel.edit(chat_id, message_ref, Outgoing(text))
        except ChannelError as error:
            log.warning("notice=%s old message not marked: %s", notice_id, error.reason)


def recall_notice(session: Session, row: Delivery) -> Outgoing:
    """“Do not air it”: to one person, about all stations at which they have the old item."""
    recall = _recall_of(session, row)
    told = recall_reads.line(session, recall)
    stations = dict.fromkeys(
        one.duty.station.name
        for one in recall_reads.items_of_person(session, recall, row.person_id)
        if one.duty
    )
    text = recall_messages.notice(
        told.week,
        told.old.title,
        told.reason,
        told.new.title if told.new else None,
        list(stations) if len(stations) > 1 else (),
    )
    buttons = (
        (Button(recall_messages.GOT_IT, f"recall:{recall.id}", "good"),),
        (Button(recall_messages.OLD_AIRED, f"recall:{recall.id}:old"),),
    )
    return Outgoing(text, buttons)


def recall_alert(session: Session, row: Delivery) -> Outgoing:
    """“Somebody asks for a recall”: to those who can confirm it."""
    told = recall_reads.line(session, _recall_of(session, row))
    if not told.is_open:
        return Outgoing(recall_messages.SETTLED_REQUEST)
    open_page = Button(recall_messages.OPEN_PAGE, f"recall:{told.id}:open", "good")
    text = recall_messages.asked(told.week, told.old.title, told.asked_by, told.reason)
    return Outgoing(text, ((open_page,),))


def old_text(session: Session, recall: Recall) -> str:
    """What a message with a recalled item says in place of its own words."""
    told = recall_reads.line(session, recall)
    assert told.confirmed_at is not None
    return recall_messages.old_item(told.week, told.old.title, told.confirmed_at)


def _notices(session: Session, recall: Recall, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """One for each person, to the chat that holds the old item while it works."""
    week, due_at = session.get_one(Rundown, recall.rundown_id).week, recall.confirmed_at or now
    chosen: dict[int, Address] = {}
    for row in recall_reads.items_without_notice(session, recall):
        address = row.address if _works(row.address, channels) else people.first_address(row.person, channels)
        if address is not None:
            chosen.setdefault(row.person_id, address)
    about = recalls.about_of(recall)
    return [Wanted(Rung.RECALL, address, week, due_at, about=about) for address in chosen.values()]


def _alerts(session: Session, recall: Recall, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """To everybody who may confirm the request, but for the one who asked."""
    rundown = session.get_one(Rundown, recall.rundown_id)
    about = recalls.about_of(recall)
    return [
        Wanted(Rung.ALERT, address, rundown.week, now, about=about)
        for person in access.people_with(session, recalls.CONFIRMERS, now)
        if person.id != recall.asked_by_id
        and area_rights.covers(session, person, recalls.CONFIRMERS, rundown.campaign.scope, now)
        and (address := people.first_address(person, channels))
    ]


def _works(address: Address, channels: Sequence[str]) -> bool:
    return address.state is AddressState.ACTIVE and address.channel in channels


def _old_messages(session: Session, notice_id: int, channel: str, bot: str) -> list[tuple[str, str, str]]:
    """The messages of one chat service that carry the item: the chat, which one, and what it shall say instead."""
    notice = session.get_one(Delivery, notice_id)
    recall = session.get(Recall, recalls.id_in(notice.key) or 0)
    if recall is None or recall.confirmed_at is None:
        return []
    text = old_text(session, recall)
    return [
        (row.address.chat_id, row.message_ref, text)
        for row in recall_reads.items_of_person(session, recall, notice.person_id)
        if row.state is DeliveryState.SENT and row.message_ref
        if (row.address.channel, row.address.bot) == (channel, bot)
    ]


def _recall_of(session: Session, row: Delivery) -> Recall:
    """The recall that a notice or alert is about."""
    return session.get_one(Recall, recalls.id_in(row.key))
