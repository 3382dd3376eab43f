"""Of all processes one fetches a bot's updates; when it dies, stops or loses its way another one does, and none is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from airlog import leases
from airlog.db import Session, store_seconds
from airlog.models import Lease
from airlog.updates import Waiting
from bot.channels.raw_updates import RawUpdate
from bot.polling import LEASE, Polling
from scheduler.channel import Channel
from tests.bot_api import BotApi
from tests.update_world import CHAT, Process, entries, process, ready, stored, texts, until, url_of
from tests.world import World

ROOT = Path(__file__).parents[2]
TASK = "poll:telegram:123456"
SHORT = timedelta(seconds=2)


@dataclass
class Poller:
    """One process that polls, seen from outside."""

    here: Process
    polling: Polling
    fetching: int = 0
    """Fetches that are open now."""
    fetches: int = 0
    _task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self.polling.run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            await self.polling.finish()


@dataclass
class Cluster:
    world: World
    api: BotApi
    folder: Path
    aired: str
    stack: AsyncExitStack
    pollers: list[Poller] = field(default_factory=list)

    async def add(self, lease: timedelta = LEASE, node: str = "", api_url: str = "") -> Poller:
        here = await self.stack.enter_async_context(
            process(
                url_of(self.world), api_url or self.api.url, self.api.token, self.folder, self.world.clock
            )
        )
        poller = Poller(here, Polling(here.db, here.channel, here.reception, node, lease))
        _watch(poller)
        self.pollers.append(poller)
        return poller

    def holder(self) -> str | None:
        return self.world.ask(lambda s: leases.holder(s, TASK, store_seconds(s)))

    def take_lease(self) -> None:
        """Another process got it, as when this one was frozen for longer than the lease."""
        self.world.ask(_steal)


def _until_s(session: Session) -> float:
    return session.get_one(Lease, TASK).until_s


def _steal(session: Session) -> None:
    now_s = store_seconds(session)
    leases.hold(session, TASK, "kẻ khác", timedelta(minutes=5), now_s + 3600)


def _watch(poller: Poller) -> None:
    channel, fetch = poller.here.channel, poller.here.channel.fetch

    async def watched(offset: int | None, timeout_s: int) -> tuple[RawUpdate, ...]:
        poller.fetching, poller.fetches = poller.fetching + 1, poller.fetches + 1
        try:
            return await fetch(offset, timeout_s)
        finally:
            poller.fetching -= 1

    channel.fetch = watched  # type: ignore[method-assign]


@pytest.fixture
async def cluster(world: World, tmp_path: Path) -> AsyncIterator[Cluster]:
    aired = ready(world)
    async with BotApi() as api, AsyncExitStack() as stack:
        found = Cluster(world, api, tmp_path, aired, stack)
        yield found
        for poller in found.pollers:
            await poller.stop()


async def test_of_two_processes_one_fetches_and_telegram_sees_no_conflict(cluster: Cluster) -> None:
    first, second = await cluster.add(), await cluster.add()
    first.start()
    second.start()

    for count in range(1, 6):
        cluster.api.say(CHAT, "/trogiup")
        await until(lambda count=count: len(texts(cluster.api)) == count)  # type: ignore[misc]

    assert sorted((first.fetches > 0, second.fetches > 0)) == [False, True]
    assert cluster.api.refused == []


async def test_the_lease_is_renewed_while_a_fetch_waits_longer_than_it_lasts(cluster: Cluster) -> None:
    poller = await cluster.add(SHORT)
    poller.start()
    await until(lambda: poller.fetching == 1)
    first = cluster.world.ask(_until_s)

    await until(lambda: cluster.world.ask(_until_s) > first + SHORT.total_seconds())

    assert poller.fetching == 1


async def test_a_clean_stop_hands_over_without_waiting_for_the_lease_to_run_out(cluster: Cluster) -> None:
    first, second = await cluster.add(), await cluster.add()
    first.start()
    await until(lambda: first.fetching == 1)
    second.start()
    cluster.api.say(CHAT, "/trogiup")
    await until(lambda: len(texts(cluster.api)) == 1)

    await first.stop()
    began = time.monotonic()
    cluster.api.say(CHAT, "/trogiup")
    await until(lambda: len(texts(cluster.api)) == 2)

    assert time.monotonic() - began < LEASE.total_seconds() / 2
    assert second.fetches > 0


async def test_a_process_that_starts_again_under_its_name_does_not_wait_for_its_own_lease(
    cluster: Cluster,
) -> None:
    def left_by_the_dead(session: Session) -> None:
        assert leases.hold(session, TASK, "nut-1", LEASE, store_seconds(session))

    cluster.world.ask(left_by_the_dead)
    again = await cluster.add(node="nut-1")

    began = time.monotonic()
    again.start()
    await until(lambda: again.fetching == 1)

    assert time.monotonic() - began < LEASE.total_seconds() / 2


async def test_whoever_loses_the_lease_stops_in_the_middle_of_a_fetch(cluster: Cluster) -> None:
    poller = await cluster.add(SHORT)
    poller.start()
    await until(lambda: poller.fetching == 1)

    cluster.take_lease()
    await until(lambda: poller.fetching == 0)
    fetches = poller.fetches
    await asyncio.sleep(SHORT.total_seconds() / 2)

    assert (poller.fetches, cluster.holder()) == (fetches, "kẻ khác")


async def test_whoever_cannot_renew_stops_before_the_lease_runs_out(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller = await cluster.add(timedelta(seconds=8))
    poller.start()
    await until(lambda: poller.fetching == 1)

    async def away(*_: object) -> object:
        raise OSError("the store is away")

    monkeypatch.setattr(poller.here.db, "run", away)
    await until(lambda: poller.fetching == 0)

    assert cluster.holder() is not None


async def test_a_batch_that_was_fetched_with_a_lost_lease_is_kept_but_not_confirmed(cluster: Cluster) -> None:
    poller = await cluster.add()
    keep = poller.here.reception.keep

    async def overtaken(channel: Channel, arrived: Sequence[tuple[str, str]]) -> list[Waiting]:
        cluster.take_lease()
        return await keep(channel, arrived)

    poller.here.reception.keep = overtaken  # type: ignore[method-assign]
    cluster.api.say(CHAT, "/trogiup")
    poller.start()
    await until(lambda: len(texts(cluster.api)) == 1)
    await until(lambda: poller.fetching == 0)

    assert (len(stored(cluster.world)), len(cluster.api.pending), poller.fetches) == (1, 1, 1)


async def test_a_process_without_network_leaves_the_polling_to_one_that_has_it(cluster: Cluster) -> None:
    cut_off = await cluster.add(api_url="http://127.0.0.1:9/bot")
    cut_off.start()
    healthy = await cluster.add()
    healthy.start()

    cluster.api.say(CHAT, "/trogiup")

    await until(lambda: len(texts(cluster.api)) == 1)


async def test_what_was_stored_when_the_stop_came_is_still_answered(cluster: Cluster) -> None:
    poller = await cluster.add()
    keep, storing, go_on = poller.here.reception.keep, asyncio.Event(), asyncio.Event()

    async def slow(channel: Channel, arrived: Sequence[tuple[str, str]]) -> list[Waiting]:
        storing.set()
        await go_on.wait()
        return await keep(channel, arrived)

    poller.here.reception.keep = slow  # type: ignore[method-assign]
    cluster.api.press(CHAT, 77, cluster.aired)
    poller.start()
    await storing.wait()
    stopping = asyncio.create_task(poller.stop())
    await asyncio.sleep(0)
    go_on.set()
    await stopping

    assert (len(entries(cluster.world)), len(texts(cluster.api))) == (1, 1)


async def test_half_an_emoji_does_not_stop_the_updates_behind_it(cluster: Cluster) -> None:
    cluster.api.say(CHAT, "xin chào \ud83d")
    cluster.api.say(CHAT, "/trogiup")

    (await cluster.add()).start()

    await until(lambda: any("/tuannay" in text for text in texts(cluster.api)))


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is another matter on Windows")
async def test_a_killed_poller_is_followed_by_another_and_no_press_is_lost_or_counted_twice(
    cluster: Cluster,
) -> None:
    started = [_start(cluster, node) for node in ("nut-1", "nut-2")]
    try:
        await until(lambda: cluster.holder() is not None)
        first = cluster.holder()
        cluster.api.press(CHAT, 77, cluster.aired)
        await until(lambda: len(texts(cluster.api)) == 1)

        for node, program in zip(("nut-1", "nut-2"), started, strict=True):
            if node == first:
                os.kill(program.pid, signal.SIGKILL)
        for number in range(5):
            cluster.api.say(CHAT, "/trogiup")
            cluster.api.press(CHAT, 78 + number, cluster.aired)
        await until(lambda: len(texts(cluster.api)) == 11)
        await until(lambda: all(row.handled_at for row in stored(cluster.world)))
    finally:
        for program in started:
            program.kill()
            program.wait(10)

    assert cluster.holder() in (None, "nut-1", "nut-2")
    assert (len(entries(cluster.world)), len(stored(cluster.world))) == (1, 11)


def _start(cluster: Cluster, node: str) -> subprocess.Popen[bytes]:
    place = (url_of(cluster.world), cluster.api.url, cluster.api.token, str(cluster.folder))
    words = (*place, node, "2", cluster.world.now.isoformat())
    return subprocess.Popen([sys.executable, "-m", "tests.poller_process", *words], cwd=ROOT)
