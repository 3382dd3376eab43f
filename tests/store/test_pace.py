"""The turns of a bot: one row that all processes share."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select

from airlog import pace
from airlog.models import BotPace
from airlog.pace import Turns
from scheduler.pace import BATCH, Pace
from tests.fakes import FakeChannel
from tests.world import World

GAP = timedelta(milliseconds=100)


def reserve(world: World, count: int) -> Turns:
    return world.ask(lambda s: pace.reserve(s, "chat", "bot", GAP, count))


def slowness(world: World) -> float:
    return world.ask(lambda s: s.scalars(select(BotPace)).one().slowness)


def test_turns_of_two_processes_follow_each_other(world: World) -> None:
    first, second, third = reserve(world, 3), reserve(world, 2), reserve(world, 1)

    assert first.wait_s == 0
    assert 0.2 < second.wait_s <= 0.3
    assert 0.4 < third.wait_s <= 0.5


def test_a_bot_that_was_quiet_has_saved_up_no_turns(world: World) -> None:
    reserve(world, 1)
    world.ask(lambda s: setattr(s.scalars(select(BotPace)).one(), "next_at_s", 1.0))

    four = reserve(world, 4)
    assert four.wait_s == 0
    assert reserve(world, 1).first_s >= four.first_s + 4 * four.gap_s - 1e-6


def test_a_pause_holds_for_everybody_and_the_longest_counts(world: World) -> None:
    world.ask(lambda s: pace.pause(s, "chat", "bot", timedelta(seconds=60)))
    world.ask(lambda s: pace.pause(s, "chat", "bot", timedelta(seconds=5)))

    assert 59 < reserve(world, 1).wait_s <= 60
    assert (
        timedelta(seconds=59) < world.ask(lambda s: pace.pause_left(s, "chat", "bot")) <= timedelta(minutes=1)
    )
    assert world.ask(lambda s: pace.pause_left(s, "chat", "another")) == timedelta(0)


def test_a_refusal_slows_the_bot_and_every_message_wins_some_speed_back(world: World) -> None:
    assert reserve(world, 1).gap_s == 0.1
    for _ in range(20):  # all that were in flight are refused: that is one refusal
        world.ask(lambda s: pace.pause(s, "chat", "bot", timedelta(seconds=1)))
    assert slowness(world) == 1.5
    assert reserve(world, 1).gap_s > 0.149

    reserve(world, 200)
    assert slowness(world) == 1.0


def test_refusals_that_go_on_never_slow_it_to_a_halt(world: World) -> None:
    for _ in range(20):
        world.ask(lambda s: pace.pause(s, "chat", "bot", timedelta(seconds=1)))
        world.ask(lambda s: setattr(s.scalars(select(BotPace)).one(), "paused_until_s", 0.0))

    assert slowness(world) == 4.0


async def test_many_that_wait_leave_one_by_one_at_the_set_gap(world: World) -> None:
    channel = FakeChannel()
    channel.pace = timedelta(milliseconds=20)
    turns, stop, loop = Pace(world.db, channel), asyncio.Event(), asyncio.get_running_loop()
    start = loop.time()

    async def go() -> bool:
        turn = await turns.turn(stop)
        return turn is not None and await turns.leave(turn)

    assert all(await asyncio.gather(*(go() for _ in range(3 * BATCH))))
    assert loop.time() - start >= 0.02 * (3 * BATCH - 1) - 0.005


async def test_who_waits_out_a_long_pause_stops_at_once_when_told_to(world: World) -> None:
    channel = FakeChannel()
    channel.pace = timedelta(milliseconds=20)
    turns, stop = Pace(world.db, channel), asyncio.Event()
    await turns.pause(timedelta(minutes=5))
    waiting = [asyncio.create_task(turns.turn(stop)) for _ in range(3)]
    await asyncio.sleep(0.05)
    stop.set()

    assert await asyncio.wait_for(asyncio.gather(*waiting), 5) == [None] * 3


async def test_replies_make_the_broadcast_yield_their_turns(world: World) -> None:
    channel = FakeChannel()
    channel.pace = timedelta(milliseconds=50)
    turns, stop, loop = Pace(world.db, channel), asyncio.Event(), asyncio.get_running_loop()
    turns.spent(4)
    start = loop.time()
    turn = await turns.turn(stop)

    assert turn is not None and await turns.leave(turn)
    assert loop.time() - start >= 0.195


async def test_a_request_that_is_late_for_its_turn_takes_another(world: World) -> None:
    channel = FakeChannel()
    channel.pace = timedelta(milliseconds=200)
    turns, stop, loop = Pace(world.db, channel), asyncio.Event(), asyncio.get_running_loop()
    turn = await turns.turn(stop)
    assert turn is not None
    assert await turns.leave(turn), "on time"
    await asyncio.sleep(0.3)  # the store stalled meanwhile
    start = loop.time()
    assert await turns.leave(turn)
    assert loop.time() - start < 1
    assert world.ask(lambda s: s.scalars(select(BotPace)).one().next_at_s) > 0


async def test_a_claimed_message_does_not_wait_out_a_pause(world: World) -> None:
    channel = FakeChannel()
    channel.pace = timedelta(milliseconds=20)
    turns, stop = Pace(world.db, channel), asyncio.Event()
    turn = await turns.turn(stop)
    assert turn is not None
    world.ask(lambda s: pace.pause(s, "chat", "bot", timedelta(minutes=5)))  # told to another process
    await asyncio.sleep(0.2)

    assert await asyncio.wait_for(turns.leave(turn), 5) is False
