"""What a Zalo bot sent is counted, and nothing else; in a thrifty month it keeps quiet about what was recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from airlog import people, pool
from airlog.budget import Month
from airlog.db import Session
from airlog.models import BotMonth
from airlog.types import DeliveryState
from bot.app import App, build
from bot.channels import zalo_client
from bot.channels.zalo import ZaloChannel
from bot.channels.zalo_text import Around
from bot.settings import Settings
from content import zalo_messages
from scheduler.channel import Button, HeldBack, Outgoing
from scheduler.dispatch import Dispatcher
from scheduler.jobs import AtOnce
from scheduler.tick import Tick
from tests.channels.zalo_rig import LAN, ZaloRig, rig, send_and_fail
from tests.channels.zalo_world import BOT, CHAT, ready, texts, zalo_process
from tests.fakes import FakeChannel
from tests.update_world import entries, url_of
from tests.world import HANH, World, person_of
from tests.zalo_api import FaultKind, ZaloApi

__all__ = ["rig"]
NOTICE = Outgoing("Tin tuần 48", ((Button("Đã phát", "aired:7"), Button("Chưa phát được", "cannot:7")),))
ACK = Outgoing("Đã ghi", weight="acknowledgement")


@dataclass
class Counter:
    """Stands for the store."""

    bots: list[str] = field(default_factory=list)
    trouble: Exception | None = None

    async def __call__(self, bot: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.bots.append(bot)


@pytest.fixture
async def counter(rig: ZaloRig) -> AsyncIterator[Counter]:
    found = Counter()
    rig.channel._client._counted = found
    yield found


def used(rig: ZaloRig, messages: int) -> None:
    async def around(bot: str, chat_id: str) -> Around:
        return Around(month=Month(messages, 3000))

    rig.channel._around = around


@pytest.mark.parametrize("kind", ["400", "401", "403", "404", "429", "ok_false"])
async def test_what_zalo_refused_is_not_counted(rig: ZaloRig, counter: Counter, kind: FaultKind) -> None:
    rig.api.fail(kind)

    assert not (await send_and_fail(rig)).maybe_delivered
    assert counter.bots == []


@pytest.mark.parametrize("kind", ["408", "500", "html", "cut_before", "cut_after", "half", "html_after"])
async def test_what_zalo_may_have_taken_is_counted(rig: ZaloRig, counter: Counter, kind: FaultKind) -> None:
    rig.api.fail(kind)

    assert (await send_and_fail(rig)).maybe_delivered
    assert counter.bots == [BOT]


async def test_every_message_counts_and_nothing_else_that_is_asked(rig: ZaloRig, counter: Counter) -> None:
    client = rig.channel._client
    await client.get_me()
    await client.send_chat_action(LAN)
    await client.get_webhook_info()
    assert counter.bots == []

    await client.send_message(LAN, "Tin")
    await client.send_photo(LAN, "https://loaxa.example.vn/a.jpg")
    await client.send_voice(LAN, "https://loaxa.example.vn/a.aac")
    await client.send_sticker(LAN, "abc")
    assert counter.bots == [BOT] * 4


async def test_each_part_of_a_long_text_counts(rig: ZaloRig, counter: Counter) -> None:
    await rig.channel.send(LAN, Outgoing("chữ " * 1000))

    assert len(counter.bots) == len(rig.api.to(LAN)) == 2


async def test_a_count_that_cannot_be_written_is_no_failure(
    rig: ZaloRig, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.trouble = OSError("disk full")

    receipt = await rig.channel.send(LAN, NOTICE)

    assert receipt.message_ref and len(rig.api.to(LAN)) == 1
    assert "not counted: OSError" in caplog.text


async def test_a_store_that_hangs_holds_up_no_send(rig: ZaloRig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(bot: str) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(zalo_client, "_COUNT_WITHIN_S", 0.05)
    rig.channel._client._counted = hangs

    async with asyncio.timeout(5):
        assert (await rig.channel.send(LAN, NOTICE)).message_ref


@pytest.mark.parametrize(("messages", "held"), [(2699, False), (2700, True), (3000, True)])
async def test_an_acknowledgement_is_held_back_and_nothing_leaves(
    rig: ZaloRig, messages: int, held: bool
) -> None:
    used(rig, messages)
    if not held:
        await rig.channel.send(LAN, ACK)
    else:
        failure = await send_and_fail(rig, ACK)
        assert isinstance(failure, HeldBack) and f"{messages // 30} %" in failure.reason

    assert len(rig.api.to(LAN)) == (not held)


async def test_over_its_budget_a_bot_still_tries_the_notice_and_zalo_decides(rig: ZaloRig) -> None:
    used(rig, 3500)
    await rig.channel.send(LAN, NOTICE)
    rig.api.month_limit = 0
    failure = await send_and_fail(rig, NOTICE)

    assert len(rig.api.to(LAN)) == 1
    assert (failure.permanent, failure.maybe_delivered, failure.retry_after is not None) == (
        False,
        False,
        True,
    )


async def test_a_thrifty_notice_says_that_answers_will_be_rare(rig: ZaloRig) -> None:
    used(rig, 2700)
    await rig.channel.send(LAN, NOTICE)
    used(rig, 2699)
    await rig.channel.send(LAN, NOTICE)

    thrifty, usual = rig.api.to(LAN)
    assert zalo_messages.THRIFT in thrifty.text and zalo_messages.THRIFT not in usual.text


async def test_a_typed_answer_counts_on_record_even_when_it_is_not_acknowledged(
    world: World, tmp_path: Path
) -> None:
    ready(world)
    async with ZaloApi() as api, zalo_process(url_of(world), api, tmp_path, world.clock) as here:
        thrifty(here.channel)
        for text in ("1", "ơ kìa"):
            row = await here.reception.store(here.channel, text, "{}")
            incoming = here.channel.parse(_body(api, text), world.now)
            assert row is not None
            await here.reception.take(here.channel, row, incoming)
        said = texts(api)

    assert [str(entry.kind) for entry in entries(world)] == ["aired"]
    assert len(said) == 1 and "Loa Xã chưa hiểu câu này" in said[0]  # that is still said


async def test_a_reminder_is_given_up_and_the_notice_is_not(world: World) -> None:
    class Thrifty(FakeChannel):
        async def send(self, chat_id: str, message: Outgoing) -> object:  # type: ignore[override]
            if Month(2900, 3000).gives_up(message.weight):
                raise HeldBack(zalo_messages.held_back(96))
            return await super().send(chat_id, message)

    channel = Thrifty()
    dispatcher = Dispatcher(world.db, {"chat": channel}, world.clock)
    world.ticker = Tick(world.db, world.studio, AtOnce(dispatcher), world.ladder, ("chat",), world.clock)
    world.launch()
    await world.at(0, "07:30")
    await world.at(3, "08:00")
    await world.later(hours=1)

    assert world.deliveries(HANH) == [("item", "sent"), ("reminder_1", "failed")]
    row = world.rows(HANH)[-1]
    assert (row.state, row.attempts) == (DeliveryState.FAILED, 1) and "để dành cho tin tuần" in (
        row.error or ""
    )


async def test_the_whole_program_counts_notices_and_answers_on_the_bot_that_sent_them(
    world: World, tmp_path: Path
) -> None:
    async with ZaloApi() as api:
        settings = Settings(
            _env_file=None, var_dir=tmp_path, database_url=url_of(world), zalo_tokens=api.token,
            zalo_base_url=api.url, zalo_pace_ms=1, voices=("espeak",),
        )  # fmt: skip
        app: App = build(settings, world.clock)

        def tie(session: Session) -> None:
            people.add_address(session, person_of(session, HANH), "zalo", BOT, CHAT, world.now)

        world.ask(tie)
        api.bots[api.token].people.add(CHAT)
        (channel,) = app.zalo
        await channel.send(CHAT, NOTICE)
        row = await app.reception.store(channel, "u1", "{}")
        assert row is not None
        await app.reception.take(channel, row, channel.parse(_body(api, "/trogiup"), world.now))
        await app.close()

    sent = world.ask(lambda s: pool.sent_in(s, "zalo", BOT, "2026-11"))
    assert sent == len(api.sent) == 2
    assert world.ask(lambda s: s.get(BotMonth, ("zalo", BOT, "2026-11"))) is not None


def thrifty(channel: ZaloChannel) -> None:
    async def around(bot: str, chat_id: str) -> Around:
        return Around(month=Month(2800, 3000))

    channel._around = around


def _body(api: ZaloApi, text: str) -> str:
    return json.dumps(api.say(CHAT, text))
