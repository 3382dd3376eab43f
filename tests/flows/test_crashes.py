"""Processes die, freeze and share a name in the middle of a broadcast: nothing is lost, nobody gets it twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from airlog.db import Database
from tests.bot_api import BotApi
from tests.conftest import Stores
from tests.crash_rig import Broadcast, crowd

IN_FLIGHT = 20


@pytest.fixture
async def broadcast(stores: Stores, store_kind: str, tmp_path: Path) -> AsyncIterator[Broadcast]:
    """Sixty operators, one item due now, nothing running yet."""
    db = Database(stores.filled(store_kind))
    async with BotApi() as api:
        found = Broadcast(api, db, tmp_path, 60)
        found.ask(lambda session: crowd(session, found.count, tmp_path))
        yield found
        await found.stop()
    db.close()


async def test_a_broadcast_reaches_everybody_once(broadcast: Broadcast) -> None:
    await broadcast.worker()
    await broadcast.until(broadcast.settled)

    broadcast.assert_nothing_lost_and_nobody_twice(in_doubt=0)
    assert sum(1 for s in broadcast.api.sent if s.uploaded_bytes) == 1


@pytest.mark.parametrize(
    ("moment", "in_doubt"),
    [("turn", IN_FLIGHT), ("claimed", IN_FLIGHT), ("answered", IN_FLIGHT), ("recorded", IN_FLIGHT)],
)
async def test_a_process_killed_at_any_step_is_followed_by_another(
    broadcast: Broadcast, moment: str, in_doubt: int
) -> None:
    first = await broadcast.worker(moment=moment, nth=25)
    assert await first.died() == -signal.SIGKILL
    assert 0 < sum(broadcast.accepted().values()) < broadcast.count

    await broadcast.worker()
    await broadcast.until(broadcast.settled)

    broadcast.assert_nothing_lost_and_nobody_twice(in_doubt)
