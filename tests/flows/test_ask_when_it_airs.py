"""A station that has hours of its own is asked once, right after them, in place of the first reminder."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import airing_times, record
from airlog.db import Session
from airlog.models import Station
from bot.desk import Desk
from bot.handlers import handle
from content.week import Week
from scheduler.channel import Incoming
from scheduler.ladder import Ladder
from tests.ask_play import Play, cast
from tests.stores import Stores, nothing
from tests.world import DAK_SAK, DAK_WIL, HANH, LAN, SON, WEEK, World, chat, duty_of, order, person_of

ITEM, QUESTION, FIRST, SECOND = "item", "question", "reminder_1", "reminder_2"


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    world.launch()


def airs(world: World, commune: str, days: str, hours: str) -> None:
    world.ask(lambda s: airing_times.set_hours(s, None, _station(s, commune), days, hours, world.now))


def _station(session: Session, commune: str) -> Station:
    return session.scalars(select(Station).where(Station.area_code == commune)).unique().one()


def texts(world: World, phone: str) -> list[str]:
    return [message.text for message in world.channel.got(chat(phone))]


async def week_of(world: World, *moments: tuple[int, str], week: Week = WEEK) -> None:
    for day, clock in moments:
        await world.at(day, clock, week)


async def test_it_is_asked_twenty_minutes_after_its_own_slot_and_not_on_thursday(world: World) -> None:
    airs(world, DAK_SAK, "2", "17:00-18:00")
    await week_of(world, (0, "07:30"), (1, "18:19"))
    assert world.arrived(SON) == [ITEM]

    await world.at(1, "18:20")
    assert world.arrived(SON) == [ITEM, QUESTION]
    assert "đã phát tin tuần 48 (23-29/11) chưa" in texts(world, SON)[1]

    await week_of(world, (3, "08:00"), (4, "13:59"))
    assert world.arrived(SON) == [ITEM, QUESTION]
    await world.at(4, "14:00")
    assert world.arrived(SON) == [ITEM, QUESTION, SECOND]


async def test_a_station_whose_hours_nobody_gave_is_reminded_as_before(world: World) -> None:
    await week_of(world, (0, "07:30"), (0, "18:20"), (3, "08:00"), (4, "14:00"))
    assert world.arrived(SON) == [ITEM, FIRST, SECOND]


async def test_nobody_is_asked_after_an_answer(world: World) -> None:
    airs(world, DAK_SAK, "2", "17:00-18:00")
    await world.at(0, "07:30")
    await world.at(1, "17:30")
    world.says_aired(LAN, DAK_SAK)

    await week_of(world, (1, "18:20"), (3, "08:00"), (4, "14:00"))

    assert world.arrived(SON) == [ITEM]
    assert world.deliveries(SON) == [(ITEM, "sent"), (QUESTION, "cancelled")]


async def test_the_question_comes_at_its_hour_once_an_answer_was_taken_back(world: World) -> None:
    airs(world, DAK_SAK, "2", "17:00-18:00")
    await world.at(0, "07:30")
    world.says_aired(SON, DAK_SAK)
    await world.at(0, "08:00")
    world.ask(lambda s: record.withdraw(s, person_of(s, SON), duty_of(s, DAK_SAK), world.source(), world.now))

    await world.at(1, "18:20")

    assert world.arrived(SON) == [ITEM, QUESTION]


async def test_a_slot_in_the_evening_is_asked_about_in_the_morning(world: World) -> None:
    airs(world, DAK_SAK, "2", "20:00-20:50")
    await week_of(world, (0, "07:30"), (1, "21:10"), (2, "05:59"))
    assert world.arrived(SON) == [ITEM]

    await world.at(2, "06:00")
    assert world.arrived(SON) == [ITEM, QUESTION]


async def test_a_machine_that_was_off_over_the_hour_asks_late(world: World) -> None:
    airs(world, DAK_SAK, "2", "17:00-18:00")
    await world.at(0, "07:30")
    world.start()

    await world.at(3, "09:00")

    assert world.arrived(SON) == [ITEM, QUESTION]


async def test_off_until_friday_it_sends_the_reminder_alone(world: World) -> None:
    airs(world, DAK_SAK, "2", "17:00-18:00")
    await week_of(world, (0, "07:30"), (0, "07:31"))
    world.start()

    await week_of(world, (4, "15:00"), (4, "20:00"), (6, "10:00"))

    assert world.arrived(SON) == [ITEM, SECOND]
    assert (QUESTION, "cancelled") in world.deliveries(SON)


async def test_a_late_question_and_the_reminder_are_hours_apart(world: World) -> None:
    airs(world, DAK_SAK, "5", "12:00-12:40")
    await week_of(world, (0, "07:30"), (4, "13:00"), (4, "14:00"), (4, "16:59"))
    assert world.arrived(SON) == [ITEM, QUESTION]

    await world.at(4, "17:00")
    assert world.arrived(SON) == [ITEM, QUESTION, SECOND]


async def test_a_station_that_airs_on_sunday_is_not_reminded_before(world: World) -> None:
    airs(world, DAK_SAK, "7", "17:00-18:00")
    await week_of(world, (0, "07:30"), (3, "08:00"), (4, "14:00"), (6, "18:19"))
    assert world.arrived(SON) == [ITEM]

    await week_of(world, (6, "18:20"), (6, "23:00"), (7, "06:00"))
    assert world.arrived(SON) == [ITEM, QUESTION]


async def test_hours_put_on_record_after_the_first_reminder_ask_nobody_twice(world: World) -> None:
    await week_of(world, (0, "07:30"), (3, "08:00"))
    airs(world, DAK_SAK, "4", "10:00-10:30")

    await week_of(world, (3, "10:50"), (3, "12:00"), (4, "14:00"))

    assert world.arrived(SON) == [ITEM, FIRST, SECOND]


async def test_hours_changed_in_mid_week_do_not_move_a_planned_question(world: World) -> None:
    airs(world, DAK_SAK, "2", "17:00-18:00")
    await world.at(0, "07:30")
    airs(world, DAK_SAK, "3", "11:00-11:30")

    await week_of(world, (1, "18:20"), (2, "11:50"), (3, "12:00"))

    assert world.arrived(SON) == [ITEM, QUESTION]


async def test_what_people_stated_moves_the_question_to_where_they_air(world: World) -> None:
    airs(world, DAK_WIL, "123456", "05:00-06:00,17:00-18:00")
    for number in range(3):
        week = WEEK.shift(number)
        await world.at(0, "07:30", week)
        await world.at(2, "12:00", week)
        world.says_aired(HANH, DAK_WIL, week, week.at(2, time(11, 10)))
    week = WEEK.shift(3)
    await week_of(world, (0, "07:30"), (0, "18:20"), (1, "18:20"), week=week)
    before = len(world.rows(HANH, week))

    await week_of(world, (2, "11:29"), (2, "11:30"), week=week)

    assert [str(row.rung) for row in world.rows(HANH, week)] == [ITEM, QUESTION]
    assert before == 2 and world.rows(HANH, week)[1].sent_at == week.at(2, time(11, 30))


async def test_just_now_as_the_answer_to_the_question_teaches_nothing(world: World) -> None:
    airs(world, DAK_WIL, "3", "17:00-18:00")
    for number in range(4):
        week = WEEK.shift(number)
        await week_of(world, (0, "07:30"), (2, "18:20"), week=week)
        world.clock.forward_to(week.at(2, time(18, 24)))
        world.says_aired(HANH, DAK_WIL, week, world.now)
    periods = [str(WEEK.shift(number)) for number in range(4)]

    stated = world.ask(lambda s: airing_times.stated_times(s, [_station(s, DAK_WIL).id], periods))

    assert stated == {}, "else the question would come twenty minutes later each week"


async def test_the_answer_offers_the_stations_own_hour(world: World, tmp_path: Path) -> None:
    airs(world, DAK_SAK, "2", "17:00-18:00")
    await week_of(world, (0, "07:30"), (1, "18:20"))
    duty_id = world.duties()[DAK_SAK].id

    reply = press(world, tmp_path, f"aired:{duty_id}")
    assert reply[1][0] == "Lúc 17 giờ"
    press(world, tmp_path, f"when:{duty_id}:usual")

    entry = world.ask(lambda s: record.standing_entry(s, duty_of(s, DAK_SAK)))
    assert entry is not None and entry.aired_at == WEEK.at(1, time(17))


def press(world: World, folder: Path, data: str) -> tuple[str, list[str]]:
    world.said += 1
    incoming = Incoming("chat", "bot", str(world.said), chat(SON), "press", world.now, data, "m0")
    with world.db.session() as session:
        (message,) = handle(session, incoming, Desk(("chat",), "http://x", folder), world.now).messages
    return message.text, [button.label for row in message.buttons for button in row]


@pytest.mark.parametrize(
    ("label", "rungs"),
    [
        ("2026-W53", [ITEM, QUESTION, SECOND]),
        ("2027-W01", [ITEM, QUESTION, SECOND]),
        ("2027-W05", [ITEM, QUESTION]),
        ("2027-W06", [ITEM, QUESTION, SECOND]),
    ],
    ids=["week 53", "the first week of a year", "Tết: nothing from its eve on", "the week after"],
)
async def test_weeks_at_the_turn_of_the_year_and_at_tet(world: World, label: str, rungs: list[str]) -> None:
    week = Week.parse(label)
    if week.year == 2027 and week.number > 2:
        world.launch(order(weeks=1, start=week))
    airs(world, DAK_SAK, "2", "17:00-18:00")

    await week_of(world, (0, "07:30"), (1, "18:20"), (3, "08:00"), (4, "14:00"), (6, "12:00"), week=week)

    assert [str(row.rung) for row in world.rows(SON, week) if row.sent_at] == rungs


async def test_asking_when_it_airs_takes_fewer_messages_and_learns_better_times(
    stores: Stores, tmp_path: Path
) -> None:
    """A few weeks of the play; benchmarks/ask_when.py plays half a year."""
    people = cast(12)
    fixed, own = [
        await Play(stores.filled("sqlite", nothing), tmp_path, people, ladder).run(4)
        for ladder in (Ladder(ask_after=None), Ladder())
    ]

    assert own.per_confirmation < 0.9 * fixed.per_confirmation
    assert own.mean_error_min < 0.8 * fixed.mean_error_min
    assert own.confirmations >= fixed.confirmations
    assert max(own.person_weeks) <= max(fixed.person_weeks) == 2
