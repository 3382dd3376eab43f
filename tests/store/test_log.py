"""The airing log: only ever inserted, chained by hash, one line for one statement."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from airlog import queries, record
from airlog.db import Session
from airlog.models import LogEntry
from airlog.rules import Sign
from airlog.types import EntryKind, MissedReason
from scheduler.plan import plan_duties
from tests.stores import tamper
from tests.world import CUC, DAK_SAK, DAK_WIL, HANH, LAN, SON, THUAN_AN, WEEK, World, duty_of, person_of

EVENING = WEEK.at(1, time(17, 30))


@pytest.fixture(autouse=True)
def tuesday(world: World) -> None:
    """The week is planned, and it is Tuesday evening."""
    world.clock.forward_to(EVENING)
    world.launch()
    world.ask(lambda s: plan_duties(s, WEEK, world.now))


def log(world: World) -> list[LogEntry]:
    return world.ask(lambda s: queries.entries(s))


def kinds(world: World) -> list[str]:
    return [str(entry.kind) for entry in log(world)]


def five_lines(world: World) -> None:
    for phone, commune in ((HANH, DAK_WIL), (SON, DAK_SAK), (LAN, THUAN_AN)):
        world.says_aired(phone, commune)
    correct(world, HANH, DAK_WIL, hour=5)
    correct(world, LAN, THUAN_AN, hour=6)


def correct(world: World, phone: str, commune: str, hour: int) -> tuple[LogEntry, bool]:
    def work(session: Session) -> tuple[LogEntry, bool]:
        duty = duty_of(session, commune)
        before = record.standing_entry(session, duty)
        assert before is not None
        told = WEEK.at(1, time(hour))
        person = person_of(session, phone)
        return record.correct(session, person, duty, before, world.source(), world.now, aired_at=told)

    return world.ask(work)


def withdraw(world: World, phone: str, commune: str) -> None:
    world.ask(
        lambda s: record.withdraw(s, person_of(s, phone), duty_of(s, commune), world.source(), world.now)
    )


def says_cannot(
    world: World, phone: str, commune: str, reason: MissedReason, note: str | None = None
) -> bool:
    return world.ask(
        lambda s: record.not_aired(
            s, person_of(s, phone), duty_of(s, commune), reason, world.source(), world.now, note=note
        )
    )[1]


def broken(world: World) -> tuple[int, str] | None:
    found = world.ask(record.verify)
    return (found.seq, found.reason) if found else None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET note = 'khác'",
        "UPDATE log_entry SET hash = hash",
        "DELETE FROM log_entry WHERE seq = 1",
        "DELETE FROM log_entry",
    ],
)
def test_the_database_itself_refuses_to_change_a_line(world: World, statement: str) -> None:
    world.says_aired(HANH, DAK_WIL)

    with pytest.raises(DBAPIError, match="append-only"), world.db.engine.begin() as connection:
        connection.execute(text(statement))

    assert len(log(world)) == 1


def test_the_program_cannot_change_a_line_either(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)

    def change(session: Session) -> None:
        session.get_one(LogEntry, 1).note = "khác"

    with pytest.raises(DBAPIError, match="append-only"):
        world.ask(change)


def test_an_empty_log_is_whole(world: World) -> None:
    assert broken(world) is None


def test_every_line_holds_the_hash_of_the_one_before(world: World) -> None:
    five_lines(world)

    lines = log(world)

    assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
    assert [line.prev_hash for line in lines] == [record.GENESIS, *(line.hash for line in lines[:-1])]
    assert broken(world) is None


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        ("UPDATE log_entry SET note = 'x' WHERE seq IN (3, 4)", 3, "nội dung đã bị sửa"),
        ("UPDATE log_entry SET person_id = 1 WHERE seq = 2", 2, "nội dung đã bị sửa"),
        ("UPDATE log_entry SET aired_at = stated_at WHERE seq = 5", 5, "nội dung đã bị sửa"),
        ("UPDATE log_entry SET kind = 'bậy' WHERE seq = 4", 4, "nội dung đã bị sửa"),
        ("UPDATE log_entry SET prev_hash = hash WHERE seq = 1", 1, "không nối với dòng trước"),
        ("DELETE FROM log_entry WHERE seq = 2", 2, "thiếu dòng này"),
    ],
)
def test_verify_names_the_first_altered_line(world: World, statement: str, seq: int, reason: str) -> None:
    five_lines(world)

    tamper(world.db, statement)

    assert broken(world) == (seq, reason)


def test_verify_names_an_altered_line_before_one_that_cannot_be_read(world: World) -> None:
    five_lines(world)

    tamper(
        world.db,
        "UPDATE log_entry SET reason = CASE seq WHEN 2 THEN 'other' ELSE 'bậy' END WHERE seq IN (2, 4)",
    )

    assert broken(world) == (2, "nội dung đã bị sửa")


def test_a_line_altered_with_a_fresh_hash_is_found_by_the_next(world: World) -> None:
    five_lines(world)
    forged = world.ask(lambda s: s.get_one(LogEntry, 2))
    forged.note = "sửa khéo"

    literal = "'\\x{}'" if world.db.url.get_backend_name() == "postgresql" else "x'{}'"
    fresh = literal.format(record.line_hash(forged))
    tamper(world.db, f"UPDATE log_entry SET note = 'sửa khéo', hash = {fresh} WHERE seq = 2")

    assert broken(world) == (3, "không nối với dòng trước")


def test_ten_taps_make_one_line(world: World) -> None:
    taps = [world.says_aired(HANH, DAK_WIL) for _ in range(10)]

    assert [fresh for _, fresh in taps] == [True, *[False] * 9]
    assert {entry.seq for entry, _ in taps} == {1}
    assert len(log(world)) == 1


def test_a_second_operator_of_the_station_adds_nothing(world: World) -> None:
    world.says_aired(SON, DAK_SAK)

    entry, fresh = world.says_aired(LAN, DAK_SAK)

    assert (fresh, entry.person.name) == (False, "Lê Văn Sơn")


def test_another_airing_of_the_same_item_is_kept_when_asked_for(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)

    _, fresh = world.ask(
        lambda s: record.aired(
            s, person_of(s, HANH), duty_of(s, DAK_WIL), world.source(), world.now, again=True
        )
    )

    assert fresh and world.standing(DAK_WIL).airings == 2


def test_the_weeks_item_can_be_confirmed_beside_an_item_of_the_stations_own(world: World) -> None:
    own = world.ask(
        lambda s: record.aired(
            s, person_of(s, HANH), duty_of(s, DAK_WIL), world.source(), world.now, own_title="Lịch tiêm phòng"
        )
    )

    official = world.says_aired(HANH, DAK_WIL)

    assert (own[1], official[1]) == (True, True)
    assert [(e.own_title, e.item_version_id is None) for e in log(world)] == [
        ("Lịch tiêm phòng", True),
        (None, False),
    ]


def test_three_times_are_kept_apart(world: World) -> None:
    told = WEEK.at(1, time(5))
    stated = world.source()
    world.clock.forward_to(EVENING + timedelta(minutes=3))
    world.ask(
        lambda s: record.aired(s, person_of(s, HANH), duty_of(s, DAK_WIL), stated, world.now, aired_at=told)
    )

    (line,) = log(world)

    assert (line.aired_at, line.stated_at, line.recorded_at) == (
        told,
        EVENING,
        EVENING + timedelta(minutes=3),
    )


def test_a_correction_keeps_the_old_line(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)

    correct(world, HANH, DAK_WIL, hour=5)

    old, new = log(world)
    assert (old.kind, old.aired_at) == (EntryKind.AIRED, None)
    assert (new.kind, new.aired_at, new.supersedes) == (EntryKind.CORRECTED, WEEK.at(1, time(5)), 1)
    assert world.standing(DAK_WIL).entry_seq == 2


def test_the_same_correction_again_adds_nothing(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)
    correct(world, HANH, DAK_WIL, hour=5)

    _, fresh = correct(world, HANH, DAK_WIL, hour=5)

    assert (fresh, len(log(world))) == (False, 2)


def test_a_line_that_was_corrected_cannot_be_corrected_a_second_time(world: World) -> None:
    first, _ = world.says_aired(HANH, DAK_WIL)
    correct(world, HANH, DAK_WIL, hour=5)

    with pytest.raises(record.NothingToChange):
        world.ask(
            lambda s: record.correct(
                s, person_of(s, HANH), duty_of(s, DAK_WIL), first, world.source(), world.now, aired_at=EVENING
            )
        )
    assert world.standing(DAK_WIL).airings == 1


def test_a_wrong_tap_is_taken_back_and_said_again(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)
    withdraw(world, HANH, DAK_WIL)
    assert world.standing(DAK_WIL).sign is Sign.PENDING

    world.says_aired(HANH, DAK_WIL)

    assert kinds(world) == ["aired", "withdrawn", "aired"]
    assert world.standing(DAK_WIL).sign is Sign.AIRED


def test_nothing_said_is_nothing_to_take_back(world: World) -> None:
    with pytest.raises(record.NothingToChange):
        withdraw(world, HANH, DAK_WIL)


def test_an_operator_takes_back_their_own_word_not_the_officers(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)
    world.ask(
        lambda s: record.review(
            s, person_of(s, CUC), duty_of(s, DAK_WIL), "queried", world.source(), world.now
        )
    )

    withdraw(world, HANH, DAK_WIL)

    assert log(world)[-1].supersedes == 1
    assert world.standing(DAK_WIL).sign is Sign.PENDING


def test_an_operator_cannot_take_back_an_excuse(world: World) -> None:
    world.ask(
        lambda s: record.excuse(
            s,
            person_of(s, CUC),
            duty_of(s, DAK_SAK),
            MissedReason.WEATHER,
            world.source(),
            world.now,
            note="bão",
        )
    )

    with pytest.raises(record.NothingToChange):
        withdraw(world, SON, DAK_SAK)
    assert world.standing(DAK_SAK).sign is Sign.EXCUSED


def test_the_same_trouble_twice_is_one_line_another_trouble_is_a_second(world: World) -> None:
    told = [
        says_cannot(world, SON, DAK_SAK, MissedReason.NO_POWER),
        says_cannot(world, SON, DAK_SAK, MissedReason.NO_POWER),
        says_cannot(world, SON, DAK_SAK, MissedReason.OTHER, "loa bị ngã"),
        says_cannot(world, SON, DAK_SAK, MissedReason.OTHER, "loa bị ngã"),
    ]

    assert told == [True, False, True, False]


def test_a_statement_that_an_officer_rejected_can_be_made_again(world: World) -> None:
    world.says_aired(HANH, DAK_WIL)
    world.ask(
        lambda s: record.review(
            s, person_of(s, CUC), duty_of(s, DAK_WIL), "rejected", world.source(), world.now
        )
    )

    _, fresh = world.says_aired(HANH, DAK_WIL)

    assert fresh and world.standing(DAK_WIL).sign is Sign.AIRED


def test_two_writers_at_once_keep_one_chain(world: World) -> None:
    def airings(phone: str, commune: str) -> None:
        for _ in range(12):
            world.ask(
                lambda s: record.aired(
                    s, person_of(s, phone), duty_of(s, commune), world.source(), world.now, again=True
                )
            )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(airings, (HANH, LAN), (DAK_WIL, THUAN_AN)))

    assert [line.seq for line in log(world)] == list(range(1, 25))
    assert broken(world) is None


def test_ten_taps_at_once_make_one_line(world: World) -> None:
    with ThreadPoolExecutor(5) as pool:
        fresh = list(pool.map(lambda _: world.says_aired(HANH, DAK_WIL)[1], range(10)))

    assert (sum(fresh), len(log(world))) == (1, 1)
