"""A PostgreSQL server that is killed, full of connections, or behind a pooler in the wrong mode."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from airlog.db import Database, StoreUnreachable
from tests.bot_api import BotApi
from tests.crash_rig import Broadcast, Cradle, cradle, crowd
from tests.pg_cluster import POOLER, Cluster, Pooler
from tests.world import fill

__all__ = ["cradle"]
pytestmark = pytest.mark.skipif(
    not Cluster.possible(), reason="no PostgreSQL server on this machine: its troubles were not tried"
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("pg") / "cluster")
    db = Database(found.url)
    db.migrate()
    with db.session() as session:
        fill(session)
    db.close()
    yield found
    found.kill()


@pytest.fixture
async def broadcast(cluster: Cluster, tmp_path: Path, cradle: Cradle) -> AsyncIterator[Broadcast]:
    db = Database(cluster.url)
    async with BotApi() as api:
        found = Broadcast(api, db, tmp_path, 40, cradle)
        found.ask(lambda session: crowd(session, found.count, tmp_path))
        yield found
        await found.stop()
    db.close()


async def test_a_server_killed_and_restarted_in_mid_broadcast_is_waited_for(
    broadcast: Broadcast, cluster: Cluster
) -> None:
    broadcast.api.latency_s, broadcast.pace_ms = 0.05, 60
    await broadcast.worker()
    await broadcast.until(lambda: len(broadcast.accepted()) > 10)
    cluster.kill()
    await asyncio.sleep(1)
    cluster.start()
    broadcast.db.engine.dispose()
    await broadcast.until(broadcast.settled)
    # What was sent meanwhile looks unknown until the answer to it is recorded, some seconds after the restart.
    await broadcast.until(lambda: broadcast.states()["unknown"] <= 3)

    # A claim or an answer whose commit the server took to its grave leaves its message in doubt.
    broadcast.assert_nothing_lost_and_nobody_twice(in_doubt=3)


def test_a_server_without_a_free_connection_says_so_and_goes_on_afterwards(cluster: Cluster) -> None:
    admin = Database(cluster.url)
    with admin.engine.connect() as connection:
        connection.execute(text("CREATE ROLE guest LOGIN CONNECTION LIMIT 0"))
        connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest"))
        connection.commit()
    guest = Database(cluster.url.replace("loaxa@", "guest@"))
    with pytest.raises(StoreUnreachable, match="máy chủ"):
        guest.is_empty()
    with admin.engine.connect() as connection:
        connection.execute(text("ALTER ROLE guest CONNECTION LIMIT 5"))
        connection.commit()

    assert guest.is_empty() is False
    guest.close()
    admin.close()


@pytest.mark.skipif(POOLER is None, reason="no pgbouncer on this machine: its modes were not tried")
@pytest.mark.parametrize(("mode", "good"), [("session", True), ("transaction", False)])
def test_a_pooler_that_shares_sessions_is_refused_by_name(
    cluster: Cluster, tmp_path: Path, mode: str, good: bool
) -> None:
    pooler = Pooler(tmp_path / "pooler", cluster, mode)
    db = Database(pooler.url)
    try:
        for _ in range(50):
            try:
                db.is_empty()
                break
            except StoreUnreachable:
                time.sleep(0.1)
        if good:
            db.check_sessions()
        else:
            with pytest.raises(StoreUnreachable, match="session"):
                db.check_sessions()
    finally:
        db.close()
        pooler.stop()
