"""A wrong item recalled while people have it by Zalo: numbers of their own, so that the words are never mixed up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from airlog import people
from airlog.db import Session
from airlog.models import LogEntry
from airlog.rules import Sign
from bot import typed_talk
from bot.channels.zalo import NoSuchBot
from bot.channels.zalo_text import plain_text
from bot.desk import Desk
from bot.handlers import handle
from content import zalo_messages
from scheduler.channel import Incoming
from scheduler.dispatch import Dispatcher
from scheduler.jobs import AtOnce
from scheduler.tick import Tick
from tests.fakes import FakeChannel
from tests.recall_world import recall_item
from tests.world import DAK_WIL, HANH, World, person_of

BOT, CHAT = "700800900", "hanh-zalo-id"


@dataclass
class Chat:
    """Hạnh's Zalo chat."""

    world: World
    channel: FakeChannel
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def say(self, text: str) -> str:
        now, number = self.world.now, f"m{next(self._numbers)}"
        incoming = Incoming("zalo", BOT, number, CHAT, "text", now, text, number, buttons=False)
        desk = Desk(("zalo",), "http://127.0.0.1", self.world.studio.folder)
        answer = self.world.ask(lambda s: handle(s, incoming, desk, now))
        around = self.world.ask(lambda s: typed_talk.around(s, "zalo", BOT, CHAT, now))
        return "\n".join(plain_text(message, around) for message in answer.messages)

    def read(self) -> list[str]:
        """Everything that was sent unasked."""
        around = self.world.ask(lambda s: typed_talk.around(s, "zalo", BOT, CHAT, self.world.now))
        return [plain_text(message, around) for message in self.channel.got(CHAT)]

    def said(self) -> list[tuple[str, int | None]]:
        return [
            (str(entry.kind), entry.item_version_id)
            for entry in self.world.ask(lambda s: list(s.scalars(select(LogEntry).order_by(LogEntry.seq))))
        ]


@pytest.fixture
async def chat(world: World) -> Chat:
    """The week's item lies in the chat."""

    def move(session: Session) -> None:
        people.add_address(session, person_of(session, HANH), "zalo", BOT, CHAT, world.now)

    world.ask(move)
    world.launch()
    channel = FakeChannel("zalo", BOT)
    channel.abilities = NoSuchBot.abilities
    dispatcher = Dispatcher(world.db, {"zalo": NoSuchBot(), f"zalo:{BOT}": channel}, world.clock)
    world.ticker = Tick(world.db, world.studio, AtOnce(dispatcher), world.ladder, ("zalo",), world.clock)
    await world.at(0, "07:30")
    return Chat(world, channel)


def test_where_nothing_was_recalled_its_numbers_record_nothing(chat: Chat) -> None:
    told = [chat.say(number) for number in ("6", "7", "8", "9")]

    assert told == [zalo_messages.NOTHING_RECALLED] * 4
    assert chat.said() == []


async def test_the_notice_says_what_to_type_and_knowing_of_it_is_recorded(chat: Chat) -> None:
    recall_item(chat.world)
    await chat.world.later(seconds=10)
    notice = next(text for text in chat.read() if text.startswith("Thu hồi tin"))

    told = chat.say("6")

    assert "Gõ 6: Tôi đã rõ" in notice and "Gõ 7: Đã phát bản cũ" in notice and "bấm" not in notice
    assert "đã biết tin này bị thu hồi" in told and chat.said() == []
    assert "Anh/chị đã báo biết" in chat.say("tôi đã rõ")


async def test_one_after_a_recall_is_asked_about_and_the_new_words_have_their_number(chat: Chat) -> None:
    recall_item(chat.world)
    await chat.world.later(seconds=10)

    asked = chat.say("1")
    assert chat.said() == [] and "Gõ 9: " in asked and "Gõ 7: " in asked
    chat.say("9")

    assert [kind for kind, _ in chat.said()] == ["aired"]
    assert chat.world.standing(DAK_WIL).sign is Sign.AIRED


async def test_an_airing_of_the_old_words_is_recorded_as_just_that(chat: Chat) -> None:
    recall_item(chat.world)
    await chat.world.later(seconds=10)

    chat.say("7")

    assert [kind for kind, _ in chat.said()] == ["aired"]
    assert chat.world.standing(DAK_WIL).sign is not Sign.AIRED


async def test_not_aired_is_about_the_words_that_stand(chat: Chat) -> None:
    recall_item(chat.world)
    await chat.world.later(seconds=10)

    assert "Vì sao chưa phát được?" in chat.say("2")
    chat.say("21")

    assert [kind for kind, _ in chat.said()] == ["not_aired"]
