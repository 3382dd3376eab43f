"""Raw updates: stored once whoever brings them, handled once whoever comes first, dropped after a month."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest
from sqlalchemy import func, select

from airlog import updates
from airlog.db import Database
from airlog.models import IncomingUpdate

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINE = ("telegram", "123456")


@pytest.fixture
def db(bare_store: Database) -> Database:
    return bare_store


@pytest.fixture
def other(db: Database) -> Iterator[Database]:
    """The same store, as another process has it open."""
    found = Database(db.url.render_as_string(hide_password=False))
    yield found
    found.close()


def store(db: Database, *ids: int, now: datetime = NOW) -> list[int]:
    with db.session() as session:
        found = updates.store(session, *MINE, [(str(one), f"tin {one}") for one in ids], now)
        return [waiting.row_id for waiting in found]


def mark(db: Database, row_id: int) -> None:
    with db.session() as session:
        updates.handled(session, row_id, NOW)


def left(db: Database, before: datetime | None = None) -> list[str]:
    with db.reading() as session:
        return [waiting.body for waiting in updates.unhandled(session, *MINE, before)]


def count(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count(IncomingUpdate.id))) or 0


def test_two_processes_that_store_the_same_updates_at_once_get_the_same_rows(
    db: Database, other: Database
) -> None:
    start = Barrier(2)

    def bring(mine: Database) -> list[int]:
        start.wait()
        return store(mine, *range(100))

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(bring, (db, other))

    assert first == second and len(set(first)) == count(db) == 100


def test_an_update_that_another_process_is_storing_right_now_is_no_error(
    db: Database, other: Database
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with db.session() as session:
            updates.store(session, *MINE, [("7", "tin 7")], NOW)
            waiting = pool.submit(store, other, 7)
        assert len(waiting.result(10)) == 1
    assert count(db) == 1


def test_of_two_processes_that_handle_one_update_the_second_finds_it_done(
    db: Database, other: Database
) -> None:
    (row_id,) = store(db, 1)
    taken = Event()

    def second() -> bool:
        taken.wait(10)
        with other.session() as session:
            return updates.take(session, row_id)

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(second)
        with db.session() as session:
            assert updates.take(session, row_id)
            taken.set()
            wait([late], timeout=0.5)  # it stands behind the lock, and must not get past it
            updates.handled(session, row_id, NOW)
        assert not late.result(10)


def test_an_update_whose_handling_was_rolled_back_can_be_taken_again(db: Database) -> None:
    (row_id,) = store(db, 1)
    with pytest.raises(OSError), db.session() as session:
        assert updates.take(session, row_id)
        updates.handled(session, row_id, NOW)
        raise OSError

    with db.session() as session:
        assert updates.take(session, row_id)


def test_an_update_that_was_handled_is_not_given_out_again_and_keeps_its_hour(db: Database) -> None:
    first, second = store(db, 1, 2)
    mark(db, first)

    with db.session() as session:
        later = NOW + timedelta(hours=1)
        again = updates.store(session, *MINE, [("1", "tin 1"), ("2", "tin 2"), ("3", "tin 3")], later)

    assert (again[0].row_id, again[0].received_at) == (second, NOW)
    assert [w.body for w in again] == ["tin 2", "tin 3"]


def test_the_same_number_of_another_bot_is_another_update(db: Database) -> None:
    store(db, 1)
    with db.session() as session:
        assert len(updates.store(session, "telegram", "777", [("1", "khác")], NOW)) == 1
    assert left(db) == ["tin 1"]


def test_an_empty_batch_stores_nothing(db: Database) -> None:
    assert store(db) == []


def test_what_is_left_is_given_oldest_first_and_young_ones_stay_with_who_stored_them(db: Database) -> None:
    store(db, 2, 1, now=NOW - timedelta(minutes=5))
    store(db, 3)

    assert left(db, NOW - timedelta(seconds=30)) == ["tin 2", "tin 1"]
    assert left(db) == ["tin 2", "tin 1", "tin 3"]


def test_updates_of_a_month_ago_go_in_short_steps_and_lost_ones_are_named(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    old = NOW - updates.KEPT - timedelta(seconds=1)
    rows = store(db, *range(5), now=old)
    for row_id in rows[:4]:
        mark(db, row_id)
    store(db, 10, now=NOW - updates.KEPT)

    with caplog.at_level(logging.WARNING), db.session() as session:
        steps = [updates.purge(session, NOW, most=2) for _ in range(4)]

    assert steps == [2, 2, 1, 0]
    assert left(db) == ["tin 10"]
    assert "1 updates that were never handled" in caplog.text
    with db.session() as session:
        assert not updates.take(session, rows[4])
