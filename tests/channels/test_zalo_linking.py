"""A person types the code in the chat: through the webhook or polling, once, and with a clear sentence whatever happens."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from airlog import linking, people
from airlog.db import Session
from airlog.models import Address
from airlog.pool import Limits
from content import messages, zalo_messages
from scheduler.plan import plan_duties
from tests.channels.zalo_world import BOT, ZaloProcess, zalo_process
from tests.update_world import entries, url_of
from tests.world import HANH, SON, WEEK, World, person_of
from tests.zalo_api import ZaloApi

CHAT, OTHER_CHAT = "31f0a9c2be47d5508e1a", "77c0ffee77c0ffee7711"


@dataclass
class Desk:
    """One process, Zalo in front of it, and staff who make codes."""

    world: World
    api: ZaloApi
    here: ZaloProcess
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def code(self, phone: str = HANH, bot: str = BOT) -> str:
        def work(session: Session) -> str:
            return linking.begin(session, person_of(session, phone), [bot], Limits(), self.world.now).code

        return self.world.ask(work)

    async def say(self, text: str, chat: str = CHAT, *, group: bool = False) -> str:
        """Type a text; what was answered to it."""
        return await self.deliver(self.api.say(chat, text, group=group), chat)

    async def deliver(self, event: dict[str, object], chat: str = CHAT) -> str:
        before, body = len(self.api.to(chat)), json.dumps(event)
        message = event["message"]
        assert isinstance(message, dict)
        waiting = await self.here.reception.keep(self.here.channel, [(str(message["message_id"]), body)])
        for one in waiting:
            self.here.reception.begin(self.here.channel, one)
        await self.here.reception.finish()
        return "\n\n".join(sent.text for sent in self.api.to(chat)[before:])

    def owner(self, chat: str = CHAT) -> str | None:
        found = self.world.ask(lambda s: people.address_of(s, "zalo", BOT, chat))
        return found.person.name if found else None


@pytest.fixture
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    world.launch()
    world.ask(lambda s: plan_duties(s, WEEK, world.now))
    async with ZaloApi() as api, zalo_process(url_of(world), api, tmp_path, world.clock) as here:
        yield Desk(world, api, here)


async def test_five_wrong_codes_get_a_clear_text_and_then_nothing_is_looked_up(desk: Desk) -> None:
    code = desk.code()
    told = [await desk.say("CCCCCCC2") for _ in range(5)]
    shut = await desk.say(code)

    assert "còn 4 lần" in told[0] and "còn 1 lần" in told[3]
    assert "Đã gõ sai mã 5 lần" in told[4] and "01 giờ" in told[4]
    assert shut == "" and desk.owner() is None

    desk.world.clock.forward_to(desk.world.now + timedelta(hours=1))
    assert "Máy này đã gắn với" in await desk.say(desk.code())


async def test_an_expired_code_says_where_a_new_one_comes_from(desk: Desk) -> None:
    code = desk.code()
    desk.world.clock.forward_to(desk.world.now + timedelta(minutes=15))

    assert await desk.say(code) == zalo_messages.LINK_CODE_EXPIRED
    assert desk.owner() is None


async def test_a_code_of_another_bot_says_to_open_the_right_one(desk: Desk) -> None:
    assert await desk.say(desk.code(bot="700800901")) == zalo_messages.LINK_CODE_OF_ANOTHER_BOT
    assert desk.owner() is None


async def test_a_used_code_in_another_chat_names_when_and_whom_to_tell(desk: Desk) -> None:
    code = desk.code()
    await desk.say(code)

    told = await desk.say(code, OTHER_CHAT)
    assert "đã dùng lúc 00 giờ ngày 23/11" in told and "báo ngay" in told
    assert desk.owner(OTHER_CHAT) is None


async def test_a_chat_of_somebody_else_is_named_and_not_taken(desk: Desk) -> None:
    await desk.say(desk.code(SON))

    assert "đang gắn với Lê Văn Sơn" in await desk.say(desk.code(HANH))
    assert desk.owner() == "Lê Văn Sơn"


async def test_a_person_with_another_chat_is_not_moved_in_silence(desk: Desk) -> None:
    code = desk.code()

    def tie(session: Session) -> Address:
        return people.add_address(session, person_of(session, HANH), "zalo", "1", "máy cũ", desk.world.now)

    desk.world.ask(tie)

    assert "đang gắn với một khung Zalo khác từ ngày 23/11/2026" in await desk.say(code)
    assert desk.owner() is None


async def test_the_code_of_somebody_who_left_binds_nothing(desk: Desk) -> None:
    code = desk.code()
    desk.world.ask(lambda s: setattr(person_of(s, HANH), "left_at", desk.world.now))

    assert await desk.say(code) == zalo_messages.LINK_PERSON_LEFT
    assert desk.owner() is None


async def test_a_code_typed_in_a_group_is_not_looked_at(desk: Desk) -> None:
    code = desk.code()

    assert await desk.say(code, "nhom-1", group=True) == messages.GROUP_CHAT
    assert desk.owner("nhom-1") is None and "Máy này đã gắn với" in await desk.say(code)


async def test_a_replayed_update_ties_once_and_says_so_once(desk: Desk) -> None:
    event = desk.api.say(CHAT, desk.code())

    told = [await desk.deliver(event) for _ in range(3)]

    assert "Máy này đã gắn với" in told[0] and told[1:] == ["", ""]


async def test_an_invite_keeps_no_place_at_a_bot_and_so_binds_no_zalo_chat(desk: Desk) -> None:
    invite = desk.world.ask(lambda s: people.invite(s, person_of(s, SON), desk.world.now).code)

    assert "Mã này không đúng" in await desk.say(invite)
    assert desk.owner() is None


@pytest.mark.parametrize("spell", [str.lower, lambda c: f"{c[:4]} {c[4:]}", "/start {}".format])
async def test_a_code_ties_the_chat_however_it_is_typed(desk: Desk, spell: object) -> None:
    told = await desk.say(spell(desk.code()))  # type: ignore[operator]

    assert told.startswith("Chào anh/chị Trần Thị Hạnh.") and "bấm" not in told
    assert desk.owner() == "Trần Thị Hạnh"


async def test_once_tied_a_number_is_an_answer(desk: Desk) -> None:
    await desk.say(desk.code())
    await desk.say("1")

    assert [str(entry.kind) for entry in entries(desk.world)] == ["aired"]


async def test_a_stranger_is_told_of_the_code_and_seldom(desk: Desk) -> None:
    told = [await desk.say(text) for text in ("xin chào", "1")]

    assert told == [zalo_messages.NEED_LINK_CODE, ""]
