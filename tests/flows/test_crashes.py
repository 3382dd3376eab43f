"""Processes die, freeze, stop and are refused in the middle of a broadcast: nothing is lost, nobody gets it twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog.db import Database
from airlog.models import Delivery, Recall
from airlog.types import DeliveryState, Rung
from tests.bot_api import BotApi
from tests.conftest import Stores
from tests.crash_rig import Broadcast, Cradle, cradle, crowd

__all__ = ["cradle"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="workers are forked, which Windows cannot")
IN_FLIGHT = 24


@pytest.fixture
async def broadcast(
    stores: Stores, store_kind: str, tmp_path: Path, cradle: Cradle
) -> AsyncIterator[Broadcast]:
    """Sixty operators, one item due now, nothing running yet."""
    db = Database(stores.filled(store_kind))
    async with BotApi() as api:
        found = Broadcast(api, db, tmp_path, 60, cradle)
        found.ask(lambda session: crowd(session, found.count, tmp_path))
        yield found
        await found.stop()
    db.close()


@pytest.mark.parametrize("moment", ["turn", "claimed", "answered", "recorded"])
async def test_a_process_killed_at_any_step_is_followed_by_another(broadcast: Broadcast, moment: str) -> None:
    first = await broadcast.worker(moment=moment, nth=25)
    assert await first.died() == -signal.SIGKILL
    assert 0 < sum(broadcast.accepted().values()) < broadcast.count

    await broadcast.worker()
    await broadcast.until(broadcast.settled)

    broadcast.assert_nothing_lost_and_nobody_twice(IN_FLIGHT)
    assert sum(1 for s in broadcast.api.sent if s.uploaded_bytes) == 1


async def test_what_the_service_took_but_never_answered_stays_in_doubt(broadcast: Broadcast) -> None:
    """Accepted, no answer, and then the process is gone: the machine does not send it again."""
    broadcast.api.fail("hang", chat_id=50_030)
    first = await broadcast.worker()
    await broadcast.until(lambda: 50_030 in broadcast.accepted() and broadcast.states()["sent"] > 30)
    first.send(signal.SIGKILL)

    await broadcast.worker()
    await broadcast.until(broadcast.settled)

    assert broadcast.accepted()[50_030] == 1 and broadcast.states()["unknown"] >= 1
    broadcast.assert_nothing_lost_and_nobody_twice(IN_FLIGHT)


async def test_a_stop_in_good_order_leaves_nothing_in_doubt(broadcast: Broadcast) -> None:
    broadcast.api.latency_s = 0.1
    first = await broadcast.worker()
    await broadcast.until(lambda: len(broadcast.accepted()) >= 15)
    first.send(signal.SIGTERM)
    assert await first.died() == 0
    assert broadcast.nodes() == {"node-1": True}
    assert broadcast.states()["sending"] == broadcast.states()["unknown"] == 0

    await broadcast.worker()
    await broadcast.until(broadcast.settled)

    broadcast.assert_nothing_lost_and_nobody_twice(in_doubt=0)


@pytest.mark.parametrize(("retry_after_s", "times"), [(1, 4), (300, 1000)])
async def test_a_429_pauses_the_whole_bot_and_costs_nobody_their_message(
    broadcast: Broadcast, retry_after_s: int, times: int
) -> None:
    storm = broadcast.api.fail("429", times=times, retry_after_s=retry_after_s)
    await broadcast.worker()
    if retry_after_s == 1:
        await broadcast.until(broadcast.settled)
        broadcast.assert_nothing_lost_and_nobody_twice(in_doubt=0)
        return

    await broadcast.until(lambda: storm.left < times)
    await asyncio.sleep(3)
    assert times - storm.left <= IN_FLIGHT, "whoever is told to wait five minutes does not ask again"
    assert not broadcast.accepted()
    await broadcast.stop(in_good_order=True)
    assert broadcast.states()["unknown"] == broadcast.states()["failed"] == 0


async def test_no_old_item_leaves_after_its_recall_through_refusals_and_a_kill(broadcast: Broadcast) -> None:
    """Killed with items claimed, recalled by two people, refused afterwards: everybody gets the corrected item once."""
    broadcast.api.latency_s = 0.05
    first = await broadcast.worker(moment="claimed", nth=25)
    assert await first.died() == -signal.SIGKILL
    recalled_at = broadcast.recall()
    broadcast.api.fail("429", times=3, retry_after_s=1)

    await broadcast.worker()
    await broadcast.until(lambda: len(corrected(broadcast)) == broadcast.count and not broadcast.open_rows())

    assert set(corrected(broadcast).values()) == {1}, "somebody got the corrected item twice"
    with broadcast.db.reading() as session:
        recalled = session.scalars(select(Recall)).one().item_version_id
        rows = session.scalars(select(Delivery).where(Delivery.rung == Rung.ITEM)).unique().all()
        old = [row for row in rows if row.item_version_id == recalled]
        told = set(session.scalars(select(Delivery.person_id).where(Delivery.rung == Rung.RECALL)))
    assert old and all(row.claimed_at and row.claimed_at <= recalled_at for row in old)
    assert {row.person_id for row in old} <= told, "whoever has the old one, or may have it, is told"


def corrected(broadcast: Broadcast) -> Counter[int]:
    """How often each chat got the item that took the recalled one's place."""
    return Counter(sent.chat_id for sent in broadcast.api.sent if sent.text.startswith("Tin thay thế"))


async def test_a_second_process_of_the_same_name_is_refused(broadcast: Broadcast) -> None:
    broadcast.api.latency_s = 0.2
    first = await broadcast.worker("node-1")
    await broadcast.until(lambda: len(broadcast.accepted()) > 0)
    second = await broadcast.worker("node-1")

    assert await second.died() == 1
    assert "NameTaken" in (broadcast.folder / "node-1.log").read_text()
    assert not first.end.done()


class TestOnAServer:
    """Several processes share one PostgreSQL."""

    @pytest.fixture
    def store_kind(self) -> str:
        if not os.environ.get("LOAXA_TEST_DATABASE_URL"):
            pytest.skip("no PostgreSQL server named: several processes were not tried")
        return "postgresql"

    async def test_the_work_of_a_dead_process_is_taken_over(self, broadcast: Broadcast) -> None:
        """It is not started again: the two others finish, also when the first that takes over dies at it."""
        broadcast.api.latency_s = 0.05
        victims = [await broadcast.worker("a", moment="turn", nth=8), await broadcast.worker("b")]
        assert await victims[0].died() == -signal.SIGKILL
        await broadcast.worker("c")
        victims[1].send(signal.SIGKILL)
        await broadcast.until(broadcast.settled)

        broadcast.assert_nothing_lost_and_nobody_twice(2 * IN_FLIGHT)

    async def test_a_frozen_process_that_thaws_sends_nothing_twice(self, broadcast: Broadcast) -> None:
        broadcast.api.latency_s = 0.05
        frozen = await broadcast.worker("a", moment="claimed", nth=8, way="freeze")
        await broadcast.until(lambda: broadcast.states()["sending"] > 0)
        await broadcast.worker("b")
        await broadcast.until(broadcast.settled)
        frozen.send(signal.SIGCONT)
        await asyncio.sleep(1)

        broadcast.assert_nothing_lost_and_nobody_twice(IN_FLIGHT)
        assert not frozen.end.done()

    async def test_three_processes_keep_one_pace_and_one_pause(self, broadcast: Broadcast) -> None:
        broadcast.api.latency_s, broadcast.pace_ms = 0.05, 25
        refusal = broadcast.api.fail("429", chat_id=50_020, times=1, retry_after_s=4)
        for name in "abc":
            await broadcast.worker(name)
        await broadcast.until(lambda: refusal.left == 0)
        refused_at = time.monotonic()
        await broadcast.until(broadcast.settled)

        broadcast.assert_nothing_lost_and_nobody_twice(in_doubt=0)
        times = sorted(s.at for s in broadcast.api.sent if s.method == "sendAudio")
        assert not [at for at in times if refused_at + 1 < at < refused_at + 3.5], "all three were silent"
        assert times[-1] > refused_at + 3.5
        assert sum(1 for s in broadcast.api.sent if s.uploaded_bytes) == 1

    async def test_a_server_that_drops_every_connection_is_waited_out(self, broadcast: Broadcast) -> None:
        broadcast.api.latency_s = 0.05
        await broadcast.worker("a")
        await broadcast.until(lambda: len(broadcast.accepted()) > 15)
        for _ in range(3):
            broadcast.drop_connections()
            await asyncio.sleep(0.3)
        await broadcast.until(broadcast.settled)

        broadcast.assert_nothing_lost_and_nobody_twice(in_doubt=0)
        assert broadcast.states() == {DeliveryState.SENT: broadcast.count}
