"""Rows and the jobs of the durable engine: made together, replaced when lost, harmless when repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update

from airlog import deliveries, jobs
from airlog.db import Database, Session
from airlog.jobs import Job
from airlog.models import Delivery
from airlog.types import DeliveryState, Rung
from scheduler.dispatch import Dispatcher
from scheduler.engine import DurableJobs
from scheduler.plan import plan_duties
from tests.world import DAK_SAK, HANH, SON, WEEK, World, duty_of, person_of

CHANNELS = ("chat",)


@pytest.fixture
async def engine(world: World) -> AsyncIterator[DurableJobs]:
    """The world's program on the durable engine."""
    dispatcher = Dispatcher(world.db, {"chat": world.channel}, world.clock)
    engine = DurableJobs(world.db, dispatcher, world.clock, "n1")
    await engine.launch(CHANNELS)
    world.ticker.jobs = engine
    yield engine
    await engine.stop()


async def until(world: World, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


def states(world: World) -> set[DeliveryState]:
    return world.ask(lambda s: set(s.scalars(select(Delivery.state))))


def all_sent(world: World) -> bool:
    return states(world) == {DeliveryState.SENT}


class Failing(DurableJobs):
    """An engine whose queue breaks in the middle of a chunk."""

    def __init__(self, inner: DurableJobs) -> None:
        self._inner, self.broken = inner, True

    def add(self, session: Session, found: Sequence[Job]) -> None:
        self._inner.add(session, found[:2])
        if self.broken:
            raise RuntimeError("the process dies here")
        self._inner.add(session, found[2:])

    async def lost(self, ids: Sequence[str]) -> set[str]:
        return await self._inner.lost(ids)

    async def work(self, stop: asyncio.Event | None) -> int:
        return 0


async def test_a_crash_within_a_chunk_leaves_neither_rows_nor_jobs(world: World, engine: DurableJobs) -> None:
    world.launch()
    world.ticker.jobs = failing = Failing(engine)
    with pytest.raises(RuntimeError):
        await world.at(0, "07:30")
    assert states(world) == set()
    await asyncio.sleep(0.6)
    assert world.channel.requests == []

    failing.broken = False
    await world.later(seconds=5)
    await until(world, lambda: all_sent(world))
    assert len(world.channel.requests) == world.ask(lambda s: s.scalar(select(func.count(Delivery.id))))


async def test_two_nodes_that_plan_at_once_make_one_row_and_one_job_each(
    world: World, engine: DurableJobs
) -> None:
    world.launch()
    other = type(world.ticker)(
        Database(world.db.url.render_as_string(hide_password=False)), world.studio, engine,
        world.ladder, CHANNELS, world.clock,
    )  # fmt: skip
    world.clock.forward_to(WEEK.at(0, time(7, 30)))
    await asyncio.gather(world.ticker.run(), other.run())
    await until(world, lambda: all_sent(world))
    other.db.close()

    assert (
        len(world.channel.requests) == len({s.chat_id for s in world.channel.requests}) + 1
    )  # Lan serves two stations
    assert set(world.ask(lambda s: list(s.scalars(select(Delivery.jobs))))) == {1}


async def test_a_job_that_the_engine_lost_is_replaced(world: World, engine: DurableJobs) -> None:
    world.launch()
    await world.at(0, "07:30")
    await until(world, lambda: all_sent(world))
    # As after a crash of the store's host: the row is as before the send, its job ended long ago.
    world.ask(lambda s: s.execute(update(Delivery).values(state=DeliveryState.QUEUED, armed=True)))
    world.channel.requests.clear()

    await world.later(seconds=30)
    await asyncio.sleep(0.5)
    assert world.channel.requests == [], "it may still be waiting for its turn"

    await world.later(seconds=30)
    await until(world, lambda: all_sent(world))
    assert set(world.ask(lambda s: list(s.scalars(select(Delivery.jobs))))) == {2}


async def test_a_retry_waits_in_the_store_until_its_time(world: World, engine: DurableJobs) -> None:
    job = Job("k#7", 1, "chat", 1, world.now + timedelta(seconds=1.5), False)
    world.ask(lambda s: engine.add(s, [job]))

    assert await engine.lost(["k#7", "never"]) == {"never"}
    await asyncio.sleep(0.7)
    assert await engine.lost(["k#7"]) == set()
    async with asyncio.timeout(20):
        while await engine.lost(["k#7"]) == set():
            await asyncio.sleep(0.1)


async def test_the_same_job_twice_is_one(world: World, engine: DurableJobs) -> None:
    world.launch()
    await world.at(0, "07:30")
    await until(world, lambda: all_sent(world))
    row = world.rows(HANH)[0]
    again = Job(row.key, row.id, "chat", row.person_id, world.now, False)
    world.ask(lambda s: s.execute(update(Delivery).values(state=DeliveryState.QUEUED)))
    world.ask(lambda s: engine.add(s, [again, again]))
    await asyncio.sleep(0.6)

    assert len([s for s in world.channel.requests if s.chat_id == f"chat-{HANH}"]) == 1


async def test_a_dead_nodes_jobs_go_back_into_their_queue(world: World, engine: DurableJobs) -> None:
    assert await engine.take_over("a node that never was") == 0


async def test_jobs_that_ended_are_purged_after_a_day_and_open_ones_never(
    world: World, engine: DurableJobs
) -> None:
    world.launch()
    await world.at(0, "07:30")
    await until(world, lambda: all_sent(world))
    ended = world.ask(lambda s: list(s.scalars(select(Delivery.key))))
    waiting = Job("later", 1, "chat", 1, world.now + timedelta(days=9), False)
    world.ask(lambda s: engine.add(s, [waiting]))
    # The engine's rows bear the machine's time, not the world's.
    assert await engine.purge(datetime.now(UTC)) == 0
    assert await engine.purge(datetime.now(UTC) + timedelta(hours=25)) == len(ended)
    assert await engine.lost([*ended, "later"]) == set(ended)


async def test_a_persons_messages_leave_one_after_another(world: World, engine: DurableJobs) -> None:
    """Different people side by side, one person's in order: Lan has two stations, so two items at once."""
    world.launch()
    busy: set[str] = set()
    overlaps: list[str] = []
    send = world.channel.send

    async def slow(chat_id: str, message: object) -> object:
        if chat_id in busy:
            overlaps.append(chat_id)
        busy.add(chat_id)
        await asyncio.sleep(0.05)
        busy.discard(chat_id)
        return await send(chat_id, message)  # type: ignore[arg-type]

    world.channel.send = slow  # type: ignore[assignment]
    await world.at(0, "07:30")
    await until(world, lambda: all_sent(world))
    await world.at(3, "08:00")
    await until(world, lambda: all_sent(world) and len(world.arrived(SON)) == 2)

    assert overlaps == []


def test_arming_takes_each_open_row_once_earliest_first(world: World) -> None:
    world.launch()
    world.ask(lambda s: plan_duties(s, WEEK, world.now))
    duty = world.ask(lambda s: duty_of(s, DAK_SAK))
    address = world.ask(lambda s: person_of(s, SON).addresses[0])
    wanted = [
        deliveries.Wanted(rung, address, str(WEEK), world.now + timedelta(hours=hour), duty.id)
        for hour, rung in ((2, Rung.REMINDER_2), (1, Rung.REMINDER_1))
    ]
    world.ask(lambda s: deliveries.plan(s, wanted))

    first = world.ask(lambda s: jobs.arm(s, CHANNELS, 1))
    assert [job.id for job in first] == [wanted[1].key]
    assert [job.id for job in world.ask(lambda s: jobs.arm(s, CHANNELS))] == [wanted[0].key]
    assert world.ask(lambda s: jobs.arm(s, CHANNELS)) == []

    world.ask(lambda s: jobs.disarm(s, [first[0].delivery_id]))
    assert [job.id for job in world.ask(lambda s: jobs.arm(s, CHANNELS))] == [f"{wanted[1].key}#2"]
    assert world.ask(lambda s: s.scalar(select(func.count(Delivery.id)))) == 2
