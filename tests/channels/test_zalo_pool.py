"""A pool of bots of one service: each message leaves by the bot of its address, at that bot's own pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from airlog import jobs, pace, people
from airlog.db import Session
from airlog.deliveries import Wanted, plan
from airlog.types import AddressState, Rung
from bot.channels.zalo import NoSuchBot
from scheduler.channel import Channel, ChannelError, line_of
from scheduler.dispatch import Dispatcher
from scheduler.engine import DurableJobs
from scheduler.jobs import AtOnce
from scheduler.tick import Tick
from tests.fakes import FakeChannel
from tests.world import HANH, LAN, SON, World, person_of

FIRST, SECOND, GONE = "700800900", "700800901", "700800999"
QUOTA = ChannelError("hết lượt gửi", retry_after=timedelta(minutes=15))


class Pool:
    """Hạnh writes to one bot, Sơn to another under the same chat id, Lan to one that is no longer set."""

    def __init__(self, world: World) -> None:
        self.first, self.second = FakeChannel("zalo", FIRST), FakeChannel("zalo", SECOND)
        self.lines: dict[str, Channel] = {
            "zalo": NoSuchBot(), f"zalo:{FIRST}": self.first, f"zalo:{SECOND}": self.second
        }  # fmt: skip
        self.dispatcher = Dispatcher(world.db, self.lines, world.clock)
        world.ticker = Tick(
            world.db, world.studio, AtOnce(self.dispatcher), world.ladder, ("zalo",), world.clock
        )


@pytest.fixture
def pool(world: World) -> Pool:
    def move(session: Session) -> None:
        for phone, bot in ((HANH, FIRST), (SON, SECOND), (LAN, GONE)):
            people.add_address(session, person_of(session, phone), "zalo", bot, "one-id", world.now)

    world.ask(move)
    world.launch()
    return Pool(world)


@pytest.fixture
async def engine(world: World, pool: Pool) -> AsyncIterator[DurableJobs]:
    engine = DurableJobs(world.db, pool.dispatcher, world.clock, "n1")
    await engine.launch(pool.lines)
    world.ticker.jobs = engine
    yield engine
    await engine.stop()


def test_a_line_is_a_bot_where_there_are_several() -> None:
    lines = ("telegram", "zalo", "zalo:1")

    assert line_of("telegram", "123456", lines) == "telegram"
    assert [line_of("zalo", bot, lines) for bot in ("1", "2")] == ["zalo:1", "zalo"]


async def test_each_address_is_served_by_its_own_bot(world: World, pool: Pool) -> None:
    await world.at(0, "07:30")

    assert (len(pool.first.got("one-id")), len(pool.second.got("one-id"))) == (1, 1)
    assert set(world.deliveries(HANH) + world.deliveries(SON)) == {("item", "sent")}


async def test_no_sound_is_uploaded_where_none_can_be_sent(world: World, pool: Pool) -> None:
    pool.first.abilities = NoSuchBot.abilities
    await world.at(0, "07:30")

    assert [message.sound for message in pool.first.got("one-id")] == [None]
    assert pool.first.uploads == 0


async def test_a_bot_that_is_not_set_any_more_holds_its_messages_and_blocks_nobody(
    world: World, pool: Pool
) -> None:
    await world.at(0, "07:30")

    def states(session: Session) -> set[AddressState]:
        return {address.state for address in person_of(session, LAN).addresses}

    assert {state for _, state in world.deliveries(LAN)} == {"retrying"}
    assert world.ask(states) == {AddressState.ACTIVE}


async def test_a_quota_that_is_used_up_silences_one_bot_and_not_the_pool(world: World, pool: Pool) -> None:
    pool.first.fail("one-id", QUOTA)
    await world.at(0, "07:30")

    def left(session: Session) -> list[bool]:
        return [bool(pace.pause_left(session, "zalo", bot)) for bot in (FIRST, SECOND)]

    assert world.ask(left) == [True, False]
    assert world.deliveries(HANH) == [("item", "retrying")] and world.deliveries(SON) == [("item", "sent")]


async def test_the_engine_has_a_queue_for_each_bot(world: World, pool: Pool, engine: DurableJobs) -> None:
    await world.at(0, "07:30")
    async with asyncio.timeout(30):
        while not (pool.first.requests and pool.second.requests):
            await asyncio.sleep(0.02)

    assert (len(pool.first.requests), len(pool.second.requests)) == (1, 1)


def test_a_job_knows_its_bot(world: World, pool: Pool) -> None:
    def armed(session: Session) -> set[str]:
        address = people.address_of(session, "zalo", FIRST, "one-id")
        assert address is not None
        plan(session, [Wanted(Rung.DIGEST, address, "2026-W48", world.now)])
        return {job.bot for job in jobs.arm(session, ("zalo",))}

    assert world.ask(armed) == {FIRST}
