"""What the talk of officers is played on, beside tests/talk_world.py: messages that are due arrive, proofs lie on disk."""

from __future__ import annotations

import itertools
from pathlib import Path

from sqlalchemy import select

from airlog import claims, deliveries, people
from airlog.airchecks import KeptFile
from airlog.db import Session
from airlog.models import Delivery
from airlog.types import DeliveryState, Rung
from bot import typed_talk
from bot.channels.zalo_text import plain_text
from bot.handlers import handle
from scheduler.channel import Incoming, Outgoing
from scheduler.compose import compose
from tests.talk_world import BOT as TELEGRAM
from tests.talk_world import Talk

LATER = (Rung.REVIEW, Rung.REPLY, Rung.NUDGE)


def deliver(talk: Talk) -> int:
    """Whatever of these is due reaches its chat; returns how many."""

    def work(session: Session) -> list[tuple[str, str, Outgoing]]:
        query = select(Delivery).where(Delivery.rung.in_(LATER), Delivery.state == DeliveryState.QUEUED)
        found = []
        for row in session.scalars(query.where(Delivery.due_at <= talk.now).order_by(Delivery.id)).unique():
            message = compose(session, row, talk.now).message
            claims.claim(session, row.id, talk.now)
            deliveries.sent(session, row.id, f"t:{row.id}", talk.now)
            found.append((row.address.chat_id, f"t:{row.id}", message))
        return found

    arrived = talk.ask(work)
    for chat, ref, message in arrived:
        talk.screens[chat].append((ref, message))
    return len(arrived)


def newest(talk: Talk, chat: str) -> str:
    """The last text on a chat's screen."""
    return talk.screens[chat][-1][1].text


def photo(folder: Path, number: int = 1) -> KeptFile:
    path = folder / f"{number:064x}.jpg"
    path.write_bytes(b"\xff\xd8\xff" + bytes([number]))
    return KeptFile("photo", "image/jpeg", path, path.stat().st_size)


class ByZalo:
    """The same people writing by Zalo: they type, and read what a Zalo bot would send."""

    BOT = "700800900"

    def __init__(self, talk: Talk, *chats: str) -> None:
        self.talk = talk
        self._numbers = itertools.count(1)
        talk.ask(lambda s: self._bind(s, chats))

    def say(self, chat: str, text: str) -> str:
        """Type a text; returns everything that was answered, as words alone."""
        now, number = self.talk.now, f"{next(self._numbers):020x}"
        incoming = Incoming("zalo", self.BOT, number, chat, "text", now, text, number, buttons=False)
        answer = self.talk.ask(lambda s: handle(s, incoming, self.talk.desk, now))
        self.messages = answer.messages
        return "\n\n".join(self.read(chat, message) for message in answer.messages)

    def read(self, chat: str, message: Outgoing) -> str:
        around = self.talk.ask(lambda s: typed_talk.around(s, "zalo", self.BOT, chat, self.talk.now))
        return plain_text(message, around)

    def _bind(self, session: Session, chats: tuple[str, ...]) -> None:
        for chat in chats:
            known = people.address_of(session, "telegram", TELEGRAM, chat)
            assert known is not None
            people.add_address(session, known.person, "zalo", self.BOT, chat, self.talk.now)
