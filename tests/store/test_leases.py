"""Tasks for one process at a time: of many that want a lease one has it, and a dead one does not keep it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from airlog import leases
from airlog.db import Database, Session, store_seconds

TASK = "poll:telegram:123456"
LONG = timedelta(seconds=20)


@pytest.fixture
def db(bare_store: Database) -> Database:
    return bare_store


def hold(db: Database, node: str, now_s: float, task: str = TASK) -> bool:
    with db.session() as session:
        return leases.hold(session, task, node, LONG, now_s)


def holder(db: Database, now_s: float) -> str | None:
    with db.reading() as session:
        return leases.holder(session, TASK, now_s)


@pytest.mark.parametrize("dead_before", [False, True])
def test_of_processes_that_race_for_a_lease_exactly_one_has_it(db: Database, dead_before: bool) -> None:
    if dead_before:
        hold(db, "dead", 1000.0)
    others = [Database(str(db.url.render_as_string(hide_password=False))) for _ in range(4)]
    start = Barrier(len(others))

    def race(number: int) -> bool:
        start.wait()
        return hold(others[number], f"node{number}", 1020.0)

    with ThreadPoolExecutor(len(others)) as pool:
        won = list(pool.map(race, range(len(others))))

    for other in others:
        other.close()
    assert sum(won) == 1
    assert holder(db, 1021.0) == f"node{won.index(True)}"


def test_a_lease_is_refused_until_it_runs_out_and_its_holder_renews_it(db: Database) -> None:
    assert hold(db, "a", 1000.0)
    assert not hold(db, "b", 1019.9)
    assert hold(db, "a", 1015.0)

    assert not hold(db, "b", 1034.9)
    assert hold(db, "b", 1035.0)


def test_who_lost_a_lease_learns_it_and_gets_it_back_only_when_it_is_free(db: Database) -> None:
    hold(db, "frozen", 1000.0)
    hold(db, "heir", 1020.0)

    assert not hold(db, "frozen", 1021.0)
    assert holder(db, 1021.0) == "heir"


def test_a_clean_stop_frees_the_lease_at_once(db: Database) -> None:
    hold(db, "a", 1000.0)

    with db.session() as session:
        leases.release(session, TASK, "a")

    assert hold(db, "b", 1000.5)


def test_nobody_gives_back_what_another_holds(db: Database) -> None:
    hold(db, "a", 1000.0)

    with db.session() as session:
        leases.release(session, TASK, "b")

    assert holder(db, 1001.0) == "a"


def test_leases_of_other_tasks_are_free(db: Database) -> None:
    assert hold(db, "a", 1000.0) and hold(db, "b", 1000.0, "poll:telegram:777")


def test_a_lease_that_ran_out_has_no_holder(db: Database) -> None:
    hold(db, "a", 1000.0)

    assert holder(db, 1020.0) is None


def test_the_clock_of_the_store_goes_on_within_a_transaction(db: Database) -> None:
    def twice(session: Session) -> tuple[float, float]:
        before = store_seconds(session)
        time.sleep(0.005)
        return before, store_seconds(session)

    with db.session() as session:
        first, second = twice(session)

    assert first < second < first + 60
