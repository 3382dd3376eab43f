"""A store in trouble: full, read-only, locked by another, dropped by its server. What was promised still holds."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DatabaseError

from airlog import record
from airlog.models import Delivery, LogEntry
from airlog.types import DeliveryState
from scheduler.dispatch import Dispatcher
from scheduler.engine import DurableJobs
from tests.world import DAK_WIL, HANH, WEEK, World, duty_of


@pytest.fixture
def store_kind() -> str:
    """These are troubles of a file."""
    return "sqlite"


@pytest.fixture
async def engine(world: World) -> AsyncIterator[DurableJobs]:
    dispatcher = Dispatcher(world.db, {"chat": world.channel}, world.clock)
    engine = DurableJobs(world.db, dispatcher, world.clock, "n1")
    await engine.launch(("chat",))
    world.ticker.jobs = engine
    yield engine
    await engine.stop()


@contextmanager
def troubled(world: World, bad: str, good: str) -> Iterator[None]:
    """Every connection of ours gets `bad` until the block ends, then `good`."""

    def set_it(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA {bad}")

    event.listen(world.db.engine, "checkout", set_it)
    yield
    event.remove(world.db.engine, "checkout", set_it)
    event.listen(world.db.engine, "checkout", lambda connection, *_: connection.execute(f"PRAGMA {good}"))


def rows(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(Delivery.id))) or 0)


@pytest.mark.parametrize(
    ("bad", "good", "told"),
    [
        ("query_only=ON", "query_only=OFF", "readonly"),
        ("max_page_count=1", "max_page_count=1073741823", "full"),
    ],
)
async def test_a_store_that_takes_nothing_loses_nothing(world: World, bad: str, good: str, told: str) -> None:
    world.launch()
    with troubled(world, bad, good), pytest.raises(DatabaseError, match=told):
        for _ in range(500):  # what is free within the file is used up first
            await world.at(0, "07:30")
            world.says_aired(HANH, DAK_WIL)
            fill_up(world)
    await world.later(minutes=1)

    assert {row.state for row in world.rows(HANH)} == {DeliveryState.SENT}
    assert len(world.channel.got(f"chat-{HANH}")) == 1
    assert world.ask(record.verify) is None


def fill_up(world: World) -> None:
    world.ask(lambda s: s.execute(text("CREATE TABLE IF NOT EXISTS ballast (x)")))
    world.ask(lambda s: s.execute(text("INSERT INTO ballast VALUES (zeroblob(100000))")))


async def test_a_writer_that_holds_the_lock_for_seconds_is_waited_for(
    world: World, engine: DurableJobs
) -> None:
    world.launch()
    path = world.db.url.database
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        other = sqlite3.connect(str(path), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held.set()
        let_go.wait(20)
        other.execute("ROLLBACK")
        other.close()

    holder = threading.Thread(target=hold)
    holder.start()
    await asyncio.to_thread(held.wait)
    world.clock.forward_to(WEEK.at(0, time(7, 30)))
    ticking = asyncio.create_task(world.ticker.run())
    await asyncio.sleep(3)
    let_go.set()
    await asyncio.wait_for(ticking, 30)
    async with asyncio.timeout(30):
        while {row.state for row in world.rows(HANH)} != {DeliveryState.SENT}:
            await asyncio.sleep(0.05)
    holder.join()

    assert len(world.channel.got(f"chat-{HANH}")) == 1


async def test_a_write_ahead_log_that_a_long_look_let_grow_shrinks_again(world: World) -> None:
    world.launch()
    wal = Path(f"{world.db.url.database}-wal")
    with world.db.reading() as look:
        look.scalar(select(func.count(LogEntry.seq)))
        for _ in range(40):
            fill_up(world)
            fill_up(world)
        for number in range(400):
            world.ask(lambda s, n=number: s.execute(text(f"UPDATE ballast SET x = zeroblob({100_000 + n})")))
            if wal.stat().st_size > 45_000_000:
                break
        await world.at(0, "07:30")
    grown = wal.stat().st_size
    with sqlite3.connect(str(world.db.url.database)) as other:
        other.execute("PRAGMA wal_checkpoint(RESTART)")
    fill_up(world)

    assert grown > 40_000_000 > wal.stat().st_size
    assert {row.state for row in world.rows(HANH)} == {DeliveryState.SENT}


async def test_a_confirmation_before_the_send_is_recorded_counts_once(world: World) -> None:
    """The person was faster than our own commit: the press proves receipt, the record of the send changes nothing."""
    world.launch()
    send, said = world.channel.send, []

    async def answered_at_once(chat_id: str, message: object) -> object:
        receipt = await send(chat_id, message)  # type: ignore[arg-type]
        if chat_id == f"chat-{HANH}" and not said:
            said.append(world.says_aired(HANH, DAK_WIL)[1])
            said.append(world.says_aired(HANH, DAK_WIL)[1])
        return receipt

    world.channel.send = answered_at_once  # type: ignore[assignment]
    await world.at(0, "07:30")

    assert said == [True, False]
    assert [(row.rung, row.state) for row in world.rows(HANH)] == [("item", "sent")]
    assert world.ask(lambda s: len(record.log_of(s, duty_of(s, DAK_WIL)))) == 1
    await world.at(3, "08:00")
    assert world.arrived(HANH) == ["item"], "nobody is reminded of what they have answered"
