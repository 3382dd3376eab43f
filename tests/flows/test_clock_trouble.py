"""The clock jumps, the process sleeps, the year ends: every message still comes once, and in its week."""

from __future__ import annotations

import asyncio
import time as machine
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.process import TICK_OPTIONS
from content.week import LOCAL, Week
from tests.world import DAK_WIL, HANH, WEEK, World, order


async def test_a_clock_set_back_an_hour_repeats_nothing(world: World) -> None:
    world.launch()
    await world.at(0, "07:30")
    world.clock.at -= timedelta(hours=1)
    for _ in range(3):
        await world.ticker.run()
        world.clock.at += timedelta(minutes=40)
    await world.ticker.run()

    assert world.arrived(HANH) == ["item"]


async def test_a_clock_set_a_day_ahead_and_back_again_loses_nothing(world: World) -> None:
    world.launch()
    await world.at(2, "08:00")
    before = world.now
    await world.at(3, "09:00")
    assert world.arrived(HANH) == ["item", "reminder_1"]
    world.clock.at = before
    for _ in range(30):
        await world.later(hours=3)

    assert world.arrived(HANH) == ["item", "reminder_1", "reminder_2"]


async def test_a_process_that_slept_over_a_whole_week_sends_nothing_of_it(world: World) -> None:
    world.launch()
    await world.at(0, "07:00")
    world.start()
    await world.at(0, "09:00", WEEK.next().next())

    assert [row.period for row in world.rows(HANH, WEEK)] == []
    assert [row.rung for row in world.rows(HANH, WEEK.shift(2))] == ["item"]
    assert str(world.standing(DAK_WIL, WEEK).state) == "missed"


async def test_week_53_and_the_first_week_of_the_next_year_are_two_weeks(world: World) -> None:
    last = Week.parse("2026-W53")
    world.clock.forward_to(last.starts_at)
    world.launch(order(2, last))
    await world.at(0, "07:30", last)
    assert world.now == datetime(2026, 12, 28, 7, 30, tzinfo=LOCAL)
    await world.at(6, "23:59", last)  # Sunday, 3 January 2027
    world.says_aired(HANH, DAK_WIL, last)
    first = last.next()
    assert str(first) == "2027-W01"
    await world.at(0, "07:30", first)

    assert [(row.period, row.state) for row in world.rows(HANH, last) if row.rung == "item"] == [
        ("2026-W53", "sent")
    ]
    assert [(row.period, row.state) for row in world.rows(HANH, first)] == [("2027-W01", "sent")]
    assert (str(world.standing(DAK_WIL, last).state), str(world.standing(DAK_WIL, first).state)) == (
        "met",
        "pending",
    )


async def test_a_loop_that_was_blocked_at_the_due_moment_fires_late_not_never() -> None:
    """APScheduler drops a firing that is over a second late by default; ours may come late, and comes once."""
    fired: list[float] = []

    async def fire() -> None:
        fired.append(machine.monotonic())

    scheduler = AsyncIOScheduler(timezone=LOCAL)
    scheduler.add_job(fire, IntervalTrigger(seconds=1, timezone=LOCAL), **TICK_OPTIONS)
    scheduler.start()
    machine.sleep(2.5)  # the loop is blocked over six due moments
    blocked_until = machine.monotonic()
    await asyncio.sleep(0.3)
    scheduler.shutdown(wait=False)

    assert len(fired) == 1 and fired[0] - blocked_until < 0.3
