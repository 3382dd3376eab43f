"""Half a year by itself: every week planned, sent, answered or not, over the turn of the year, with a restart."""

from __future__ import annotations

from collections import Counter
from datetime import time

from airlog import queries, record
from airlog.db import Database, Session
from airlog.models import Delivery, LogEntry
from airlog.queries import Counts
from airlog.types import DeliveryState, MissedReason
from content.week import Week
from scheduler.clock import HandClock
from tests.world import (
    CUC,
    DAK_WIL,
    HANH,
    LAN,
    MINH,
    SON,
    THUAN_AN,
    WEEK,
    World,
    chat,
    duty_of,
    order,
    person_of,
)

WEEKS = [WEEK.shift(number) for number in range(26)]
TET = Week.parse("2027-W05")
"""Its Saturday is mùng 1."""
MORNING, EVENING = time(5, 15), time(17, 30)


async def live(world: World, number: int, week: Week) -> None:
    """One week. Hạnh airs it and in every third week corrects the time; Lan airs, cannot, is excused or is late by
    turns; Sơn says nothing.
    """
    world.clock.forward_to(week.at(0, MORNING))
    if number % 4 == 0 and number:
        world.says_aired(LAN, THUAN_AN, week.shift(-1))  # a make-good for last week
    await world.at(0, "08:00", week)
    world.says_aired(HANH, DAK_WIL, week)
    world.says_aired(HANH, DAK_WIL, week)
    if number % 3 == 0:
        world.ask(lambda s: correct(s, world, week))
    world.clock.forward_to(week.at(2, EVENING))
    match number % 4:
        case 0:
            world.says_aired(LAN, THUAN_AN, week, week.at(2, EVENING))
        case 1:
            world.ask(lambda s: cannot(s, world, week))
        case 2:
            world.ask(lambda s: excuse(s, world, week))
    for day, clock in ((3, "08:00"), (4, "14:00"), (5, "08:00")):
        await world.at(day, clock, week)


def correct(session: Session, world: World, week: Week) -> None:
    duty = duty_of(session, DAK_WIL, week)
    before = record.standing_entry(session, duty)
    assert before is not None
    person, at = person_of(session, HANH), week.at(0, MORNING)
    record.correct(session, person, duty, before, world.source(), world.now, aired_at=at)


def cannot(session: Session, world: World, week: Week) -> None:
    duty, person = duty_of(session, THUAN_AN, week), person_of(session, LAN)
    record.not_aired(session, person, duty, MissedReason.BROKEN, world.source(), world.now)


def excuse(session: Session, world: World, week: Week) -> None:
    duty, person = duty_of(session, THUAN_AN, week), person_of(session, CUC)
    record.excuse(session, person, duty, MissedReason.WEATHER, world.source(), world.now, note="bão")


def figures(world: World) -> Counts:
    between = (WEEKS[0].starts_at, WEEKS[-1].ends_at)
    return queries.counts(world.ask(lambda s: queries.duty_lines(s, world.now, between=between)))


async def test_half_a_year_adds_up(world: World) -> None:
    world.launch(order(weeks=26))

    for number, week in enumerate(WEEKS):
        if number == 13:
            world = restarted(world)
        await live(world, number, week)
    await world.at(7, "08:00", WEEKS[-1])

    # 26 weeks of Hạnh, and 7 of Lan; of weeks 3, 7 ... 23 the next Monday brings the make-good.
    assert figures(world) == Counts(aired=26 + 7, late=6, cannot=7, excused=6, silent=26)
    assert world.ask(record.verify) is None
    assert kinds(world) == {"aired": 26 + 7 + 6, "corrected": 9, "not_aired": 7, "excused": 6}
    assert_the_messages_add_up(world)
    assert [str(week) for week in WEEKS[4:7]] == ["2026-W52", "2026-W53", "2027-W01"]


def kinds(world: World) -> dict[str, int]:
    return Counter(world.ask(lambda s: [str(line.kind) for line in s.query(LogEntry)]))


def assert_the_messages_add_up(world: World) -> None:
    rows = world.ask(lambda s: [(str(r.rung), str(r.state)) for r in s.query(Delivery)])
    sent = Counter(rung for rung, _ in rows)
    assert {state for _, state in rows} == {DeliveryState.SENT}
    assert len(rows) == len(world.channel.requests)
    # Four messages a week; both reminders for Đắk Sắk to Sơn and Lan, and for Thuận An in the six late weeks. Friday and
    # Saturday of the week of Tết are quiet.
    assert sent == {
        "item": 4 * 26,
        "reminder_1": 2 * 26 + 6,
        "reminder_2": 2 * 25 + 6,
        "escalation": 25,
        "digest": 26,
    }
    assert world.arrived(SON) == [
        rung for week in WEEKS for rung in ("item", "reminder_1", *(["reminder_2"] if week != TET else []))
    ]
    assert world.channel.got(chat(MINH)) == []


def restarted(world: World) -> World:
    """The machine went down: everything is built anew from the same store; only the phones remember more."""
    world.db.close()
    url = world.db.url.render_as_string(hide_password=False)
    return World(Database(url), HandClock(world.now), world.channel, world.studio, said=1000)
